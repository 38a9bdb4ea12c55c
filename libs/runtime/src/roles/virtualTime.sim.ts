import type { Clock, Timer } from '@wherefore/ports';

interface Planned {
  readonly atMs: number;
  /** Decides between what is planned for the same moment. */
  readonly rank: number;
  readonly number: number;
  readonly run: () => void;
}

/**
 * Time that passes only when nothing is left to do. Whatever was planned runs in the order of its time; after each,
 * every promise that can settle does. So hours pass in milliseconds, and the same plans give the same course.
 */
export class VirtualTime implements Clock {
  private readonly planned: Planned[] = [];
  private passedMs = 0;
  private count = 0;
  /** Events that have run. */
  events = 0;

  /**
   * `rank` gives the order of what is planned for one moment; default: as it was planned. `settled` lets promises
   * settle between two events; by default all that can. One that stops sooner is faster, and as good where nothing
   * is expected at a certain moment: what is left settles a little later.
   */
  constructor(
    private readonly rank: () => number = () => 0,
    private readonly settled: () => Promise<void> = allSettled,
  ) {}

  /** Since the beginning. Never jumps: the steady clock of all. */
  nowMs(): number {
    return this.passedMs;
  }

  /** Runs it after that long. Gives what takes it off the plan. */
  plan(ms: number, run: () => void): () => void {
    const atMs = this.passedMs + Math.max(0, ms);
    const planned = { atMs, rank: this.rank(), number: this.count++, run };
    let low = 0;
    let high = this.planned.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.planned[middle]!, planned)) low = middle + 1;
      else high = middle;
    }
    this.planned.splice(low, 0, planned);
    return () => {
      const place = this.planned.indexOf(planned);
      if (place >= 0) this.planned.splice(place, 1);
    };
  }

  /** A wall clock and its sleep, so far off from the beginning. */
  timer(wall: () => number = () => 1_764_000_000_000): Timer {
    return {
      nowMs: () => Math.round(wall() + this.passedMs),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const abort = () => {
            cancel();
            reject(signal?.reason);
          };
          const cancel = this.plan(ms, () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          });
          signal?.addEventListener('abort', abort, { once: true });
        }),
    };
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.passedMs + ms;
    await this.settled();
    while (this.planned[0] && this.planned[0].atMs <= untilMs) {
      const next = this.planned.shift()!;
      this.passedMs = next.atMs;
      this.events += 1;
      next.run();
      await this.settled();
    }
    this.passedMs = untilMs;
  }

  /** Lets time pass until the condition holds, in small steps. Throws when it does not in that time. */
  async until(condition: () => boolean, withinMs = 60_000): Promise<number> {
    const beganMs = this.passedMs;
    while (!condition()) {
      if (this.passedMs - beganMs >= withinMs) throw new Error(`it did not happen within ${withinMs} ms`);
      await this.pass(5);
    }
    return this.passedMs - beganMs;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return (a.atMs - b.atMs || a.rank - b.rank || a.number - b.number) < 0;
}

/** Every promise that can settle has. */
function allSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
