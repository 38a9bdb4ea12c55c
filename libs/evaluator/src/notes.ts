import type { Vertex } from '@wherefore/graph';
import type { Activation } from './activation';
import type { AlarmFact, Fact } from './fact';
import type { AlphaSet } from './network';

/** Stands for every empty list. Never changed. */
const NO_ACTIVATIONS: Activation[] = [];

/** What the evaluator keeps at a vertex. */
export class VertexNotes {
  /** Matches that this vertex takes part in; no order. */
  activations: Activation[] = NO_ACTIVATIONS;
  /** Facts about this vertex as target, except those that an AlarmFact keeps; the others follow as `after`. */
  firstFact: Fact | undefined = undefined;
  /** The fact that this vertex embodies, when it is a deduced alarm. */
  embodies: AlarmFact | undefined = undefined;

  constructor(public alpha: AlphaSet) {}
}

/** The notes of a vertex that the evaluator has seen. O(1). */
export function notesOf(vertex: Vertex): VertexNotes {
  return vertex.notes as VertexNotes;
}
