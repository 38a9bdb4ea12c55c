import type { Edge, Vertex } from './elements';

/** What changed since the reasoning last looked. Elements may appear although they changed back. */
export interface GraphChanges {
  readonly vertices: Vertex[];
  addedEdges: Edge[];
  removedEdges: Edge[];
}
