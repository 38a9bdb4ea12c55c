import {
  ORIGIN,
  PassingSet,
  WhereforeError,
  comparePositions,
  formatPosition,
  notWhenAborted,
  whenAborted,
  type LogEntry,
  type NewEntry,
  type Position,
} from '@wherefore/model';
import type { Archive, ArchivedEntry } from '../archive';
import { encodeEntry } from '../entryBytes';
import type { EventLog, ReadOptions } from '../eventLog';

/**
 * The log and its archive in memory: nothing is durable, everything else holds. It can be told to
 * misbehave as real logs do: offsets with gaps, entries forgotten, appends refused.
 */
export class MemoryEventLog implements EventLog, Archive {
  private readonly entries: ArchivedEntry[] = [];
  private forgotten = 0;
  private nextFailure: WhereforeError | undefined;
  private readonly waiting = new PassingSet<() => void>();

  /** `offsetStep` above 1 leaves gaps between offsets. */
  constructor(private readonly offsetStep = 1) {}

  /** The next append rejects with this and appends nothing. */
  failNextAppend(error: WhereforeError): void {
    this.nextFailure = error;
  }

  /** The log, not the archive, forgets its first `count` entries. */
  forget(count: number): void {
    this.forgotten = Math.max(this.forgotten, Math.min(count, this.entries.length));
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const texts = entries.map(encodeEntry);
    await Promise.resolve();
    const failure = this.nextFailure;
    this.nextFailure = undefined;
    if (failure) throw failure;
    for (const text of texts) {
      const ordinal = this.entries.length + 1;
      const position = { epoch: 1, offset: ordinal * this.offsetStep, index: 0 };
      this.entries.push({ ordinal, position, entry: JSON.parse(text) as NewEntry });
    }
    for (const wake of [...this.waiting]) wake();
  }

  async *read(after: Position, options: ReadOptions = {}): AsyncGenerator<LogEntry> {
    const { limit = Infinity, signal } = options;
    let next = this.indexAfter(after);
    if (next < this.forgotten) throw logHole(after, 'are no longer kept');
    if (comparePositions(after, this.newestPosition()) > 0) throw logHole(after, 'were never written');
    for (let given = 0; given < limit && !signal?.aborted;) {
      const found = this.entries[next];
      if (!found) {
        await this.change(signal);
        continue;
      }
      if (next < this.forgotten) throw logHole(after, 'are no longer kept');
      next += 1;
      given += 1;
      yield { position: found.position, entry: found.entry };
    }
  }

  async oldest(): Promise<Position> {
    return this.entries[this.forgotten]?.position ?? ORIGIN;
  }

  async newest(): Promise<Position> {
    return this.newestPosition();
  }

  async cursor(): Promise<Position> {
    return this.newestPosition();
  }

  async count(): Promise<number> {
    return this.entries.length;
  }

  async horizon(): Promise<Position> {
    return ORIGIN;
  }

  async readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]> {
    const start = this.indexAfter(after);
    return this.entries.slice(start, start + limit);
  }

  async lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]> {
    return [...new Set(ordinals)]
      .sort((a, b) => a - b)
      .map((ordinal) => this.entries[ordinal - 1])
      .filter((entry) => entry !== undefined);
  }

  private newestPosition(): Position {
    return this.entries.at(-1)?.position ?? ORIGIN;
  }

  private indexAfter(after: Position): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.entries[middle]!.position, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        if (signal) notWhenAborted(signal, wake);
        resolve();
      };
      this.waiting.add(wake);
      if (signal) whenAborted(signal, wake);
    });
  }
}

function logHole(after: Position, why: string): WhereforeError {
  return new WhereforeError('log-hole', `entries after ${formatPosition(after)} ${why}`, {
    hint: 'Start again from a snapshot within the log, or from the archive.',
  });
}
