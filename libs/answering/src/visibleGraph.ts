import type { GraphAnswer } from '@wherefore/engine';
import { pushTo, type Properties } from '@wherefore/model';
import { mainResource, ownershipOf, type Ownership, type ProjectViewer, type Viewer } from './viewer';

const CLUSTER_ID = 'OpenStack Cluster';

/**
 * The part of a graph that the viewer may see, its edges between what is left. A project sees what is its
 * own, and the infrastructure on the shortest way from the cluster to each of its resources: the zone and
 * the host that hold them, not those that hold others. O(vertices + edges).
 */
export function visibleGraph(graph: GraphAnswer, viewer: Viewer): GraphAnswer {
  if (viewer.sees === 'everything') return graph;
  const shown = shownPlaces(graph, viewer);
  const places = new Map([...shown].sort((a, b) => a - b).map((place, index) => [place, index]));
  const edges = graph.edges.flatMap((edge) => {
    const source = places.get(edge.source);
    const target = places.get(edge.target);
    return source === undefined || target === undefined ? [] : [{ ...edge, source, target }];
  });
  return { vertices: [...places.keys()].map((place) => graph.vertices[place]!), edges };
}

function shownPlaces({ vertices, edges }: GraphAnswer, viewer: ProjectViewer): Set<number> {
  const resources = resourcesOfAlarms({ vertices, edges });
  const ownerships = vertices.map((properties, place) => ownershipOf(properties, viewer, resources.get(place)));
  const shown = new Set<number>();
  ownerships.forEach((ownership, place) => {
    if (ownership === 'own' || (ownership === 'infrastructure' && viewer.infrastructure)) shown.add(place);
  });
  if (viewer.infrastructure) return shown;
  const start = vertices.findIndex(({ id }) => id === CLUSTER_ID);
  const cameFrom = waysDown({ vertices, edges }, start, ownerships);
  for (const place of [...shown]) {
    if (vertices[place]!['vitrage_category'] === 'ALARM') continue;
    for (let above = cameFrom.get(place); above !== undefined; above = cameFrom.get(above)) {
      if (shown.has(above)) break;
      shown.add(above);
    }
  }
  return shown;
}

/** What each alarm is on, by its place. */
function resourcesOfAlarms({ vertices, edges }: GraphAnswer): ReadonlyMap<number, Properties | undefined> {
  const found = new Map<number, Properties[]>();
  for (const { source, target, label } of edges) {
    if (label !== 'on' || vertices[source]!['vitrage_category'] !== 'ALARM') continue;
    pushTo(found, source, vertices[target]!);
  }
  return new Map([...found].map(([place, resources]) => [place, mainResource(resources)]));
}

/** Breadth first from the cluster, along edges, through resources that are not foreign. */
function waysDown(
  { vertices, edges }: GraphAnswer,
  start: number,
  ownerships: readonly Ownership[],
): Map<number, number | undefined> {
  const cameFrom = new Map<number, number | undefined>();
  if (start < 0) return cameFrom;
  const below = new Map<number, number[]>();
  for (const { source, target } of edges) {
    const isWay = ownerships[target] !== 'foreign' && vertices[target]!['vitrage_category'] === 'RESOURCE';
    if (isWay) pushTo(below, source, target);
  }
  cameFrom.set(start, undefined);
  for (const place of cameFrom.keys()) {
    for (const next of below.get(place) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, place);
  }
  return cameFrom;
}
