import { type BeforeImage, describeVertex, type Edge, type EntityGraph, type Vertex } from '@wherefore/graph';
import { compareCodeUnits, type Effect, type Json, type PropertyChange } from '@wherefore/model';

/**
 * What the step under way did to the graph, net: one effect per vertex and per causal edge, sorted
 * by kind and id. An element that came and went within the step leaves no effect.
 */
export function netEffects(graph: EntityGraph, ordinal: number): Effect[] {
  const effects: Effect[] = [];
  for (const [vertex, before] of graph.touched) vertexEffects(vertex, before, effects);
  if (graph.touchedCauses.length > 0) causeEffects(graph, ordinal, effects);
  if (effects.length > 1) effects.sort(compareEffects);
  return effects;
}

function compareEffects(a: Effect, b: Effect): number {
  return compareCodeUnits(a.kind, b.kind) || compareCodeUnits(a.entityId, b.entityId);
}

function vertexEffects(vertex: Vertex, before: BeforeImage, effects: Effect[]): void {
  const isAlarm = vertex.category === 'ALARM';
  // An alarm counts from when it is seen itself, a resource from when anything refers to it.
  const existed = before.existed && !(isAlarm && before.isPlaceholder);
  const exists = !vertex.isDeleted && !(isAlarm && vertex.isPlaceholder);
  if (!existed && !exists) return;
  const changes = existed && exists ? changesOf(vertex, before) : NO_CHANGES;
  if (changes === undefined) return;
  const entityId = vertex.id;
  const properties = describeVertex(vertex);
  if (isAlarm) {
    effects.push({
      kind: !existed ? 'alarm-raised' : !exists ? 'alarm-cleared' : 'alarm-changed',
      entityId,
      properties,
      changes,
    });
    return;
  }
  effects.push({
    kind: !existed ? 'resource-appeared' : !exists ? 'resource-gone' : 'resource-changed',
    entityId,
    properties,
    changes,
  });
  const wasDown = before.existed && before.isMarkedDown;
  const isDown = exists && vertex.isMarkedDown;
  if (wasDown !== isDown) {
    effects.push({ kind: isDown ? 'mark-down-set' : 'mark-down-cleared', entityId, properties });
  }
}

const NO_CHANGES: { readonly [name: string]: PropertyChange } = Object.freeze({});

function changesOf(vertex: Vertex, before: BeforeImage): { [name: string]: PropertyChange } | undefined {
  let changes: { [name: string]: PropertyChange } | undefined;
  const note = (name: string, was: Json | undefined, is: Json | undefined): void => {
    if (was !== is) (changes ??= {})[name] = { before: was ?? null, after: is ?? null };
  };
  const kind = vertex.category === 'RESOURCE' ? 'state' : 'severity';
  note(`vitrage_aggregated_${kind}`, before.aggregated, vertex.aggregated);
  note(`vitrage_operational_${kind}`, before.operational, vertex.operational);
  note('vitrage_state', before.vitrageState, vertex.vitrageState);
  note('vitrage_is_placeholder', before.isPlaceholder, vertex.isPlaceholder);
  note('is_marked_down', before.isMarkedDown, vertex.isMarkedDown);
  for (const name in before.told) note(name, before.told[name], vertex.properties[name]);
  return changes;
}

function causeEffects(graph: EntityGraph, ordinal: number, effects: Effect[]): void {
  const pairs = new Map<string, { edge: Edge; existed: boolean }>();
  for (const edge of graph.touchedCauses) {
    const id = `${edge.source.id}/${edge.target.id}`;
    const known = pairs.get(id);
    const existed = (known?.existed ?? false) || edge.bornAt < ordinal;
    if (known === undefined) pairs.set(id, { edge, existed });
    else known.existed = existed;
  }
  for (const [entityId, { edge, existed }] of pairs) {
    const exists = graph.edgeBetween(edge.source, edge.target, 'causes') !== undefined;
    if (existed === exists) continue;
    effects.push({
      kind: exists ? 'cause-added' : 'cause-removed',
      entityId,
      sourceId: edge.source.id,
      targetId: edge.target.id,
    });
  }
}
