import {
  addToDigest,
  canonicalJson,
  type Digest,
  emptyDigest,
  type Json,
  Mixer,
  subtractFromDigest,
} from '@wherefore/model';
import { Edge, type Vertex } from './elements';

const BORN = 0x1001;
const CHANGED = 0x2003;
const CONFIRMED = 0x4007;

/** The part of a digest that a counter of a vertex makes. */
export type CounterTag = 'born' | 'changed' | 'confirmed';

const TAGS: { readonly [tag in CounterTag]: number } = { born: BORN, changed: CHANGED, confirmed: CONFIRMED };

/**
 * The commutative digest of a graph, kept part by part: a property of a vertex, a counter of it, an
 * edge. Each call costs O(that part) and allocates nothing.
 */
export class GraphDigest {
  readonly sum: Digest = emptyDigest();
  private readonly mixer = new Mixer();

  /** Computes the digest of a vertex's id; everything of the vertex starts from it. */
  identify(vertex: Vertex): void {
    this.mixer.start(11).string(vertex.id).finish();
    vertex.idHigh = this.mixer.high;
    vertex.idLow = this.mixer.low;
  }

  /** Replaces one property; `undefined` is its absence. Bookkeeping uses names that begin with @. */
  swap(vertex: Vertex, name: string, before: Json | undefined, after: Json | undefined): void {
    if (before !== undefined) {
      this.mixProperty(vertex, name, before);
      this.subtract();
    }
    if (after !== undefined) {
      this.mixProperty(vertex, name, after);
      this.add();
    }
  }

  swapCounter(vertex: Vertex, tag: CounterTag, before: number, after: number): void {
    this.mixCounter(vertex, TAGS[tag], before);
    this.subtract();
    this.mixCounter(vertex, TAGS[tag], after);
    this.add();
  }

  addEdge(edge: Edge): void {
    this.mixEdge(edge);
    this.add();
  }

  removeEdge(edge: Edge): void {
    this.mixEdge(edge);
    this.subtract();
  }

  /** Everything of a vertex but its properties. */
  addBookkeeping(vertex: Vertex): void {
    this.mixCounter(vertex, BORN, vertex.bornAt);
    this.add();
    this.mixCounter(vertex, CHANGED, vertex.changedAt);
    this.add();
    this.mixCounter(vertex, CONFIRMED, vertex.confirmedAt);
    this.add();
    this.swapTexts(vertex, true);
  }

  /** Enters a whole vertex. */
  addVertex(vertex: Vertex): void {
    this.addBookkeeping(vertex);
    for (const name in vertex.properties) this.swap(vertex, name, undefined, vertex.properties[name]);
  }

  /** Takes a whole vertex out of the digest. */
  removeVertex(vertex: Vertex): void {
    this.mixCounter(vertex, BORN, vertex.bornAt);
    this.subtract();
    this.mixCounter(vertex, CHANGED, vertex.changedAt);
    this.subtract();
    this.mixCounter(vertex, CONFIRMED, vertex.confirmedAt);
    this.subtract();
    this.swapTexts(vertex, false);
    for (const name in vertex.properties) this.swap(vertex, name, vertex.properties[name], undefined);
  }

  /** Back to an earlier value, after a rollback. */
  reset(high: number, low: number): void {
    this.sum.high = high;
    this.sum.low = low;
  }

  private swapTexts(vertex: Vertex, isAdded: boolean): void {
    this.mixKey(vertex);
    if (isAdded) this.add();
    else this.subtract();
    this.enter(vertex, '@sample', vertex.sampleTimestamp, isAdded);
    this.enter(vertex, '@datasource', vertex.datasource, isAdded);
    this.enter(vertex, '@row', vertex.rowHash, isAdded);
    this.enter(vertex, '@vitrage_state', vertex.vitrageState, isAdded);
    if (vertex.isPlaceholder) this.enter(vertex, '@placeholder', true, isAdded);
    if (vertex.isMarkedDown) this.enter(vertex, '@marked_down', true, isAdded);
    if (vertex.isDeleted) this.enter(vertex, '@deleted', true, isAdded);
  }

  private enter(vertex: Vertex, name: string, value: Json | undefined, isAdded: boolean): void {
    if (value === undefined) return;
    this.mixProperty(vertex, name, value);
    if (isAdded) this.add();
    else this.subtract();
  }

  private mixProperty(vertex: Vertex, name: string, value: Json): void {
    const mixer = this.mixer.start(vertex.idLow).number(vertex.idHigh).string(name);
    if (typeof value === 'string') mixer.string(value);
    else if (typeof value === 'boolean') mixer.number(value ? 7 : 3);
    else if (typeof value === 'number') mixer.string(String(value)).number(5);
    else mixer.string(canonicalJson(value)).number(9);
    mixer.finish();
  }

  /** `mixProperty` of the key, which is not joined for it. */
  private mixKey({ idLow, idHigh, keyStart, keyRest }: Vertex): void {
    const mixer = this.mixer.start(idLow).number(idHigh).string('@key');
    mixer
      .part(keyStart)
      .part(keyRest)
      .closeWord(keyStart.length + keyRest.length)
      .finish();
  }

  private mixCounter(vertex: Vertex, tag: number, value: number): void {
    this.mixer
      .start(vertex.idLow ^ tag)
      .number(vertex.idHigh)
      .number(value)
      .finish();
  }

  private mixEdge(edge: Edge): void {
    this.mixer
      .start(edge.source.idLow)
      .number(edge.source.idHigh)
      .number(edge.target.idLow)
      .number(edge.target.idHigh)
      .string(edge.label)
      .number(edge.bornAt)
      .string(edge.updateTimestamp)
      .number(edge.isDeleted ? 2 : 1)
      .finish();
  }

  private add(): void {
    addToDigest(this.sum, this.mixer.high, this.mixer.low);
  }

  private subtract(): void {
    subtractFromDigest(this.sum, this.mixer.high, this.mixer.low);
  }
}

/** The digest of those elements, from nothing: of all vertices, the edges that go out from live ones, and marks of edges. */
export function digestOf(
  vertices: Iterable<Vertex>,
  live: Iterable<Vertex>,
  graves: Iterable<{ readonly element: Vertex | Edge }>,
): Digest {
  const anew = new GraphDigest();
  for (const vertex of vertices) anew.addVertex(vertex);
  for (const vertex of live) for (const edge of vertex.outgoing) anew.addEdge(edge);
  for (const { element } of graves) if (element instanceof Edge) anew.addEdge(element);
  return anew.sum;
}
