import { setMaxListeners } from 'node:events';
import { WhereforeError, type Fence } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';

/** The time in which this process leads, as far as it knows. */
export interface Term {
  /** Higher than that of every earlier term of this lease. Every write made in the term carries it. */
  readonly epoch: number;
  /** For the entries that are appended in the term. */
  readonly fence: Fence;
  /**
   * Aborts when the lease is lost, could not be renewed in time, or is given up. Its reason is a
   * `WhereforeError` with code `stale-epoch`.
   */
  readonly signal: AbortSignal;
  /** Unix time in milliseconds at which it began. */
  readonly sinceMs: number;
  /**
   * Whether the lease holds at this very moment, by the reckoning of this process. Sooner than the signal, after
   * the process was stopped for a while: timers fire late then.
   */
  isHeld(): boolean;
}

/** A term as its maker holds it. */
export class OpenTerm implements Term {
  readonly fence: Fence;
  private readonly control = new AbortController();

  constructor(
    lease: string,
    readonly epoch: number,
    readonly sinceMs: number,
    private validUntilMs: number,
    private readonly steady: Clock,
  ) {
    this.fence = { lease, epoch };
    setMaxListeners(0, this.signal);
  }

  get signal(): AbortSignal {
    return this.control.signal;
  }

  isHeld(): boolean {
    return !this.signal.aborted && this.leftMs() > 0;
  }

  /** How long the lease still holds, by the reckoning of this process. */
  leftMs(): number {
    return this.validUntilMs - this.steady.nowMs();
  }

  extend(validUntilMs: number): void {
    this.validUntilMs = validUntilMs;
  }

  end(why: string): void {
    if (this.signal.aborted) return;
    const message = `the term of ${this.fence.lease} in epoch ${this.epoch} is over: ${why}`;
    this.control.abort(new WhereforeError('stale-epoch', message, { retryable: true }));
  }
}
