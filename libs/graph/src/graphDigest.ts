import {
  addToDigest,
  canonicalJson,
  type Digest,
  emptyDigest,
  type Json,
  Mixer,
  subtractFromDigest,
} from '@wherefore/model';
import type { Edge, Vertex } from './elements';

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
    for (const [name, value] of bookkeeping(vertex)) this.swap(vertex, name, undefined, value);
  }

  /** Takes a whole vertex out of the digest. */
  removeVertex(vertex: Vertex): void {
    this.mixCounter(vertex, BORN, vertex.bornAt);
    this.subtract();
    this.mixCounter(vertex, CHANGED, vertex.changedAt);
    this.subtract();
    this.mixCounter(vertex, CONFIRMED, vertex.confirmedAt);
    this.subtract();
    for (const [name, value] of bookkeeping(vertex)) this.swap(vertex, name, value, undefined);
    for (const name in vertex.properties) this.swap(vertex, name, vertex.properties[name], undefined);
  }

  /** Back to an earlier value, after a rollback. */
  reset(high: number, low: number): void {
    this.sum.high = high;
    this.sum.low = low;
  }

  private mixProperty(vertex: Vertex, name: string, value: Json): void {
    const mixer = this.mixer.start(vertex.idLow).number(vertex.idHigh).string(name);
    if (typeof value === 'string') mixer.string(value);
    else if (typeof value === 'boolean') mixer.number(value ? 7 : 3);
    else if (typeof value === 'number') mixer.string(String(value)).number(5);
    else mixer.string(canonicalJson(value)).number(9);
    mixer.finish();
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

function bookkeeping(vertex: Vertex): [string, Json | undefined][] {
  return [
    ['@key', vertex.key],
    ['@sample', vertex.sampleTimestamp],
    ['@datasource', vertex.datasource],
    ['@row', vertex.rowHash],
    ['@vitrage_state', vertex.vitrageState],
    ['@placeholder', vertex.isPlaceholder ? true : undefined],
    ['@marked_down', vertex.isMarkedDown ? true : undefined],
    ['@deleted', vertex.isDeleted ? true : undefined],
  ];
}
