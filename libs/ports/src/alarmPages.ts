import { compareCodeUnits } from '@wherefore/model';
import type { AlarmPage, AlarmPlace } from './history';

/** Alarms of a time range that one index finds: with a start within the bounds, both inclusive, and `of` their end. */
export interface AlarmPart {
  /** Started in the range, however it ended; or started before it, and ended in it or later, or not at all. */
  readonly of: 'started' | 'ended' | 'open';
  readonly startFromMs: number;
  readonly startToMs: number;
}

/** What a time range is made of, each alarm in one part; without what comes before the page. */
export function alarmParts(fromMs: number, toMs: number, { order, after }: AlarmPage): AlarmPart[] {
  const isOldestFirst = order === 'oldest-first';
  const least = after === undefined || !isOldestFirst ? Number.MIN_SAFE_INTEGER : after.startedAtMs;
  const most = after === undefined || isOldestFirst ? Number.MAX_SAFE_INTEGER : after.startedAtMs;
  const bounds = (startFromMs: number, startToMs: number) => {
    return { startFromMs: Math.max(startFromMs, least), startToMs: Math.min(startToMs, most) };
  };
  const before = bounds(Number.MIN_SAFE_INTEGER, Math.min(fromMs - 1, toMs));
  const parts: AlarmPart[] = [
    { of: 'started', ...bounds(fromMs, toMs) },
    { of: 'ended', ...before },
    { of: 'open', ...before },
  ];
  return parts.filter(({ startFromMs, startToMs }) => startFromMs <= startToMs);
}

/** Which of two places comes first in a page. */
export function comparePlaces(order: AlarmPage['order']): (a: AlarmPlace, b: AlarmPlace) => number {
  const sign = order === 'oldest-first' ? 1 : -1;
  return (a, b) => sign * (a.startedAtMs - b.startedAtMs) || compareCodeUnits(a.vitrageId, b.vitrageId);
}
