import { Mixer, type NewEntry, ORIGIN } from '@wherefore/model';
import type { Archive } from '@wherefore/ports';

const FETCH_ENTRIES = 2_000;
/** At least this part of the table stays free. */
const LOAD_MAX = 0.6;

/**
 * Which entries a store holds already, by source and id: 64 bits of digest each, 14 to 28 bytes of memory.
 * Two of a million entries share a digest in one of 37 million stores.
 */
export class KnownEntries {
  private high = new Uint32Array(1 << 12);
  private low = new Uint32Array(1 << 12);
  private size = 0;
  private readonly mixer = new Mixer();

  /** Reads all of an archive. */
  static async of(archive: Archive, onProgress: (entries: number) => void = () => undefined): Promise<KnownEntries> {
    const known = new KnownEntries();
    for (let after = ORIGIN; ;) {
      const entries = await archive.readRange(after, FETCH_ENTRIES);
      const last = entries.at(-1);
      if (last === undefined) return known;
      for (const { entry } of entries) known.add(entry);
      after = last.position;
      onProgress(last.ordinal);
    }
  }

  has(entry: NewEntry): boolean {
    this.digest(entry);
    return this.high[this.place()] !== 0 || this.low[this.place()] !== 0;
  }

  add(entry: NewEntry): void {
    if (this.size >= this.high.length * LOAD_MAX) this.grow();
    this.digest(entry);
    const place = this.place();
    if (this.high[place] === 0 && this.low[place] === 0) this.size += 1;
    this.high[place] = this.mixer.high;
    this.low[place] = this.mixer.low;
  }

  private digest({ source, id }: NewEntry): void {
    this.mixer.start(7).string(source).string(id).finish();
    // Zeros mark a free place.
    if (this.mixer.high === 0 && this.mixer.low === 0) this.mixer.low = 1;
  }

  /** Where the digest is, or would be. */
  private place(): number {
    const { high, low, mixer } = this;
    const mask = high.length - 1;
    const wantedHigh = mixer.high >>> 0;
    const wantedLow = mixer.low >>> 0;
    for (let place = wantedLow & mask; ; place = (place + 1) & mask) {
      const isFree = high[place] === 0 && low[place] === 0;
      if (isFree || (high[place] === wantedHigh && low[place] === wantedLow)) return place;
    }
  }

  private grow(): void {
    const { high, low } = this;
    this.high = new Uint32Array(high.length * 2);
    this.low = new Uint32Array(low.length * 2);
    for (let at = 0; at < high.length; at += 1) {
      if (high[at] === 0 && low[at] === 0) continue;
      this.mixer.high = high[at]!;
      this.mixer.low = low[at]!;
      const place = this.place();
      this.high[place] = high[at]!;
      this.low[place] = low[at]!;
    }
  }
}
