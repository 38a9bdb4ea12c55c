import type { Vertex } from './elements';

const SMALLEST = 64;

/**
 * Vertices by id, found by the digest that each bears: no text is hashed for it. A table of integers beside one of
 * vertices, each where its digest says or in the next free place after it; never more than half full.
 */
export class VertexTable {
  private vertices: (Vertex | undefined)[] = emptyPlaces(SMALLEST);
  private lows = new Int32Array(SMALLEST);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Places, taken or not. */
  get room(): number {
    return this.lows.length;
  }

  /** The vertex of an id, given a vertex of that id, which may be another object. O(1). */
  find({ id, idHigh, idLow }: Vertex): Vertex | undefined {
    const { vertices, lows } = this;
    const mask = lows.length - 1;
    for (let place = idLow & mask; ; place = (place + 1) & mask) {
      const vertex = vertices[place];
      if (vertex === undefined) return undefined;
      if (lows[place] === idLow && vertex.idHigh === idHigh && vertex.id === id) return vertex;
    }
  }

  /** Its id must not be there yet. */
  add(vertex: Vertex): void {
    this.count += 1;
    if (this.count * 2 > this.lows.length) this.resize(this.lows.length * 2);
    this.enter(vertex, vertex.idLow);
  }

  /** Does nothing when the vertex is not there. */
  delete(vertex: Vertex): void {
    const { vertices, lows } = this;
    const mask = lows.length - 1;
    let free = vertex.idLow & mask;
    while (vertices[free] !== vertex) {
      if (vertices[free] === undefined) return;
      free = (free + 1) & mask;
    }
    // Those behind it that would no longer be found move up.
    for (let place = (free + 1) & mask; vertices[place] !== undefined; place = (place + 1) & mask) {
      const home = lows[place]! & mask;
      if (((place - home) & mask) < ((place - free) & mask)) continue;
      vertices[free] = vertices[place];
      lows[free] = lows[place]!;
      free = place;
    }
    vertices[free] = undefined;
    this.count -= 1;
    if (lows.length > SMALLEST && this.count * 8 < lows.length) this.resize(lows.length / 2);
  }

  private enter(vertex: Vertex, low: number): void {
    const { vertices, lows } = this;
    const mask = lows.length - 1;
    let place = low & mask;
    while (vertices[place] !== undefined) place = (place + 1) & mask;
    vertices[place] = vertex;
    lows[place] = low;
  }

  private resize(length: number): void {
    const { vertices, lows } = this;
    this.vertices = emptyPlaces(length);
    this.lows = new Int32Array(length);
    for (let place = 0; place < lows.length; place++) {
      const vertex = vertices[place];
      if (vertex !== undefined) this.enter(vertex, lows[place]!);
    }
  }
}

function emptyPlaces(length: number): (Vertex | undefined)[] {
  return new Array<Vertex | undefined>(length).fill(undefined);
}
