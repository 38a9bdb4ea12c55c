import { emptied } from '@wherefore/model';
import type { Edge, Vertex } from './elements';

/** What changed since the reasoning last looked. Elements may appear although they changed back. */
export class GraphChanges {
  readonly vertices: Vertex[] = [];
  addedEdges: Edge[] = [];
  removedEdges: Edge[] = [];

  /** A vertex has changed. */
  note(vertex: Vertex): void {
    if (vertex.isDirty) return;
    vertex.isDirty = true;
    this.vertices.push(vertex);
  }

  /** Hands over the edges that came and went, in exchange for two empty lists. */
  takeEdges(lists: { added: Edge[]; removed: Edge[] }): void {
    const { addedEdges, removedEdges } = this;
    this.addedEdges = lists.added;
    this.removedEdges = lists.removed;
    lists.added = addedEdges;
    lists.removed = removedEdges;
  }

  /** The reasoning has taken them over. */
  clear(): void {
    const { vertices } = this;
    for (let at = 0; at < vertices.length; at++) vertices[at]!.isDirty = false;
    emptied(vertices);
    emptied(this.addedEdges);
    emptied(this.removedEdges);
  }
}
