import { compareCodeUnits } from '@wherefore/model';
import type { Activation } from './activation';
import type { Fact } from './fact';
import type { CompiledAction } from './network';

/** What an action asks for; one object for the many matches that ask for the same. */
export interface Ask {
  readonly action: CompiledAction;
  /** Severity or state as the template spells it; empty for links and marks. */
  readonly value: string;
  /** By the value table; the highest wins. */
  readonly priority: number;
}

/**
 * What an action asks for: the object of one of the last two times, if it is the same. Two, for an action that raises an
 * alarm with its cause asks for both in turn.
 */
export function askOf(action: CompiledAction, value: string, priority: number): Ask {
  const { lastAsk, askBefore } = action;
  if (lastAsk?.value === value && lastAsk.priority === priority) return lastAsk;
  if (askBefore?.value === value && askBefore.priority === priority) return askBefore;
  action.askBefore = lastAsk;
  return (action.lastAsk = { action, value, priority });
}

/**
 * Why a fact holds: one action of one match, with what it asks for. It is an element of two lists and links both itself:
 * nearly all of them have one to three elements, where an array costs more than what it lists.
 */
export class Support {
  /** Neighbours among the supports of the fact. */
  before: Support | undefined = undefined;
  after: Support | undefined = undefined;

  constructor(
    readonly fact: Fact,
    readonly activation: Activation,
    public ask: Ask,
    /** The one that the same match came to hold up before; never changed, so whoever has one has all before it. */
    readonly next: Support | undefined,
  ) {}

  get action(): CompiledAction {
    return this.ask.action;
  }

  get value(): string {
    return this.ask.value;
  }
}

/** Enters a support at its fact. O(1). */
export function addSupport(support: Support): void {
  const { fact } = support;
  const first = fact.firstSupport;
  support.after = first;
  if (first !== undefined) first.before = support;
  fact.firstSupport = support;
}

/** Takes a support from its fact. O(1). */
export function removeSupport(support: Support): void {
  const { before, after } = support;
  if (before === undefined) support.fact.firstSupport = after;
  else before.after = after;
  if (after !== undefined) after.before = before;
  support.before = support.after = undefined;
}

/** The support that decides: highest priority, then oldest, then by ids. O(supports). */
export function strongest(fact: Fact): Support | undefined {
  if (fact.doubted) return undefined;
  let best = fact.firstSupport;
  for (let other = best?.after; other !== undefined; other = other.after) {
    if (compareSupports(other, best!) < 0) best = other;
  }
  return best;
}

/** All supports, the deciding one first. */
export function rankedSupports(fact: Fact): Support[] {
  const supports: Support[] = [];
  for (let each = fact.firstSupport; each !== undefined; each = each.after) supports.push(each);
  return supports.sort(compareSupports);
}

function compareSupports(a: Support, b: Support): number {
  return (
    b.ask.priority - a.ask.priority ||
    a.activation.since - b.activation.since ||
    compareCodeUnits(a.action.scenario.source.id, b.action.scenario.source.id) ||
    a.action.index - b.action.index ||
    a.activation.clause.index - b.activation.clause.index ||
    compareBindings(a.activation, b.activation)
  );
}

/** Of two matches of one clause. */
function compareBindings(a: Activation, b: Activation): number {
  for (let slot = 0; slot < a.clause.positiveCount; slot++) {
    const order = compareCodeUnits(a.boundAt(slot).id, b.boundAt(slot).id);
    if (order !== 0) return order;
  }
  return 0;
}
