import { appended } from '@wherefore/model';
import type { Edge } from './elements';

/** Enters an edge at both its ends, last. O(1). */
export function linkEnds(edge: Edge): void {
  const { source, target } = edge;
  source.asTold = target.asTold = undefined;
  edge.outgoingIndex = source.outgoing.length;
  source.outgoing = appended(source.outgoing, edge);
  edge.incomingIndex = target.incoming.length;
  target.incoming = appended(target.incoming, edge);
}

/** Takes an edge from both its ends; the last of each list takes its place. O(1). */
export function unlinkEnds(edge: Edge): void {
  edge.source.asTold = edge.target.asTold = undefined;
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
