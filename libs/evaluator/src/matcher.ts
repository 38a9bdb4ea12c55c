import { Edge, type EntityGraph, type Vertex } from '@wherefore/graph';
import type { JoinPlan } from './joinPlan';
import type { CompiledClause, CompiledScenario, SlotEdge } from './network';
import { notesOf } from './notes';

/** Ends a search: its scenario exceeded one of its bounds. The message says which. */
export class BoundExceeded extends Error {}

/**
 * Finds all matches of a clause around given entities. Pure reading; bounded by the work that the
 * scenario may do in a step. A scenario that exceeds a bound is noted as exhausted and searched no
 * further, whatever the others do: which ones are exhausted in a round does not depend on the order
 * within it. For the same reason work is counted by what there is, not by what was looked at.
 */
export class Matcher {
  private bindings: (Vertex | undefined)[] = [];
  private clause!: CompiledClause;
  private plan!: JoinPlan;
  private found!: (clause: CompiledClause, bindings: readonly Vertex[]) => void;
  /** Scenarios that exceeded a bound, and which. */
  readonly exhausted = new Map<CompiledScenario, string>();
  /** Scenarios whose counters changed in the step under way. */
  readonly stirred: CompiledScenario[] = [];

  constructor(
    private readonly graph: EntityGraph,
    public workMax: number,
  ) {}

  /** Matches with `vertex` in `slot`, which it must be fit for. */
  fromSlot(clause: CompiledClause, slot: number, vertex: Vertex, found: Matcher['found']): void {
    this.begin(clause, clause.planFromSlot[slot]!, found);
    this.bindings[slot] = vertex;
    this.search();
  }

  /** Matches with the edge `source`–`target` in place `at`; both ends must be fit for it. */
  fromEdge(clause: CompiledClause, at: number, source: Vertex, target: Vertex, found: Matcher['found']): void {
    const edge = clause.edges[at]!;
    if ((edge.source === edge.target) !== (source === target)) return;
    this.begin(clause, clause.planFromEdge[at]!, found);
    this.bindings[edge.source] = source;
    this.bindings[edge.target] = target;
    this.search();
  }

  /** All matches of a clause in the whole graph. */
  everywhere(clause: CompiledClause, found: Matcher['found']): void {
    const filter = clause.filters[0]!;
    for (const vertex of this.graph.matchable(clause.firstType)) {
      if (notesOf(vertex).alpha.has(filter)) this.fromSlot(clause, 0, vertex, found);
    }
  }

  /** Whether an absent edge of the clause exists after all, for these bindings. */
  isBlocked(clause: CompiledClause, bindings: readonly (Vertex | undefined)[]): boolean {
    try {
      return !this.exhausted.has(clause.scenario) && this.anyAbsentExists(clause, bindings);
    } catch (error) {
      this.exhaust(clause, error);
      return false;
    }
  }

  private anyAbsentExists(clause: CompiledClause, bindings: readonly (Vertex | undefined)[]): boolean {
    for (const edge of clause.absentEdges) if (this.exists(clause, edge, bindings)) return true;
    return false;
  }

  /** Whether these bindings are a match as the graph stands. */
  holds(clause: CompiledClause, bindings: readonly Vertex[]): boolean {
    for (let slot = 0; slot < clause.positiveCount; slot++) {
      if (!notesOf(bindings[slot]!).alpha.has(clause.filters[slot]!)) return false;
    }
    for (const { source, target, label } of clause.edges) {
      if (this.graph.edgeBetween(bindings[source]!, bindings[target]!, label) === undefined) return false;
    }
    return !this.isBlocked(clause, bindings);
  }

  private begin(clause: CompiledClause, plan: JoinPlan, found: Matcher['found']): void {
    this.clause = clause;
    this.plan = plan;
    this.found = found;
    const { scratch } = clause;
    for (let slot = 0; slot < scratch.length; slot++) scratch[slot] = undefined;
    this.bindings = scratch;
  }

