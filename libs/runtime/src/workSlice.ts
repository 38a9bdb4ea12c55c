import type { Clock } from '@wherefore/ports';

/** How long work may hold the event loop before others get their turn. */
const SLICE_MS = 10;

/** A clock that never goes back, for measuring work. */
export const steadyClock: Clock = { nowMs: () => performance.now() };

/**
 * Cuts long work into slices, between entries and never within one: ask `isOver` after each, and
 * `rest` when it is.
 */
export class WorkSlice {
  private startedMs: number;

  constructor(private readonly clock: Clock = steadyClock) {
    this.startedMs = clock.nowMs();
  }

  get isOver(): boolean {
    return this.lastedMs >= SLICE_MS;
  }

  get lastedMs(): number {
    return this.clock.nowMs() - this.startedMs;
  }

  /** Lets timers, sockets and messages have their turn, and other processes so much time; and begins the next slice. */
  async rest(ms = 0): Promise<void> {
    await new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));
    this.startedMs = this.clock.nowMs();
  }
}
