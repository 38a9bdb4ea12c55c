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
  return hexOf(digest.high) + hexOf(digest.low);
}

/** Every byte as text: a number beyond 2^31 is written in another base by way of floating-point division. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hexOf(word: number): string {
  return BYTES[word >>> 24]! + BYTES[(word >>> 16) & 255]! + BYTES[(word >>> 8) & 255]! + BYTES[word & 255]!;
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
    // Two units at a time: reading them takes longer than mixing them, and what the loop itself takes is halved.
    let high = this.high;
    let low = this.low;
    const { length } = text;
    let i = length & 1;
    if (i === 1) {
      const unit = text.charCodeAt(0);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
    }
    for (; i < length; i += 2) {
      const unit = text.charCodeAt(i);
      const next = text.charCodeAt(i + 1);
      high = Math.imul(Math.imul(high ^ unit, 0x9e3779b1) ^ next, 0x9e3779b1);
      low = Math.imul(Math.imul(low ^ unit, 0x5f356495) ^ next, 0x5f356495);
    }
    // The length closes the word: "ab"+"c" and "a"+"bc" differ.
    this.high = Math.imul(high ^ length, 0x85ebca6b) ^ (low >>> 15);
    this.low = Math.imul(low ^ (length + 0x51ed27), 0xc2b2ae35) ^ (high >>> 13);
    return this;
  }

  /** Goes on from where another mixing stood. */
  resume(high: number, low: number): this {
    this.high = high;
    this.low = low;
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
    const { length } = text;
    let i = length & 1;
    if (i === 1) {
      const unit = text.charCodeAt(0);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
    }
    for (; i < length; i += 2) {
      const unit = text.charCodeAt(i);
      const next = text.charCodeAt(i + 1);
      high = Math.imul(Math.imul(high ^ unit, 0x9e3779b1) ^ next, 0x9e3779b1);
      low = Math.imul(Math.imul(low ^ unit, 0x5f356495) ^ next, 0x5f356495);
    }
    this.high = high;
    this.low = low;
    this.textLength += length;
    return this;
  }

  /** 16 hexadecimal digits. */
  closeText(): string {
    return formatDigest(this.closeWord(this.textLength).finish());
  }

  /** Ends a word of so many units that was told by `part`: as `string` of the whole. */
  closeWord(length: number): this {
    const { high, low } = this;
    this.high = Math.imul(high ^ length, 0x85ebca6b) ^ (low >>> 15);
    this.low = Math.imul(low ^ (length + 0x51ed27), 0xc2b2ae35) ^ (high >>> 13);
    this.textLength = 0;
    return this;
  }

  /** A number as two 32-bit words; safe integers keep all their bits. */
  number(value: number): this {
    const lower = value | 0;
    // Of most numbers the upper word is their sign, for which nothing has to be divided.
    const upper = lower === value ? lower >> 31 : Math.floor(value / 0x1_0000_0000) | 0;
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

/**
 * Mixes texts that begin alike, each as one `string` after a word: what the beginning comes to is kept. Read `high` and
 * `low` after `mix`. O(what follows the beginning).
 */
export class BeginningMixer {
  high = 0;
  low = 0;
  private word: string | undefined = undefined;
  private beginning: string | undefined = undefined;
  private begunHigh = 0;
  private begunLow = 0;
  private rest: string | undefined = undefined;

  constructor(private readonly seed: number) {}

  /** Without a word when it is empty. */
  mix(word: string, beginning: string, rest: string): void {
    if (beginning !== this.beginning || word !== this.word) this.begin(word, beginning);
    // Who asks whether it is known enters it next.
    else if (rest === this.rest) return;
    this.rest = rest;
    const { begunHigh, begunLow } = this;
    const length = beginning.length + rest.length;
    const mixed = textMixer.resume(begunHigh, begunLow).part(rest).closeWord(length).finish();
    this.high = mixed.high;
    this.low = mixed.low;
  }

  private begin(word: string, beginning: string): void {
    const begun = textMixer.start(this.seed);
    if (word !== '') begun.string(word);
    begun.part(beginning);
    this.begunHigh = begun.high;
    this.begunLow = begun.low;
    this.word = word;
    this.beginning = beginning;
  }
}

const ROW_SEED = 2;
const rowMixer = new BeginningMixer(ROW_SEED);

/** The commutative digest of the ids of a poll's rows: whatever order they were read in. */
export class RowDigest {
  private readonly sum = emptyDigest();
  private rows = 0;

  add(entryId: string): void {
    const mixed = textMixer.start(ROW_SEED).string(entryId).finish();
    addToDigest(this.sum, mixed.high, mixed.low);
    this.rows += 1;
  }

  /** `add` of an id in two parts, of which the first is that of many ids. O(the second). */
  addJoined(beginning: string, rest: string): void {
    rowMixer.mix('', beginning, rest);
    addToDigest(this.sum, rowMixer.high, rowMixer.low);
    this.rows += 1;
  }

  /** Takes an id back that was added. */
  remove(entryId: string): void {
    const mixed = textMixer.start(ROW_SEED).string(entryId).finish();
    subtractFromDigest(this.sum, mixed.high, mixed.low);
    this.rows -= 1;
  }

  get rowCount(): number {
    return this.rows;
  }

  toString(): string {
    return formatDigest(this.sum);
  }
}
