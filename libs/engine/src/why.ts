import { type Activation, type RankedSupport, supportsOfAlarm, supportsOfEdge } from '@wherefore/evaluator';
import { describeVertex, type Edge, type Vertex } from '@wherefore/graph';
import { compareCodeUnits, type Properties } from '@wherefore/model';
import { resourcesOf } from './stateReport';
import type { EngineState } from './state';

/** One match that holds a fact. Numbers of entries stand for the entries themselves. */
export interface Deduction {
  readonly template: string;
  readonly scenario: string;
  readonly action: string;
  readonly condition: string;
  /** Number of the entry that made the match true. */
  readonly since: number;
  /** Whether it decides the severity: highest priority, then oldest. */
  readonly decides: boolean;
  readonly bindings: readonly { readonly symbol: string; readonly key: string; readonly properties: Properties }[];
  /** Numbers of the entry that completed it, and of those that its entities and edges stem from, ascending. */
  readonly entries: readonly number[];
}

export interface ExplainedAlarm {
  /** Entity key: what entries call it. */
  readonly key: string;
  readonly properties: Properties;
  readonly resources: readonly Properties[];
  /** Number of the entry that made it active. */
  readonly bornAt: number;
  /** Number of the entry that last changed it. */
  readonly changedAt: number;
  /** Empty for alarms that a source reported. The deciding one first. */
  readonly deducedBy: readonly Deduction[];
}

export interface ExplainedLink {
  readonly sourceId: string;
  readonly targetId: string;
  /** Number of the entry that made it. */
  readonly bornAt: number;
  readonly deducedBy: readonly Deduction[];
}

/** Why an alarm is there: everything above it, and what its root causes brought about. */
export interface Explanation {
  readonly askedId: string;
  /** Alarms of the answer that nothing is known to cause, among those above the asked one. */
  readonly rootIds: readonly string[];
  /** Sorted by id. */
  readonly alarms: readonly ExplainedAlarm[];
  /** Sorted by source, then target. Both ends are in `alarms`. */
  readonly links: readonly ExplainedLink[];
  /** Effects beyond `alarmsMax` that were left out. */
  readonly omitted: number;
}

/**
 * Explains a live alarm from the state as it is: its causes up to the roots, its own effects, and
 * what else the roots brought about, the closest first, up to `alarmsMax` alarms. O(answer).
 */
export function explainAlarm(state: EngineState, alarmId: string, alarmsMax = 500): Explanation | undefined {
  const asked = state.graph.vertexById(alarmId);
  if (asked?.category !== 'ALARM' || asked.isDeleted) return undefined;
  const above = reach([asked], causesOf, Infinity);
  const roots = [...above].filter((alarm) => causesOf(alarm).length === 0);
  // Alarms that cause each other in a ring have no root: the asked one has to do.
  if (roots.length === 0) roots.push(asked);
  const chosen = new Set(above);
  let omitted = 0;
  for (const alarm of [...reach([asked], effectsOf, alarmsMax), ...reach(roots, effectsOf, alarmsMax * 20)]) {
    if (chosen.size < alarmsMax) chosen.add(alarm);
    else if (!chosen.has(alarm)) omitted += 1;
  }
  const links = [...chosen].flatMap((alarm) =>
    alarm.outgoing.filter((edge) => edge.label === 'causes' && chosen.has(edge.target)),
  );
  return {
    askedId: asked.id,
    rootIds: roots.map(({ id }) => id).sort(compareCodeUnits),
    alarms: [...chosen].sort(byId).map(explain),
    links: links.map(explainLink).sort(byEnds),
    omitted,
  };
}

function byId(a: Vertex, b: Vertex): number {
  return compareCodeUnits(a.id, b.id);
}

function byEnds(a: ExplainedLink, b: ExplainedLink): number {
  return compareCodeUnits(a.sourceId, b.sourceId) || compareCodeUnits(a.targetId, b.targetId);
}

function causesOf(alarm: Vertex): Vertex[] {
  return alarm.incoming.flatMap(({ label, source }) => (label === 'causes' ? [source] : []));
}

function effectsOf(alarm: Vertex): Vertex[] {
  return alarm.outgoing.flatMap(({ label, target }) => (label === 'causes' ? [target] : []));
}

/** Breadth first, neighbours by id, so that a cut-off does not depend on the order of containers. */
function reach(from: readonly Vertex[], next: (alarm: Vertex) => Vertex[], max: number): Set<Vertex> {
  const reached = new Set(from);
  for (const alarm of reached) {
    for (const neighbour of next(alarm).sort(byId)) if (reached.size < max) reached.add(neighbour);
  }
  return reached;
}

function explain(alarm: Vertex): ExplainedAlarm {
  return {
    key: alarm.key,
    properties: describeVertex(alarm),
    resources: resourcesOf(alarm).sort(byId).map(describeVertex),
    bornAt: alarm.bornAt,
    changedAt: alarm.changedAt,
    deducedBy: supportsOfAlarm(alarm).map(describeSupport),
  };
}

function explainLink(edge: Edge): ExplainedLink {
  return {
    sourceId: edge.source.id,
    targetId: edge.target.id,
    bornAt: edge.bornAt,
    deducedBy: supportsOfEdge(edge).map(describeSupport),
  };
}

function describeSupport({ activation, action, decides }: RankedSupport): Deduction {
  const { scenario } = activation.clause;
  const { id, template, condition } = scenario.source;
  return {
    template,
    scenario: id,
    action: action.action.id,
    condition,
    since: activation.since,
    decides,
    bindings: activation.bindings.map((vertex, slot) => ({
      symbol: activation.clause.symbols[slot]!,
      key: vertex.key,
      properties: describeVertex(vertex),
    })),
    entries: entriesBehind(activation),
  };
}

/**
 * The entries that the entities and edges of a match stem from, and the one that completed it: of a condition
 * with NOT that may be the one that took away what was in its way, of which no entity of the match tells.
 */
function entriesBehind(activation: Activation): number[] {
  const entries = new Set<number>([activation.since]);
  for (const vertex of activation.bindings) entries.add(vertex.category === 'ALARM' ? vertex.bornAt : vertex.changedAt);
  for (const { source, target, label } of activation.clause.edges) {
    const from = activation.boundAt(source);
    const to = activation.boundAt(target);
    for (const edge of from.outgoing) if (edge.target === to && edge.label === label) entries.add(edge.bornAt);
  }
  return [...entries].sort((a, b) => a - b);
}
