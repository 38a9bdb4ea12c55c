import { DEDUCED, type EntityGraph, isMatchable, readProperty, type ValueLookup, type Vertex } from '@wherefore/graph';
import { compareCodeUnits, type Json } from '@wherefore/model';
import type { Action, ActionValue, Clause, EntityPattern, Scenario } from '@wherefore/templates';

/** An entity as the oracle sees it: a reported one, or a deduced alarm. */
interface NaiveEntity {
  /** The key of a reported entity; `name@target` of a deduced alarm. */
  readonly name: string;
  readonly read: (property: string) => Json | undefined;
}

type Bindings = ReadonlyMap<string, NaiveEntity>;

interface Claim {
  readonly what: 'alarm' | 'cause' | 'state' | 'mark' | 'workflow';
  readonly target: string;
  /** Alarm name, source of a link, or workflow. */
  readonly detail: string;
  readonly value: string;
  readonly priority: number;
}

/** Everything deduced, each line canonical, sorted. Two evaluations agree exactly when these are equal. */
export type Deductions = readonly string[];

/**
 * The semantics in code, obviously right and slow: everything that the scenarios deduce from what
 * the sources reported, computed from nothing. Scenarios are taken stratum by stratum (a stratum
 * reads what lower ones deduced, or did not), each to its least fixpoint. O(entities ^ symbols).
 */
export function naiveDeductions(
  graph: EntityGraph,
  scenarios: readonly Scenario[],
  strata: readonly number[],
  values: ValueLookup,
): Deductions {
  const settled: Claim[] = [];
  const levels = [...new Set(strata)].sort((a, b) => a - b);
  for (const level of levels) {
    const ofLevel = scenarios.filter((_, at) => strata[at] === level);
    let claims: Claim[] = [];
    for (let before = ''; ;) {
      const world = new World(graph, [...settled, ...claims], values);
      claims = ofLevel.flatMap((scenario) => world.claimsOf(scenario));
      const now = describeClaims(claims).join('\n');
      if (now === before) break;
      before = now;
    }
    settled.push(...claims);
  }
  return describeClaims(winners(settled));
}

/** The same lines for what the graph shows as deduced. */
export function shownDeductions(graph: EntityGraph): Deductions {
  const lines: string[] = [];
  for (const vertex of graph.vertices()) {
    if (vertex.type === DEDUCED) {
      lines.push(`alarm ${nameOf(vertex)} ${String(vertex.properties['severity'])}`);
    }
    if (vertex.vitrageState !== undefined) lines.push(`state ${nameOf(vertex)} ${vertex.vitrageState}`);
    if (vertex.isMarkedDown) lines.push(`mark ${nameOf(vertex)}`);
    for (const edge of vertex.outgoing) {
      if (edge.fact !== undefined && edge.label === 'causes')
        lines.push(`cause ${nameOf(edge.target)} ${nameOf(vertex)}`);
    }
  }
  return lines.sort(compareCodeUnits);
}

function nameOf(vertex: Vertex): string {
  if (vertex.type !== DEDUCED) return vertex.key;
  const on = vertex.outgoing.find((edge) => edge.label === 'on')!;
  return `${String(vertex.properties['name'])}@${nameOf(on.target)}`;
}

function describeClaims(claims: readonly Claim[]): string[] {
  const lines = claims
    .filter((claim) => claim.what !== 'workflow')
    .map(({ what, target, detail, value }) => {
      switch (what) {
        case 'alarm':
          return `alarm ${detail}@${target} ${value}`;
        case 'state':
          return `state ${target} ${value}`;
        case 'mark':
          return `mark ${target}`;
        default:
          return `cause ${target} ${detail}`;
      }
    });
  return [...new Set(lines)].sort(compareCodeUnits);
}

/** One claim per thing claimed: the highest priority. */
function winners(claims: readonly Claim[]): Claim[] {
  const best = new Map<string, Claim>();
  for (const claim of claims) {
    const key = JSON.stringify([claim.what, claim.target, claim.detail]);
    const rival = best.get(key);
    if (rival === undefined || claim.priority > rival.priority) best.set(key, claim);
  }
  return [...best.values()];
}

/** Reported entities plus what has been claimed so far. */
class World {
  private readonly entities: NaiveEntity[] = [];
  private readonly edges = new Set<string>();

  constructor(
    graph: EntityGraph,
    claims: readonly Claim[],
    private readonly values: ValueLookup,
  ) {
    const winning = winners(claims);
    const states = new Map(
      winning.filter((claim) => claim.what === 'state').map((claim) => [claim.target, claim.value]),
    );
    const marks = new Set(winning.filter((claim) => claim.what === 'mark').map((claim) => claim.target));
    const ids = new Map<string, string>();
    for (const vertex of graph.vertices()) {
      if (vertex.type === DEDUCED) continue;
      ids.set(vertex.key, vertex.id);
      for (const edge of vertex.outgoing) {
        if (edge.fact === undefined) this.edges.add(edgeKey(vertex.key, edge.label, edge.target.key));
      }
      if (isMatchable(vertex)) this.addReported(vertex, states.get(vertex.key), marks.has(vertex.key));
    }
    for (const claim of winning) if (claim.what === 'alarm') this.addAlarm(claim, ids);
    for (const claim of winning)
      if (claim.what === 'cause') this.edges.add(edgeKey(claim.detail, 'causes', claim.target));
  }

  claimsOf(scenario: Scenario): Claim[] {
    const claims: Claim[] = [];
    for (const clause of scenario.clauses) {
      this.match(clause, 0, new Map(), (bindings) => {
        for (const action of scenario.actions) claims.push(...this.claim(action, bindings));
      });
    }
    return claims;
  }

