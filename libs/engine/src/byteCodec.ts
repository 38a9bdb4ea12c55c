import { formatDigest, WhereforeError } from '@wherefore/model';

/** Writes variable-length numbers and text into a growing buffer. */
export class ByteWriter {
  private bytes: Uint8Array;
  private at = 0;

  constructor(bytesAtFirst = 1 << 16) {
    this.bytes = new Uint8Array(bytesAtFirst);
  }

  /** A non-negative safe integer, 7 bits a byte, low bits first. */
  unsigned(value: number): void {
    this.reserve(10);
    if (value <= 0x7f) {
      this.bytes[this.at++] = value;
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  /** Any safe integer; small ones of either sign are short. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  raw(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  text(text: string): void {
    this.raw(encoder.encode(text));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** Reads what ByteWriter wrote. Throws `snapshot-corrupt` rather than reading beyond the end. */
export class ByteReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 56) throw corrupt('a number runs beyond the end');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const folded = this.unsigned();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  raw(): Uint8Array {
    const length = this.unsigned();
    if (this.at + length > this.bytes.length) throw corrupt('a text runs beyond the end');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return decoder.decode(this.raw());
  }
}

/** 16 hexadecimal digits that tell decayed bytes from sound ones. O(bytes). */
export function checksum(bytes: Uint8Array): string {
  let high = 0x9e3779b9 | 0;
  let low = 0x85ebca6b | 0;
  for (let at = 0; at < bytes.length; at += 4) {
    // Beyond the end there is nothing, which counts as zeros; the length below tells the two apart.
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    high = Math.imul(high ^ word, 0x9e3779b1);
    high ^= high >>> 15;
    low = Math.imul((low << 13) | (low >>> 19), 0x5f356495) ^ word;
  }
  return formatDigest({ high: high ^ bytes.length, low: Math.imul(low ^ bytes.length, 0xc2b2ae35) });
}

export function corrupt(detail: string): WhereforeError {
  return new WhereforeError('snapshot-corrupt', `the snapshot cannot be read: ${detail}`, {
    hint: 'An older snapshot, or a replay from the first entry, gives the same state.',
  });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });
