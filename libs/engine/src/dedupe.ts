import { addToDigest, type Digest, Mixer, subtractFromDigest } from '@wherefore/model';

const mixer = new Mixer();

/** The last ids of one source: a ring, and a set over it. */
class Ring {
  readonly ids: string[] = [];
  /** The digest of each id, at its place. */
  readonly highs: number[] = [];
  readonly lows: number[] = [];
  readonly known = new Set<string>();
  /** Place of the oldest id once the ring is full. */
  oldest = 0;
}

/**
 * Remembers the last ids of each source, so that a second delivery changes nothing. Bounded by
 * count, part of state, digest and snapshot.
 */
export class Dedupe {
  private readonly rings = new Map<string, Ring>();

  constructor(private readonly sum: Digest) {}

  has(source: string, id: string): boolean {
    return this.rings.get(source)?.known.has(id) ?? false;
  }

  /**
   * Remembers an id that is not known yet; forgets the oldest beyond `idsMax`. Not undone: an entry that
   * failed has been dealt with too. O(1), but for a ring that was full and may grow again.
   */
  remember(source: string, id: string, idsMax: number): void {
    let ring = this.rings.get(source);
    if (ring === undefined) this.rings.set(source, (ring = new Ring()));
    mixer.start(31).string(source).string(id).finish();
    const { high, low } = mixer;
    ring.known.add(id);
    addToDigest(this.sum, high, low);
    if (ring.ids.length < idsMax) {
      // The newest stands before the oldest: at the end, unless the ring was full once and may be longer now.
      const place = ring.oldest === 0 ? ring.ids.length : ring.oldest++;
      ring.ids.splice(place, 0, id);
      ring.highs.splice(place, 0, high);
      ring.lows.splice(place, 0, low);
      return;
    }
    const place = ring.oldest;
    ring.known.delete(ring.ids[place]!);
    subtractFromDigest(this.sum, ring.highs[place]!, ring.lows[place]!);
    ring.ids[place] = id;
    ring.highs[place] = high;
    ring.lows[place] = low;
    ring.oldest = (place + 1) % ring.ids.length;
  }

  /** Source to its ids, oldest first; sources in the order first heard of. */
  *entries(): Iterable<[string, readonly string[]]> {
    for (const [source, ring] of this.rings) {
      yield [source, [...ring.ids.slice(ring.oldest), ...ring.ids.slice(0, ring.oldest)]];
    }
  }
}
