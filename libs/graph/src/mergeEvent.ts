import {
  appended,
  compareCodeUnits,
  type EntityEvent,
  type EntityImage,
  incarnationId,
  type Json,
  type NeighbourImage,
  type PropertyPatch,
} from '@wherefore/model';
import { amend, amendOne, isAmended, withoutAmended } from './amendments';
import { type Edge, type PropertyBag, type RowKind, type Vertex } from './elements';
import type { EntityGraph } from './entityGraph';

/** The type of alarms that templates raise. */
export const DEDUCED = 'vitrage';

/** The moment at which an event is merged. */
export interface MergeMoment {
  /** Number of the entry. */
  readonly ordinal: number;
  readonly entryId: string;
  /** Log time. */
  readonly nowMs: number;
  /** Hash of the event, when it is the row of a poll: it stands for the entity until something else is heard. */
  readonly rowHash?: string | undefined;
  /** There when the event says the same whenever it is told, but for its sample time. */
  readonly rowKind?: RowKind | undefined;
}

/** What merging came to. */
export type MergeResult = 'merged' | 'outdated' | 'no-such-entity';

interface PlacedNeighbour {
  readonly vertex: Vertex;
  readonly label: string;
  readonly outwards: boolean;
  /** The graph knows it from a newer sample: an edge that is there stays, none is made unless the event owns its edges. */
  readonly isNewer: boolean;
}

/**
 * Merges one entity event into the graph, by the rules of Vitrage's processor: a newer sample of a
 * source wins, a stub never overwrites what has been seen, an update replaces the edges towards the
 * kinds of neighbours that it names, a deletion marks. O(properties + degree of the entity).
 */
export function mergeEvent(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): MergeResult {
  const result = mergeByAction(graph, event, moment);
  // What it says of others counts by its own time, even when newer things are known of the entity itself.
  if (event.amends !== undefined) amend(graph, event, event.amends, moment);
  return result;
}

function mergeByAction(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): MergeResult {
  switch (event.action) {
    case 'create-entity':
    case 'update-entity':
      return mergeEntity(graph, event, moment);
    case 'delete-entity':
      return deleteEntity(graph, event, moment);
    case 'update-relationship':
    case 'delete-relationship':
      return mergeRelationships(graph, event, moment);
    case 'remove-deleted-entity':
      return 'no-such-entity'; // Marks are purged by ticks, not by events.
  }
}

/**
 * Deletes an entity and the stubs that only it referred to.
 */
export function deleteWithStubs(graph: EntityGraph, vertex: Vertex, moment: MergeMoment): void {
  const stubs = new Set<Vertex>();
  for (const edge of vertex.outgoing) if (edge.target.isPlaceholder) stubs.add(edge.target);
  for (const edge of vertex.incoming) if (edge.source.isPlaceholder) stubs.add(edge.source);
  graph.deleteVertex(vertex, moment.nowMs, moment.ordinal);
  for (const stub of stubs) deleteOrphanedStub(graph, stub, moment);
}

function existing(graph: EntityGraph, image: EntityImage): Vertex | undefined {
  if (image.vitrageId !== undefined) {
    const named = graph.vertexById(image.vitrageId);
    if (named !== undefined && !named.isDeleted) return named;
  }
  return graph.liveVertexByKey(image.key);
}

function mergeEntity(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): MergeResult {
  const { entity } = event;
  const isUpdate = event.action === 'update-entity';
  let vertex = existing(graph, entity);
  if (isOvertakenByDeletion(graph, event, vertex)) return 'outdated';
  if (event.inPassing === true) return mergeInPassing(graph, event, vertex, moment);
  if (vertex !== undefined && isRepeated(vertex, moment)) return confirm(graph, vertex, event, moment);
  if (vertex === undefined) {
    vertex = addEntity(graph, entity, event.sampleTimestamp, moment);
    if (!entity.isPlaceholder) graph.aggregate(vertex);
  } else {
    if (isUpdate && vertex.sampleTimestamp > event.sampleTimestamp) return 'outdated';
    if (!entity.isPlaceholder) overwrite(graph, vertex, keptPatch(event, vertex), event.sampleTimestamp, moment);
  }
  if (!entity.isPlaceholder && vertex.type !== DEDUCED) {
    // A stub that nobody vouches for is left to the datasource it belongs to.
    if (event.datasource !== '') {
      graph.setDatasource(vertex, event.datasource);
      graph.setConfirmedAt(vertex, moment.ordinal);
    }
  }
  // Of an amended entity the row is not all that is known: the same row again, taken later, says more than this one.
  graph.setRowHash(vertex, isAmended(vertex) ? undefined : moment.rowHash);
  const neighbours = placeNeighbours(graph, event, moment);
  if (isUpdate) dropReplacedEdges(graph, vertex, neighbours, event.without ?? NO_TYPES, moment);
  connect(graph, vertex, neighbours, event, moment);
  graph.setAsTold(vertex, isWholeTold(event, vertex, neighbours, moment) ? moment.rowKind : undefined);
  return 'merged';
}

