import type { LogEntry, Position } from '@wherefore/model';
import type { LogEpoch } from './epochBook';

/**
 * What a leader needs of a log that can be lost while the archive stays: a stream that was deleted, or whose only
 * broker is gone for good. All methods may reject `log-unavailable` (retryable).
 */
export interface LogEpochs {
  /**
   * The current epoch, if its stream is known to be gone: the broker answered that it is not there. A broker that does
   * not answer is no proof: then this rejects.
   */
  lostEpoch(): Promise<LogEpoch | undefined>;

  /** The current epoch; opens the first one when there is none yet, and makes sure that appends reach it. */
  ensureEpoch(nowMs: number): Promise<LogEpoch>;

  /**
   * Gives up the stream of the epoch `lost` and goes on with a new one, sealing the old at `sealedAt`. Gives the epoch
   * that holds then: when another than `lost` holds already, that one, and nothing is changed.
   */
  openNextEpoch(lost: LogEpoch, sealedAt: Position, nowMs: number): Promise<LogEpoch>;

  /**
   * What readers of this process have seen beyond `after` of the current epoch, in order and without a gap: the
   * archive's, if the stream is lost. Nothing when what they have seen does not reach back to `after`; and nothing of an
   * earlier epoch, for that was sealed where the archive ended: what was seen beyond does not count.
   */
  heldAfter(after: Position): Promise<readonly LogEntry[]>;
}
