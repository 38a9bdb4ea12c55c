import {
  WhereforeError,
  comparePositions,
  formatPosition,
  headOf,
  type LogEntry,
  type Position,
} from '@wherefore/model';
import { LineReader, type Archive, type EpochBook, type LogEpoch } from '@wherefore/ports';
import { Attachment, type Delivery } from './attachment';
import { type BrokerLink, unavailable } from './brokerLink';
import { decodeBody } from './messages';
import type { ReceivedMessage } from './recentTail';
import { streamName } from './streamTopology';

export interface WalkOptions {
  readonly stream: { readonly prefix: string };
  readonly archive: Archive;
  readonly epochs: EpochBook;
  readonly attachTimeoutMs?: number;
  readonly epochCheckMs?: number;
  /** Hears of each message of the stream before its entries are given, and where the walk stood. */
  readonly received?: (message: ReceivedMessage, before: Position) => void;
  /** As `ReadOptions` says. */
  readonly gatherMs?: () => number;
}

interface Attached {
  readonly attachment: Attachment;
  readonly first: Delivery;
}

const PAGE = 1000;
/** Messages that may be on their way to a reader, or wait in it: of full ones some 16 MB. */
const PREFETCH = 64;
const ATTACH_TIMEOUT_MS = 10_000;
const EPOCH_CHECK_MS = 1_000;

/**
 * One way through the log: the archive to its end, then the stream, until the epoch is over or something
 * fails. Whoever walks takes up the next walk from the last entry given.
 *
 * Attaching at an offset that is no longer kept, or on a stream that somebody made anew, raises no error:
 * the consumer begins elsewhere, or never. So a walk attaches *at* the last entry that it knows, not
 * after it, and must receive that very entry before it goes on. In a new stream that first message is
 * the one that names the stream.
 */
export class StreamWalk {
  private at!: Position;
  /** Id of the entry at `at`, when it was given by this walk or is in the archive. */
  private idAt: string | undefined;
  private readonly lines = new LineReader();

