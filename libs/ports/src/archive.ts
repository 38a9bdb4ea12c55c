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

  /** How many entries there are: the ordinal of the newest one. */
  count(): Promise<number>;

  /** The first `limit` entries after `after`, in order; fewer only at the end. O(limit). */
  readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]>;

  /** The entries with these ordinals, ascending, each once; ordinals that do not exist are left out. */
  lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]>;
}
