import { abridged } from './abridged';
import type { Rejection } from './errors';
import type { Json } from './json';
import { BOUNDARY_LIMITS } from './limits';

const DEPTH_MAX = BOUNDARY_LIMITS.jsonDepthMax;
const PATH_CHARS_MAX = 200;

/** JSON that was read, or why it is none. */
export type ReadJson = { readonly value: Json } | Rejection;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The text that bytes mean in UTF-8, without a byte order mark. Anything else is refused rather than
 * mended: a name with replacement characters in it would be another name. `where` names the input in the
 * rejection (`malformed-json`), which says at which byte it ends to be UTF-8. Total. O(bytes).
 */
export function readText(bytes: Uint8Array, where: string): string | Rejection {
  try {
    return decoder.decode(bytes);
  } catch {
    const at = firstWrongByte(bytes);
    const shown = (bytes[at] ?? 0).toString(16).padStart(2, '0');
    return {
      code: 'malformed-json',
      message: `${where} is not UTF-8: byte ${at} is 0x${shown}.`,
      where,
      hint: looksLikeUtf16(bytes) ? 'It looks like UTF-16: send UTF-8.' : 'Send UTF-8, as JSON on a wire has to be.',
    };
  }
}

/**
 * The JSON value that bytes or a text mean. Every input from outside that is JSON comes in through here.
 * Refused (`malformed-json`) is what is not UTF-8 or not JSON, what is nested deeper than
 * `BOUNDARY_LIMITS.jsonDepthMax` (whatever follows may recurse), and a number that no double holds: it
 * would be read as infinite and written down as `null`. Total. O(input).
 */
export function readJson(input: Uint8Array | string, where: string): ReadJson {
  const text = typeof input === 'string' ? input : readText(input, where);
  if (typeof text !== 'string') return text;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const detail = error instanceof Error ? abridged(error.message, PATH_CHARS_MAX) : 'unreadable';
    return refusal(where, `${where} is not JSON: ${detail}.`, 'Send JSON in UTF-8.');
  }
  const fault = faultIn(value, DEPTH_MAX);
  if (fault === undefined) return { value };
  const place = abridged(where + fault.path, PATH_CHARS_MAX);
  return fault.isDeep
    ? refusal(place, `${place} is nested deeper than ${DEPTH_MAX} levels.`, `At most ${DEPTH_MAX} levels are read.`)
    : refusal(place, `${place} is a number beyond what a double holds.`, 'Send such a number as a text.');
}

function refusal(where: string, message: string, hint: string): Rejection {
  return { code: 'malformed-json', message, where, hint };
}

interface Fault {
  /** From the value to the fault, as `.payload.nodes[3]`. */
  readonly path: string;
  readonly isDeep: boolean;
}

/** The first number that is not finite, or level that is too deep. Recurses no deeper than it allows. */
function faultIn(value: Json, depthLeft: number): Fault | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path: '', isDeep: false };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depthLeft === 0) return { path: '', isDeep: true };
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    for (let index = 0; index < list.length; index++) {
      const fault = faultIn(list[index]!, depthLeft - 1);
      if (fault !== undefined) return { ...fault, path: `[${index}]${fault.path}` };
    }
    return undefined;
  }
  const object = value as { readonly [key: string]: Json };
  for (const key in object) {
    const fault = faultIn(object[key]!, depthLeft - 1);
    if (fault !== undefined) return { ...fault, path: `.${abridged(key, PATH_CHARS_MAX)}${fault.path}` };
  }
  return undefined;
}

/** The place of the first byte that no UTF-8 text has there. O(bytes). */
function firstWrongByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfCharacter(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return bytes.length;
}

/** Bytes of the well-formed character at `at`; 0 where none begins. (Table 3-7 of the Unicode Standard.) */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let place = 2; place < length; place++) {
    const next = bytes[at + place] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

function looksLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
