import { BrokenInvariant } from '@wherefore/model';
import type { Vertex } from './elements';

/** Vertices whose keys begin alike: nearly always those of one type. */
interface Section {
  /** As `prefixOf` gives it. */
  readonly prefix: string;
  /** Made when somebody first seeks a key of the section, or changes it. */
  byKey: Map<string, Vertex> | undefined;
  /** All of them, until then. */
  unsorted: Vertex[];
}

/** So many vertices are remembered by number, less one. */
const ROWS_MASK = (1 << 17) - 1;

/**
 * Live vertices by key, in sections by the beginning of the key. What a snapshot gave is put in order section by
 * section, when it is first asked for: most questions about a moment never ask for most types.
 */
export class KeyIndex {
  private readonly sections = new Map<string, Section>();
  private last: Section = { prefix: '', byKey: undefined, unsorted: [] };
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
    return this.mapOf(key).get(key);
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

  /** Throws `BrokenInvariant` when the key is taken. */
  add(vertex: Vertex): void {
    put(this.mapOf(vertex.key), vertex);
    this.count += 1;
  }

  delete(key: string): void {
    if (this.mapOf(key).delete(key)) this.count -= 1;
  }

  /**
   * Adds a vertex, of whose key `prefixOf` gives this prefix, without a look at the key or the others: that the key is
   * free is found out when the section is put in order.
   */
  restore(vertex: Vertex, prefix: string): void {
    const { byKey, unsorted } = this.sectionOf(prefix);
    if (byKey === undefined) unsorted.push(vertex);
    else put(byKey, vertex);
    this.count += 1;
  }

  /** No order. */
  *values(): Iterable<Vertex> {
    for (const { byKey, unsorted } of this.sections.values()) yield* byKey === undefined ? unsorted : byKey.values();
  }

  private mapOf(key: string): Map<string, Vertex> {
    const { last } = this;
    const section = last.prefix !== '' && key.startsWith(last.prefix) ? last : this.sectionOf(prefixOf(key));
    if (section.byKey !== undefined) return section.byKey;
    section.byKey = new Map();
    for (const vertex of section.unsorted) put(section.byKey, vertex);
    // Whoever is going through the list goes on doing so.
    section.unsorted = [];
    return section.byKey;
  }

  private sectionOf(prefix: string): Section {
    if (prefix === this.last.prefix) return this.last;
    let section = this.sections.get(prefix);
    if (section === undefined) this.sections.set(prefix, (section = { prefix, byKey: undefined, unsorted: [] }));
    return (this.last = section);
  }
}

/** `RESOURCE:nova.host:` of `RESOURCE:nova.host:compute-1`; empty for a key of another form. */
export function prefixOf(key: string): string {
  const first = key.indexOf(':');
  const second = first < 0 ? -1 : key.indexOf(':', first + 1);
  return key.slice(0, second + 1);
}

function put(byKey: Map<string, Vertex>, vertex: Vertex): void {
  const before = byKey.size;
  byKey.set(vertex.key, vertex);
  if (byKey.size === before) throw new BrokenInvariant(`two live vertices of key ${vertex.key}`);
}
