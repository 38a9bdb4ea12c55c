/**
 * Times as sources write them, brought to one text form whose order as text is the order in time:
 * `YYYY-MM-DDTHH:MM:SSZ`, or with exactly six digits of fraction, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
 *
 * Precision rule: the seconds-only form stays as it is, and sorts after every fraction of its second
 * (`.` is less than `Z`). A source that tells only seconds therefore counts as the end of that second:
 * its samples are never dropped in favour of an earlier fraction, and two of one second are equal.
 */

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;
const BLANK = 32;
const DOT = 46;
const PLUS = 43;
const FRACTION_DIGITS = 6;
const COMMON_LENGTH = 20;

/**
 * The time that `text` means, in the form above, or undefined if it is no time.
 *
 * Takes `T` or a blank between date and time, any number of fraction digits (cut to six), and as zone
 * `Z`, nothing (UTC), `±HH:MM` or `±HHMM`. The common 20-character form costs no allocation.
 */
export function normaliseTimestamp(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length < COMMON_LENGTH - 1 || !isDateAndTime(text)) return undefined;
  const separator = text.charCodeAt(10);
  if (text.length === COMMON_LENGTH && separator === LETTER_T && text.charCodeAt(19) === LETTER_Z) return text;
  if (separator !== LETTER_T && separator !== BLANK) return undefined;
  return normaliseTail(text);
}

/** Seconds since 1970, as number or decimal text (`1482409029.062524`), in the form above. */
export function timestampOfEpoch(seconds: unknown): string | undefined {
  const value =
    typeof seconds === 'number' ? seconds : typeof seconds === 'string' && seconds !== '' ? Number(seconds) : NaN;
  // Years 1970 to 9999: what the form can hold.
  if (!(value >= 0 && value < 253_402_300_800)) return undefined;
  const whole = Math.floor(value);
  const iso = new Date(whole * 1000).toISOString();
  const micros = Math.floor((value - whole) * 1_000_000);
  const fraction = micros > 0 ? `.${String(micros).padStart(FRACTION_DIGITS, '0')}` : '';
  return `${iso.slice(0, 19)}${fraction}Z`;
}

/** Whether the first 19 characters are `YYYY-MM-DD?HH:MM:SS` and name a real date and time of day. */
function isDateAndTime(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (century < 0 || yearOfCentury < 0 || century + yearOfCentury === 0) return false;
  if (month < 1 || month > 12 || day < 1) return false;
  if (day > 28 && day > daysInMonth(century * 100 + yearOfCentury, month)) return false;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

/** The number that two digits make, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const units = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : -1;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** What follows the seconds: fraction and zone. */
function normaliseTail(text: string): string | undefined {
  let at = 19;
  let fraction = '';
  if (text.charCodeAt(at) === DOT) {
    const start = ++at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === start) return undefined;
    fraction = `.${text.slice(start, Math.min(at, start + FRACTION_DIGITS)).padEnd(FRACTION_DIGITS, '0')}`;
  }
  const offset = offsetMinutes(text, at);
  if (offset === undefined) return undefined;
  const dateAndTime = `${text.slice(0, 10)}T${text.slice(11, 19)}`;
  return offset === 0 ? `${dateAndTime}${fraction}Z` : shifted(dateAndTime, offset, fraction);
}

/** Minutes east of UTC from position `at` to the end of the text, or undefined if that is no zone. */
function offsetMinutes(text: string, at: number): number | undefined {
  const rest = text.length - at;
  if (rest === 0) return 0;
  const sign = text.charCodeAt(at);
  if (rest === 1) return sign === LETTER_Z ? 0 : undefined;
  if (sign !== PLUS && sign !== DASH) return undefined;
  const hasColon = rest === 6 && text.charCodeAt(at + 3) === COLON;
  if (!hasColon && rest !== 5) return undefined;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + (hasColon ? 4 : 3));
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes);
}

function shifted(dateAndTime: string, offset: number, fraction: string): string | undefined {
  const ms = Date.parse(`${dateAndTime}Z`) - offset * 60_000;
  const year = Number(dateAndTime.slice(0, 4));
  // At the very ends of the calendar a shift would leave the four digits of the year.
  if (year < 2 || year > 9998 || Number.isNaN(ms)) return undefined;
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
