import type { Position } from '@wherefore/model';

/** One life of the log: the time in which all of it went to one stream. */
export interface LogEpoch {
  /** Counts from 1. The epoch of every position in the stream. */
  readonly number: number;
  /** Tells this stream from any other, also from one of the same name that somebody made by hand. */
  readonly streamId: string;
  /** Where the epoch before was sealed: nothing of it beyond this counts. `ORIGIN` in the first one. */
  readonly sealedAt: Position;
}

/**
 * Which stream the log lives in. One row, changed by compare and set, so that of several processes that
 * find the stream gone one opens the next epoch. All methods may reject `log-unavailable` (retryable).
 */
export interface EpochBook {
  /** `undefined` while no epoch was ever opened. */
  current(): Promise<LogEpoch | undefined>;

  /**
   * Opens the epoch `next`, durable when it settles, if the current one still has the number before
   * it (0: there is none). False, and nothing changed, when another process was faster.
   */
  open(next: LogEpoch): Promise<boolean>;
}
