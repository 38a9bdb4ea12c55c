import type { LocalFields, Precision } from './localMoment';
import { type ParsedInstant, resolve, unreadable } from './namedSpan';
import type * as Words from './parseWords';

/** A weekday before it is what our own answers write. */
const ISO =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun),? )?(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;
const AGO = /^(\d+|an?|half an)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)\s+ago$/i;
const UNIT_MS: { readonly [initial: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000 };
/**
 * Reads an expression such as "yesterday 17:26" in the caller's zone. An expression names a span,
 * and the answer is its end, because a question about 17:26 includes what happened within that minute.
 * A time of the day alone is the last one that has come. Throws `invalid-time`.
 */
export function parseInstant(text: string, nowMs: number): ParsedInstant {
  const expression = text.trim().replace(/\s+/g, ' ');
  return parseIso(expression) ?? parseAgo(expression, nowMs) ?? words().parseWords(expression, nowMs);
}

function parseIso(expression: string): ParsedInstant | undefined {
  const match = ISO.exec(expression);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const precision: Precision =
    hour === undefined ? 'day' : second === undefined ? 'minute' : fraction === undefined ? 'second' : 'instant';
  const fields: LocalFields = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
  };
  return resolve(expression, fields, precision, zone === undefined ? undefined : offsetMinutes(expression, zone));
}

function offsetMinutes(expression: string, zone: string): number {
  if (/^(z|utc|gmt)$/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 14 || minutes > 59) throw unreadable(expression, `no zone is ${zone} away from UTC`);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function parseAgo(expression: string, nowMs: number): ParsedInstant | undefined {
  const match = AGO.exec(expression);
  if (match === null) return undefined;
  const [, amount = '', unit = ''] = match;
  const count = /^half/i.test(amount) ? 0.5 : /^an?$/i.test(amount) ? 1 : Number(amount);
  const atMs = nowMs - count * UNIT_MS[unit[0]!.toLowerCase()]!;
  if (atMs < 0) throw unreadable(expression, 'that is before 1970');
  return { atMs, startMs: atMs, precision: 'instant' };
}

/** Loaded when there are words to read: that takes longer than the rest of a command line. */
function words(): typeof Words {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./parseWords') as typeof Words;
}
