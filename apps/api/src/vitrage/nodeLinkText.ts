import type { GraphEdgeView, GraphView } from '@wherefore/contract';
import type { Properties } from '@wherefore/model';
import { ByteSlices } from '../http/byteSlices';
import { KeptChunks } from './keptChunks';

const HEAD = '{"directed":true,"multigraph":true,"graph":{},"nodes":[';
const BETWEEN = '],"links":[';
const END = '],"raw":true}';
const COMMA = Buffer.from(',');

/** What of a graph is written. */
export interface NodeLink {
  readonly nodes: readonly Properties[];
  readonly edges: readonly GraphEdgeView[];
  /** The place among the nodes of whatever the edges name, or -1. */
  readonly indexes: Int32Array;
}

/** A graph as Vitrage writes it, in slices that each have their memory for themselves. */
export function* nodeLinkSlices({ nodes, edges, indexes }: NodeLink): Generator<Uint8Array> {
  const out = new ByteSlices();
  out.text(HEAD);
  for (let index = 0; index < nodes.length; index++) {
    if (index > 0) out.bytes(COMMA);
    out.text(openNode(nodes[index]!));
    out.text(closeNode(nodes[index]!, index));
    if (out.hasFull) yield* out.taken();
  }
  out.text(BETWEEN);
  let isFirst = true;
  for (const { source, target, label, updateTimestamp } of edges) {
    const [from, to] = [indexes[source]!, indexes[target]!];
    if (from < 0 || to < 0) continue;
    if (!isFirst) out.bytes(COMMA);
    isFirst = false;
    out.text(linkText(label, updateTimestamp, from, to));
    if (out.hasFull) yield* out.taken();
  }
  out.text(END);
  yield* out.rest();
}

/** The JSON of properties that the live state gives again while nothing of them changed. */
const opened = new WeakMap<Properties, string>();

const nodeChunks = new KeptChunks<Properties>(1, (properties, indexes, at) => {
  let open = opened.get(properties);
  if (open === undefined) opened.set(properties, (open = openNode(properties)));
  return `,${open}${closeNode(properties, indexes[at]!)}`;
});

const linkChunks = new KeptChunks<GraphEdgeView>(2, ({ label, updateTimestamp }, ends, at) => {
  return `,${linkText(label, updateTimestamp, ends[at]!, ends[at + 1]!)}`;
});

/**
 * The same of the live state, which gives the same objects as long as nothing of them changed: what was written of them
 * is sent again. Nobody changes the bytes, nor gives them away.
 */
export function* liveNodeLinkSlices({ nodes, edges, indexes }: NodeLink): Generator<Uint8Array> {
  yield Buffer.from(HEAD);
  yield* nodeChunks.slices(
    nodes,
    nodes.map((_, index) => index),
  );
  yield Buffer.from(BETWEEN);
  const shown: GraphEdgeView[] = [];
  const ends: number[] = [];
  for (const edge of edges) {
    const [from, to] = [indexes[edge.source]!, indexes[edge.target]!];
    if (from < 0 || to < 0) continue;
    shown.push(edge);
    ends.push(from, to);
  }
  yield* linkChunks.slices(shown, ends);
  yield Buffer.from(END);
}

/** As Vitrage: what has no id of its own is shown under its vitrage_id, and without an index. */
function closeNode({ id, vitrage_id: vitrageId }: Properties, index: number): string {
  return id === undefined ? `,"id":${JSON.stringify(vitrageId)}}` : `,"graph_index":${index}}`;
}

/** All but the brace at its end. */
function openNode(properties: Properties): string {
  return JSON.stringify(properties).slice(0, -1);
}

function linkText(label: string, updateTimestamp: string, from: number, to: number): string {
  const name = JSON.stringify(label);
  return `{"relationship_type":${name},"vitrage_is_deleted":false,"update_timestamp":${JSON.stringify(updateTimestamp)},"source":${from},"target":${to},"key":${name}}`;
}

/** All of a graph in the shape of our own answers, without the moment that it is of: what follows `{`. */
export function* graphSlices({ vertices, edges }: Pick<GraphView, 'vertices' | 'edges'>): Generator<Uint8Array> {
  const out = new ByteSlices();
  out.text('"vertices":[');
  for (let place = 0; place < vertices.length; place++) {
    if (place > 0) out.bytes(COMMA);
    out.text(JSON.stringify(vertices[place]));
    if (out.hasFull) yield* out.taken();
  }
  out.text('],"edges":[');
  for (let place = 0; place < edges.length; place++) {
    if (place > 0) out.bytes(COMMA);
    out.text(JSON.stringify(edges[place]));
    if (out.hasFull) yield* out.taken();
  }
  out.text(']}');
  yield* out.rest();
}
