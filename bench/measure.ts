import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { canonicalJson, type Json } from '@wherefore/model';
import { CoreWatch } from './coreWatch';

/** One figure of the benchmark. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure is held against: Vitrage's recorded figure, or a limit. */
  readonly peer: number | null;
  /** Better when larger. */
  readonly ratio: number | null;
}

/** Of this process: looked at before each piece of work that is measured. */
export const coreWatch = new CoreWatch();

/** CPU seconds, user and system, that this process used so far; all its threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds of a piece of work. */
export function measure(work: () => void): number {
  coreWatch.look();
  const before = cpuSeconds();
  work();
  return cpuSeconds() - before;
}

/** The same for work that waits in between. */
export async function measureAsync(work: () => Promise<void>): Promise<number> {
  coreWatch.look();
  const before = cpuSeconds();
  await work();
  return cpuSeconds() - before;
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** What the name of a figure begins with that tells of the moment of a case. */
export const OWN_CORE = 'core of its own in ';

/** What the name of a figure ends with that is the best round of several. */
export const BEST_ROUND = ', best round';

/** And one that is the mean of all of them: a median knows nothing of what falls into fewer than half of the rounds. */
export const ALL_ROUNDS = ', all rounds';

/**
 * How often a piece of work is measured: as often as fits into some cpu-seconds, but at least and at most so often.
 * Whatever else a machine does only ever adds to a round, so that among many some are undisturbed.
 */
export class Rounds {
  private readonly startedSeconds = cpuSeconds();
  private begun = 0;

  constructor(private readonly limits: { readonly least?: number; readonly most: number; readonly seconds?: number }) {}

  /** Whether there is another one. */
  next(): boolean {
    const { least = 3, most, seconds = 12 } = this.limits;
    const isOver = this.begun >= most || (this.begun >= least && cpuSeconds() - this.startedSeconds >= seconds);
    if (!isOver) this.begun += 1;
    return !isOver;
  }
}

/** A rate by its median round, which is held against the peer, by all rounds, and by the best one. */
export function rateFigures(name: string, count: number, seconds: readonly number[], peer: number | null): Figure[] {
  const value = count / median(seconds);
  const unit = 'per cpu-second';
  const all = (count * seconds.length) / seconds.reduce((sum, each) => sum + each, 0);
  const best = count / Math.min(...seconds);
  return [
    { name, value, unit, peer, ratio: peer === null ? null : value / peer },
    { name: `${name}${ALL_ROUNDS}`, value: all, unit, peer: null, ratio: null },
    { name: `${name}${BEST_ROUND}`, value: best, unit, peer: null, ratio: null },
  ];
}

/** A cost, the smaller the better, by its median round, which is held against the goal, and by its best one. */
export function costFigures(name: string, costs: readonly number[], unit: string, goal: number | null): Figure[] {
  const value = median(costs);
  return [
    { name, value, unit, peer: goal, ratio: goal === null ? null : goal / value },
    { name: `${name}${BEST_ROUND}`, value: Math.min(...costs), unit, peer: null, ratio: null },
  ];
}

/** Ends the benchmark unless an answer is right: a fast wrong answer is worth nothing. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [given, wanted] = [canonicalJson(actual as Json), canonicalJson(expected as Json)];
  if (given !== wanted) throw new Error(`${what}: got ${given}, expected ${wanted}`);
}

/** Bytes of live objects on the heap, after a full collection. */
export function liveHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Millions of steps a second of a fixed loop: tells machines, and busy moments, apart. */
export function calibrate(): number {
  const steps = 50_000_000;
  let mixed = 1;
  const seconds = measure(() => {
    for (let i = 0; i < steps; i++) mixed = Math.imul(mixed ^ i, 0x9e3779b1);
  });
  return mixed === 0 ? 0 : steps / seconds / 1e6;
}
