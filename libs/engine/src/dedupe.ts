import { addToDigest, BeginningMixer, type Digest, Mixer, subtractFromDigest } from '@wherefore/model';

const ID_SEED = 31;
const mixer = new Mixer();
const joinedMixer = new BeginningMixer(ID_SEED);

/** The last ids of one source: a ring, and a table that finds an id by its digest. */
class Ring {
  readonly ids: string[] = [];
  /** The digest of each id, at its place. */
  readonly highs: number[] = [];
  readonly lows: number[] = [];
  /** Place of the oldest id once the ring is full. */
  oldest = 0;
  /** Places plus one, each where its digest says or in the next free slot after it; never more than half full. */
  private slots = new Int32Array(64);

  /** The place of an id; -1 when it is not known. */
  find(id: string, high: number, low: number): number {
    const { slots, ids, highs, lows } = this;
    const mask = slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1;
      if (place < 0) return -1;
      if (lows[place] === low && highs[place] === high && ids[place] === id) return place;
    }
  }

  /** Whether an id of that digest is known; two ids may have the same. */
  hasDigest(high: number, low: number): boolean {
    const { slots, highs, lows } = this;
    const mask = slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1;
      if (place < 0) return false;
      if (lows[place] === low && highs[place] === high) return true;
    }
  }

  /** Puts a new id before the oldest one: at the end, unless the ring was full once and may be longer now. */
  grow(id: string, high: number, low: number): void {
    if (this.oldest === 0 && this.ids.length * 2 < this.slots.length) {
      this.ids.push(id);
      this.highs.push(high);
      this.lows.push(low);
      this.enter(this.ids.length - 1);
      return;
    }
    const place = this.oldest === 0 ? this.ids.length : this.oldest++;
    this.ids.splice(place, 0, id);
    this.highs.splice(place, 0, high);
    this.lows.splice(place, 0, low);
    const isInside = place < this.ids.length - 1;
    const isTight = this.ids.length * 2 > this.slots.length;
    if (isTight) this.slots = new Int32Array(this.slots.length * 2);
    else if (isInside) this.slots.fill(0);
    if (isInside || isTight) for (let each = 0; each < this.ids.length; each++) this.enter(each);
    else this.enter(place);
  }

  /** A new id takes the place of the oldest one. */
  replaceOldest(id: string, high: number, low: number): void {
    const place = this.oldest;
    this.leave(place);
    this.ids[place] = id;
    this.highs[place] = high;
    this.lows[place] = low;
    this.enter(place);
    this.oldest = (place + 1) % this.ids.length;
  }

  private enter(place: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = this.lows[place]! & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = place + 1;
  }

  /** Frees the slot of a place, and moves up those behind it that would no longer be found. */
  private leave(place: number): void {
    const { slots, lows } = this;
    const mask = slots.length - 1;
    let free = lows[place]! & mask;
    while (slots[free] !== place + 1) free = (free + 1) & mask;
    for (let slot = (free + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = lows[slots[slot]! - 1]! & mask;
      // Still found from its home when that lies behind the free slot.
      if (((slot - home) & mask) < ((slot - free) & mask)) continue;
      slots[free] = slots[slot]!;
      free = slot;
    }
    slots[free] = 0;
  }
}

/**
 * Remembers the last ids of each source, so that a second delivery changes nothing. Bounded by
 * count, part of state, digest and snapshot.
 */
export class Dedupe {
  private readonly rings = new Map<string, Ring>();
  /** Of the source that was asked about last: to be asked about by `ringOf` only. */
  private lastRing: Ring | undefined = undefined;
  private ringSource = '';
  /** Of the id that was asked about last, which is the one to be remembered next. */
  private lastSource = '';
  private lastId = '';
  private lastHigh = 0;
  private lastLow = 0;

  constructor(private readonly sum: Digest) {
    this.mix('', '');
  }

  has(source: string, id: string): boolean {
    const ring = this.ringOf(source);
    if (ring === undefined) return false;
    this.mix(source, id);
    return ring.find(id, this.lastHigh, this.lastLow) >= 0;
  }

  /**
   * Remembers an id that is not known yet; forgets the oldest beyond `idsMax`. Not undone: an entry that
   * failed has been dealt with too. O(1), but for a ring that was full and may grow again.
   */
  remember(source: string, id: string, idsMax: number): void {
    const ring = this.ringOf(source) ?? this.addRing(source);
    this.mix(source, id);
    this.enter(ring, id, this.lastHigh, this.lastLow, idsMax);
  }

  /** `has` of an id in two parts, of which the first is that of many ids. */
  hasJoined(source: string, beginning: string, rest: string): boolean {
    const ring = this.ringOf(source);
    if (ring === undefined) return false;
    joinedMixer.mix(source, beginning, rest);
    const { high, low } = joinedMixer;
    return ring.hasDigest(high, low) && ring.find(beginning + rest, high, low) >= 0;
  }

  /** `remember` of such an id. */
  rememberJoined(source: string, beginning: string, rest: string, idsMax: number): void {
    const ring = this.ringOf(source) ?? this.addRing(source);
    joinedMixer.mix(source, beginning, rest);
    this.enter(ring, beginning + rest, joinedMixer.high, joinedMixer.low, idsMax);
  }

  private ringOf(source: string): Ring | undefined {
    if (source === this.ringSource) return this.lastRing;
    this.ringSource = source;
    return (this.lastRing = this.rings.get(source));
  }

  private addRing(source: string): Ring {
    const ring = new Ring();
    this.rings.set(source, ring);
    return (this.lastRing = ring);
  }

  private enter(ring: Ring, id: string, high: number, low: number, idsMax: number): void {
    addToDigest(this.sum, high, low);
    if (ring.ids.length < Math.max(idsMax, 1)) {
      ring.grow(id, high, low);
      return;
    }
    subtractFromDigest(this.sum, ring.highs[ring.oldest]!, ring.lows[ring.oldest]!);
    ring.replaceOldest(id, high, low);
  }

  /** Source to its ids, oldest first; sources in the order first heard of. */
  *entries(): Iterable<[string, readonly string[]]> {
    for (const [source, ring] of this.rings) {
      yield [source, [...ring.ids.slice(ring.oldest), ...ring.ids.slice(0, ring.oldest)]];
    }
  }

  private mix(source: string, id: string): void {
    if (id === this.lastId && source === this.lastSource) return;
    mixer.start(ID_SEED).string(source).string(id).finish();
    this.lastSource = source;
    this.lastId = id;
    this.lastHigh = mixer.high;
    this.lastLow = mixer.low;
  }
}
