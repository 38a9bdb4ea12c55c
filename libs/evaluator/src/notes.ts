import type { Vertex } from '@wherefore/graph';
import type { Activation } from './activation';
import type { AlarmFact, Fact } from './fact';
import type { AlphaSet } from './network';

/** What the evaluator keeps at a vertex. */
export class VertexNotes {
  /** Matches that this vertex takes part in, no order; the match itself when it is one, which needs no list. */
  matches: Activation | Activation[] | undefined = undefined;
  /** Facts about this vertex as target, except those that an AlarmFact keeps; the others follow as `after`. */
  firstFact: Fact | undefined = undefined;

  constructor(public alpha: AlphaSet) {}
}

/**
 * The notes of a vertex that the evaluator has seen, to be read: where there is nothing to note they are those of all
 * such vertices with the same filters. O(1).
 */
export function notesOf(vertex: Vertex): VertexNotes {
  return vertex.notes as VertexNotes;
}

/** The same, to be written in. */
export function ownNotesOf(vertex: Vertex): VertexNotes {
  let notes = notesOf(vertex);
  if (notes === notes.alpha.blank) vertex.notes = notes = new VertexNotes(notes.alpha);
  return notes;
}

/** The fact that a vertex embodies, when it is a deduced alarm. */
export function embodiedBy(vertex: Vertex): AlarmFact | undefined {
  return vertex.fact as AlarmFact | undefined;
}

/** Notes which filters a vertex passes. */
export function setAlpha(vertex: Vertex, alpha: AlphaSet): void {
  const notes = vertex.notes as VertexNotes | undefined;
  if (notes === undefined || notes === notes.alpha.blank) vertex.notes = alpha.blank;
  else notes.alpha = alpha;
}
