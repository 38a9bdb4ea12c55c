import { BrokenInvariant } from '@wherefore/model';
import type { Vertex } from './elements';

/** Vertices whose keys begin alike: nearly always those of one type. */
interface Section {
  /** As `prefixOf` gives it. */
  readonly prefix: string;
  /** Made when somebody first seeks a key of the section. */
  byKey: Map<string, Vertex> | undefined;
  /** All of them until then, each at its `keyPlace`. */
  unsorted: Vertex[];
  /** The key of it that was asked for last: a new entity's key is sought, watched and entered in turn. */
  lastKey: string | undefined;
  /** The vertex of that key, or none, once somebody sought it. */
  lastFound: Vertex | undefined;
  isLastKnown: boolean;
}

/** So many vertices are remembered by number, less one. */
const ROWS_MASK = (1 << 17) - 1;

/**
 * Live vertices by key, in sections by the beginning of the key. They are put in order section by section, when one of
 * them is first asked for: most questions about a moment never ask for most types, and nobody seeks a deduced alarm by
 * its key.
 */
export class KeyIndex {
  private readonly sections = new Map<string, Section>();
  private last: Section = newSection('');
  /** The section before the last: an entity and its neighbour take turns. */
  private other: Section = this.last;
  /** Vertices that were asked for by number. Any of them may be gone. */
  private readonly byRow: (Vertex | undefined)[] = [];
  /** The text by which each of them was asked for: the same object needs no comparison. */
  private readonly keyOfRow: string[] = [];
  private count = 0;

  constructor() {
    this.sections.set('', this.last);
  }

  get size(): number {
    return this.count;
  }

  /** O(1); the first time in a section O(its vertices). */
  get(key: string): Vertex | undefined {
    const byKey = this.mapOf(key);
    // Where `mapOf` found it. What is told in turn often has the same neighbour.
    const { last } = this;
    if (!last.isLastKnown) {
      last.lastFound = byKey.get(key);
      last.isLastKnown = true;
    }
    return last.lastFound;
  }

  /** The same, for whoever asks for the same ones again and again: by a number of his own, which most likely tells the key. */
  getOfRow(row: number, key: string): Vertex | undefined {
    const place = row & ROWS_MASK;
    const hinted = this.byRow[place];
    if (hinted !== undefined && !hinted.isDeleted && this.keyOfRow[place] === key) return hinted;
    const vertex = this.get(key);
    if (vertex !== undefined) {
      while (this.byRow.length <= place) {
        this.byRow.push(undefined);
        this.keyOfRow.push('');
      }
      this.byRow[place] = vertex;
      this.keyOfRow[place] = key;
    }
    return vertex;
  }

  /** From now on, whoever adds a second vertex of this key is found out at once. */
  watch(key: string): void {
    this.mapOf(key);
  }

  /** Throws `BrokenInvariant` when the key is taken, in a section that is not in order yet once it is. */
  add(vertex: Vertex): void {
    const section = this.sectionOfKey(vertex.keyStart);
    section.isLastKnown = false;
    enter(section, vertex);
    this.count += 1;
  }

  /** Takes out a vertex that is there. O(1). */
  delete(vertex: Vertex): void {
    const section = this.sectionOfKey(vertex.keyStart);
    const { byKey, unsorted } = section;
    section.isLastKnown = false;
    this.count -= 1;
    if (byKey !== undefined) {
      byKey.delete(vertex.key);
      return;
    }
    const last = unsorted.pop()!;
    if (last === vertex) return;
    unsorted[vertex.keyPlace] = last;
    last.keyPlace = vertex.keyPlace;
  }

  /**
   * Adds a vertex, of whose key `prefixOf` gives this prefix, without a look at the key or the others: that the key is
   * free is found out when the section is put in order.
   */
  restore(vertex: Vertex, prefix: string): void {
    const section = this.sectionOf(prefix);
    section.isLastKnown = false;
    enter(section, vertex);
    this.count += 1;
  }

  /** No order. */
  *values(): Iterable<Vertex> {
    for (const { byKey, unsorted } of this.sections.values()) yield* byKey === undefined ? unsorted : byKey.values();
  }

  private mapOf(key: string): Map<string, Vertex> {
    const section = this.sectionOfKey(key);
    if (section.byKey !== undefined) return section.byKey;
    section.byKey = new Map();
    for (const vertex of section.unsorted) put(section.byKey, vertex);
    // Whoever is going through the list goes on doing so.
    section.unsorted = [];
    return section.byKey;
  }

  private sectionOfKey(key: string): Section {
    const { last, other } = this;
    // The same text again is known at once; to compare beginnings takes longer than to find the key.
    if (key === last.lastKey) return last;
    if (key !== other.lastKey) {
      const section = this.sectionBegunBy(key);
      section.lastKey = key;
      section.isLastKnown = false;
      return section;
    }
    this.other = last;
    return (this.last = other);
  }

  private sectionBegunBy(key: string): Section {
    const { last, other } = this;
    if (beginsWith(key, last.prefix)) return last;
    if (!beginsWith(key, other.prefix)) return this.sectionOf(prefixOf(key));
    this.other = last;
    return (this.last = other);
  }

  private sectionOf(prefix: string): Section {
    if (prefix === this.last.prefix) return this.last;
    this.other = this.last;
    let section = this.sections.get(prefix);
    if (section === undefined) this.sections.set(prefix, (section = newSection(prefix)));
    return (this.last = section);
  }
}

/** `RESOURCE:nova.host:` of `RESOURCE:nova.host:compute-1`; empty for a key of another form. */
export function prefixOf(key: string): string {
  const first = key.indexOf(':');
  const second = first < 0 ? -1 : key.indexOf(':', first + 1);
  return key.slice(0, second + 1);
}

/** Whether a key belongs to the section of a prefix, so far as can be told from it: not of the empty one. */
function beginsWith(key: string, prefix: string): boolean {
  const end = prefix.length - 1;
  // Of two prefixes one seldom has its colon where the other has it, too.
  return end > 0 && key.charCodeAt(end) === COLON && key.startsWith(prefix);
}

const COLON = 58;

function newSection(prefix: string): Section {
  return { prefix, byKey: undefined, unsorted: [], lastKey: undefined, lastFound: undefined, isLastKnown: false };
}

function enter({ byKey, unsorted }: Section, vertex: Vertex): void {
  if (byKey === undefined) vertex.keyPlace = unsorted.push(vertex) - 1;
  else put(byKey, vertex);
}

function put(byKey: Map<string, Vertex>, vertex: Vertex): void {
  const before = byKey.size;
  byKey.set(vertex.key, vertex);
  if (byKey.size === before) throw new BrokenInvariant(`two live vertices of key ${vertex.key}`);
}
