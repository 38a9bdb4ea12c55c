import {
  ENTRY_VERSION,
  ORIGIN,
  WhereforeError,
  comparePositions,
  type LogEntry,
  type NewEntry,
  type Position,
} from '@wherefore/model';
import type { Archive, EpochBook, EventLog, LogEpoch, LogEpochs, ReadOptions } from '@wherefore/ports';
import { RecentTail } from '../../libs/adapters/rabbitmq/src/recentTail';
import { unavailable, type SimProcess, type World } from './world';

/** A stream, and who waits for more of it. */
interface Stream {
  readonly id: string;
  readonly epoch: number;
  readonly entries: LogEntry[];
  readonly waiting: Set<() => void>;
  offset: number;
}

/** The broker: streams by id, and the one that the exchange is bound to. What is deleted is gone. */
export class SimBroker {
  readonly streams = new Map<string, Stream>();
  bound: string | undefined;
  /** Who appended what, by position. */
  readonly authors = new Map<string, string>();
  /** Every stream there ever was, for the end. */
  readonly past: Stream[] = [];

  constructor(private readonly world: World) {}

  create(id: string, epoch: number): Stream {
    const stream: Stream = { id, epoch, entries: [], waiting: new Set(), offset: 0 };
    this.streams.set(id, stream);
    this.past.push(stream);
    return stream;
  }

  delete(id: string): void {
    const stream = this.streams.get(id);
    this.streams.delete(id);
    for (const wake of [...(stream?.waiting ?? [])]) wake();
  }

  /** The entries stay together: they share an offset, as in one message. Offsets have gaps. */
  append(stream: Stream, entries: readonly NewEntry[], author: string): Position {
    stream.offset += 1 + this.world.chance.below(3);
    let position: Position = ORIGIN;
    for (const [index, entry] of entries.entries()) {
      position = { epoch: stream.epoch, offset: stream.offset, index };
      stream.entries.push({ position, entry });
      this.authors.set(`${position.epoch}.${position.offset}.${position.index}`, author);
    }
    for (const wake of [...stream.waiting]) wake();
    return position;
  }
}

const CHUNK = 20;
const EPOCH_CHECK_MS = 1000;

/** The log as one process sees it: archive, then stream, by the rules of the log on RabbitMQ. */
export class SimLog implements EventLog, LogEpochs {
  private readonly tail = new RecentTail();

  constructor(
    private readonly process: SimProcess,
    private readonly broker: SimBroker,
    private readonly archive: Archive,
    private readonly epochs: EpochBook,
    private readonly isArchivedFirst: boolean,
  ) {}

  async append(entries: readonly NewEntry[]): Promise<void> {
    const copies = structuredClone(entries) as NewEntry[];
    const last = await this.process.call('broker', () => {
      const stream = this.broker.streams.get(this.broker.bound ?? '');
      if (!stream) throw unavailable('no stream is bound');
      return this.broker.append(stream, copies, this.process.name);
    });
    if (this.isArchivedFirst) await this.untilArchived(last);
  }

  async *read(after: Position, { limit = Infinity, signal }: ReadOptions = {}): AsyncGenerator<LogEntry> {
    let at = after;
    let given = 0;
    while (given < limit && !signal?.aborted) {
      try {
        for await (const entry of this.walk(at, signal)) {
          this.tail.add({ end: entry.position, count: 1, entries: () => [entry] }, at);
          at = entry.position;
          given += 1;
          yield entry;
          if (given >= limit || signal?.aborted) return;
        }
      } catch (error) {
        if (!(error instanceof WhereforeError) || !error.retryable) throw error;
        await this.process.timer.sleep(150);
      }
    }
  }

  async oldest(): Promise<Position> {
    return ORIGIN;
  }

  async newest(): Promise<Position> {
    const epoch = await this.current();
    if (!epoch) return ORIGIN;
    return this.process.call('broker', () => this.streamOf(epoch).entries.at(-1)?.position ?? epoch.sealedAt);
  }

  async lostEpoch(): Promise<LogEpoch | undefined> {
    const epoch = await this.current();
    if (!epoch) return undefined;
    return this.process.call('broker', () => (this.broker.streams.has(epoch.streamId) ? undefined : epoch));
  }

  async ensureEpoch(): Promise<LogEpoch> {
    const epoch = await this.current();
    if (!epoch) return this.openNextEpoch(undefined, ORIGIN);
    await this.process.call('broker', () => {
      this.streamOf(epoch);
      this.broker.bound = epoch.streamId;
    });
    return epoch;
  }

