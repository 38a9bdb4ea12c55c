import { assert, pushTo } from '@wherefore/model';
import { Edge, type Vertex } from './elements';
import type { UndoLog } from './undoLog';
import { VertexTable } from './vertexTable';

/** A deleted element, kept for a while so that answers can still show it. */
export interface Grave {
  readonly element: Vertex | Edge;
  readonly deletedAtMs: number;
}

/** Deletion marks in the order they were made, which is the order in which they expire. */
export class Graveyard {
  /** What was deleted, and when: two lists side by side, for there are many graves. Expired places are empty. */
  private elements: (Vertex | Edge | undefined)[] = [];
  private times: number[] = [];
  /** Graves before this place have expired. */
  private start = 0;
  /** The vertices among them. */
  private readonly byId = new VertexTable();
  /** The same by key, for an entity may have died several times. Made when it is first asked for. */
  private byKey: Map<string, Vertex[]> | undefined = undefined;

  constructor(private readonly undo: UndoLog) {}

  *[Symbol.iterator](): Iterator<Grave> {
    for (let at = this.start; at < this.elements.length; at++) {
      yield { element: this.elements[at]!, deletedAtMs: this.times[at]! };
    }
  }

  bury(element: Vertex | Edge, deletedAtMs: number): void {
    this.undo.note(Graveyard.dugUp, this, element, undefined);
    this.elements.push(element);
    this.times.push(deletedAtMs);
    this.list(element);
  }

  /** The newest sample of what had this key and is marked: that of its deletion, if that told its time. */
  newestSample(key: string): string | undefined {
    let newest: string | undefined;
    for (const { sampleTimestamp } of this.marksByKey().get(key) ?? []) {
      if (newest === undefined || sampleTimestamp > newest) newest = sampleTimestamp;
    }
    return newest;
  }

  /** The marked vertex that has the id and the key of a new one. O(1). */
  find(vertex: Vertex): Vertex | undefined {
    const marked = this.byId.size === 0 ? undefined : this.byId.find(vertex);
    return marked?.key === vertex.key ? marked : undefined;
  }

  /** The marked vertices; no order. O(marks). */
  *vertices(): Iterable<Vertex> {
    for (let at = this.start; at < this.elements.length; at++) {
      const element = this.elements[at]!;
      if (!(element instanceof Edge)) yield element;
    }
  }

  /** Takes back the newest mark of an element. O(marks made since). */
  unbury(element: Vertex | Edge): void {
    const at = this.elements.lastIndexOf(element);
    assert(at >= this.start, 'a mark without a grave');
    const deletedAtMs = this.times[at]!;
    this.undo.push(() => {
      this.elements.splice(at, 0, element);
      this.times.splice(at, 0, deletedAtMs);
      this.list(element);
    });
    this.elements.splice(at, 1);
    this.times.splice(at, 1);
    this.unlist(element);
  }

  /** Takes out the marks made before `beforeMs`, oldest first. O(taken). */
  *expire(beforeMs: number): Iterable<Vertex | Edge> {
    while (this.start < this.elements.length && this.times[this.start]! < beforeMs) {
      const element = this.elements[this.start]!;
      this.undo.note(Graveyard.lastBack, this, element, undefined);
      // Nothing that is forgotten may be kept by its place here.
      this.elements[this.start] = undefined;
      this.start += 1;
      this.unlist(element);
      yield element;
    }
  }

  /** Gives back the room of expired graves. Only when nothing is left to be undone. */
  compact(): void {
    if (this.start > 1024 && this.start * 2 > this.elements.length) {
      this.elements = this.elements.slice(this.start);
      this.times = this.times.slice(this.start);
      this.start = 0;
    }
  }

  private static dugUp(graveyard: Graveyard, element: Vertex | Edge): void {
    graveyard.elements.pop();
    graveyard.times.pop();
    graveyard.unlist(element);
  }

  private static lastBack(graveyard: Graveyard, element: Vertex | Edge): void {
    graveyard.start -= 1;
    graveyard.elements[graveyard.start] = element;
    graveyard.list(element);
  }

  private list(element: Vertex | Edge): void {
    if (element instanceof Edge) return;
    this.byId.add(element);
    if (this.byKey !== undefined) pushTo(this.byKey, element.key, element);
  }

  private unlist(element: Vertex | Edge): void {
    if (element instanceof Edge) return;
    this.byId.delete(element);
    const ofKey = this.byKey?.get(element.key);
    if (ofKey === undefined) return;
    ofKey.splice(ofKey.indexOf(element), 1);
    if (ofKey.length === 0) this.byKey!.delete(element.key);
  }

  private marksByKey(): Map<string, Vertex[]> {
    if (this.byKey === undefined) {
      this.byKey = new Map();
      for (const vertex of this.vertices()) pushTo(this.byKey, vertex.key, vertex);
    }
    return this.byKey;
  }
}
