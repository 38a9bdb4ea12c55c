import type { Filter, SlotEdge } from './network';

/** One step of a join: every slot it starts from is bound. */
export type JoinStep =
  /** Bind `to` by following edges `label` from `from` (along them, or against). */
  | {
      readonly kind: 'expand';
      readonly from: number;
      readonly to: number;
      readonly along: boolean;
      readonly label: string;
      readonly filter: number;
    }
  /** Both ends are bound: the edge must exist. */
  | { readonly kind: 'check'; readonly source: number; readonly target: number; readonly label: string }
  /** Nothing connects the slot to what is bound: try every entity. */
  | { readonly kind: 'scan'; readonly slot: number; readonly filter: number; readonly type: string | undefined };

export type JoinPlan = readonly JoinStep[];

interface ClauseShape {
  readonly positiveCount: number;
  readonly edges: readonly SlotEdge[];
  readonly filters: readonly Filter[];
}

/**
 * Orders the edges of a clause for a search that starts with `bound` slots. `usedEdge` is known to
 * exist. Cheap and selective steps first: edges whose ends are both bound, then towards alarms,
 * then towards containers, and fanning out last.
 */
export function planJoin(clause: ClauseShape, bound: readonly number[], usedEdge: number): JoinPlan {
  const isBound = new Set(bound);
  const open = new Set(clause.edges.keys());
  if (usedEdge >= 0) open.delete(usedEdge);
  const steps: JoinStep[] = [];
  for (;;) {
    const next = cheapestEdge(clause, isBound, open);
    if (next !== undefined) {
      open.delete(next);
      steps.push(stepFor(clause, isBound, clause.edges[next]!));
      isBound.add(clause.edges[next]!.source).add(clause.edges[next]!.target);
      continue;
    }
    const unbound = firstUnbound(clause, isBound);
    if (unbound === undefined) return steps;
    const filter = clause.filters[unbound]!;
    steps.push({ kind: 'scan', slot: unbound, filter: filter.id, type: filter.type });
    isBound.add(unbound);
  }
}

function cheapestEdge(
  clause: ClauseShape,
  isBound: ReadonlySet<number>,
  open: ReadonlySet<number>,
): number | undefined {
  let best: number | undefined;
  let bestCost = Infinity;
  for (const at of open) {
    const edge = clause.edges[at]!;
    const sourceBound = isBound.has(edge.source);
    const targetBound = isBound.has(edge.target);
    if (!sourceBound && !targetBound) continue;
    const cost = sourceBound && targetBound ? 0 : expansionCost(edge.label, sourceBound);
    if (cost < bestCost) {
      bestCost = cost;
      best = at;
    }
  }
  return best;
}

/** How many entities one may expect at the other end of an edge. */
function expansionCost(label: string, along: boolean): number {
  if (label === 'on') return along ? 1 : 2; // An alarm is on one resource; a resource has few alarms.
  if (label === 'contains') return along ? 5 : 1; // One container; it may contain thousands.
  return along ? 3 : 4;
}

function stepFor(clause: ClauseShape, isBound: ReadonlySet<number>, edge: SlotEdge): JoinStep {
  const { source, target, label } = edge;
  if (isBound.has(source) && isBound.has(target)) return { kind: 'check', source, target, label };
  if (isBound.has(source)) {
    return { kind: 'expand', from: source, to: target, along: true, label, filter: clause.filters[target]!.id };
  }
  return { kind: 'expand', from: target, to: source, along: false, label, filter: clause.filters[source]!.id };
}

/** Slots with edges first: an edge may then bind the others. */
function firstUnbound(clause: ClauseShape, isBound: ReadonlySet<number>): number | undefined {
  for (let slot = 0; slot < clause.positiveCount; slot++) if (!isBound.has(slot)) return slot;
  return undefined;
}
