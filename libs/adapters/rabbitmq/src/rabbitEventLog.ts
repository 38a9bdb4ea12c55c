import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ORIGIN,
  WhereforeError,
  comparePositions,
  formatPosition,
  type LogEntry,
  type NewEntry,
  type Position,
} from '@wherefore/model';
import {
  entriesOf,
  type Archive,
  type EpochBook,
  type EventLog,
  type LogEpoch,
  type LogEpochs,
  type ReadOptions,
} from '@wherefore/ports';
import { ArchiveBacklog } from './archiveBacklog';
import { Attachment, StreamGone } from './attachment';
import { BrokerLink, type BrokerAddress, unavailable } from './brokerLink';
import { decodeBody } from './messages';
import { Publisher } from './publisher';
import { RecentTail } from './recentTail';
import { ensureBound, isStreamGone, openEpoch, streamName, type StreamSettings } from './streamTopology';
import { StreamWalk, type WalkOptions } from './streamWalk';

export interface RabbitLogOptions {
  readonly broker: BrokerAddress;
  readonly stream: StreamSettings;
  /** The copy that outlives the stream's retention: readers begin there. */
  readonly archive: Archive;
  readonly epochs: EpochBook;
  /**
   * `confirmed`: an append settles when the broker has confirmed it and it was read back from the stream.
   * `archived`: when the archive has committed it as well. A single node's power loss can take what was
   * only confirmed: the broker does not wait for its disk.
   */
  readonly durability?: 'confirmed' | 'archived';
  readonly appendTimeoutMs?: number;
  /** How long the first message after attaching may take before the stream counts as another one. */
  readonly attachTimeoutMs?: number;
  /** How often an idle reader looks whether another epoch was opened. */
  readonly epochCheckMs?: number;
  /** Hears why the broker is out of reach, and `undefined` when it is there again. */
  readonly onTrouble?: (trouble: WhereforeError | undefined) => void;
}

const ARCHIVE_POLL_MS = 20;
const ARCHIVED_TIMEOUT_MS = 30_000;

/**
 * The log on RabbitMQ: a topic exchange bound to a stream, one stream an epoch. Every reader sees the
 * one order of the stream. What its retention has dropped is read from the archive; how a reader gets
 * from there into the stream without losing or missing an entry is in `StreamWalk`.
 */
export class RabbitEventLog implements EventLog, LogEpochs {
  private readonly link: BrokerLink;
  private readonly publisher: Publisher;
  private readonly tail = new RecentTail();
  private readonly backlog: ArchiveBacklog;

  constructor(private readonly options: RabbitLogOptions) {
    this.link = new BrokerLink(options.broker, options.onTrouble);
    this.backlog = new ArchiveBacklog(options.archive, options.stream, { nowMs: () => Date.now() });
    this.publisher = new Publisher(this.link, {
      exchange: options.stream.exchange,
      ...(options.appendTimeoutMs === undefined ? {} : { timeoutMs: options.appendTimeoutMs }),
      ...(options.epochCheckMs === undefined ? {} : { epochCheckMs: options.epochCheckMs }),
      stream: async () => {
        const epoch = await options.epochs.current();
        if (!epoch) throw unavailable('no epoch of the log was ever opened');
        return { name: streamName(options.stream.prefix, epoch), epoch: epoch.number };
      },
      saw: (epoch, offset, bytes) => this.backlog.saw(epoch, offset, bytes),
      bind: async () => void (await ensureBound(this.link, options.stream, options.epochs)),
    });
  }

  /** The current epoch; opens the first one when there is none yet. Called once by whoever starts. */
  async ensureEpoch(nowMs: number): Promise<LogEpoch> {
    const { epochs, stream } = this.options;
    if (await epochs.current()) return ensureBound(this.link, stream, epochs);
    return openEpoch(this.link, stream, epochs, undefined, ORIGIN, nowMs);
  }

  /** The current epoch, if the broker says that its stream is not there. */
  async lostEpoch(): Promise<LogEpoch | undefined> {
    const epoch = await this.options.epochs.current();
    if (epoch === undefined) return undefined;
    return (await isStreamGone(this.link, this.options.stream, epoch)) ? epoch : undefined;
  }

  /** Gives up the stream of the epoch `lost` and goes on with a new one, sealing the old at `sealedAt`. */
  openNextEpoch(lost: LogEpoch, sealedAt: Position, nowMs: number): Promise<LogEpoch> {
    return openEpoch(this.link, this.options.stream, this.options.epochs, lost, sealedAt, nowMs);
  }

  /** What readers of this process have seen lately of the current epoch beyond `after`: the archive's, if its stream is lost. */
  async heldAfter(after: Position): Promise<readonly LogEntry[]> {
    const epoch = await this.options.epochs.current();
    return this.tail.after(after).filter(({ position }) => position.epoch === epoch?.number);
  }

  append(entries: readonly NewEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    const refusal = this.backlog.refusal();
    if (refusal) return Promise.reject(refusal);
    return this.kept(this.publisher.append(entries));
  }

