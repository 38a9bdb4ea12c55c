import type { Edge, Vertex } from '@wherefore/graph';
import { appended, compareCodeUnits, type Json } from '@wherefore/model';
import type { Activation } from './activation';
import type { CompiledAction } from './network';

/** Why a fact holds: one action of one match, with what it asks for. */
export interface Support {
  readonly fact: Fact;
  readonly activation: Activation;
  action: CompiledAction;
  /** Severity or state as the template spells it; empty for links and marks. */
  readonly value: string;
  /** By the value table; the highest wins. */
  readonly priority: number;
  /** Place in `fact.supports`. */
  place: number;
}

/** Stand for every empty list. Never changed. */
const NONE: Support[] = [];
const NO_CAUSES: CauseFact[] = [];

abstract class FactBase {
  /** No order; `strongest` decides. */
  supports: Support[] = NONE;
  /** Withdrawn while it is unclear whether it only supports itself. */
  doubted = false;
  /** The step that made it. */
  bornIn = 0;
  /** The settlement that last dealt with it. */
  settledIn = 0;
  /** Waiting for its consequences to be drawn. */
  queued = false;
}

/** A deduced alarm. */
export class AlarmFact extends FactBase {
  readonly kind = 'alarm';
  /** The alarm in the graph, while the fact holds; the last one after that. */
  vertex: Vertex | undefined = undefined;
  /** Causal links towards this alarm. */
  causes: CauseFact[] = NO_CAUSES;
  constructor(
    readonly target: Vertex,
    readonly name: string,
    readonly key: string,
  ) {
    super();
  }
}

/** A causal link between two alarms. */
export class CauseFact extends FactBase {
  readonly kind = 'cause';
  edge: Edge | undefined = undefined;
  constructor(
    readonly source: Vertex,
    /** The caused alarm: a reported one, or a deduced one by its fact (it may not exist yet). */
    readonly target: Vertex | AlarmFact,
  ) {
    super();
  }
}

/** A deduced state of a resource. */
export class StateFact extends FactBase {
  readonly kind = 'state';
  constructor(readonly target: Vertex) {
    super();
  }
}

/** A resource is to be regarded as down. */
export class MarkFact extends FactBase {
  readonly kind = 'mark';
  constructor(readonly target: Vertex) {
    super();
  }
}

/** A workflow outside is asked for. */
export class WorkflowFact extends FactBase {
  readonly kind = 'workflow';
  isHeld = false;
  constructor(
    readonly key: string,
    readonly workflow: string,
    readonly input: { readonly [name: string]: Json },
  ) {
    super();
  }
}

export type Fact = AlarmFact | CauseFact | StateFact | MarkFact | WorkflowFact;

/** The support that decides: highest priority, then oldest, then by ids. O(supports). */
export function strongest(fact: Fact): Support | undefined {
  if (fact.doubted) return undefined;
  let best: Support | undefined;
  for (const support of fact.supports) if (best === undefined || compareSupports(support, best) < 0) best = support;
  return best;
}

/** All supports, the deciding one first. */
export function rankedSupports(fact: Fact): Support[] {
  return [...fact.supports].sort(compareSupports);
}

function compareSupports(a: Support, b: Support): number {
  return (
    b.priority - a.priority ||
    a.activation.since - b.activation.since ||
    compareCodeUnits(a.action.scenario.source.id, b.action.scenario.source.id) ||
    a.action.index - b.action.index ||
    a.activation.clause.index - b.activation.clause.index ||
    compareBindings(a.activation.bindings, b.activation.bindings)
  );
}

function compareBindings(a: readonly Vertex[], b: readonly Vertex[]): number {
  for (let slot = 0; slot < a.length; slot++) {
    const order = compareCodeUnits(a[slot]!.id, b[slot]!.id);
    if (order !== 0) return order;
  }
  return 0;
}

export function addSupport(support: Support): void {
  const { fact } = support;
  support.place = fact.supports.length;
  fact.supports = appended(fact.supports, support);
}

export function removeSupport(support: Support): void {
  const { supports } = support.fact;
  const last = supports.pop()!;
  if (last === support) return;
  supports[support.place] = last;
  last.place = support.place;
}