  private addReported(vertex: Vertex, deducedState: string | undefined, isMarked: boolean): void {
    const own = vertex.properties[vertex.category === 'RESOURCE' ? 'state' : 'severity'];
    let value = typeof own === 'string' ? own : undefined;
    let meaning = this.values.lookup(vertex.type, value);
    if (deducedState !== undefined) {
      const deduced = this.values.lookup(vertex.type, deducedState);
      if (deduced.priority > meaning.priority) [value, meaning] = [deducedState, deduced];
    }
    const kind = vertex.category === 'RESOURCE' ? 'state' : 'severity';
    const derived: { [name: string]: Json | undefined } = {
      vitrage_state: deducedState,
      is_marked_down: isMarked ? true : undefined,
      [`vitrage_aggregated_${kind}`]: value === undefined ? undefined : meaning.value,
      [`vitrage_operational_${kind}`]: meaning.operational,
    };
    this.entities.push({
      name: vertex.key,
      read: (property) => (property in derived ? derived[property] : readProperty(vertex, property)),
    });
  }

  private addAlarm(claim: Claim, ids: ReadonlyMap<string, string>): void {
    const name = `${claim.detail}@${claim.target}`;
    const meaning = this.values.lookup(DEDUCED, claim.value);
    const properties: { [property: string]: Json | undefined } = {
      vitrage_category: 'ALARM',
      vitrage_type: DEDUCED,
      name: claim.detail,
      severity: claim.value,
      state: 'Active',
      vitrage_aggregated_severity: meaning.value,
      vitrage_operational_severity: meaning.operational,
      vitrage_resource_id: ids.get(claim.target),
    };
    this.entities.push({ name, read: (property) => properties[property] });
    this.edges.add(edgeKey(name, 'on', claim.target));
  }

  /** Tries every entity for every positive symbol, in order. */
  private match(
    clause: Clause,
    slot: number,
    bindings: Map<string, NaiveEntity>,
    found: (bindings: Bindings) => void,
  ): void {
    if (slot === clause.positiveCount) {
      if (this.allEdgesExist(clause, bindings) && !this.isBlocked(clause, bindings)) found(bindings);
      return;
    }
    const pattern = clause.entities[slot]!;
    for (const entity of this.entities) {
      if (!fits(pattern, entity) || [...bindings.values()].includes(entity)) continue;
      bindings.set(pattern.symbol, entity);
      if (this.allEdgesExist(clause, bindings)) this.match(clause, slot + 1, bindings, found);
      bindings.delete(pattern.symbol);
    }
  }

  private allEdgesExist(clause: Clause, bindings: Bindings): boolean {
    return clause.edges.every(({ source, target, label }) => {
      const from = bindings.get(clause.entities[source]!.symbol);
      const to = bindings.get(clause.entities[target]!.symbol);
      return from === undefined || to === undefined || this.edges.has(edgeKey(from.name, label, to.name));
    });
  }

  /** Whether some extension of the bindings has an edge that the clause excludes. */
  private isBlocked(clause: Clause, bindings: Bindings): boolean {
    const used = [...bindings.values()];
    const candidates = (at: number): NaiveEntity[] => {
      const pattern = clause.entities[at]!;
      const boundTo = bindings.get(pattern.symbol);
      if (boundTo !== undefined) return [boundTo];
      return this.entities.filter((entity) => fits(pattern, entity) && !used.includes(entity));
    };
    return clause.absentEdges.some(({ source, target, label }) =>
      candidates(source).some((from) =>
        candidates(target).some((to) => this.edges.has(edgeKey(from.name, label, to.name))),
      ),
    );
  }

  private claim(action: Action, bindings: Bindings): Claim[] {
    const target = 'target' in action ? bindings.get(action.target) : undefined;
    switch (action.kind) {
      case 'raise_alarm': {
        const name = resolve(action.alarmName, bindings);
        if (target === undefined || name === undefined) return [];
        const severity = resolve(action.severity, bindings) ?? '';
        const { priority } = this.values.lookup(DEDUCED, severity);
        const claims: Claim[] = [{ what: 'alarm', target: target.name, detail: name, value: severity, priority }];
        const cause = action.causingAlarm === undefined ? undefined : bindings.get(action.causingAlarm);
        const raised = `${name}@${target.name}`;
        if (cause !== undefined && cause.name !== raised) claims.push(link(raised, cause.name));
        return claims;
      }
      case 'set_state': {
        const state = resolve(action.state, bindings);
        if (target === undefined || state === undefined) return [];
        const { priority } = this.values.lookup(String(target.read('vitrage_type')), state);
        return [{ what: 'state', target: target.name, detail: '', value: state, priority }];
      }
      case 'mark_down':
        return target === undefined ? [] : [{ what: 'mark', target: target.name, detail: '', value: '', priority: 1 }];
      case 'add_causal_relationship': {
        const source = bindings.get(action.source);
        return target === undefined || source === undefined ? [] : [link(target.name, source.name)];
      }
      case 'execute_mistral':
        return [];
    }
  }
}

function link(target: string, source: string): Claim {
  return { what: 'cause', target, detail: source, value: '', priority: 1 };
}

function edgeKey(source: string, label: string, target: string): string {
  return JSON.stringify([source, label, target]);
}

function fits(pattern: EntityPattern, entity: NaiveEntity): boolean {
  return pattern.tests.every((test) => {
    const value = entity.read(test.key);
    return test.op === 'equals' ? value === test.value : typeof value === 'string' && test.matches(value);
  });
}

function resolve(value: ActionValue, bindings: Bindings): string | undefined {
  if (value.kind === 'constant') return value.value;
  const attribute = bindings.get(value.symbol)?.read(value.attribute);
  if (attribute === undefined || attribute === null) return undefined;
  return typeof attribute === 'string' ? attribute : JSON.stringify(attribute);
}
