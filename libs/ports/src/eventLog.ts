import type { LogEntry, NewEntry, Position } from '@wherefore/model';

export interface ReadOptions {
  /** Ends the iteration after this many entries. Without it the iteration ends only by `signal`. */
  readonly limit?: number;
  /** Ends the iteration, waiting or not, without an error. */
  readonly signal?: AbortSignal;
  /**
   * How long a reader that has taken everything lets more gather before it looks again: many entries that are taken
   * together cost less. Asked each time; 0 for one in a hurry. A log where it saves nothing may pass over it.
   */
  readonly gatherMs?: () => number;
}

/** The reading half of the log: what a follower needs, and all that a second process gets. */
export interface LogReader {
  /**
   * Everything after `after` in the one order, then waits for more. Every reader sees the same
   * entries in the same order; positions strictly increase, offsets may have gaps, and no entry is
   * delivered before its append is durable. Any number of readers may run.
   *
   * Fails while iterating: `log-hole` when entries after `after` are no longer kept or `after` lies
   * beyond the newest entry (a log that was lost or recreated), `log-unavailable` (retryable).
   */
  read(after: Position, options?: ReadOptions): AsyncIterable<LogEntry>;

  /**
   * The same, as many entries at once as are at hand, at least one: each turn of an iteration costs as much as a small
   * step. Absent where they come one by one.
   */
  readonly readTogether?: (after: Position, options?: ReadOptions) => AsyncIterable<readonly LogEntry[]>;

  /** Position of the oldest entry that can still be read; `ORIGIN` when there is none. */
  oldest(): Promise<Position>;

  /** Position of the newest durable entry; `ORIGIN` when there is none. */
  newest(): Promise<Position>;
}

/**
 * An ordered, durable record of everything the engine was told. The only way in.
 *
 * The entries of one `append` stay together and in their order. Appends that run at the same time
 * get one order, the same for every reader.
 */
export interface EventLog extends LogReader {
  /**
   * Settles when the entries survive the loss of this process. All of them are in the log then, or,
   * when it rejects, none, except after `log-unavailable`, when they may or may not be (the ids make
   * a second attempt harmless). Gives no position: some logs confirm without one.
   *
   * Rejects: `entry-too-large` (not retryable, nothing was appended), `log-unavailable` (retryable),
   * `store-full` (retryable once there is room).
   */
  append(entries: readonly NewEntry[]): Promise<void>;
}

/** What the log has after `after`, in lists that are never empty; as `LogReader.read` otherwise. */
export function readTogether(
  log: LogReader,
  after: Position,
  options?: ReadOptions,
): AsyncIterable<readonly LogEntry[]> {
  return log.readTogether?.(after, options) ?? oneByOne(log.read(after, options));
}

/** `LogReader.read` of a log that gives its entries in lists. */
export async function* entriesOf(
  lists: AsyncIterable<readonly LogEntry[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogEntry> {
  for await (const entries of lists) {
    for (const entry of entries) {
      if (signal?.aborted) return;
      yield entry;
    }
  }
}

async function* oneByOne(entries: AsyncIterable<LogEntry>): AsyncGenerator<readonly LogEntry[]> {
  for await (const entry of entries) yield [entry];
}
