import { assert } from '@wherefore/model';
import type { Edge, Vertex } from './elements';
import type { UndoLog } from './undoLog';

/** A deleted element, kept for a while so that answers can still show it. */
export interface Grave {
  readonly element: Vertex | Edge;
  readonly deletedAtMs: number;
}

/** Deletion marks in the order they were made, which is the order in which they expire. */
export class Graveyard {
  private graves: Grave[] = [];
  /** Graves before this place have expired. */
  private start = 0;

  constructor(private readonly undo: UndoLog) {}

  *[Symbol.iterator](): Iterator<Grave> {
    for (let i = this.start; i < this.graves.length; i++) yield this.graves[i]!;
  }

  bury(element: Vertex | Edge, deletedAtMs: number): void {
    this.undo.push(() => this.graves.pop());
    this.graves.push({ element, deletedAtMs });
  }

  /** Takes back the newest mark of an element. O(marks made since). */
  unbury(element: Vertex | Edge): void {
    const at = this.graves.findLastIndex((grave) => grave.element === element);
    assert(at >= this.start, 'a mark without a grave');
    const grave = this.graves[at]!;
    this.undo.push(() => this.graves.splice(at, 0, grave));
    this.graves.splice(at, 1);
  }

  /** Takes out the marks made before `beforeMs`, oldest first. O(taken). */
  *expire(beforeMs: number): Iterable<Vertex | Edge> {
    for (let grave = this.graves[this.start]; grave !== undefined; grave = this.graves[this.start]) {
      if (grave.deletedAtMs >= beforeMs) return;
      this.undo.push(() => {
        this.start -= 1;
      });
      this.start += 1;
      yield grave.element;
    }
  }

  /** Gives back the room of expired graves. Only when nothing is left to be undone. */
  compact(): void {
    if (this.start > 1024 && this.start * 2 > this.graves.length) {
      this.graves = this.graves.slice(this.start);
      this.start = 0;
    }
  }
}
