import { parseCondition } from './condition';
import type { Relationship, Vocabulary } from './draft';
import type { Finding, Path } from './fault';
import { CONJUNCTIONS_MAX, type Conjunction, type Leaf, disjunctiveForm, leafKey } from './normalForm';
import type { Clause, EdgePattern, EntityPattern } from './plan';

/** One conjunction of a condition, in the template's own symbols. */
export interface SymbolClause {
  /** Symbols that have to be there: named outright, or ends of `edges`. In order of appearance. */
  readonly positive: readonly string[];
  readonly edges: readonly Relationship[];
  readonly absentEdges: readonly Relationship[];
}

/** What a condition means, or what is wrong with it. */
export type ConditionOutcome =
  | { readonly kind: 'understood'; readonly clauses: readonly SymbolClause[] }
  | { readonly kind: 'refused'; readonly finding: Finding };

/**
 * Parses a condition and holds it against the vocabulary. Refuses, in this order: what does not parse
 * or multiplies out too far (85), unknown ids (3; in version 3 10200), `not` on an entity (86), nothing
 * positive at all (134), no entity that every clause shares (135).
 */
export function understandCondition(
  text: string,
  vocabulary: Vocabulary,
  version: string,
  path: Path,
): ConditionOutcome {
  // Versions 1 and 2 report the bare message; version 3 quotes the condition.
  const quoted = version === '3' ? { detail: text } : {};
  const refused = (finding: Omit<Finding, 'path'>): ConditionOutcome => ({
    kind: 'refused',
    finding: { ...quoted, ...finding, path },
  });
  const parsed = parseCondition(text, { edges: version === '3' });
  if (parsed.kind === 'fault') {
    const what = `${parsed.message} (line ${parsed.line}, column ${parsed.column} of the condition)`;
    const detail = version === '3' ? { detail: `${text},${what}` } : {};
    return refused({ code: 85, ...detail, hint: `${what}. ${parsed.hint}`, offset: parsed.offset });
  }
  const conjunctions = disjunctiveForm(parsed.expression);
  if (!conjunctions) {
    const hint = `It multiplies out to more than ${CONJUNCTIONS_MAX} alternatives. Split the scenario.`;
    return refused({ code: 85, hint });
  }
  const unknown = firstUnknown(conjunctions, vocabulary);
  if (unknown) {
    // The blanks are Vitrage's.
    const unknownEntity = { code: 10200, detail: `${text},        ${unknown.id} ` } as const;
    const unknownId = { code: 3, detail: `template id: ${unknown.id}` } as const;
    const hint = `"${unknown.id}" is not defined in this template.`;
    return refused({ ...(version === '3' ? unknownEntity : unknownId), hint, offset: unknown.offset });
  }
  const negated = conjunctions.flat().find(({ leaf, negated: not }) => not && isEntity(leaf, vocabulary));
  if (negated) return refused({ code: 86, offset: negated.leaf.offset, hint: 'Negate a relationship of the entity.' });
  const clauses = conjunctions.map((conjunction) => symbolClause(conjunction, vocabulary));
  if (clauses.every(({ positive }) => positive.length === 0)) {
    return refused({ code: 134, hint: 'Add an entity or a relationship that has to be there.' });
  }
  if (commonSymbols(clauses).size === 0) {
    return refused({ code: 135, hint: 'Let every alternative name the entity that the action is for.' });
  }
  return { kind: 'understood', clauses };
}

/** The symbols that are positive in every clause. */
export function commonSymbols(clauses: readonly SymbolClause[]): ReadonlySet<string> {
  const [first, ...rest] = clauses.map(({ positive }) => new Set(positive));
  return new Set([...(first ?? [])].filter((symbol) => rest.every((others) => others.has(symbol))));
}

function isEntity(leaf: Leaf, vocabulary: Vocabulary): boolean {
  return leaf.kind === 'name' && vocabulary.entities.has(leaf.name);
}

function firstUnknown(
  conjunctions: readonly Conjunction[],
  { entities, relationships }: Vocabulary,
): { id: string; offset: number } | undefined {
  for (const { leaf } of conjunctions.flat()) {
    const ids = leaf.kind === 'name' ? [leaf.name] : [leaf.source, leaf.target];
    const id = ids.find((name) => !entities.has(name) && (leaf.kind === 'edge' || !relationships.has(name)));
    if (id !== undefined) return { id, offset: leaf.offset };
  }
  return undefined;
}

function symbolClause(conjunction: Conjunction, vocabulary: Vocabulary): SymbolClause {
  const positive = new Set<string>();
  const edges = new Map<string, Relationship>();
  const absentEdges = new Map<string, Relationship>();
  for (const { leaf, negated } of conjunction) {
    const edge = leaf.kind === 'edge' ? leaf : vocabulary.relationships.get(leaf.name);
    if (!edge) {
      positive.add(leafKey(leaf));
      continue;
    }
    const { source, label, target } = edge;
    // Two relationships of different ids may be the same edge.
    (negated ? absentEdges : edges).set(JSON.stringify([source, label, target]), { source, label, target });
    if (!negated) positive.add(source).add(target);
  }
  return { positive: [...positive], edges: [...edges.values()], absentEdges: [...absentEdges.values()] };
}

/** True for a clause that asks for an edge and for its absence: it can never match. */
export function contradictsItself(clause: SymbolClause): boolean {
  return clause.absentEdges.some((absent) =>
    clause.edges.some(
      (edge) => edge.source === absent.source && edge.target === absent.target && edge.label === absent.label,
    ),
  );
}

/** The clause with its symbols numbered: the positive ones first. */
export function numberClause(clause: SymbolClause, entities: ReadonlyMap<string, EntityPattern>): Clause {
  const symbols = new Set(clause.positive);
  for (const { source, target } of clause.absentEdges) symbols.add(source).add(target);
  const order = [...symbols];
  const number = ({ source, target, label }: Relationship): EdgePattern => ({
    source: order.indexOf(source),
    target: order.indexOf(target),
    label,
  });
  return {
    entities: order.map((symbol) => entities.get(symbol) ?? { symbol, tests: [] }),
    positiveCount: clause.positive.length,
    edges: clause.edges.map(number),
    absentEdges: clause.absentEdges.map(number),
  };
}
