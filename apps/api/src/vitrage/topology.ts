import type { GraphView } from '@wherefore/contract';
import { pushTo, WhereforeError, type Json, type JsonObject, type Properties } from '@wherefore/model';
import { JsonText } from '../http/jsonText';
import { type NodeLink, nodeLinkSlices } from './nodeLinkText';
import { compileQuery, type EntityTest } from './query';

/** What a client asks of the topology. Plain JSON. */
export interface TopologyQuestion {
  readonly isTree: boolean;
  /** Which entities are wanted, as `compileQuery` reads it; `null` for all. */
  readonly query: Json;
  /** `vitrage_id` to start from; the cluster when absent. */
  readonly root?: string;
  /** Steps from the root; no bound when absent or 0. */
  readonly depth?: number;
}

/** What of a graph is shown: all of it, or what a viewer may see. */
type Graph = Pick<GraphView, 'vertices' | 'edges'>;

const CLUSTER_ID = 'OpenStack Cluster';
const isShown: EntityTest = (properties) => properties['vitrage_is_placeholder'] !== true;

/** How a graph is written. */
type Writing = (graph: NodeLink) => Iterable<Uint8Array>;

/** The graph, or the part around a root, as Vitrage shows it. Throws `bad-request`. */
export function topologyOf(
  graph: Graph,
  { isTree, query, root, depth }: TopologyQuestion,
  write: Writing = nodeLinkSlices,
): JsonText {
  const test = query === null || query === '' ? undefined : compileQuery(query);
  const isAround = isTree || (root !== undefined && depth !== undefined);
  if (!isAround) return nodeLink(graph, test ?? isShown, write);
  if (test === undefined) {
    throw new WhereforeError('bad-request', 'a tree, or a graph around a root, needs a query', {
      hint: 'Send query, for instance {"==": {"vitrage_category": "RESOURCE"}} as text.',
    });
  }
  const start = startOf(graph, root);
  const chosen = start === undefined ? new Set<number>() : around(graph, start, test, depth || Infinity);
  return isTree
    ? new JsonText([JSON.stringify(treeOf(graph, start, chosen))])
    : nodeLink(graph, (_, place) => chosen.has(place), write);
}

function nodeLink(
  { vertices, edges }: Graph,
  isChosen: (properties: Properties, place: number) => boolean,
  write: Writing,
): JsonText {
  const indexes = new Int32Array(vertices.length).fill(-1);
  const nodes: Properties[] = [];
  vertices.forEach((properties, place) => {
    if (isChosen(properties, place)) indexes[place] = nodes.push(properties) - 1;
  });
  return new JsonText(write({ nodes, edges, indexes }));
}

/** As Vitrage: what has no id of its own is shown under its vitrage_id, and without an index. */
export function nodeOf(properties: Properties, index: number): JsonObject {
  const { id } = properties;
  return id === undefined ? { ...properties, id: properties['vitrage_id']! } : { ...properties, graph_index: index };
}

function startOf({ vertices }: Graph, root: string | undefined): number | undefined {
  const place = vertices.findIndex((properties) =>
    root === undefined ? properties['id'] === CLUSTER_ID : properties['vitrage_id'] === root,
  );
  if (place >= 0) return place;
  if (root === undefined) return undefined;
  throw new WhereforeError('entity-not-found', `no entity has the vitrage_id ${root}`, {
    hint: 'Take the vitrage_id of an entity of the topology.',
  });
}

/** Breadth first over edges of both directions, through wanted entities only. */
function around({ vertices, edges }: Graph, start: number, test: EntityTest, depth: number): Set<number> {
  const neighbours = new Map<number, number[]>();
  for (const { source, target } of edges) {
    pushTo(neighbours, source, target);
    pushTo(neighbours, target, source);
  }
  const chosen = new Set<number>();
  let level = test(vertices[start]!) ? [start] : [];
  for (let steps = 0; level.length > 0; steps++) {
    for (const place of level) chosen.add(place);
    if (steps >= depth) break;
    const next = new Set(level.flatMap((place) => neighbours.get(place) ?? []));
    level = [...next].filter((place) => !chosen.has(place) && test(vertices[place]!));
  }
  return chosen;
}

function treeOf({ vertices, edges }: Graph, start: number | undefined, chosen: ReadonlySet<number>): Json {
  if (start === undefined || chosen.size === 0) return {};
  const children = new Map<number, number[]>();
  let edgeCount = 0;
  for (const { source, target } of edges) {
    if (!chosen.has(source) || !chosen.has(target)) continue;
    pushTo(children, source, target);
    edgeCount += 1;
  }
  if (edgeCount !== chosen.size - 1) {
    throw new WhereforeError('bad-request', 'what the query chooses is no tree', {
      hint: 'Ask for a graph, or choose fewer types: in a tree there is one way from each entity to each other.',
    });
  }
  const indexes = new Map([...chosen].map((place, index) => [place, index]));
  // As Vitrage: what is above the root was looked at, but only what is below it is shown.
  const node = (place: number): JsonObject => {
    const below = (children.get(place) ?? []).map(node);
    const own = nodeOf(vertices[place]!, indexes.get(place)!);
    return below.length === 0 ? own : { ...own, children: below };
  };
  return node(start);
}
