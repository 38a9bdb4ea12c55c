import { appended } from '@wherefore/model';
import { Edge, type EdgeList, NO_EDGES, type Vertex } from './elements';

/** Enters an edge at both its ends, last. O(1). */
export function linkEnds(edge: Edge): void {
  const { source, target } = edge;
  noteEdge(source, target);
  noteEdge(target, source);
  edge.outgoingIndex = countOf(source.out);
  source.out = withLast(source.out, edge);
  edge.incomingIndex = countOf(target.in);
  target.in = withLast(target.in, edge);
}

/** Takes an edge from both its ends; the last of each list takes its place. O(1). */
export function unlinkEnds(edge: Edge): void {
  const { source, target } = edge;
  noteEdge(source, target);
  noteEdge(target, source);
  const { out } = source;
  if (out instanceof Edge) source.out = NO_EDGES;
  else {
    const last = out.pop()!;
    if (last !== edge) {
      out[edge.outgoingIndex] = last;
      last.outgoingIndex = edge.outgoingIndex;
    }
  }
  const into = target.in;
  if (into instanceof Edge) target.in = NO_EDGES;
  else {
    const last = into.pop()!;
    if (last !== edge) {
      into[edge.incomingIndex] = last;
      last.incomingIndex = edge.incomingIndex;
    }
  }
}

/** The live edge with these ends and this label, or nothing. O(the smaller of the two degrees). */
export function edgeBetween(source: Vertex, target: Vertex, label: string): Edge | undefined {
  const { out } = source;
  const into = target.in;
  const fewer = countOf(out) <= countOf(into) ? out : into;
  if (fewer instanceof Edge) return isBetween(fewer, source, target, label) ? fewer : undefined;
  for (const edge of fewer) if (isBetween(edge, source, target, label)) return edge;
  return undefined;
}

function isBetween(edge: Edge, source: Vertex, target: Vertex, label: string): boolean {
  return edge.source === source && edge.target === target && edge.label === label;
}

/** The edge that was entered last, or what took its place. */
export function lastOf(edges: EdgeList): Edge | undefined {
  return edges instanceof Edge ? edges : edges[edges.length - 1];
}

function countOf(edges: EdgeList): number {
  return edges instanceof Edge ? 1 : edges.length;
}

function withLast(edges: EdgeList, edge: Edge): EdgeList {
  if (edges instanceof Edge) return [edges, edge];
  return edges.length === 0 ? edge : appended(edges, edge);
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
