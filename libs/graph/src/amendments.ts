import type { Amendment, EntityEvent, Json, JsonObject, PropertyPatch } from '@wherefore/model';
import type { Vertex } from './elements';
import type { EntityGraph } from './entityGraph';
import type { MergeMoment } from './mergeEvent';

/** Property of an entity: which of its properties another source amended, each with the time of that. */
const AMENDED = 'vitrage_amended';

/**
 * Applies what an event says of entities that are not its own: to those that are there and have been seen,
 * unless something newer is known of them. O(edges of the entity).
 */
export function amend(
  graph: EntityGraph,
  event: EntityEvent,
  amendments: readonly Amendment[],
  moment: MergeMoment,
): void {
  for (const amendment of amendments) {
    // The targets do not depend on each other, so their order does not matter.
    for (const target of targetsOf(graph, event, amendment)) {
      const { unless } = amendment;
      if (unless !== undefined && target.properties[unless.property] === unless.value) continue;
      if (!target.isPlaceholder && target.sampleTimestamp <= event.sampleTimestamp) {
        amendOne(graph, target, amendment.properties, event.sampleTimestamp, moment);
      }
    }
  }
}

/**
 * The patch of a sample taken at `sampleTimestamp`, without the properties that were amended later. Those
 * that it does tell are the datasource's own again.
 */
export function withoutAmended(
  graph: EntityGraph,
  vertex: Vertex,
  patch: PropertyPatch,
  sampleTimestamp: string,
): PropertyPatch {
  const amended = vertex.properties[AMENDED] as JsonObject | undefined;
  if (amended === undefined) return patch;
  const kept: { [name: string]: Json } = {};
  const left: { [name: string]: Json } = {};
  for (const name in patch) {
    const amendedAt = amended[name] as string | undefined;
    if (amendedAt === undefined || amendedAt <= sampleTimestamp) kept[name] = patch[name]!;
  }
  for (const name in amended) if (!(name in kept)) left[name] = amended[name]!;
  graph.setProperty(vertex, AMENDED, Object.keys(left).length === 0 ? null : left);
  return kept;
}

/** Whether any property of it was told by another source, later than its own told it. */
export function isAmended(vertex: Vertex): boolean {
  return vertex.properties[AMENDED] !== undefined;
}

function targetsOf(graph: EntityGraph, event: EntityEvent, { of }: Amendment): Vertex[] {
  if ('key' in of) {
    const vertex = graph.liveVertexByKey(of.key);
    return vertex === undefined ? [] : [vertex];
  }
  const own = graph.liveVertexByKey(event.entity.key);
  if (own === undefined) return [];
  const targets = [...own.outgoing.map(({ target, label }) => ({ vertex: target, label })), ...incoming(own)];
  return targets.flatMap(({ vertex, label }) => (label === of.label && vertex.type === of.type ? [vertex] : []));
}

function incoming(own: Vertex): { vertex: Vertex; label: string }[] {
  return own.incoming.map(({ source, label }) => ({ vertex: source, label }));
}

/** Amends one entity by what was told of it at a time. */
export function amendOne(
  graph: EntityGraph,
  target: Vertex,
  patch: PropertyPatch,
  at: string,
  moment: MergeMoment,
): void {
  const before = (target.properties[AMENDED] ?? {}) as JsonObject;
  const amended: { [name: string]: Json } = { ...before };
  let changed = false;
  for (const name in patch) {
    if (name in before && (before[name] as string) > at) continue;
    amended[name] = at;
    if (graph.setProperty(target, name, patch[name]!)) changed = true;
  }
  graph.setProperty(target, AMENDED, amended);
  if (!changed) return;
  // Something else was heard of it since its row.
  graph.setRowHash(target, undefined);
  graph.setChangedAt(target, moment.ordinal);
  graph.aggregate(target);
}
