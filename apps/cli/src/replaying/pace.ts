import { WhereforeError } from '@wherefore/model';

/** How fast: as many times as fast as it was, so many entries a second, or as fast as it goes. */
export type Pace = { readonly speed: number } | { readonly perSecond: number } | 'max';

/** What a pace needs to know of a period. */
export interface PeriodSize {
  readonly entries: number;
  readonly firstLogTimeMs: number;
  readonly lastLogTimeMs: number;
}

/** Reads `--speed` and `--rate`. Throws `usage`. */
export function readPace({ speed, rate }: { readonly speed?: string; readonly rate?: string }): Pace {
  if (rate !== undefined) return { perSecond: positive(rate, '--rate', '--rate 500, for 500 entries a second') };
  if (speed === 'max') return 'max';
  return { speed: positive(speed ?? '1', '--speed', '--speed 1, --speed 10, --speed 0.5, or --speed max') };
}

function positive(text: string, option: string, examples: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new WhereforeError('usage', `"${text}" is nothing that ${option} takes`, {
    hint: `Write for instance ${examples}.`,
  });
}

/** How long after the first entry the one with this log time and so many before it is due. */
export function dueAfterMs(pace: Pace, logTimeMs: number, before: number, firstLogTimeMs: number): number {
  if (pace === 'max') return 0;
  return 'speed' in pace ? (logTimeMs - firstLogTimeMs) / pace.speed : (before * 1000) / pace.perSecond;
}

/**
 * By how many whole seconds the times of a period have to be moved so that it happens now, and nothing of it in the
 * future: its end is told for the moment at which it is pushed, or, in slow motion, its beginning.
 */
export function secondsToNow(
  pace: Pace,
  { firstLogTimeMs, lastLogTimeMs, entries }: PeriodSize,
  nowMs: number,
): number {
  const lastDueMs = nowMs + dueAfterMs(pace, lastLogTimeMs, Math.max(0, entries - 1), firstLogTimeMs);
  const byBeginning = nowMs - firstLogTimeMs;
  // Entries that come evenly, or at once, lie anywhere between the times at which they happened.
  const byEnd = (typeof pace === 'object' && 'speed' in pace ? lastDueMs : nowMs) - lastLogTimeMs;
  return Math.floor(Math.min(byBeginning, byEnd) / 1000);
}

/** `as it was`, `10 times as fast`, … */
export function describePace(pace: Pace): string {
  if (pace === 'max') return 'as fast as it goes';
  if ('perSecond' in pace) return `${pace.perSecond} entries a second`;
  return pace.speed === 1 ? 'as it was' : `${pace.speed} times as fast`;
}
