import { type BeforeImage, describeVertex, type Edge, type EntityGraph, type Vertex } from '@wherefore/graph';
import {
  addToDigest,
  compareCodeUnits,
  type Digest,
  type Effect,
  type Json,
  Mixer,
  type PropertyChange,
} from '@wherefore/model';

/**
 * What the step under way did to the graph, net: one effect per vertex and per causal edge, in no
 * order. An element that came and went within the step leaves no effect.
 */
export function netEffects(graph: EntityGraph, ordinal: number): Effect[] {
  const effects: Effect[] = [];
  for (const vertex of graph.touched) vertexEffects(vertex, vertex.before!, effects);
  if (graph.touchedCauses.length > 0) causeEffects(graph, ordinal, effects);
  return effects;
}

/** By kind, then id: the order in which a step tells its effects. */
export function compareEffects(a: Effect, b: Effect): number {
  return compareCodeUnits(a.kind, b.kind) || compareCodeUnits(a.entityId, b.entityId);
}

const mixer = new Mixer();

/**
 * Adds the digest of what `netEffects` would tell, without telling it: most steps of a replay are
 * never asked for their effects. Commutative over the elements touched. O(touched).
 */
export function digestEffects(graph: EntityGraph, ordinal: number, sum: Digest): void {
  const { touched } = graph;
  // A counted loop: every step goes through it, mostly for one vertex.
  for (let at = 0; at < touched.length; at++) {
    const vertex = touched[at]!;
    const fate = fateOf(vertex, vertex.before!);
    if (fate === undefined) continue;
    mixer.start(vertex.idLow).number(vertex.idHigh).string(fate);
    mixer.string(vertex.aggregated ?? '').string(vertex.vitrageState ?? '');
    mixer.number(vertex.isMarkedDown ? 1 : 0).finish();
    addToDigest(sum, mixer.high, mixer.low);
  }
  for (const { source, target, bornAt, isDeleted } of graph.touchedCauses) {
    if ((bornAt === ordinal) === isDeleted) continue; // Came and went.
    mixer.start(source.idLow).number(source.idHigh).number(target.idLow).number(target.idHigh);
    mixer.number(isDeleted ? 1 : 0).finish();
    addToDigest(sum, mixer.high, mixer.low);
  }
}

type Fate = 'appeared' | 'stayed' | 'went';

/** What became of a vertex in this step, for whoever looks from outside. */
function fateOf(vertex: Vertex, before: BeforeImage): Fate | undefined {
  // An alarm counts from when it is seen itself, a resource from when anything refers to it.
  const isAlarm = vertex.category === 'ALARM';
  const existed = before.existed && !(isAlarm && before.isPlaceholder);
  const exists = !vertex.isDeleted && !(isAlarm && vertex.isPlaceholder);
  if (existed) return exists ? 'stayed' : 'went';
  return exists ? 'appeared' : undefined;
}

const ALARM_KINDS = { appeared: 'alarm-raised', stayed: 'alarm-changed', went: 'alarm-cleared' } as const;
const RESOURCE_KINDS = { appeared: 'resource-appeared', stayed: 'resource-changed', went: 'resource-gone' } as const;

function vertexEffects(vertex: Vertex, before: BeforeImage, effects: Effect[]): void {
  const fate = fateOf(vertex, before);
  if (fate === undefined) return;
  const changes = fate === 'stayed' ? changesOf(vertex, before) : NO_CHANGES;
  if (changes === undefined) return;
  const entityId = vertex.id;
  const properties = describeVertex(vertex);
  if (vertex.category === 'ALARM') {
    effects.push({ kind: ALARM_KINDS[fate], entityId, properties, changes });
    return;
  }
  effects.push({ kind: RESOURCE_KINDS[fate], entityId, properties, changes });
  const wasDown = before.existed && before.isMarkedDown;
  const isDown = fate !== 'went' && vertex.isMarkedDown;
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