/** Whether the event is the row that the entity was told last, and all of it is in the graph still. */
function isRepeated(vertex: Vertex, { rowHash }: MergeMoment): boolean {
  return vertex.asTold !== undefined && rowHash !== undefined && vertex.rowHash === rowHash;
}

/** What merging comes to for most rows of most polls. */
function confirm(graph: EntityGraph, vertex: Vertex, event: EntityEvent, moment: MergeMoment): MergeResult {
  if (event.action === 'update-entity' && vertex.sampleTimestamp > event.sampleTimestamp) return 'outdated';
  if (vertex.asTold!.isStamped) graph.stamp(vertex, event.sampleTimestamp);
  graph.confirm(vertex, event.sampleTimestamp, moment.ordinal);
  return 'merged';
}

/** Older than every sample. */
const BEFORE_ALL = '0001-01-01T00:00:00Z';

function mergeInPassing(
  graph: EntityGraph,
  { entity, sampleTimestamp, datasource }: EntityEvent,
  known: Vertex | undefined,
  moment: MergeMoment,
): MergeResult {
  if (known !== undefined && known.sampleTimestamp > sampleTimestamp) return 'outdated';
  const { id, ...told } = entity.properties;
  const vertex = known ?? addEntity(graph, { ...entity, properties: { id: id! } }, BEFORE_ALL, moment);
  if (vertex.isPlaceholder) overwrite(graph, vertex, {}, BEFORE_ALL, moment);
  amendOne(graph, vertex, told, sampleTimestamp, moment);
  graph.aggregate(vertex);
  graph.setDatasource(vertex, datasource);
  graph.setConfirmedAt(vertex, moment.ordinal);
  return 'merged';
}

/** A message of an entity that was alive then, and of which a newer one has told the end. */
function isOvertakenByDeletion(graph: EntityGraph, event: EntityEvent, vertex: Vertex | undefined): boolean {
  if (event.mayBeLate === undefined || (vertex !== undefined && !vertex.isPlaceholder)) return false;
  const newest = graph.newestSampleOfMarks(event.entity.key);
  return newest !== undefined && newest > event.sampleTimestamp;
}

/**
 * Whether merging the same row later would come to `confirm`: its meaning depends on itself and the edges it tells only.
 * An alarm copies from its resource; a lookup finds others later; a neighbour that is more than a stub may be
 * overwritten; one known from a newer sample gets its edge from a newer row. What it says of others is not looked for.
 */
function isWholeTold(
  event: EntityEvent,
  vertex: Vertex,
  neighbours: readonly PlacedNeighbour[],
  moment: MergeMoment,
): boolean {
  if (moment.rowHash === undefined) return false;
  if (vertex.category !== 'RESOURCE' || event.entity.isPlaceholder || event.datasource === '') return false;
  if (event.keep !== undefined || event.lookups.length > 0) return false;
  if (event.amends !== undefined || event.entity.vitrageId !== undefined) return false;
  for (const { entity } of event.neighbours) if (!entity.isPlaceholder) return false;
  for (const { isNewer } of neighbours) if (isNewer) return false;
  return true;
}

function addEntity(graph: EntityGraph, image: EntityImage, sampleTimestamp: string, moment: MergeMoment): Vertex {
  const vertex = graph.addVertex({
    id: incarnationId(image.key, moment.entryId),
    key: image.key,
    category: image.category,
    type: image.type,
    isPlaceholder: image.isPlaceholder,
    sampleTimestamp,
    ordinal: moment.ordinal,
  });
  graph.fillProperties(vertex, withoutNulls(image.properties));
  return vertex;
}

/** The patch itself when it has no nulls, which is the rule: events are made for one use. */
function withoutNulls(patch: PropertyPatch): PropertyBag {
  let hasNulls = false;
  for (const name in patch) if (patch[name] === null || patch[name] === undefined) hasNulls = true;
  if (!hasNulls) return patch as PropertyBag;
  const bag: PropertyBag = {};
  for (const name in patch) {
    const value = patch[name];
    if (value !== null && value !== undefined) bag[name] = value;
  }
  return bag;
}

