import type { Timer } from '@wherefore/ports';
import { pause } from './waiting';

/** How long a leader that is cut off keeps its lease. */
const GIVEN_UP_AFTER_MS = 3000;
/** The same where nobody took the lease that it gave up: then the log is out of reach for all. */
const GIVEN_UP_AGAIN_AFTER_MS = 30_000;
/** How much later than others one that is cut off tries to lead. */
const HELD_BACK_MS = 3000;
const LOOK_EVERY_MS = 250;

/**
 * What one does about a lease who can reach the database, which grants it, and not the log, which it is for. It would keep
 * everybody else from leading, and do nothing. So it gives the lease up, and asks for it later than others do.
 *
 * Where the log is out of reach for all of them, somebody has the lease nearly always all the same: what needs no log
 * goes on, such as deliveries that are stored.
 */
export class CutOff {
  /** Of the term that it gave up last, if that was its last one. */
  private givenUp: number | undefined;

  constructor(
    private readonly timer: Timer,
    private readonly isCutOff: () => boolean,
  ) {}

  /** Before each attempt to lead: lets others go first, as long as it is cut off. */
  async holdBack(signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; waitedMs < HELD_BACK_MS && !signal.aborted && this.isCutOff(); waitedMs += LOOK_EVERY_MS) {
      await pause(this.timer, LOOK_EVERY_MS, signal);
    }
  }

  /** Settles when it was cut off for too long in the term of that epoch, or when the signal aborts. */
  async forTooLong(epoch: number, signal: AbortSignal): Promise<void> {
    const limitMs =
      this.givenUp !== undefined && epoch === this.givenUp + 1 ? GIVEN_UP_AGAIN_AFTER_MS : GIVEN_UP_AFTER_MS;
    this.givenUp = undefined;
    for (let forMs = 0; forMs < limitMs && !signal.aborted;) {
      await pause(this.timer, LOOK_EVERY_MS, signal);
      forMs = this.isCutOff() ? forMs + LOOK_EVERY_MS : 0;
    }
    if (!signal.aborted) this.givenUp = epoch;
  }
}
