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

/**
 * How long ended alarms lasted, in classes: one of a class lasted for less than this, each twice the one before; what
 * lasted longer than all is of one more class. Stored tables hold the classes: the list is never changed.
 */
export const LASTED_BELOW_MS: readonly number[] = Array.from({ length: 21 }, (_, power) => 2 ** (16 + power));

/** The class of alarms that have not ended. */
export const STILL_OPEN = -1;

/** Alarms of one class, with a start within the bounds, both inclusive. */
export interface LastedPart {
  readonly lasted: number;
  readonly startFromMs: number;
  readonly startToMs: number;
}

/**
 * The part of the ended alarms, class by class. What ended at `fromMs` or later and lasted less than a class allows
 * cannot have started long before: so of each class few are looked at that do not belong to the page.
 */
export function lastedParts({ startFromMs, startToMs }: AlarmPart, fromMs: number): LastedPart[] {
  const parts = [...LASTED_BELOW_MS, Infinity].map((belowMs, lasted) => {
    return { lasted, startFromMs: Math.max(startFromMs, fromMs - belowMs + 1), startToMs };
  });
  return parts.filter((part) => part.startFromMs <= part.startToMs);
}

/** Which of two places comes first in a page. */
export function comparePlaces(order: AlarmPage['order']): (a: AlarmPlace, b: AlarmPlace) => number {
  const sign = order === 'oldest-first' ? 1 : -1;
  return (a, b) => sign * (a.startedAtMs - b.startedAtMs) || compareCodeUnits(a.vitrageId, b.vitrageId);
}
