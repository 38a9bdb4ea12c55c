/**
 * A commutative digest: the sum of 64-bit digests of the parts, so that adding or removing one part
 * costs O(that part), and two states are compared in O(1).
 *
 * The mixing is a two-lane multiply-xorshift over UTF-16 code units (constants of the murmur3 and
 * xxhash families). It protects against mistakes and decay, not against an adversary.
 */
export interface Digest {
  high: number;
  low: number;
}

/** A digest of nothing. */
export function emptyDigest(): Digest {
  return { high: 0, low: 0 };
}

/** 16 hexadecimal digits. */
export function formatDigest(digest: Digest): string {
  return (digest.high >>> 0).toString(16).padStart(8, '0') + (digest.low >>> 0).toString(16).padStart(8, '0');
}

/**
 * Streams words into two lanes. One instance is reused: `start`, any number of `string`/`number`
 * calls, then read `high` and `low` after `finish`. No allocation. O(length).
 */
export class Mixer {
  high = 0;
  low = 0;
  private textLength = 0;

  start(seed: number): this {
    this.high = (0x9e3779b9 ^ seed) | 0;
    this.low = (0x85ebca6b + seed) | 0;
    return this;
  }

  string(text: string): this {
    let high = this.high;
    let low = this.low;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
    }
    // The length closes the word: "ab"+"c" and "a"+"bc" differ.
    this.high = Math.imul(high ^ text.length, 0x85ebca6b) ^ (low >>> 15);
    this.low = Math.imul(low ^ (text.length + 0x51ed27), 0xc2b2ae35) ^ (high >>> 13);
    return this;
  }

  /** Begins one text that is told in parts: `part` for each, then `closeText`. As `digestText` of the whole. */
  openText(seed: number): this {
    this.textLength = 0;
    return this.start(seed);
  }

  part(text: string): this {
    let high = this.high;
    let low = this.low;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
    }
    this.high = high;
    this.low = low;
    this.textLength += text.length;
    return this;
  }

  /** 16 hexadecimal digits. */
  closeText(): string {
    const { high, low, textLength } = this;
    this.high = Math.imul(high ^ textLength, 0x85ebca6b) ^ (low >>> 15);
    this.low = Math.imul(low ^ (textLength + 0x51ed27), 0xc2b2ae35) ^ (high >>> 13);
    return formatDigest(this.finish());
  }

  /** A number as two 32-bit words; safe integers keep all their bits. */
  number(value: number): this {
    const upper = Math.floor(value / 0x1_0000_0000) | 0;
    const lower = value | 0;
    this.high = Math.imul(this.high ^ lower, 0x9e3779b1) ^ (this.low >>> 15);
    this.low = Math.imul(this.low ^ upper ^ Math.imul(lower, 0x27d4eb2f), 0x5f356495) ^ (this.high >>> 13);
    return this;
  }

  finish(): this {
    let high = this.high;
    let low = this.low;
    high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
    this.high = high ^ (high >>> 15);
    this.low = low ^ (low >>> 15);
    return this;
  }
}

/** Adds `(high, low)` to the sum, modulo 2^64. */
export function addToDigest(sum: Digest, high: number, low: number): void {
  const lowSum = (sum.low >>> 0) + (low >>> 0);
  sum.low = lowSum | 0;
  sum.high = (sum.high + high + (lowSum > 0xffff_ffff ? 1 : 0)) | 0;
}

/** Takes `(high, low)` from the sum, modulo 2^64: the inverse of `addToDigest`. */
export function subtractFromDigest(sum: Digest, high: number, low: number): void {
  const lowDifference = (sum.low >>> 0) - (low >>> 0);
  sum.low = lowDifference | 0;
  sum.high = (sum.high - high - (lowDifference < 0 ? 1 : 0)) | 0;
}

const textMixer = new Mixer();

/** 16 hexadecimal digits of one text. O(length). */
export function digestText(text: string): string {
  const mixed = textMixer.start(1).string(text).finish();
  return formatDigest({ high: mixed.high, low: mixed.low });
}

/** The commutative digest of the ids of a poll's rows: whatever order they were read in. */
export class RowDigest {
  private readonly sum = emptyDigest();
  private rows = 0;

  add(entryId: string): void {
    const mixed = textMixer.start(2).string(entryId).finish();
    addToDigest(this.sum, mixed.high, mixed.low);
    this.rows += 1;
  }

  get rowCount(): number {
    return this.rows;
  }

  toString(): string {
    return formatDigest(this.sum);
  }
}
