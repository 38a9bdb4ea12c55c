import { hash, sha1 } from './sha1';

/**
 * Name-based UUIDs, version 5 (RFC 9562, section 5.5), computed synchronously and without Node, so
 * that the engine can name entities. The usual library reaches for the platform's SHA-1, which the
 * pure floors may not import.
 */

/** The namespace of Wherefore's entity ids. Never change it: every vitrage_id depends on it. */
const ENTITY_NAMESPACE = '6f0f5a1e-2b7c-5d43-9a51-7c1d0f9e4b28';

const ENTITY_NAMESPACE_BYTES = new Uint8Array(16);
writeUuid(ENTITY_NAMESPACE, ENTITY_NAMESPACE_BYTES);

const scratch = { bytes: new Uint8Array(1024) };
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HYPHEN = 45;
const LINE_FEED = 10;

/** The UUID of `name` within `namespace`. `name` is encoded as UTF-8. O(length). */
export function uuid5(name: string, namespace: string = ENTITY_NAMESPACE): string {
  const bytes = roomFor(name.length);
  if (namespace === ENTITY_NAMESPACE) enterNamespace(bytes);
  else writeUuid(namespace, bytes);
  return uuidOf(bytes, writeUtf8(name, bytes, 16));
}

/**
 * The id of one incarnation of an entity: new when an entity comes back after deletion, equal on
 * every machine that applies the same entries. The UUID of both with a line feed between them, which are not joined
 * for it; nor need the key be, which may be told in two parts.
 */
export function incarnationId(entityKey: string, entryId: string, keyRest = ''): string {
  const bytes = roomFor(entityKey.length + keyRest.length + 1 + entryId.length);
  enterNamespace(bytes);
  const length = writeUtf8(keyRest, bytes, writeUtf8(entityKey, bytes, 16));
  bytes[length] = LINE_FEED;
  return uuidOf(bytes, writeUtf8(entryId, bytes, length + 1));
}

/** Bytes for a namespace, so many code units, and what SHA-1 puts behind them. */
function roomFor(units: number): Uint8Array {
  const worstBytes = 16 + units * 3 + 72;
  if (scratch.bytes.length < worstBytes) scratch.bytes = new Uint8Array(worstBytes * 2);
  return scratch.bytes;
}

function enterNamespace(bytes: Uint8Array): void {
  for (let i = 0; i < 16; i++) bytes[i] = ENTITY_NAMESPACE_BYTES[i]!;
}

function uuidOf(bytes: Uint8Array, length: number): string {
  sha1(bytes, length);
  return formatUuid(hash[0]!, (hash[1]! & 0xffff0fff) | 0x5000, (hash[2]! & 0x3fffffff) | 0x80000000, hash[3]!);
}

function writeUuid(uuid: string, bytes: Uint8Array): void {
  let at = 0;
  for (let i = 0; i < uuid.length; i += 2) {
    if (uuid[i] === '-') i += 1;
    bytes[at++] = parseInt(uuid.slice(i, i + 2), 16);
  }
}

function writeUtf8(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      point = text.codePointAt(i)!;
      if (point > 0xffff) i += 1;
      else point = 0xfffd; // A lone surrogate has no UTF-8 form.
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
    } else {
      if (point > 0xffff) {
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      } else {
        bytes[at++] = 0xe0 | (point >> 12);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return at;
}

/** The digit in the lowest four bits. */
function digit(bits: number): number {
  return DIGITS[bits & 15]!;
}

/** One call, for it makes a flat string at once: pieces joined with + would be flattened when they are hashed. */
function formatUuid(a: number, b: number, c: number, d: number): string {
  // prettier-ignore
  return String.fromCharCode(
    digit(a >>> 28), digit(a >>> 24), digit(a >>> 20), digit(a >>> 16),
    digit(a >>> 12), digit(a >>> 8), digit(a >>> 4), digit(a),
    HYPHEN,
    digit(b >>> 28), digit(b >>> 24), digit(b >>> 20), digit(b >>> 16),
    HYPHEN,
    digit(b >>> 12), digit(b >>> 8), digit(b >>> 4), digit(b),
    HYPHEN,
    digit(c >>> 28), digit(c >>> 24), digit(c >>> 20), digit(c >>> 16),
    HYPHEN,
    digit(c >>> 12), digit(c >>> 8), digit(c >>> 4), digit(c),
    digit(d >>> 28), digit(d >>> 24), digit(d >>> 20), digit(d >>> 16),
    digit(d >>> 12), digit(d >>> 8), digit(d >>> 4), digit(d),
  );
}