function overwrite(
  graph: EntityGraph,
  vertex: Vertex,
  patch: PropertyPatch,
  sampleTimestamp: string,
  moment: MergeMoment,
): void {
  let changed = vertex.isPlaceholder;
  const wasPlaceholder = vertex.isPlaceholder;
  patch = withoutAmended(graph, vertex, patch, sampleTimestamp);
  graph.promote(vertex);
  for (const name in patch) {
    const value = patch[name];
    if (value !== undefined && graph.setProperty(vertex, name, value) && name !== 'update_timestamp') changed = true;
  }
  graph.setSampleTimestamp(vertex, sampleTimestamp);
  if (changed) {
    graph.setChangedAt(vertex, moment.ordinal);
    if (wasPlaceholder || 'state' in patch || 'severity' in patch) graph.aggregate(vertex);
  }
}

/** Applies `keep`: the graph's value of a property stays while another property stays as it is. */
function keptPatch(event: EntityEvent, vertex: Vertex): PropertyPatch {
  const { keep } = event;
  const patch = event.entity.properties;
  if (keep === undefined || vertex.properties[keep.property] === undefined) return patch;
  if (vertex.properties[keep.whileUnchanged] !== patch[keep.whileUnchanged]) return patch;
  const kept: { [name: string]: Json } = { ...patch };
  delete kept[keep.property];
  return kept;
}

/** Stands for every empty list of them. Never changed. */
const NONE_PLACED: PlacedNeighbour[] = [];

function placeNeighbours(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): PlacedNeighbour[] {
  let placed = NONE_PLACED;
  const { neighbours } = event;
  for (let at = 0; at < neighbours.length; at++) {
    const neighbour = neighbours[at]!;
    const { label, direction, entity } = neighbour;
    const known = graph.liveVertexByKey(entity.key);
    const isNewer = known !== undefined && known.sampleTimestamp > event.sampleTimestamp;
    const vertex = isNewer ? known : placeNeighbour(graph, neighbour, known, event.sampleTimestamp, moment);
    placed = appended(placed, { vertex, label, outwards: direction === 'to-neighbour', isNewer });
  }
  const { lookups } = event;
  for (let at = 0; at < lookups.length; at++) {
    const lookup = lookups[at]!;
    // The last resource gives the alarm its details: sorted, for an index has no order that could be restored.
    const found = graph.find(lookup.where);
    if (found.length > 1) found.sort((a, b) => compareCodeUnits(a.id, b.id));
    for (const vertex of found) {
      const isNewer = vertex.sampleTimestamp > event.sampleTimestamp;
      placed = appended(placed, {
        vertex,
        label: lookup.label,
        outwards: lookup.direction === 'to-neighbour',
        isNewer,
      });
    }
  }
  return placed;
}

/** The neighbour as it stands after the event. */
function placeNeighbour(
  graph: EntityGraph,
  { entity }: NeighbourImage,
  vertex: Vertex | undefined,
  sampleTimestamp: string,
  moment: MergeMoment,
): Vertex {
  if (vertex === undefined) {
    // A copy, for a neighbour may be one that many events share.
    const own = { ...entity, properties: { ...entity.properties } };
    const added = addEntity(graph, own, sampleTimestamp, moment);
    if (!entity.isPlaceholder) graph.aggregate(added);
    return added;
  }
  if (!entity.isPlaceholder) overwrite(graph, vertex, entity.properties, sampleTimestamp, moment);
  return vertex;
}

const NO_TYPES: readonly string[] = [];

/** Edges to neighbours of a kind that the event names, but not among those it names, are gone. O(edges + neighbours). */
function dropReplacedEdges(
  graph: EntityGraph,
  vertex: Vertex,
  neighbours: readonly PlacedNeighbour[],
  without: readonly string[],
  moment: MergeMoment,
): void {
  if (neighbours.length === 0 && without.length === 0) return;
  const index = neighbours.length > SEARCHED_MAX ? new NeighbourIndex(neighbours) : undefined;
  const replaced: Edge[] = [];
  for (const edge of vertex.outgoing) if (isReplaced(vertex, edge, neighbours, index, without)) replaced.push(edge);
  for (const edge of vertex.incoming) if (isReplaced(vertex, edge, neighbours, index, without)) replaced.push(edge);
  for (const edge of replaced) {
    graph.deleteEdge(edge, moment.nowMs);
    const other = edge.source === vertex ? edge.target : edge.source;
    deleteOrphanedStub(graph, other, moment);
  }
}

function isReplaced(
  vertex: Vertex,
  edge: Edge,
  neighbours: readonly PlacedNeighbour[],
  index: NeighbourIndex | undefined,
  without: readonly string[],
): boolean {
  // What templates deduced is theirs to take back.
  if (edge.fact !== undefined) return false;
  const outwards = edge.source === vertex;
  const other = outwards ? edge.target : edge.source;
  const isGone = other.category === 'RESOURCE' && without.includes(other.type);
  if (index !== undefined) return !index.names(other, edge.label, outwards) && (isGone || index.namesKindOf(other));
  let sameKind = isGone;
  for (const neighbour of neighbours) {
    if (neighbour.vertex === other && neighbour.label === edge.label && neighbour.outwards === outwards) return false;
    if (neighbour.vertex.category === other.category && neighbour.vertex.type === other.type) sameKind = true;
  }
  return sameKind;
}