  /** Whoever waits here would keep the entries, were they given. */
  private async kept(publishing: Promise<Position>): Promise<void> {
    const last = await publishing.catch(rethrowGone);
    if (this.options.durability === 'archived') await this.untilArchived(last);
  }

  read(after: Position, options?: ReadOptions): AsyncIterable<LogEntry> {
    return entriesOf(this.readTogether(after, options), options?.signal);
  }

  async *readTogether(
    after: Position,
    { limit = Infinity, signal, gatherMs }: ReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[]> {
    let at = after;
    let given = 0;
    while (given < limit && !signal?.aborted) {
      const received: WalkOptions['received'] = (message, before) => this.tail.add(message, before);
      const walk = new StreamWalk(this.link, { ...this.options, received, ...(gatherMs && { gatherMs }) }, signal);
      try {
        for await (const entries of walk.from(at, limit - given)) {
          if (signal?.aborted) return;
          at = entries.at(-1)!.position;
          given += entries.length;
          yield entries;
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.link.pause(signal);
      }
    }
  }

  async oldest(): Promise<Position> {
    const { archive } = this.options;
    const [first] = await archive.readRange(await archive.horizon(), 1);
    if (first) return first.position;
    return (await this.scan('first', 'first'))?.position ?? ORIGIN;
  }

  /** Exact: publishes a mark, and reads the end of the stream until it comes by. */
  async newest(): Promise<Position> {
    const epoch = await this.options.epochs.current();
    if (!epoch) return ORIGIN;
    const last = (await this.scan('last', 'last')) ?? (await this.scan('first', 'last'));
    return last?.position ?? epoch.sealedAt;
  }

  /**
   * Whether a mark that somebody publishes elsewhere comes by here: then that is this very log, whatever name or
   * address it goes by. Publishes a mark of its own behind it, to know when to stop waiting.
   */
  async receives(markId: string, publish: () => Promise<void>): Promise<boolean> {
    const epoch = await this.options.epochs.current();
    if (!epoch) return false;
    const name = streamName(this.options.stream.prefix, epoch);
    const attachment = await Attachment.open(this.link, name, 'next', 200).catch(rethrowGone);
    try {
      await publish();
      const own = randomUUID();
      await this.publisher.mark(own);
      for (;;) {
        const delivery = await attachment.nextWithin(this.options.attachTimeoutMs ?? 10_000).catch(rethrowGone);
        if (!delivery) throw unavailable('a mark did not come by in time: the stream is not bound, or very slow');
        if (delivery.kind === 'mark' && delivery.id === markId) return true;
        if (delivery.kind === 'mark' && delivery.id === own) return false;
      }
    } finally {
      await attachment.close();
    }
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  /** The first or last entry between a place of the stream and now. */
  private async scan(from: 'first' | 'last', want: 'first' | 'last'): Promise<LogEntry | undefined> {
    const epoch = await this.options.epochs.current();
    if (!epoch) return undefined;
    const name = streamName(this.options.stream.prefix, epoch);
    const attachment = await Attachment.open(this.link, name, from, 200).catch(rethrowGone);
    try {
      const id = randomUUID();
      await this.publisher.mark(id);
      let found: LogEntry | undefined;
      for (;;) {
        const delivery = await attachment.nextWithin(this.options.attachTimeoutMs ?? 10_000).catch(rethrowGone);
        if (!delivery) throw unavailable('a mark did not come by in time: the stream is not bound, or very slow');
        if (delivery.kind === 'mark' && delivery.id === id) return found;
        const entries = decodeBody(delivery.body, epoch.number, delivery.offset);
        found = want === 'first' ? (found ?? entries[0]) : (entries.at(-1) ?? found);
        if (found && want === 'first') return found;
      }
    } finally {
      await attachment.close();
    }
  }

  /** An archive that has gone on to a later epoch has the entry only if the earlier one was sealed behind it. */
  private async isArchived(target: Position): Promise<boolean> {
    const cursor = await this.options.archive.cursor();
    if (cursor.epoch <= target.epoch) return comparePositions(cursor, target) >= 0;
    const epoch = await this.options.epochs.current();
    if (epoch?.number === target.epoch + 1 && comparePositions(target, epoch.sealedAt) <= 0) return true;
    throw unavailable(`the log was sealed before ${formatPosition(target)} was archived: send it again`);
  }

  private async untilArchived(target: Position): Promise<void> {
    const giveUpAt = performance.now() + (this.options.appendTimeoutMs ?? ARCHIVED_TIMEOUT_MS);
    while (!(await this.isArchived(target))) {
      if (performance.now() > giveUpAt) {
        throw unavailable(`the archive has not reached ${formatPosition(target)}: does a persister run?`);
      }
      await delay(ARCHIVE_POLL_MS);
    }
  }
}

/** Whether a reader may simply try again from where it is. */
function isPassing(error: unknown): boolean {
  return error instanceof StreamGone || (error instanceof WhereforeError && error.code === 'log-unavailable');
}

function rethrowGone(error: unknown): never {
  if (error instanceof StreamGone) {
    throw new WhereforeError('log-unavailable', error.message, {
      retryable: true,
      hint: 'The stream was deleted. The leader opens a new epoch; until then nothing can be read or written.',
    });
  }
  throw error;
}
