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

  constructor(
    private readonly clock: Clock = steadyClock,
    private readonly sliceMs = SLICE_MS,
  ) {
    this.startedMs = clock.nowMs();
  }

  get isOver(): boolean {
    return this.clock.nowMs() - this.startedMs >= this.sliceMs;
  }

  /** Lets timers, sockets and messages have their turn, and begins the next slice. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.startedMs = this.clock.nowMs();
  }
}