/** Up to so many neighbours are searched one by one, which is faster than an index of them. */
const SEARCHED_MAX = 16;

/** The neighbours that an event names, for many look-ups. */
class NeighbourIndex {
  private readonly byVertex = new Map<Vertex, PlacedNeighbour[]>();
  private readonly kinds = new Set<string>();

  constructor(neighbours: readonly PlacedNeighbour[]) {
    for (const neighbour of neighbours) {
      const { vertex } = neighbour;
      const same = this.byVertex.get(vertex);
      if (same === undefined) this.byVertex.set(vertex, [neighbour]);
      else same.push(neighbour);
      this.kinds.add(`${vertex.category}:${vertex.type}`);
    }
  }

  names(vertex: Vertex, label: string, outwards: boolean): boolean {
    const named = this.byVertex.get(vertex) ?? [];
    return named.some((neighbour) => neighbour.label === label && neighbour.outwards === outwards);
  }

  namesKindOf({ category, type }: Vertex): boolean {
    return this.kinds.has(`${category}:${type}`);
  }
}

function deleteOrphanedStub(graph: EntityGraph, stub: Vertex, moment: MergeMoment): void {
  if (stub.isPlaceholder && !stub.isDeleted && stub.outgoing.length + stub.incoming.length === 0) {
    graph.deleteVertex(stub, moment.nowMs, moment.ordinal);
  }
}

function connect(
  graph: EntityGraph,
  vertex: Vertex,
  neighbours: readonly PlacedNeighbour[],
  { sampleTimestamp, ownsEdges }: EntityEvent,
  moment: MergeMoment,
): void {
  for (let at = 0; at < neighbours.length; at++) {
    const { vertex: other, label, outwards, isNewer } = neighbours[at]!;
    if (other === vertex || (isNewer && ownsEdges === undefined)) continue;
    const source = outwards ? vertex : other;
    const target = outwards ? other : vertex;
    if (graph.edgeBetween(source, target, label) === undefined) {
      graph.addEdge(source, target, label, moment.ordinal, sampleTimestamp);
    }
    if (vertex.category === 'ALARM' && other.category === 'RESOURCE') copyResourceDetails(graph, vertex, other);
  }
}

/** An alarm carries the details of the resource it is on. */
function copyResourceDetails(graph: EntityGraph, alarm: Vertex, resource: Vertex): void {
  graph.setProperty(alarm, 'vitrage_resource_id', resource.id);
  graph.setProperty(alarm, 'vitrage_resource_type', resource.type);
  const project = resource.properties['project_id'];
  if (project !== undefined) graph.setProperty(alarm, 'vitrage_resource_project_id', project);
}

function deleteEntity(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): MergeResult {
  const vertex = existing(graph, event.entity);
  // What templates deduced is theirs to take back.
  if (vertex === undefined || vertex.type === DEDUCED) return 'no-such-entity';
  if (vertex.sampleTimestamp > event.sampleTimestamp) return 'outdated';
  // The mark keeps the time of the deletion, by which messages that it overtook are told.
  if (event.mayBeLate) graph.setSampleTimestamp(vertex, event.sampleTimestamp);
  deleteWithStubs(graph, vertex, moment);
  return 'merged';
}

function mergeRelationships(graph: EntityGraph, event: EntityEvent, moment: MergeMoment): MergeResult {
  const vertex = existing(graph, event.entity);
  if (vertex === undefined) {
    return event.action === 'update-relationship' ? mergeEntity(graph, event, moment) : 'no-such-entity';
  }
  if (vertex.sampleTimestamp > event.sampleTimestamp) return 'outdated';
  graph.setRowHash(vertex, moment.rowHash);
  graph.setAsTold(vertex, undefined);
  if (event.action === 'update-relationship') {
    connect(graph, vertex, placeNeighbours(graph, event, moment), event, moment);
    return 'merged';
  }
  for (const neighbour of event.neighbours) {
    const other = graph.liveVertexByKey(neighbour.entity.key);
    if (other === undefined) continue;
    const outwards = neighbour.direction === 'to-neighbour';
    const edge = graph.edgeBetween(outwards ? vertex : other, outwards ? other : vertex, neighbour.label);
    if (edge !== undefined) graph.deleteEdge(edge, moment.nowMs);
  }
  return 'merged';
}