  private search(): void {
    if (this.exhausted.size > 0 && this.exhausted.has(this.clause.scenario)) return;
    try {
      this.join(0);
    } catch (error) {
      this.exhaust(this.clause, error);
    }
  }

  private exhaust(clause: CompiledClause, error: unknown): void {
    if (!(error instanceof BoundExceeded)) throw error;
    this.exhausted.set(clause.scenario, error.message);
  }

  private work(clause: CompiledClause, count = 1): void {
    clause.scenario.stir(this.stirred);
    clause.scenario.work += count;
    if (clause.scenario.work > this.workMax) {
      throw new BoundExceeded(`looked at more than ${this.workMax} candidates in one step`);
    }
  }

  private join(at: number): void {
    const { clause, bindings } = this;
    const step = this.plan[at];
    if (step === undefined) {
      if (clause.absentEdges.length === 0 || !this.anyAbsentExists(clause, bindings)) {
        this.found(clause, bindings as readonly Vertex[]);
      }
      return;
    }
    switch (step.kind) {
      case 'check': {
        this.work(clause);
        if (this.graph.edgeBetween(bindings[step.source]!, bindings[step.target]!, step.label)) this.join(at + 1);
        return;
      }
      case 'expand': {
        const from = bindings[step.from]!;
        const edges = step.along ? from.out : from.in;
        if (edges instanceof Edge) this.expand(at, step, edges);
        else for (let place = 0; place < edges.length; place++) this.expand(at, step, edges[place]!);
        return;
      }
      case 'scan': {
        for (const vertex of this.graph.matchable(step.type)) {
          this.work(clause);
          this.tryBinding(at, step.slot, step.filter, vertex);
        }
        return;
      }
    }
  }

  private expand(at: number, step: JoinPlan[number] & { kind: 'expand' }, edge: Edge): void {
    this.work(this.clause);
    if (edge.label === step.label) this.tryBinding(at, step.to, step.filter, step.along ? edge.target : edge.source);
  }

  private tryBinding(at: number, slot: number, filter: number, vertex: Vertex): void {
    if (!notesOf(vertex).alpha.has(filter) || this.bindings.includes(vertex)) return;
    this.bindings[slot] = vertex;
    this.join(at + 1);
    this.bindings[slot] = undefined;
  }

  private exists(clause: CompiledClause, edge: SlotEdge, bindings: readonly (Vertex | undefined)[]): boolean {
    const source = edge.source < clause.positiveCount ? bindings[edge.source] : undefined;
    const target = edge.target < clause.positiveCount ? bindings[edge.target] : undefined;
    if (source !== undefined && target !== undefined) {
      this.work(clause);
      return this.graph.edgeBetween(source, target, edge.label) !== undefined;
    }
    if (source !== undefined) {
      const filter = clause.filters[edge.target]!;
      this.work(clause, source.outgoing.length);
      for (const { target: other, label } of source.outgoing) {
        if (label === edge.label && notesOf(other).alpha.has(filter) && !bindings.includes(other)) return true;
      }
      return false;
    }
    if (target !== undefined) {
      const filter = clause.filters[edge.source]!;
      this.work(clause, target.incoming.length);
      for (const { source: other, label } of target.incoming) {
        if (label === edge.label && notesOf(other).alpha.has(filter) && !bindings.includes(other)) return true;
      }
      return false;
    }
    return this.existsAnywhere(clause, edge, bindings);
  }

  private existsAnywhere(clause: CompiledClause, edge: SlotEdge, bindings: readonly (Vertex | undefined)[]): boolean {
    this.work(clause, this.graph.vertexCount);
    for (const source of this.graph.matchable(undefined)) {
      if (!notesOf(source).alpha.has(clause.filters[edge.source]!) || bindings.includes(source)) continue;
      for (const { target, label } of source.outgoing) {
        if (label !== edge.label || bindings.includes(target)) continue;
        if (notesOf(target).alpha.has(clause.filters[edge.target]!)) return true;
      }
    }
    return false;
  }
}
