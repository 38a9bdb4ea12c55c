/**
 * Name-based UUIDs, version 5 (RFC 9562, section 5.5), computed synchronously and without Node, so
 * that the engine can name entities. The usual library reaches for the platform's SHA-1, which the
 * pure floors may not import.
 */

/** The namespace of Wherefore's entity ids. Never change it: every vitrage_id depends on it. */
const ENTITY_NAMESPACE = '6f0f5a1e-2b7c-5d43-9a51-7c1d0f9e4b28';

const ENTITY_NAMESPACE_BYTES = new Uint8Array(16);
writeUuid(ENTITY_NAMESPACE, ENTITY_NAMESPACE_BYTES);

const words = new Int32Array(80);
/** The five words of the last SHA-1. */
const hash = new Int32Array(5);
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
 * for it.
 */
export function incarnationId(entityKey: string, entryId: string): string {
  const bytes = roomFor(entityKey.length + 1 + entryId.length);
  enterNamespace(bytes);
  const length = writeUtf8(entityKey, bytes, 16);
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

/** Fills the last block up as SHA-1 asks for. Gives the end of it. */
function pad(bytes: Uint8Array, length: number): number {
  const end = (((length + 8) >> 6) + 1) * 64;
  bytes[length] = 0x80;
  for (let i = length + 1; i < end; i++) bytes[i] = 0;
  const bits = length * 8;
  for (let i = 1; i <= 4; i++) bytes[end - i] = (bits >>> (8 * (i - 1))) & 0xff;
  return end;
}

/** SHA-1 (FIPS 180-4, section 6.1) of the first `length` bytes, into `hash`; pads in place. */
function sha1(bytes: Uint8Array, length: number): void {
  const end = pad(bytes, length);
  let h0 = 0x67452301;
  let h1 = 0xefcdab89 | 0;
  let h2 = 0x98badcfe | 0;
  let h3 = 0x10325476;
  let h4 = 0xc3d2e1f0 | 0;
  const w = words;
  for (let block = 0; block < end; block += 64) {
    for (let i = 0; i < 16; i++) {
      const at = block + i * 4;
      w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    }
    for (let i = 16; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = (x << 1) | (x >>> 31);
    }
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    // Four loops, for asking in each round which of the four it is costs as much as the round.
    for (let i = 0; i < 20; i++) {
      const next = (((a << 5) | (a >>> 27)) + (((b & c) | (~b & d)) + 0x5a827999) + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 20; i < 40; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + 0x6ed9eba1) + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 40; i < 60; i++) {
      const next = (((a << 5) | (a >>> 27)) + (((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc) + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 60; i < 80; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + 0xca62c1d6) + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
  }
  hash[0] = h0;
  hash[1] = h1;
  hash[2] = h2;
  hash[3] = h3;
  hash[4] = h4;
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
