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
import { type Archive, type ArchivedEntry, type EventLog, type LogReader, type ReadOptions } from '@wherefore/ports';
import type { Value } from './connection';
import { partsOf } from './entryParts';
import type { EntryRows } from './entryRows';
import type { Writer } from './writer';

/** Rows fetched at a time: about a millisecond of work, and of delay for others in this thread. */
const FETCH_ROWS = 256;

/**
 * Reading the log, which is its own archive. Offsets are dense from 1, in epoch 1, and therefore the
 * ordinals. A reader waits for the writer of its own process, or looks every `pollMs` when the
 * writer is in another.
 */
export class SqliteLogReader implements LogReader, Archive {
  private readonly waiting = new PassingSet<() => void>();
  private isClosed = false;

  constructor(
    private readonly rows: EntryRows,
    private readonly pollMs?: number,
  ) {}

  async *read(after: Position, options: ReadOptions = {}): AsyncGenerator<LogEntry> {
    const { limit = Infinity, signal } = options;
    if (comparePositions(after, this.newestPosition()) > 0) throw logHole(after);
    let ordinal = ordinalAt(after);
    for (let given = 0; given < limit && !signal?.aborted;) {
      if (this.isClosed) throw new WhereforeError('log-unavailable', 'the store is closed');
      const entries = this.rows.after(ordinal, Math.min(FETCH_ROWS, limit - given));
      if (entries.length === 0) await this.change(signal);
      for (const entry of entries) {
        if (signal?.aborted) return;
        ordinal = entry.ordinal;
        given += 1;
        yield { position: entry.position, entry: entry.entry, rowHash: entry.rowHash };
      }
    }
  }

  async oldest(): Promise<Position> {
    return positionOf(this.rows.bounds()[0]);
  }

  async newest(): Promise<Position> {
    return this.newestPosition();
  }

  async cursor(): Promise<Position> {
    return this.newestPosition();
  }

  async count(): Promise<number> {
    return this.newestPosition().offset;
  }

  /** This archive forgets nothing. */
  async horizon(): Promise<Position> {
    return ORIGIN;
  }

  async readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]> {
    const found: ArchivedEntry[] = [];
    for (let ordinal = ordinalAt(after); found.length < limit;) {
      const entries = this.rows.after(ordinal, Math.min(FETCH_ROWS, limit - found.length));
      const last = entries.at(-1);
      if (last === undefined) break;
      for (const entry of entries) found.push(entry);
      ordinal = last.ordinal;
    }
    return found;
  }

  async lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]> {
    return this.rows.among([...new Set(ordinals)]);
  }

  /** Wakes the readers of this process. */
  announce(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Ends the readers that still wait, with `log-unavailable`. The connection is the caller's. */
  close(): void {
    this.isClosed = true;
    this.announce();
  }

  private newestPosition(): Position {
    return positionOf(this.rows.bounds()[1]);
  }

  /** Settles at the next append, the next look, or the abort; which, the caller finds out. */
  private change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        if (signal) notWhenAborted(signal, wake);
        resolve();
      };
      const timer = this.pollMs === undefined ? undefined : setTimeout(wake, this.pollMs);
      this.waiting.add(wake);
      if (signal) whenAborted(signal, wake);
    });
  }
}

/** The log of a store that this process writes. */
export class SqliteEventLog extends SqliteLogReader implements EventLog {
  constructor(
    rows: EntryRows,
    private readonly writer: Writer,
  ) {
    super(rows);
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const parts = partsOf(entries);
    if (parts.length === 0) return;
    await this.writer.submit('append', parts, parts.length);
    this.announce();
  }
}

/** The greatest ordinal at or before a position of any epoch: this log never leaves epoch 1. */
function ordinalAt(position: Position): number {
  if (position.epoch === 1) return position.offset;
  return position.epoch < 1 ? 0 : Number.MAX_SAFE_INTEGER;
}

function positionOf(ordinal: Value | undefined): Position {
  return typeof ordinal === 'number' ? { epoch: 1, offset: ordinal, index: 0 } : ORIGIN;
}

function logHole(after: Position): WhereforeError {
  return new WhereforeError('log-hole', `entries after ${formatPosition(after)} were never written`, {
    hint: 'The store is older than what asks for it: was it restored from a backup?',
  });
}
