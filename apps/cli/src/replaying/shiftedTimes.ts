import { isJsonObject, type Json, type JsonObject } from '@wherefore/model';

/** Date and time of day, and behind it a fraction and a zone as sources write them; nothing else in the text. */
const TIME = /^(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;
/** What a source writes who knows no time is no time. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 9999;

/** Members that hold seconds since 1970, as number or text. */
const EPOCH_MEMBERS: ReadonlySet<string> = new Set(['lastchange', 'time']);
/** 2001 to 2286: what is smaller or larger counts something else. */
const EPOCH_MIN = 1_000_000_000;
const EPOCH_MAX = 9_999_999_999;

/**
 * The event with every time in it moved by whole seconds: each text that is a time and nothing else, in the form it has
 * (blank or `T`, digits of the second, zone), and the seconds since 1970 that monitors report. O(size).
 */
export function shiftedEvent(event: JsonObject, seconds: number): JsonObject {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, shifted(value, seconds, name)]));
}

function shifted(value: Json, seconds: number, name: string): Json {
  if (typeof value === 'string')
    return EPOCH_MEMBERS.has(name) ? shiftedEpochText(value, seconds) : shiftedText(value, seconds);
  if (typeof value === 'number') return EPOCH_MEMBERS.has(name) && isEpoch(value) ? value + seconds : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => shifted(each, seconds, name));
  return isJsonObject(value) ? shiftedEvent(value, seconds) : value;
}

/** The fraction stays as it is, and so does the zone: a day has the same length in all of them. */
function shiftedText(text: string, seconds: number): string {
  const match = TIME.exec(text);
  if (match === null) return text;
  const [, date = '', separator = '', clock = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(ms) || Number(date.slice(0, 4)) < FIRST_YEAR) return text;
  const moved = new Date(ms + seconds * 1000);
  const year = moved.getUTCFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return text;
  const iso = moved.toISOString();
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction}${zone}`;
}

function shiftedEpochText(text: string, seconds: number): string {
  const match = /^(\d{10})(\.\d+)?$/.exec(text);
  if (match === null) return shiftedText(text, seconds);
  const [, whole = '', fraction = ''] = match;
  return isEpoch(Number(whole)) ? `${Number(whole) + seconds}${fraction}` : text;
}

function isEpoch(value: number): boolean {
  return value >= EPOCH_MIN && value <= EPOCH_MAX;
}
