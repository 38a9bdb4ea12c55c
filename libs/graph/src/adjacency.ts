import { appended } from '@wherefore/model';
import type { Edge, Vertex } from './elements';

/** Enters an edge at both its ends, last. O(1). */
export function linkEnds(edge: Edge): void {
  const { source, target } = edge;
  noteEdge(source, target);
  noteEdge(target, source);
  edge.outgoingIndex = source.outgoing.length;
  source.outgoing = appended(source.outgoing, edge);
  edge.incomingIndex = target.incoming.length;
  target.incoming = appended(target.incoming, edge);
}

/** Takes an edge from both its ends; the last of each list takes its place. O(1). */
export function unlinkEnds(edge: Edge): void {
  noteEdge(edge.source, edge.target);
  noteEdge(edge.target, edge.source);
  const { outgoing } = edge.source;
  const lastOut = outgoing.pop()!;
  if (lastOut !== edge) {
    outgoing[edge.outgoingIndex] = lastOut;
    lastOut.outgoingIndex = edge.outgoingIndex;
  }
  const { incoming } = edge.target;
  const lastIn = incoming.pop()!;
  if (lastIn !== edge) {
    incoming[edge.incomingIndex] = lastIn;
    lastIn.incomingIndex = edge.incomingIndex;
  }
}

/** An edge to `other` comes or goes: if the last row of the vertex speaks of such edges, it is no longer what the graph holds. */
function noteEdge(vertex: Vertex, other: Vertex): void {
  const { asTold } = vertex;
  if (asTold === undefined) return;
  const { edgeTypes } = asTold;
  if (edgeTypes === undefined || (other.category === 'RESOURCE' && edgeTypes.includes(other.type))) {
    vertex.asTold = undefined;
  }
}
