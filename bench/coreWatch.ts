/** Long enough to tell, and short beside what is measured: some 60 µs. */
const STEPS = 60_000;
const LOOKS_AT_FIRST = 200;
/** Looks nearer to each other would take more time than what they tell is worth. */
const APART_MS = 10;
/** A thread beside on the same core makes the look 1.3 to 1.9 times as long. */
const ALONE_MAX = 1.2;

/** Additions that do not wait for each other: a core does four and more of them at once, shared with another thread about half. */
function addSixfold(steps: number): number {
  let [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6];
  for (let i = 0; i < steps; i++) {
    a = (a + i) | 0;
    b = (b ^ i) | 0;
    c = (c + (i << 1)) | 0;
    d = (d ^ (i << 2)) | 0;
    e = (e + (i << 3)) | 0;
    f = (f ^ i) | 0;
  }
  return a ^ b ^ c ^ d ^ e ^ f;
}

/**
 * Tells whether the core was one's own. A virtual core may be one of two threads of a real one, whose other thread works for
 * somebody else: then a program that does many things at once takes up to 1.9 times as long, and the calibration loop, in which each step
 * waits for the one before, takes no longer at all. How long a look takes is held against the shortest that this process saw.
 */
export class CoreWatch {
  private readonly looksMs: number[] = [];
  private shortestMs = Infinity;
  private lookedAtMs = -Infinity;
  private mixed = 0;

  /** Looks at the core right now, unless it just did. The first time takes some 30 ms, later ones 0.1. */
  look(): void {
    if (performance.now() - this.lookedAtMs < APART_MS) return;
    if (this.looksMs.length === 0) {
      // With few steps at first, so that what comes after the loop is compiled knowing its types.
      for (let go = 0; go < 20_000; go++) this.mixed ^= addSixfold(20);
      for (let go = 0; go < LOOKS_AT_FIRST; go++) this.timed();
    }
    this.looksMs.push(Math.min(this.timed(), this.timed()));
    this.lookedAtMs = performance.now();
  }

  /** In per cent of the looks; undefined if there was none. */
  aloneShare(): number | undefined {
    const { looksMs, shortestMs } = this;
    if (looksMs.length === 0) return undefined;
    return (looksMs.filter((took) => took <= shortestMs * ALONE_MAX).length / looksMs.length) * 100;
  }

  private timed(): number {
    const began = performance.now();
    this.mixed ^= addSixfold(STEPS);
    const took = performance.now() - began;
    this.shortestMs = Math.min(this.shortestMs, took);
    return took;
  }
}
