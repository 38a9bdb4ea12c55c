import type { GraphEdgeView, GraphView } from '@wherefore/contract';
import type { Properties } from '@wherefore/model';
import { ByteSlices } from '../http/byteSlices';

/** Up to here the text of an entity is kept for the next answer: about a kilobyte each. */
const REMEMBERED_NODES_MAX = 20_000;

/** The JSON of properties that may come again, without the brace at its end. */
const opened = new WeakMap<Properties, Uint8Array>();

const HEAD = '{"directed":true,"multigraph":true,"graph":{},"nodes":[';
const COMMA = Buffer.from(',');
const BRACE = Buffer.from('}');
const INDEX = Buffer.from(',"graph_index":');
const SOURCE = Buffer.from(',"source":');
const TARGET = Buffer.from(',"target":');

/**
 * A graph as Vitrage writes it, in slices. `indexes` has the place among the nodes of whatever the edges name, or -1.
 */
export function* nodeLinkSlices(
  nodes: readonly Properties[],
  edges: readonly GraphEdgeView[],
  indexes: Int32Array,
): Generator<Uint8Array> {
  const out = new ByteSlices();
  out.text(HEAD);
  const isKept = nodes.length <= REMEMBERED_NODES_MAX;
  for (let index = 0; index < nodes.length; index++) {
    if (index > 0) out.bytes(COMMA);
    writeNode(out, nodes[index]!, index, isKept);
    if (out.hasFull) yield* out.taken();
  }
  out.text('],"links":[');
  const labels = new Map<string, LabelText>();
  let isFirst = true;
  for (const { source, target, label, updateTimestamp } of edges) {
    const [from, to] = [indexes[source]!, indexes[target]!];
    if (from < 0 || to < 0) continue;
    let texts = labels.get(label);
    if (texts === undefined) labels.set(label, (texts = labelText(label)));
    if (!isFirst) out.bytes(COMMA);
    isFirst = false;
    out.bytes(texts.before);
    out.text(JSON.stringify(updateTimestamp));
    out.bytes(SOURCE);
    out.number(from);
    out.bytes(TARGET);
    out.number(to);
    out.bytes(texts.after);
    if (out.hasFull) yield* out.taken();
  }
  out.text('],"raw":true}');
  yield* out.rest();
}

/** What of a link its label decides. */
interface LabelText {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

function labelText(label: string): LabelText {
  const name = JSON.stringify(label);
  return {
    before: Buffer.from(`{"relationship_type":${name},"vitrage_is_deleted":false,"update_timestamp":`),
    after: Buffer.from(`,"key":${name}}`),
  };
}

/** As Vitrage: what has no id of its own is shown under its vitrage_id, and without an index. */
function writeNode(out: ByteSlices, properties: Properties, index: number, isKept: boolean): void {
  const open = opened.get(properties);
  if (open !== undefined) out.bytes(open);
  else {
    const text = JSON.stringify(properties).slice(0, -1);
    if (isKept) opened.set(properties, Buffer.from(text));
    out.text(text);
  }
  const { id, vitrage_id: vitrageId } = properties;
  if (id === undefined) out.text(`,"id":${JSON.stringify(vitrageId)}`);
  else {
    out.bytes(INDEX);
    out.number(index);
  }
  out.bytes(BRACE);
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
