import { comparePositions, type LogEntry, type Position } from '@wherefore/model';
import { entriesOf, type Archive, type LogReader, type ReadOptions, type Timer } from '@wherefore/ports';
import { Bell, isPassing, pause, type Warn } from './waiting';

/** Entries kept in memory until they were given: whoever is no further behind need not read them back. */
const TAIL_ENTRIES_MAX = 20_000;
const PAGE_ENTRIES = 1000;
const RETRY_MS = 500;

/**
 * The archive as a log that goes on: what was archived, and then what is being archived. A follower of it is never
 * ahead of the archive, so nothing that it has seen can turn out to be lost. Made for one reader: what was given is
 * forgotten, and another one reads it from the archive.
 */
export class ArchiveFeed implements LogReader {
  private tail: LogEntry[] = [];
  /** Everything in the archive after it is in the tail, as far as this process wrote it. */
  private tailFrom: Position | undefined;
  private readonly grown = new Bell();

  constructor(
    private readonly archive: Pick<Archive, 'cursor' | 'horizon' | 'readRange'>,
    private readonly timer: Timer,
    private readonly warn: Warn = () => undefined,
    /** How often it looks for what others have written. */
    private readonly pollMs = 1000,
  ) {}

  /** Entries that this process has just archived, and where the cursor was before. */
  readonly accept = (expected: Position, entries: readonly LogEntry[]): void => {
    const end = this.tail.at(-1)?.position ?? this.tailFrom;
    if (!end || comparePositions(end, expected) !== 0) {
      this.tail = [];
      this.tailFrom = expected;
    }
    this.tail.push(...entries);
    if (this.tail.length > TAIL_ENTRIES_MAX * 2) {
      this.tailFrom = this.tail[this.tail.length - TAIL_ENTRIES_MAX - 1]!.position;
      this.tail = this.tail.slice(-TAIL_ENTRIES_MAX);
    }
    this.grown.ring();
  };

  /** Entries that were archived here and not given yet. */
  get waiting(): number {
    return this.tail.length;
  }

  read(after: Position, options?: ReadOptions): AsyncIterable<LogEntry> {
    return entriesOf(this.readTogether(after, options), options?.signal);
  }

  async *readTogether(
    after: Position,
    { limit = Infinity, signal }: ReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[]> {
    const stop = signal ?? new AbortController().signal;
    let at = after;
    let hasWaited: boolean = true;
    for (let given = 0; given < limit && !stop.aborted;) {
      const kept = this.fromTail(at);
      // What this process wrote last was just given: unless others write, there is no more.
      const isAtTheEnd = kept === undefined && !hasWaited && this.isUsedUpAt(at);
      const found: readonly LogEntry[] = kept ?? (isAtTheEnd ? [] : await this.fromArchive(at, stop));
      const page = found.slice(0, limit - given);
      if (stop.aborted) return;
      hasWaited = page.length === 0;
      if (hasWaited) await this.grown.heardWithin(this.timer, this.pollMs, stop);
      else {
        at = page.at(-1)!.position;
        given += page.length;
        yield page;
      }
    }
  }

  async oldest(): Promise<Position> {
    const horizon = await this.archive.horizon();
    const [first] = await this.archive.readRange(horizon, 1);
    return first?.position ?? horizon;
  }

  newest(): Promise<Position> {
    return this.archive.cursor();
  }

  /** Nothing when the tail does not reach back so far, or has nothing: then the archive knows. */
  private fromTail(after: Position): readonly LogEntry[] | undefined {
    if (!this.tailFrom || comparePositions(after, this.tailFrom) < 0) return undefined;
    let low = 0;
    let high = this.tail.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.tail[middle]!.position, after) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === this.tail.length) return undefined;
    const page = this.tail.slice(low, low + PAGE_ENTRIES);
    // What has been given would only grow old here.
    this.tailFrom = page.at(-1)!.position;
    this.tail = this.tail.slice(low + page.length);
    return page;
  }

  private isUsedUpAt(at: Position): boolean {
    return this.tail.length === 0 && this.tailFrom !== undefined && comparePositions(at, this.tailFrom) === 0;
  }

  private async fromArchive(after: Position, signal: AbortSignal): Promise<readonly LogEntry[]> {
    while (!signal.aborted) {
      try {
        return await this.archive.readRange(after, PAGE_ENTRIES);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
        await pause(this.timer, RETRY_MS, signal);
      }
    }
    return [];
  }
}
