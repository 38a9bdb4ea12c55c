import type { Vertex } from './elements';

/** So often the index does without a map: who asks about one moment seeks one vertex, and a map of them all costs as much as so many searches. */
const SEARCHES_MAX = 16;

/**
 * Vertices by id. A map is made of them once they are asked for again and again, since a replay does without, and kept
 * in step from then on.
 */
export class IdIndex {
  private vertices: Map<string, Vertex> | undefined;
  private searches = 0;

  /** `all` gives every vertex there is, list by list. */
  constructor(private readonly all: () => Iterable<readonly Vertex[]>) {}

  /** O(1); the first times O(vertices). */
  get(id: string): Vertex | undefined {
    if (this.vertices !== undefined) return this.vertices.get(id);
    if (this.searches < SEARCHES_MAX) {
      this.searches += 1;
      return this.search(id);
    }
    this.vertices = new Map();
    for (const list of this.all()) for (const vertex of list) this.vertices.set(vertex.id, vertex);
    return this.vertices.get(id);
  }

  add(vertex: Vertex): void {
    this.vertices?.set(vertex.id, vertex);
  }

  delete(vertex: Vertex): void {
    this.vertices?.delete(vertex.id);
  }

  private search(id: string): Vertex | undefined {
    for (const list of this.all()) for (let at = 0; at < list.length; at++) if (list[at]!.id === id) return list[at];
    return undefined;
  }
}
