import type { Edge, Vertex } from './elements';

/** About as many as are looked at one by one faster than all of a graph. */
const HELD_MAX = 4096;

/**
 * Names the vertices that changed in any way, their outgoing edges included, so that whoever keeps something made of a
 * graph need not look at all of it. Nothing is told of how they changed, and one that was changed and changed back
 * is named as well. It goes back as far as it goes: who asks too late looks at everything.
 */
export class ChangeJournal {
  private held: Vertex[] = [];
  /** How many were named before the first of those held. */
  private dropped = 0;
  /** The last one of those after every mark that was ever given. */
  private last: Vertex | undefined;

  /** How often causal edges came or went. */
  causes = 0;

  note(vertex: Vertex): void {
    if (this.last === vertex) return;
    this.last = vertex;
    if (this.held.length >= HELD_MAX) {
      this.dropped += this.held.length;
      this.held = [];
    }
    this.held.push(vertex);
  }

  /** An edge came or went: a change to where it goes out from. */
  noteEdge({ source, label }: Edge): void {
    this.note(source);
    if (label === 'causes') this.causes += 1;
  }

  /** A mark to ask with later. */
  mark(): number {
    this.last = undefined;
    return this.dropped + this.held.length;
  }

  /** Each vertex that was named after the mark, once; `undefined` when that is no longer known. O(those). */
  since(mark: number): ReadonlySet<Vertex> | undefined {
    if (mark < this.dropped) return undefined;
    return new Set(this.held.slice(mark - this.dropped));
  }
}
