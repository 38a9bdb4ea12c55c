import { compareCodeUnits } from '@wherefore/model';
import type { Expression } from './condition';

/** A name or an edge of a condition. */
export type Leaf = Exclude<Expression, { kind: 'and' | 'or' | 'not' }>;

/** A leaf that has to hold, or has not to. */
export interface Literal {
  readonly leaf: Leaf;
  readonly negated: boolean;
}

/** Literals that have to hold together; each occurs once. */
export type Conjunction = readonly Literal[];

const LEAVES_MAX = 512;
/** Conjunctions that a condition may come to. */
export const CONJUNCTIONS_MAX = 256;

/** Two leaves are the same exactly when their keys are. */
export function leafKey(leaf: Leaf): string {
  return leaf.kind === 'name' ? leaf.name : `${leaf.source}[${leaf.label}]${leaf.target}`;
}

/**
 * The disjunctive normal form, in the order written. Nothing is simplified but repetition: a literal
 * occurs once in a conjunction and a conjunction once in the whole; `a or a and b` keeps both, and so
 * does `a and not a`. Undefined when there would be more than `CONJUNCTIONS_MAX`; the work is bounded
 * by that.
 */
export function disjunctiveForm(expression: Expression): readonly Conjunction[] | undefined {
  if (countLeaves(expression) > LEAVES_MAX) return undefined;
  return expand(expression, false)?.map((clause) => [...clause.values()]);
}

type Clause = ReadonlyMap<string, Literal>;

function expand(expression: Expression, negated: boolean): readonly Clause[] | undefined {
  switch (expression.kind) {
    case 'not':
      return expand(expression.part, !negated);
    case 'and':
    case 'or': {
      // Under a negation the two change places (De Morgan).
      const joins = (expression.kind === 'and') !== negated;
      let all: readonly Clause[] | undefined;
      for (const part of expression.parts) {
        const next = expand(part, negated);
        if (!next) return undefined;
        all = all === undefined ? next : joins ? product(all, next) : distinct([...all, ...next]);
        if (!all || all.length > CONJUNCTIONS_MAX) return undefined;
      }
      return all ?? [];
    }
    default: {
      const key = (negated ? '!' : '=') + leafKey(expression);
      return [new Map([[key, { leaf: expression, negated }]])];
    }
  }
}

function product(left: readonly Clause[], right: readonly Clause[]): readonly Clause[] | undefined {
  if (left.length * right.length > CONJUNCTIONS_MAX * 16) return undefined;
  return distinct(left.flatMap((a) => right.map((b): Clause => new Map([...a, ...b]))));
}

function distinct(clauses: readonly Clause[]): readonly Clause[] {
  const seen = new Map<string, Clause>();
  for (const clause of clauses) {
    const key = [...clause.keys()].sort(compareCodeUnits).join('\u0000');
    if (!seen.has(key)) seen.set(key, clause);
  }
  return [...seen.values()];
}

function countLeaves(expression: Expression): number {
  if (expression.kind === 'not') return countLeaves(expression.part);
  if (expression.kind !== 'and' && expression.kind !== 'or') return 1;
  return expression.parts.reduce((sum, part) => sum + countLeaves(part), 0);
}
