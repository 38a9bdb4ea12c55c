import type { Json } from '@wherefore/model';
import { normaliseTimestamp } from '../reading/timestamp';

/** The year 1970 begins, and the year 9999 ends: what an entry can bear. */
const MICROSECONDS_MAX = 253_402_300_800_000_000;

/**
 * Microseconds since 1970 of a time as recordings write it (ISO 8601; UTC where no zone is given), or
 * undefined when it is none. Recorders write six digits, and their order counts: an entry keeps only
 * milliseconds of them.
 */
export function microsecondsOf(time: Json | undefined): number | undefined {
  const text = normaliseTimestamp(time);
  if (text === undefined) return undefined;
  const wholeMs = Date.parse(`${text.slice(0, 19)}Z`);
  const fraction = text.length > 20 ? Number(text.slice(20, 26)) : 0;
  const microseconds = wholeMs * 1000 + fraction;
  return microseconds >= 0 && microseconds < MICROSECONDS_MAX ? microseconds : undefined;
}

/** The time that an entry bears: the millisecond in which it came. */
export function millisecondsOf(microseconds: number): number {
  return Math.floor(microseconds / 1000);
}