  constructor(
    private readonly link: BrokerLink,
    private readonly options: WalkOptions,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Entries after `after`, at most `limit`, as many together as were read together: one by one each would cost a turn
   * for every generator it comes through. Ends on abort and when another epoch was opened.
   */
  async *from(after: Position, limit: number): AsyncGenerator<readonly LogEntry[]> {
    this.at = after;
    let left = limit;
    for await (const entries of this.archived(() => left)) {
      left -= entries.length;
      yield entries;
    }
    if (left <= 0 || this.signal?.aborted) return;
    const epoch = await this.options.epochs.current();
    if (!epoch) throw unavailable('no epoch of the log was ever opened');
    const attached = await this.attach(epoch);
    // The archive went further meanwhile: the next walk begins there.
    if (!attached) return;
    try {
      yield* this.streamed(attached, epoch, left);
    } finally {
      await attached.attachment.close();
    }
  }

  private async *archived(left: () => number): AsyncGenerator<readonly LogEntry[]> {
    const { archive } = this.options;
    const pageAfter = (at: Position, limit: number) => {
      const reading = archive.readRange(at, Math.min(PAGE, limit));
      // Nobody may come for it any more.
      reading.catch(() => undefined);
      return reading;
    };
    let next = pageAfter(this.at, left());
    while (left() > 0 && !this.signal?.aborted) {
      const page = await next;
      if (page.length === 0) return;
      await this.checkThatItCounts(page[0]!.position);
      if (this.signal?.aborted) return;
      this.advance(page.at(-1)!);
      // While this page is worked on the database looks for the next.
      if (left() > page.length) next = pageAfter(this.at, left() - page.length);
      // As they are: a row is unread.
      yield page;
    }
  }

  /**
   * Where the archive goes on in a later epoch, a reader has to stand at an entry that it has: one beyond the place
   * at which an epoch was sealed has read what is lost.
   */
  private async checkThatItCounts(next: Position): Promise<void> {
    const { at } = this;
    if (at.epoch === 0 || next.epoch === at.epoch) return;
    const { archive } = this.options;
    if (comparePositions(at, await archive.horizon()) <= 0) return;
    const [found] = await archive.readRange(justBefore(at), 1);
    if (!found || comparePositions(found.position, at) !== 0) {
      throw hole(at, 'do not follow it: the epoch was sealed before it');
    }
  }

  /** An attachment, and its first message: the one at `at`, or the one that names the stream. */
  private async attach(epoch: LogEpoch): Promise<Attached | undefined> {
    const isWithin = this.at.epoch === epoch.number;
    if (!isWithin && !(await this.isAtTheSeal(epoch))) return undefined;
    const name = streamName(this.options.stream.prefix, epoch);
    const attachment = await Attachment.open(this.link, name, isWithin ? this.at.offset : 'first', PREFETCH);
    try {
      const wait = this.options.attachTimeoutMs ?? ATTACH_TIMEOUT_MS;
      const first = await attachment.nextWithin(wait, this.signal);
      if (this.signal?.aborted) return await abandon(attachment);
      const isRight = isWithin ? await this.isTheSame(first) : first?.kind === 'hello' && first.id === epoch.streamId;
      if (first && isRight) return { attachment, first };
    } catch (error) {
      await attachment.close();
      throw error;
    }
    await attachment.close();
    if (comparePositions(await this.options.archive.cursor(), this.at) > 0) return undefined;
    throw hole(this.at, 'are in neither the archive nor the stream: its retention dropped them, or it was made anew');
  }

  /** In an older epoch a reader must be where that one was sealed. */
  private async isAtTheSeal({ number, sealedAt }: LogEpoch): Promise<boolean> {
    const place = comparePositions(this.at, sealedAt);
    if (this.at.epoch > number) throw hole(this.at, 'belong to an epoch that was never opened');
    if (place > 0) throw hole(this.at, `do not count: the log was sealed at ${formatPosition(sealedAt)}`);
    if (place === 0) return true;
    if (comparePositions(await this.options.archive.cursor(), this.at) > 0) return false;
    throw hole(this.at, `are not in the archive, although the log was sealed at ${formatPosition(sealedAt)}`);
  }

  private async isTheSame(first: Delivery | undefined): Promise<boolean> {
    if (first?.offset !== this.at.offset) return false;
    const found = decodeBody(first.body, this.at.epoch, first.offset, this.lines)[this.at.index];
    if (!found) return false;
    const known = this.idAt ?? (await this.archivedIdAt());
    return known === undefined || known === headOf(found).id;
  }

  /** The id of the entry at `at`, if the archive has it. */
  private async archivedIdAt(): Promise<string | undefined> {
    const before = justBefore(this.at);
    const { archive } = this.options;
    if (comparePositions(before, await archive.horizon()) < 0) return undefined;
    const [found] = await archive.readRange(before, 1);
    return found && comparePositions(found.position, this.at) === 0 ? headOf(found).id : undefined;
  }

  private async *streamed(
    { attachment, first }: Attached,
    epoch: LogEpoch,
    limit: number,
  ): AsyncGenerator<readonly LogEntry[]> {
    const checkMs = this.options.epochCheckMs ?? EPOCH_CHECK_MS;
    let left = limit;
    let delivery: Delivery | undefined = first;
    let checkedAt = performance.now();
    for (;;) {
      const entries = delivery ? this.entriesOf(delivery, epoch, left) : [];
      if (entries.length > 0) {
        this.advance(entries.at(-1)!);
        yield entries;
        left -= entries.length;
        if (left <= 0) return;
      }
      if (!delivery || performance.now() - checkedAt > checkMs) {
        checkedAt = performance.now();
        if ((await this.options.epochs.current())?.number !== epoch.number) return;
      }
      if (this.signal?.aborted) return;
      delivery = await attachment.nextWithin(checkMs, this.signal, this.options.gatherMs?.());
    }
  }

  /** What the message has beyond the last entry given, at most so many. */
  private entriesOf({ body, offset }: Delivery, { number }: LogEpoch, limit: number): readonly LogEntry[] {
    const entries = decodeBody(body, number, offset, this.lines);
    const end = entries.at(-1)?.position;
    if (!end || comparePositions(end, this.at) <= 0) return [];
    const count = entries.length;
    this.options.received?.({ end, count, entries: () => decodeBody(body, number, offset) }, this.at);
    const isWhole = count <= limit && comparePositions(entries[0]!.position, this.at) > 0;
    return isWhole
      ? entries
      : entries.filter(({ position }) => comparePositions(position, this.at) > 0).slice(0, limit);
  }

  private advance(entry: LogEntry): void {
    this.at = entry.position;
    this.idAt = headOf(entry).id;
  }
}

/** After it comes that place, and nothing in between. */
function justBefore({ epoch, offset, index }: Position): Position {
  return index > 0 ? { epoch, offset, index: index - 1 } : { epoch, offset: offset - 1, index: 999_999_999 };
}

async function abandon(attachment: Attachment): Promise<undefined> {
  await attachment.close();
  return undefined;
}

function hole(after: Position, why: string): WhereforeError {
  return new WhereforeError('log-hole', `entries after ${formatPosition(after)} ${why}`, {
    hint: 'Start again from a snapshot within the log, or from the archive.',
  });
}
