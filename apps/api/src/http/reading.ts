import type { AskedMoment } from '@wherefore/contract';
import {
  WhereforeError,
  formatPosition,
  isJsonObject,
  parsePosition,
  type Json,
  type JsonObject,
} from '@wherefore/model';

/** Parameters of a query string: a value, or several under one name. */
export type Query = { readonly [name: string]: unknown };

const EXAMPLE = 'Write 2026-11-21T17:26Z, 2026-11-21 for the end of that day, or Unix time in milliseconds.';

/**
 * A moment as clients write it: ISO 8601 (UTC where no zone is given) or Unix milliseconds. A minute
 * means its end, a day the end of that day. `undefined` when absent. Throws `invalid-time`.
 */
export function readInstant(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = String(value).trim();
  if (/^\d{10,15}$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (!match || (match[4] !== undefined && match[3] === undefined)) throw noTime(text);
  const [, date, minute, second, fraction, zone = 'Z'] = match;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${date}T${minute ?? '23:59'}${second ?? ':59'}${fraction ?? '.999'}${offset}`);
  if (Number.isNaN(ms) || !isDay(date!)) throw noTime(text);
  return ms;
}

/** Whether the calendar has it: the parser takes the 31st of any month for a day of the next. */
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

function noTime(text: string): WhereforeError {
  return new WhereforeError('invalid-time', `"${text}" is no time`, { hint: EXAMPLE });
}

/** The moment that `at` names: a position as answers state it, or a time. */
export function momentOf(query: Query): AskedMoment {
  const text = readText(query['at']);
  if (text !== undefined && /^\d+\.\d+\.\d+$/.test(text)) return { position: formatPosition(parsePosition(text)) };
  const atMs = readInstant(query['at']);
  return atMs === undefined ? {} : { atMs };
}

/** Whether `all_tenants` is asked for; `undefined` when nothing is said. */
export function readAllTenants(query: Query): boolean | undefined {
  return readFlag(query['all_tenants']);
}

/** One text; of several, the last. `undefined` when absent or empty. */
export function readText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (last === undefined || last === null || last === '') return undefined;
  return typeof last === 'object' ? JSON.stringify(last) : String(last);
}

/** All texts under one name. */
export function readTexts(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** A whole number that is not negative; `undefined` when absent. Throws `bad-request`. */
export function readCount(name: string, value: unknown): number | undefined {
  const text = readText(value);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WhereforeError('bad-request', `${name} is "${text}"; allowed is a whole number`, {
    hint: `Leave ${name} out, or give a number such as 100.`,
  });
}

/** Vitrage's lenient booleans. */
export function readFlag(value: unknown): boolean | undefined {
  const text = readText(value)?.toLowerCase();
  if (text === undefined) return undefined;
  return ['true', '1', 'yes', 'on', 't', 'y'].includes(text);
}

/** The members of a body; those of nothing when there is none. Throws `bad-request` for another shape. */
export function membersOf(body: Json | undefined): JsonObject {
  if (body === undefined || body === null) return {};
  if (isJsonObject(body)) return body;
  throw new WhereforeError('bad-request', 'the body is no JSON object', { hint: 'Send an object of parameters.' });
}
