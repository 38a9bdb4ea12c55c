import type { LogEntry, Position } from '@wherefore/model';

/** An entry with its place in the count of all entries: 1 for the first one ever appended. */
export interface ArchivedEntry extends LogEntry {
  readonly ordinal: number;
}

/**
 * A faithful copy of the log, duplicates included, kept when the log itself has forgotten. It never
 * waits: what is not there yet is simply not in the answer. All methods may reject with
 * `log-unavailable` (retryable) or `store-corrupt`.
 */
export interface Archive {
  /** Position of the newest archived entry; `ORIGIN` when empty. */
  cursor(): Promise<Position>;

  /** How many entries there ever were: the ordinal of the newest one. */
  count(): Promise<number>;

  /**
   * Everything after it is kept: the position of the last entry that the archive has forgotten,
   * `ORIGIN` while it has forgotten none.
   */
  horizon(): Promise<Position>;

  /**
   * The first `limit` entries after `after`, in order; fewer only at the end. O(limit). Rejects
   * `log-hole` when `after` lies before the horizon, so that nobody takes what is left for all.
   */
  readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]>;

  /** The entries with these ordinals, ascending, each once; ordinals that are not kept are left out. */
  lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]>;
}

/** What a persister has read from the log, to be copied. */
export interface ArchiveBatch {
  /** The cursor that the entries continue from. */
  readonly expected: Position;
  /** Epoch of the lease under which this is written. */
  readonly epoch: number;
  /** In log order, all after `expected`. At least one. */
  readonly entries: readonly LogEntry[];
}

/** Whether it was written, or why nothing of it was. The cursor is the one that stands now. */
export interface ArchiveResult {
  readonly kind: 'written' | 'cursor-moved' | 'stale-epoch';
  readonly cursor: Position;
}

/**
 * The writing half, where the log and its archive are two things. Two writers are harmless: entries
 * and cursor move together, from where the writer believed the cursor to be, or not at all.
 */
export interface ArchiveWriter {
  /**
   * Copies the entries; durable when it settles. The cursor moves only from `expected`, and only for
   * an epoch not below the highest seen. After `log-unavailable` (retryable) the entries may be in or
   * not: the same batch again is then either written, or refused with `cursor-moved`.
   * Rejects `store-full` (retryable once there is room); then nothing was written.
   */
  append(batch: ArchiveBatch): Promise<ArchiveResult>;

  /**
   * Forgets entries up to `position`, as far as they fill whole pieces of storage; at most the newest
   * entry's. The horizon follows. Who calls it has made sure that no kept snapshot needs them.
   */
  forget(position: Position, epoch: number): Promise<ArchiveResult>;
}
