import type { UndoLog } from '@wherefore/graph';
import { addToDigest, type Digest, Mixer, subtractFromDigest } from '@wherefore/model';

const mixer = new Mixer();

/** The last ids of one source: a ring, and a set over it. */
class Ring {
  readonly ids: string[] = [];
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

  constructor(
    private readonly undo: UndoLog,
    private readonly sum: Digest,
  ) {}

  has(source: string, id: string): boolean {
    return this.rings.get(source)?.known.has(id) ?? false;
  }

  /** Remembers an id that is not known yet; forgets the oldest beyond `idsMax`. O(1). */
  remember(source: string, id: string, idsMax: number): void {
    let ring = this.rings.get(source);
    if (ring === undefined) this.rings.set(source, (ring = new Ring()));
    const into = ring;
    if (into.ids.length < idsMax) {
      this.undo.push(() => this.swap(into, source, into.ids.pop(), undefined));
      into.ids.push(id);
      this.swap(into, source, undefined, id);
      return;
    }
    const place = into.oldest;
    const forgotten = into.ids[place]!;
    this.undo.push(() => {
      into.ids[place] = forgotten;
      into.oldest = place;
      this.swap(into, source, id, forgotten);
    });
    into.ids[place] = id;
    into.oldest = (place + 1) % into.ids.length;
    this.swap(into, source, forgotten, id);
  }

  /** Source to its ids, oldest first; sources in the order first heard of. */
  *entries(): Iterable<[string, readonly string[]]> {
    for (const [source, ring] of this.rings) {
      yield [source, [...ring.ids.slice(ring.oldest), ...ring.ids.slice(0, ring.oldest)]];
    }
  }

  private swap(ring: Ring, source: string, before: string | undefined, after: string | undefined): void {
    if (before !== undefined) {
      ring.known.delete(before);
      mixer.start(31).string(source).string(before).finish();
      subtractFromDigest(this.sum, mixer.high, mixer.low);
    }
    if (after !== undefined) {
      ring.known.add(after);
      mixer.start(31).string(source).string(after).finish();
      addToDigest(this.sum, mixer.high, mixer.low);
    }
  }
}
