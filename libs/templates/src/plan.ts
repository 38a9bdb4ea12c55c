/** One test on a property of an entity. All tests of a pattern must hold. */
export type PropertyTest =
  | { readonly key: string; readonly op: 'equals'; readonly value: string }
  | {
      readonly key: string;
      readonly op: 'matches';
      /** The regular expression as written; anchored at the start only. */
      readonly pattern: string;
      /** Linear-time: cannot stall on any input. */
      readonly matches: (value: string) => boolean;
    };

/**
 * What an entity must be to stand for a symbol of a scenario. Keys are vertex property names after
 * aliasing (`category` is `vitrage_category`, …). The graph adds that it is live and no placeholder.
 */
export interface EntityPattern {
  /** The template_id (versions 1, 2) or entity id (version 3). */
  readonly symbol: string;
  /** Sorted by key, then op. Includes vitrage_category and vitrage_type where the template names them. */
  readonly tests: readonly PropertyTest[];
}

/** An edge between two entities of a clause, by index into `Clause.entities`. */
export interface EdgePattern {
  readonly source: number;
  readonly target: number;
  readonly label: string;
}

/**
 * One conjunction of the condition's disjunctive normal form. It matches an injective assignment of
 * entities to the positive symbols where all `edges` exist and no `absentEdges` does, for any
 * assignment of the negative-only symbols to entities not yet used.
 */
export interface Clause {
  /** First the symbols of the positive part (`positiveCount` of them), then the negative-only ones. */
  readonly entities: readonly EntityPattern[];
  readonly positiveCount: number;
  readonly edges: readonly EdgePattern[];
  readonly absentEdges: readonly EdgePattern[];
}

/**
 * A value of an action: written out, or read from a matched entity when the scenario matches. The
 * symbol of an attribute may be missing from a clause, or be one of its negative-only symbols, or be no
 * entity at all; then, and when the entity lacks the attribute, the value is absent.
 */
export type ActionValue =
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'attribute'; readonly symbol: string; readonly attribute: string };

interface ActionBase {
  /** `<template name>-scenario<i>-action<j>`: shared by the clones that equivalences make. */
  readonly id: string;
}

export type Action = ActionBase &
  (
    | {
        readonly kind: 'raise_alarm';
        readonly target: string;
        readonly alarmName: ActionValue;
        readonly severity: ActionValue;
        /** Symbol of the alarm that causes the raised one. Where a clause does not have it, nothing does. */
        readonly causingAlarm?: string;
      }
    | { readonly kind: 'set_state'; readonly target: string; readonly state: ActionValue }
    | { readonly kind: 'add_causal_relationship'; readonly source: string; readonly target: string }
    | { readonly kind: 'mark_down'; readonly target: string }
    | {
        readonly kind: 'execute_mistral';
        readonly workflow: string;
        readonly input: { readonly [name: string]: ActionValue };
      }
  );

/** A compiled scenario: any clause that matches holds its actions. */
export interface Scenario {
  /**
   * `<template name>-scenario<i>`. Further ones made of the same scenario add `~<n>`: clones for
   * equivalent entities, and parts whose actions are for entities that only some alternatives have.
   */
  readonly id: string;
  readonly template: string;
  /** The condition as written. */
  readonly condition: string;
  /** Clauses that contradict themselves are left out: there may be none, and it never matches. */
  readonly clauses: readonly Clause[];
  /** Every `target` and `source` is positive in every clause; symbols of values may be missing. */
  readonly actions: readonly Action[];
  /** Equal exactly when two scenarios have the same id, clauses and actions: survives recompilation. */
  readonly fingerprint: string;
}
