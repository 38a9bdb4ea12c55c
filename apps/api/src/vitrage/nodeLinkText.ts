import type { GraphEdgeView, GraphView } from '@wherefore/contract';
import type { Properties } from '@wherefore/model';

/** Up to here the text of an entity is kept for the next answer: about a kilobyte each. */
const REMEMBERED_NODES_MAX = 20_000;

/** The JSON of properties that may come again, without the brace at its end. */
const opened = new WeakMap<Properties, string>();

/**
 * A graph as Vitrage writes it, in pieces of JSON: a node or a link each. `indexes` has the place among the
 * nodes of whatever the edges name, or -1.
 */
export function* nodeLinkPieces(
  nodes: readonly Properties[],
  edges: readonly GraphEdgeView[],
  indexes: Int32Array,
): Generator<string> {
  yield '{"directed":true,"multigraph":true,"graph":{},"nodes":[';
  const isKept = nodes.length <= REMEMBERED_NODES_MAX;
  for (let index = 0; index < nodes.length; index++) {
    const text = nodeText(nodes[index]!, index, isKept);
    yield index === 0 ? text : `,${text}`;
  }
  yield '],"links":[';
  const labels = new Map<string, string>();
  let isFirst = true;
  for (const { source, target, label, updateTimestamp } of edges) {
    const [from, to] = [indexes[source]!, indexes[target]!];
    if (from < 0 || to < 0) continue;
    let name = labels.get(label);
    if (name === undefined) labels.set(label, (name = JSON.stringify(label)));
    const updated = JSON.stringify(updateTimestamp);
    const ends = `"source":${from},"target":${to},"key":${name}}`;
    yield `${isFirst ? '' : ','}{"relationship_type":${name},"vitrage_is_deleted":false,"update_timestamp":${updated},${ends}`;
    isFirst = false;
  }
  yield '],"raw":true}';
}

/** As Vitrage: what has no id of its own is shown under its vitrage_id, and without an index. */
function nodeText(properties: Properties, index: number, isKept: boolean): string {
  let open = opened.get(properties);
  if (open === undefined) {
    open = JSON.stringify(properties).slice(0, -1);
    if (isKept) opened.set(properties, open);
  }
  const { id, vitrage_id: vitrageId } = properties;
  return id === undefined ? `${open},"id":${JSON.stringify(vitrageId)}}` : `${open},"graph_index":${index}}`;
}

/** All of a graph in the shape of our own answers, without the moment that it is of: what follows `{`. */
export function* graphPieces({ vertices, edges }: Pick<GraphView, 'vertices' | 'edges'>): Generator<string> {
  yield '"vertices":[';
  for (let place = 0; place < vertices.length; place++) {
    const text = JSON.stringify(vertices[place]);
    yield place === 0 ? text : `,${text}`;
  }
  yield '],"edges":[';
  for (let place = 0; place < edges.length; place++) {
    const text = JSON.stringify(edges[place]);
    yield place === 0 ? text : `,${text}`;
  }
  yield ']}';
}
