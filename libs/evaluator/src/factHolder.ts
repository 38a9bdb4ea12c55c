import { AlarmFact, type CauseFact, type Fact } from './fact';
import type { VertexNotes } from './notes';

/**
 * Who keeps a fact: its target, or the deduced alarm that a causal link leads to. The facts link each other, for most
 * holders keep none to three.
 */
export type FactHolder = VertexNotes | AlarmFact;

/** The first fact that a holder keeps; the others follow as `after`. No order. */
export function firstOf(holder: FactHolder): Fact | undefined {
  return holder instanceof AlarmFact ? holder.firstCause : holder.firstFact;
}

/** O(1). */
export function keepsFact(holder: FactHolder, fact: Fact): boolean {
  return fact.before !== undefined || firstOf(holder) === fact;
}

/** Enters a fact that nobody keeps. O(1). */
export function enlist(holder: FactHolder, fact: Fact): void {
  const first = firstOf(holder);
  fact.after = first;
  if (first !== undefined) first.before = fact;
  setFirst(holder, fact);
}

/** Takes out a fact that the holder keeps. O(1). */
export function delist(holder: FactHolder, fact: Fact): void {
  const { before, after } = fact;
  if (before === undefined) setFirst(holder, after);
  else before.after = after;
  if (after !== undefined) after.before = before;
  fact.before = fact.after = undefined;
}

function setFirst(holder: FactHolder, fact: Fact | undefined): void {
  if (holder instanceof AlarmFact) holder.firstCause = fact as CauseFact | undefined;
  else holder.firstFact = fact;
}