  async openNextEpoch(before: LogEpoch | undefined, sealedAt: Position): Promise<LogEpoch> {
    const number = (before?.number ?? 0) + 1;
    const next = { number, streamId: `${number}-${this.process.world.chance.next()}`, sealedAt };
    await this.process.call('broker', () => {
      const stream = this.broker.create(next.streamId, number);
      const base = { version: ENTRY_VERSION, source: 'leader', ingestedAtMs: 0 } as const;
      const entry: NewEntry = { ...base, kind: 'epoch-opened', id: `epoch-${next.streamId}`, epoch: number, sealedAt };
      this.broker.append(stream, [entry], this.process.name);
    });
    const isMine = await this.epochs.open(next);
    if (!isMine) await this.process.call('broker', () => this.broker.delete(next.streamId));
    else this.process.world.tell(`${this.process.name} opens epoch ${number}, sealed at ${JSON.stringify(sealedAt)}`);
    return this.ensureEpoch();
  }

  async heldAfter(after: Position): Promise<readonly LogEntry[]> {
    const epoch = await this.current();
    return this.tail.after(after).filter(({ position }) => position.epoch === epoch?.number);
  }

  private async *walk(after: Position, signal: AbortSignal | undefined): AsyncGenerator<LogEntry> {
    let at = after;
    for (;;) {
      const page = await this.archive.readRange(at, CHUNK);
      if (page[0] && page[0].position.epoch > at.epoch && !(await this.isArchived(at))) throw hole(at, 'it was lost');
      for (const { position, entry } of page) {
        if (signal?.aborted) return;
        at = position;
        yield { position, entry };
      }
      if (signal?.aborted) return;
      if (page.length === 0) break;
    }
    const epoch = await this.current();
    if (!epoch) throw unavailable('no epoch was ever opened');
    if (at.epoch !== epoch.number && !(await this.isAtTheSeal(at, epoch))) return;
    let checkedMs = this.process.world.time.nowMs();
    while (!signal?.aborted) {
      const chunk = await this.process.call('broker', () => chunkAfter(this.streamOf(epoch), at));
      if (!chunk) {
        if (comparePositions(await this.archive.cursor(), at) > 0) return;
        throw hole(at, 'it is not in the stream');
      }
      for (const entry of chunk) {
        if (signal?.aborted) return;
        at = entry.position;
        yield entry;
      }
      if (chunk.length === 0) await this.more(this.broker.streams.get(epoch.streamId), signal);
      if (this.process.world.time.nowMs() - checkedMs < EPOCH_CHECK_MS) continue;
      checkedMs = this.process.world.time.nowMs();
      if ((await this.current())?.number !== epoch.number) return;
    }
  }

  private async isArchived(at: Position): Promise<boolean> {
    if (at.epoch === 0) return true;
    const { epoch, offset, index } = at;
    const before = index > 0 ? { epoch, offset, index: index - 1 } : { epoch, offset: offset - 1, index: 1e6 };
    const [found] = await this.archive.readRange(before, 1);
    return found !== undefined && comparePositions(found.position, at) === 0;
  }

  private async isAtTheSeal(at: Position, { number, sealedAt }: LogEpoch): Promise<boolean> {
    const place = comparePositions(at, sealedAt);
    if (at.epoch > number) throw hole(at, 'its epoch was never opened');
    if (place > 0) throw hole(at, 'it lies beyond the seal');
    if (place === 0) return true;
    if (comparePositions(await this.archive.cursor(), at) > 0) return false;
    throw hole(at, 'the archive ends before the seal');
  }

  private more(stream: Stream | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { world } = this.process;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        stream?.waiting.delete(wake);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const wake = () => {
        stream?.waiting.delete(wake);
        world.time.plan(world.delayMs(), () => this.process.arrive(end));
      };
      const cancel = world.time.plan(EPOCH_CHECK_MS, () => this.process.arrive(end));
      stream?.waiting.add(wake);
      signal?.addEventListener('abort', end, { once: true });
      if (signal?.aborted) end();
    });
  }

  private async untilArchived(target: Position): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      const cursor = await this.archive.cursor();
      if (cursor.epoch > target.epoch) {
        const epoch = await this.current();
        if (epoch?.number === target.epoch + 1 && comparePositions(target, epoch.sealedAt) <= 0) return;
        throw unavailable('the epoch was sealed before it');
      }
      if (comparePositions(cursor, target) >= 0) return;
      await this.process.timer.sleep(40);
    }
    throw unavailable('it was not archived in time');
  }

  private streamOf(epoch: LogEpoch): Stream {
    const stream = this.broker.streams.get(epoch.streamId);
    if (!stream) throw unavailable('the stream is gone');
    return stream;
  }

  private current(): Promise<LogEpoch | undefined> {
    return this.epochs.current();
  }
}

/** What follows; nothing at all when the stream does not hold the place itself. */
function chunkAfter({ entries, epoch }: Stream, at: Position): LogEntry[] | undefined {
  if (at.epoch !== epoch) return entries.slice(0, CHUNK);
  let place = entries.length - 1;
  while (place >= 0 && comparePositions(entries[place]!.position, at) > 0) place -= 1;
  if (place < 0 || comparePositions(entries[place]!.position, at) !== 0) return undefined;
  return entries.slice(place + 1, place + 1 + CHUNK);
}

function hole(at: Position, why: string): WhereforeError {
  return new WhereforeError('log-hole', `entries after ${JSON.stringify(at)}: ${why}`);
}
