import { casual, type ParsedResult } from 'chrono-node/en';
import { type LocalFields, momentOfFields, type Precision } from './localMoment';
import { type ParsedInstant, resolve, unreadable } from './namedSpan';

/** Times of the day that name no minute. */
const VAGUE = /\b(morning|afternoon|evening|night|tonight|week|month|quarter|year|decade)s?\b(?!.*\bago\b)/i;
/** Whether the day or the month comes first depends on who reads it. */
const SLASHED = /\b\d{1,2}[/.]\d{1,2}([/.]\d{2,4})?\b/;
const ZONE_NAME = /\d\s*(?:[ap]m\s*)?\b(?!am\b|pm\b|utc\b|gmt\b|ago\b)([a-z]{2,5})$/i;

/** Reads an expression of words, such as "yesterday 17:26". A module apart, because what it stands on is slow to load. */
export function parseWords(expression: string, nowMs: number): ParsedInstant {
  if (SLASHED.test(expression)) {
    throw unreadable(expression, 'it could be read with the day or with the month first');
  }
  const vague = VAGUE.exec(expression);
  if (vague !== null && !/\d:\d\d/.test(expression)) throw unreadable(expression, `"${vague[0]}" names no minute`);
  const zone = ZONE_NAME.exec(expression)?.[1];
  const results = casual.parse(expression, { instant: new Date(nowMs) });
  const [result] = results;
  if (result === undefined) throw unreadable(expression, 'it is not a time');
  const rest = (expression.slice(0, result.index) + expression.slice(result.index + result.text.length)).trim();
  if (results.length > 1 || !/^(at|on|the|around)?[,.]?$/i.test(rest)) {
    throw unreadable(expression, `only "${result.text}" of it is a time`);
  }
  if (result.end !== null) throw unreadable(expression, 'it names a span with two ends, not a moment');
  if (zone !== undefined && result.start.isCertain('timezoneOffset') && !isExact(result)) {
    throw unreadable(expression, `"${zone}" stands for more than one zone; write it as +01:00, or Z`);
  }
  return isExact(result) ? exactly(expression, result) : spanOf(expression, result, nowMs);
}

/** "now", "in 5 minutes", "an hour and 10 minutes ago": an instant, not a span. */
function isExact({ start }: ParsedResult): boolean {
  const tags = start.tags();
  return tags.has('casualReference/now') || tags.has('result/relativeDateAndTime');
}

function exactly(expression: string, result: ParsedResult): ParsedInstant {
  const atMs = result.start.date().getTime();
  if (!(atMs >= 0)) throw unreadable(expression, 'that is before 1970');
  return { atMs, startMs: atMs, precision: 'instant' };
}

function spanOf(expression: string, { start }: ParsedResult, nowMs: number): ParsedInstant {
  const isTimed = start.isCertain('hour');
  // "3 days ago" alone is the same time of that day; "yesterday" alone is the whole day.
  const isSameTime = !isTimed && start.tags().has('result/relativeDate');
  const fields: LocalFields = {
    year: start.get('year') ?? 0,
    month: start.get('month') ?? 0,
    day: start.get('day') ?? 0,
    ...(isTimed || isSameTime ? clockOf(start) : { hour: 0, minute: 0, second: 0, millisecond: 0 }),
  };
  if (isSameTime) return resolve(expression, fields, 'instant', undefined);
  if (!isTimed && !start.isCertain('day') && !start.isCertain('weekday'))
    throw unreadable(expression, 'it names no day');
  const precision = isTimed ? clockPrecision(start) : 'day';
  const isZoned = start.isCertain('timezoneOffset');
  const offset = isZoned ? (start.get('timezoneOffset') ?? undefined) : undefined;
  const found = resolve(expression, fields, precision, offset);
  if (start.isCertain('year') || momentOfFields(fields, offset).ms <= nowMs) return found;
  const earlier = resolve(expression, oneBefore(start, fields), precision, offset);
  return { ...earlier, note: earlier.note ?? `"${expression}" has not come yet: the one before it is meant.` };
}

function clockOf(start: ParsedResult['start']): Pick<LocalFields, 'hour' | 'minute' | 'second' | 'millisecond'> {
  const field = (name: Parameters<typeof start.get>[0]): number => start.get(name) ?? 0;
  return {
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
    millisecond: field('millisecond'),
  };
}

function clockPrecision(start: ParsedResult['start']): Precision {
  if (start.isCertain('millisecond')) return 'instant';
  return start.isCertain('second') ? 'second' : 'minute';
}

/** The last day on which the fields occurred: of a time alone, a weekday, or a day of the year. */
function oneBefore(start: ParsedResult['start'], fields: LocalFields): LocalFields {
  if (start.isCertain('month')) return { ...fields, year: fields.year - 1 };
  const days = start.isCertain('weekday') ? 7 : 1;
  const date = new Date(Date.UTC(fields.year, fields.month - 1, fields.day - days));
  return { ...fields, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
