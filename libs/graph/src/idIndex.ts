import type { Vertex } from './elements';

/** Vertices by id. Made when it is first asked for, since a replay does without, and kept in step from then on. */
export class IdIndex {
  private vertices: Map<string, Vertex> | undefined;

  /** `all` gives every vertex there is. */
  constructor(private readonly all: () => Iterable<Vertex>) {}

  /** O(1); the first time O(vertices). */
  get(id: string): Vertex | undefined {
    if (this.vertices === undefined) {
      this.vertices = new Map();
      for (const vertex of this.all()) this.vertices.set(vertex.id, vertex);
    }
    return this.vertices.get(id);
  }

  add(vertex: Vertex): void {
    this.vertices?.set(vertex.id, vertex);
  }

  delete(vertex: Vertex): void {
    this.vertices?.delete(vertex.id);
  }
}
