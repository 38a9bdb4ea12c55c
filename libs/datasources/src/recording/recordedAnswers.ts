import { type Json, type JsonObject, type Rejection, isJsonObject, readJson } from '@wherefore/model';
import { kindOf, malformed } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { microsecondsOf } from './recordedTime';

/** An answer of an API, as the index of its moment lists it. Its body is in the file `<name>.json`. */
export interface RecordedAnswer {
  /** Such as `nova-servers`, or `nova-servers-v2.1`; safe as the name of a file. */
  readonly name: string;
  /** The HTTP status. */
  readonly status: number;
  /** When it was answered; normalised. */
  readonly at: string;
  /** The same, in microseconds since 1970. */
  readonly atUs: number;
  /** When it was asked: `at` where the index does not tell how long it took. Never later than `at`. */
  readonly askedUs: number;
}

/** The index of one moment. */
export interface AnswerIndex {
  /** In the order of the index. */
  readonly answers: readonly RecordedAnswer[];
  /** Why items of the index are no answers. */
  readonly rejected: readonly Rejection[];
}

const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
/** Whatever takes longer has timed out; what an index claims beyond it is not believed. */
const ASKING_MAX_US = 600_000_000;

/**
 * Reads an `index.json`: a list of `{name, status, at, ms}`, `ms` being how long the answer took.
 * Rejections: `malformed-json`, `malformed-event`, `impossible-timestamp`; an item that cannot be read
 * does not keep the others out. Never throws.
 */
export function readAnswerIndex(content: Uint8Array | string): AnswerIndex | Rejection {
  const read = readJson(content, 'index.json');
  if ('code' in read) return read;
  const { value } = read;
  if (!Array.isArray(value)) return malformed('index.json', `The index is ${kindOf(value)}, not a list.`);
  const answers: RecordedAnswer[] = [];
  const rejected: Rejection[] = [];
  for (const [place, item] of (value as readonly Json[]).entries()) {
    const answer = isJsonObject(item)
      ? readItem(item, `[${place}]`)
      : malformed(`[${place}]`, `It is ${kindOf(item)}.`);
    if ('code' in answer) rejected.push(answer);
    else answers.push(answer);
  }
  return { answers, rejected };
}

function readItem(item: JsonObject, path: string): RecordedAnswer | Rejection {
  const { name, status, at, ms } = item;
  if (typeof name !== 'string' || !FILE_NAME.test(name)) {
    return malformed(`${path}.name`, `${path}.name is ${shown(name)}, which names no file of the folder.`);
  }
  if (typeof status !== 'number')
    return malformed(`${path}.status`, `${path}.status is ${kindOf(status)}, not a number.`);
  const atUs = microsecondsOf(at);
  const text = normaliseTimestamp(at);
  if (atUs === undefined || text === undefined) {
    const message = `${path}.at is ${shown(at)}, which is no time.`;
    return {
      code: 'impossible-timestamp',
      message,
      where: `${path}.at`,
      hint: 'Write it as 2026-11-21T23:56:12.002736Z.',
    };
  }
  const took = typeof ms === 'number' && ms > 0 ? Math.min(Math.round(ms * 1000), ASKING_MAX_US) : 0;
  return { name, status, at: text, atUs, askedUs: Math.max(0, atUs - took) };
}

function shown(value: Json | undefined): string {
  return typeof value === 'string' ? `"${value.slice(0, 100)}"` : kindOf(value);
}
