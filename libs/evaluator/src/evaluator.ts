import { type EntityGraph, type UndoLog, type Vertex } from '@wherefore/graph';
import { type Digest, emptied, emptyDigest, type Limits } from '@wherefore/model';
import type { Scenario } from '@wherefore/templates';
import { Activation, findActivation, link, matchCountOf, matchesOf, unlink } from './activation';
import { Delta } from './delta';
import type { Fact, WorkflowFact } from './fact';
import { FactBook, type Moment, type Priorities } from './factBook';
import { BoundExceeded, Matcher } from './matcher';
import { type AlphaSet, type CompiledClause, type CompiledScenario, Network, type ScenarioTraits } from './network';
import { notesOf, setAlpha, type VertexNotes } from './notes';

/** A scenario that was taken out of service, and why. */
export interface Suspension {
  readonly scenarioId: string;
  readonly template: string;
  readonly reason: string;
}

/** Analyses scenarios for deductions that come to support, or take away, what they rest on. */
export type TraitAnalysis = (scenarios: readonly Scenario[]) => readonly ScenarioTraits[];

/**
 * Keeps the deductions of all scenarios equal to what a fresh evaluation of the whole graph would
 * give, at a cost that depends on what changed.
 *
 * After the sources' changes to the graph, `evaluate` works in rounds: matches that no longer hold
 * are retracted, new ones are found around the changed elements, the facts they support are put
 * into the graph, and that is the change of the next round, until nothing changes. A round's result
 * does not depend on the order within it. Facts that may only support themselves are withdrawn
 * first and reinstated if something else still supports them (delete and re-derive).
 */
export class Evaluator {
  private network: Network;
  private readonly matcher: Matcher;
  private readonly book: FactBook;
  private readonly sum: Digest = emptyDigest();
  /** Activations of clauses that concern the whole graph. */
  private readonly floating = new Set<Activation>();
  private readonly suspendedNow: Suspension[] = [];
  /** Scenarios to be searched for in the whole graph, in the next round. */
  private pendingScenarios: CompiledScenario[] = [];
  /** Changes around which new matches are still to be looked for. */
  private postponed: Delta[] = [];
  /** What the round at work starts from. One for all rounds, but for those that are postponed. */
  private delta = new Delta();
  /** Matches that the round at work found: clauses, and what each of them binds, one after another. */
  private readonly foundClauses: CompiledClause[] = [];
  private readonly foundBindings: Vertex[] = [];
  /** Matches of a snapshot that is being read. */
  private readonly restored: Activation[] = [];
  private isMidRound = false;
  /** Matches that a scenario which feeds itself may gain in the step under way. */
  private selfFedMax = 0;
  /** Scenarios were exchanged in the step under way. */
  private isNetworkNew = false;
  private moment!: Moment;

  constructor(
    private readonly graph: EntityGraph,
    private readonly undo: UndoLog,
    private limits: Limits,
    priorities: Priorities,
    private readonly analyse: TraitAnalysis,
  ) {
    this.network = new Network([], []);
    this.matcher = new Matcher(graph, limits.matchWorkPerStepMax);
    this.book = new FactBook(graph, undo, priorities);
  }

  /** Commutative digest of the matches that hold, with their ages. */
  get digest(): Readonly<Digest> {
    return this.sum;
  }

  get scenarios(): readonly Scenario[] {
    return this.network.scenarios.map((scenario) => scenario.source);
  }

  /** Scenarios suspended in the step under way. */
  get suspensions(): readonly Suspension[] {
    return this.suspendedNow;
  }

  /** Workflows that came to be asked for in the step under way. */
  get requestedWorkflows(): ReadonlySet<WorkflowFact> {
    return this.book.requested;
  }

  useLimits(limits: Limits): void {
    const before = this.limits;
    this.undo.push(() => {
      this.limits = before;
      this.matcher.workMax = before.matchWorkPerStepMax;
    });
    this.limits = limits;
    this.matcher.workMax = limits.matchWorkPerStepMax;
  }

  usePriorities(priorities: Priorities): void {
    this.book.usePriorities(priorities);
    for (const activation of this.activations()) this.book.redraw(activation);
  }

  /**
   * These scenarios hold from now on. Matches of scenarios that stay the same stay, with their age.
   * Call `evaluate` afterwards. O(vertices + matches of what changed).
   */
  useScenarios(scenarios: readonly Scenario[]): void {
    const before = this.network;
    const activations = this.activations();
    this.undo.push(() => {
      this.network = before;
    });
    const network = new Network(scenarios, this.analyse(scenarios));
    const hadCycles = this.book.hasCycles;
    this.book.expectCycles(network.scenarios.some((scenario) => scenario.traits.cyclic));
    const kept = new Map(network.scenarios.map((scenario) => [scenario.source.fingerprint, scenario]));
    const known = new Set(before.scenarios.map((scenario) => scenario.source.fingerprint));
    // Changes that no round has seen yet: what they broke or made possible is found by looking at everything.
    const isDisturbed = this.isMidRound || this.hasChanges() || this.postponed.length > 0;
    this.postponed = [];
    // Where deductions may support themselves all have to fall, for what only supported itself must not come back.
    const maySwitch = !isDisturbed && !hadCycles && !this.book.hasCycles;
    const clauseOf = ({ clause }: Activation): CompiledClause | undefined =>
      kept.get(clause.scenario.source.fingerprint)?.clauses[clause.index];
    const fallen: Activation[] = [];
    for (const activation of activations) {
      const clause = maySwitch ? clauseOf(activation) : undefined;
      if (clause === undefined || !this.switchTo(clause, activation)) fallen.push(activation);
    }
    const supports = fallen.map((activation) => activation.firstSupport);
    for (const activation of fallen) this.drop(activation);
    this.network = network;
    this.graph.readSampleTimes(network.readsSampleTimes);
    this.isNetworkNew = true;
    this.assignAlphas();
    const weakened: Fact[] = [];
    fallen.forEach((old, at) => {
      const clause = clauseOf(old);
      const isKept = clause !== undefined && (!isDisturbed || this.matcher.holds(clause, old.bindings));
      if (isKept) this.hold(clause, old.bindings, 0, old.since);
      else for (let each = supports[at]; each !== undefined; each = each.next) weakened.push(each.fact);
    });
    // Only now is it known what is left to them.
    for (const fact of weakened) this.book.doubt(fact);
    for (const scenario of network.scenarios) scenario.matchCountBefore = scenario.matchCount;
    this.pendingScenarios = network.scenarios.filter(
      (scenario) => isDisturbed || this.pendingScenarios.length > 0 || !known.has(scenario.source.fingerprint),
    );
  }

  /** Brings the deductions up to date with the graph. Never leaves it half-way: see `rollback`. */
  evaluate(moment: Moment): void {
    this.moment = moment;
    this.selfFedMax = this.limits.selfFedMatchesMax + this.graph.vertexCount;
    let rounds = 0;
    for (;;) {
      if (this.isQuiet()) {
        if (this.book.doubted.length === 0) break;
        this.book.reinstate();
      }
      rounds += 1;
      // Who came to rest in the first half is not to blame for who never does.
      if (rounds === Math.ceil(this.limits.deductionRoundsMax / 2)) this.forgetFlips();
      if (rounds > this.limits.deductionRoundsMax) {
        this.suspendRestless();
        rounds = 0;
      }
      this.match();
      this.book.settle(moment);
    }
    this.book.sweep();
  }

  /** Call when the step has been committed or undone: forgets its per-step counters. O(scenarios concerned). */
  finishStep(): void {
    const { stirred } = this.matcher;
    for (let at = 0; at < stirred.length; at++) stirred[at]!.calm();
    emptied(stirred);
    if (this.suspendedNow.length > 0) this.suspendedNow.length = 0;
    this.isNetworkNew = false;
    if (this.pendingScenarios.length > 0) this.pendingScenarios = [];
    if (this.postponed.length > 0) this.postponed = [];
    this.book.forgetPending();
  }

  /** After the undo log ran: what it does not cover. */
  afterRollback(high: number, low: number): void {
    this.sum.high = high;
    this.sum.low = low;
    // The filters of a network are its own: a vertex that came back must not keep those of another.
    if (this.isNetworkNew) this.assignAlphas();
    this.finishStep();
  }

  /** Every match that holds, in a new list; no order. O(matches + vertices of the types that come first in them). */
  activations(): Activation[] {
    const found: Activation[] = [];
    for (const vertex of this.verticesOf(this.network.firstTypes)) collectFrom(vertex, found);
    // Within a step, matches may still be listed at a vertex that was just deleted.
    for (const vertex of this.graph.changes.vertices) if (vertex.isDeleted) collectFrom(vertex, found);
    return found;
  }

  /** Live vertices of these types; all of them when it is not known which. */
  private *verticesOf(types: ReadonlySet<string> | undefined): Iterable<Vertex> {
    if (types === undefined) yield* this.graph.vertices();
    else for (const type of types) yield* this.graph.verticesOfType(type);
  }

  /** Restores a match from a snapshot; `clause` counts over all scenarios. */
  restore(scenario: number, clause: number, bindings: readonly Vertex[], since: number): void {
    const activation = this.list(this.network.scenarios[scenario]!.clauses[clause]!, bindings, 0, since);
    this.book.tieAlarms(activation);
    this.restored.push(activation);
  }

  /** Ends a restoration; gives the key of a fact that the graph does not show, if there is one. */
  finishRestore(): string | undefined {
    this.pendingScenarios = [];
    // A link leads to the alarm's fact, if the alarm is a deduced one: all of those have to be known first.
    for (const activation of this.restored.splice(0)) this.book.assert(activation);
    return this.book.adoptRestored();
  }

  /** Assigns filters to every vertex, those just deleted included. O(vertices). */
  assignAlphas(): void {
    for (const type of this.graph.typeNames()) {
      // Of most types templates say nothing.
      const isFiltered = this.network.hasFiltersOf(type);
      const vertices = this.graph.verticesOfType(type);
      for (let at = 0; at < vertices.length; at++) {
        setAlpha(vertices[at]!, isFiltered ? this.network.alphaOf(vertices[at]!) : this.network.empty);
      }
    }
    for (const vertex of this.graph.changes.vertices) setAlpha(vertex, this.network.alphaOf(vertex));
  }

  private hasChanges(): boolean {
    const { vertices, addedEdges, removedEdges } = this.graph.changes;
    return vertices.length > 0 || addedEdges.length > 0 || removedEdges.length > 0;
  }

  private isQuiet(): boolean {
    const isSearched = this.pendingScenarios.length === 0 && this.postponed.length === 0;
    return !this.hasChanges() && isSearched && this.book.isSettled;
  }

  /** One round of matching. A scenario that exceeds its bounds is suspended, and all others are searched anew. */
  private match(): void {
    const { exhausted } = this.matcher;
    this.isMidRound = true;
    try {
      for (;;) {
        this.round();
        if (exhausted.size === 0) return;
        const scenarios = this.network.scenarios.filter((scenario) => exhausted.has(scenario));
        const reasons = scenarios.map((scenario) => exhausted.get(scenario)!);
        exhausted.clear();
        this.suspend(scenarios, reasons);
      }
    } finally {
      this.isMidRound = false;
      if (exhausted.size > 0) exhausted.clear();
    }
  }

  private round(): void {
    const delta = this.takeDelta();
    this.forgetFound();
    this.retractBroken(delta);
    this.retractBlocked(delta);
    if (this.book.hasCycles) {
      this.postponed.push(delta);
      this.delta = new Delta();
      if (!this.mayGrow()) return;
    }
    if (this.postponed.length === 0) this.searchIn(delta);
    else for (const each of this.postponed.splice(0)) this.searchIn(each);
    if (this.pendingScenarios.length > 0) {
      for (const scenario of this.pendingScenarios) {
        for (const clause of scenario.clauses) this.matcher.everywhere(clause, this.collect);
      }
      this.pendingScenarios = [];
    }
    const { foundClauses, foundBindings } = this;
    for (let at = 0, start = 0; at < foundClauses.length; at++) {
      const clause = foundClauses[at]!;
      clause.scenario.found = 0;
      const isExhausted = this.matcher.exhausted.size > 0 && this.matcher.exhausted.has(clause.scenario);
      if (!isExhausted && findActivation(clause, foundBindings, start) === undefined) {
        this.hold(clause, foundBindings, start, this.moment.ordinal);
      }
      start += clause.positiveCount;
    }
    this.boundFound();
    this.forgetFound();
  }

  private searchIn(delta: Delta): void {
    this.searchAround(delta);
    // Asked here, for what follows makes a function, and room for what it needs, before it could ask.
    if (delta.removed.length > 0 || delta.lost.length > 0) this.searchReleased(delta);
  }

  /** A match was found. What it binds stands in a list that is used again. */
  private readonly collect = (clause: CompiledClause, bindings: readonly Vertex[]): void => {
    const matchesMax = this.limits.matchesPerScenarioMax;
    clause.scenario.found += 1;
    if (clause.scenario.found > matchesMax) throw new BoundExceeded(`has more than ${matchesMax} matches`);
    this.foundClauses.push(clause);
    for (let slot = 0; slot < clause.positiveCount; slot++) this.foundBindings.push(bindings[slot]!);
  };

  /** After a round, or one that was cut short. */
  private forgetFound(): void {
    for (const { scenario } of this.foundClauses) scenario.found = 0;
    emptied(this.foundClauses);
    emptied(this.foundBindings);
  }

  /** Notes the scenarios that have too many matches with those that were found. */
  private boundFound(): void {
    const matchesMax = this.limits.matchesPerScenarioMax;
    for (const { scenario } of this.foundClauses) {
      if (scenario.matchCount > matchesMax) this.matcher.exhausted.set(scenario, `has more than ${matchesMax} matches`);
      else if (scenario.traits.cyclic && scenario.matchCount - scenario.matchCountBefore > this.selfFedMax) {
        this.matcher.exhausted.set(
          scenario,
          `gained more than ${this.selfFedMax} matches in one step by feeding itself`,
        );
      }
    }
  }

  /**
   * Where deductions may support themselves, nothing new is looked for before everything has fallen
   * that has to, and what only seemed to has come back: a new match could rest on what is falling.
   */
  private mayGrow(): boolean {
    if (!this.book.isSettled) return false;
    if (this.book.doubted.length === 0) return true;
    this.book.reinstate();
    return false;
  }

  private takeDelta(): Delta {
    const { delta } = this;
    const { vertices } = this.graph.changes;
    delta.clear();
    this.graph.changes.takeEdges(delta);
    for (let at = 0; at < vertices.length; at++) {
      const vertex = vertices[at]!;
      const notes = this.noted(vertex);
      const before = notes.alpha;
      const after = this.network.alphaOf(vertex);
      if (before !== after) this.moveAlpha(vertex, before, after, delta);
      if (this.network.readsAttributes) this.refreshAt(vertex);
    }
    this.graph.changes.clear();
    return delta;
  }

  /** What actions read of a vertex may have changed. */
  private refreshAt(vertex: Vertex): void {
    for (const activation of matchesOf(vertex)) {
      const { scenario } = activation.clause;
      if (!scenario.readsAttributes || !this.book.refresh(activation)) continue;
      scenario.stir(this.matcher.stirred);
      scenario.flips += 1;
    }
  }

  private moveAlpha(vertex: Vertex, before: AlphaSet, after: AlphaSet, delta: Delta): void {
    this.undo.note(setAlpha, vertex, before, undefined);
    setAlpha(vertex, after);
    const { filters: lost } = before;
    const { filters: gained } = after;
    for (let at = 0; at < lost.length; at++) if (!after.has(lost[at]!)) delta.lose(vertex, lost[at]!);
    for (let at = 0; at < gained.length; at++) if (!before.has(gained[at]!)) delta.gain(vertex, gained[at]!);
  }

  private noted(vertex: Vertex): VertexNotes {
    if (vertex.notes === undefined) setAlpha(vertex, this.network.empty);
    return notesOf(vertex);
  }

  /** Matches that rested on a removed edge, or on a vertex that no longer passes. */
  private retractBroken(delta: Delta): void {
    for (let at = 0; at < delta.removed.length; at++) {
      const { source, target, label } = delta.removed[at]!;
      if (!this.network.hasEdgeLabel(label)) continue;
      this.noted(source);
      this.noted(target);
      for (const activation of matchesOf(matchCountOf(source) < matchCountOf(target) ? source : target)) {
        // The edge may have come back under the same identity.
        if (activation.uses(source, target, label) && !this.graph.edgeBetween(source, target, label)) {
          this.drop(activation);
        }
      }
    }
    for (let at = 0; at < delta.lost.length; at++) {
      const vertex = delta.losers[at]!;
      const filter = delta.lost[at]!;
      for (const activation of matchesOf(vertex)) {
        if (activation.clause.filters[activation.slotOf(vertex)] === filter) this.drop(activation);
      }
    }
  }

  /** Matches that something new excludes. */
  private retractBlocked(delta: Delta): void {
    for (let added = 0; added < delta.added.length; added++) {
      const { source, target, label, isDeleted } = delta.added[added]!;
      if (isDeleted) continue;
      for (const { clause, at } of this.network.absentEdgePlaces(label)) {
        const edge = clause.absentEdges[at]!;
        if (edge.source < clause.positiveCount) this.recheck(clause, edge.source, source);
        else if (edge.target < clause.positiveCount) this.recheck(clause, edge.target, target);
        else this.recheckFloating(clause);
      }
    }
    for (let at = 0; at < delta.gained.length; at++) {
      const vertex = delta.gainers[at]!;
      const filter = delta.gained[at]!;
      for (const { clause, slot } of this.network.absentPlacesOf(filter)) {
        this.forEachBlockable(clause, slot, vertex, (positiveSlot, other) => this.recheck(clause, positiveSlot, other));
        if (clause.isFloating) this.recheckFloating(clause);
      }
    }
  }

  private recheck(clause: CompiledClause, slot: number, vertex: Vertex): void {
    this.noted(vertex);
    for (const activation of matchesOf(vertex)) {
      if (activation.clause !== clause || activation.boundAt(slot) !== vertex) continue;
      if (this.matcher.isBlocked(clause, activation.bindings)) this.drop(activation);
    }
  }

  private recheckFloating(clause: CompiledClause): void {
    for (const activation of [...this.floating]) {
      if (activation.clause === clause && this.matcher.isBlocked(clause, activation.bindings)) this.drop(activation);
    }
  }

  /** Positive ends of absent edges around a vertex in a negative-only slot. */
  private forEachBlockable(
    clause: CompiledClause,
    slot: number,
    vertex: Vertex,
    visit: (positiveSlot: number, other: Vertex) => void,
  ): void {
    for (const edge of clause.absentEdges) {
      if (edge.source === slot && edge.target < clause.positiveCount) {
        for (const { target, label } of vertex.outgoing) if (label === edge.label) visit(edge.target, target);
      } else if (edge.target === slot && edge.source < clause.positiveCount) {
        for (const { source, label } of vertex.incoming) if (label === edge.label) visit(edge.source, source);
      }
    }
  }

  private searchAround(delta: Delta): void {
    // Counted loops: this is done for every edge and vertex that comes, and an iterator would be made for each.
    for (let added = 0; added < delta.added.length; added++) {
      const { source, target, label, isDeleted } = delta.added[added]!;
      if (isDeleted) continue;
      const places = this.network.edgePlaces(label, notesOf(source).alpha, notesOf(target).alpha);
      for (let place = 0; place < places.length; place++) {
        const { clause, at } = places[place]!;
        this.matcher.fromEdge(clause, at, source, target, this.collect);
      }
    }
    for (let at = 0; at < delta.gained.length; at++) {
      const vertex = delta.gainers[at]!;
      const filter = delta.gained[at]!;
      if (!notesOf(vertex).alpha.has(filter)) continue;
      const places = this.network.placesOf(filter);
      for (let place = 0; place < places.length; place++) {
        const { clause, slot } = places[place]!;
        this.matcher.fromSlot(clause, slot, vertex, this.collect);
      }
    }
  }

  /** Matches that something excluded until now. */
  private searchReleased(delta: Delta): void {
    const from = (clause: CompiledClause, slot: number, vertex: Vertex): void => {
      if (this.noted(vertex).alpha.has(clause.filters[slot]!))
        this.matcher.fromSlot(clause, slot, vertex, this.collect);
    };
    for (const { source, target, label } of delta.removed) {
      for (const { clause, at } of this.network.absentEdgePlaces(label)) {
        const edge = clause.absentEdges[at]!;
        if (edge.source < clause.positiveCount) from(clause, edge.source, source);
        else if (edge.target < clause.positiveCount) from(clause, edge.target, target);
        else this.matcher.everywhere(clause, this.collect);
      }
    }
    for (let at = 0; at < delta.lost.length; at++) {
      const vertex = delta.losers[at]!;
      const filter = delta.lost[at]!;
      for (const { clause, slot } of this.network.absentPlacesOf(filter)) {
        this.forEachBlockable(clause, slot, vertex, (positiveSlot, other) => from(clause, positiveSlot, other));
        if (clause.isFloating) this.matcher.everywhere(clause, this.collect);
      }
    }
  }

  private hold(clause: CompiledClause, bindings: readonly Vertex[], start: number, since: number): void {
    this.book.assert(this.list(clause, bindings, start, since));
  }

  private list(clause: CompiledClause, bindings: readonly Vertex[], start: number, since: number): Activation {
    const activation = new Activation(clause, bindings, start, since);
    this.undo.note(Evaluator.activationAway, this, activation, undefined);
    link(activation);
    if (clause.isFloating) this.floating.add(activation);
    activation.addTo(this.sum);
    clause.scenario.stir(this.matcher.stirred);
    clause.scenario.flips += 1;
    return activation;
  }

  /**
   * Hands a match that stays as it is to the same clause of another network. Its facts are settled as if it had come
   * anew. Refuses when the scenario goes by another id, by which supports are ranked.
   */
  private switchTo(clause: CompiledClause, activation: Activation): boolean {
    const before = activation.clause;
    if (clause.scenario.source.id !== before.scenario.source.id) return false;
    this.undo.push(() => this.book.move(activation, before));
    this.book.move(activation, clause);
    this.book.settleAgain(activation);
    clause.scenario.stir(this.matcher.stirred);
    return true;
  }

  private drop(activation: Activation): void {
    this.undo.note(Evaluator.activationBack, this, activation, undefined);
    unlink(activation);
    if (activation.clause.isFloating) this.floating.delete(activation);
    activation.subtractFrom(this.sum);
    activation.clause.scenario.stir(this.matcher.stirred);
    activation.clause.scenario.flips += 1;
    this.book.retract(activation);
  }

  /** What takes these changes back; see `UndoLog.note`. */
  private static activationAway(evaluator: Evaluator, activation: Activation): void {
    unlink(activation);
    evaluator.floating.delete(activation);
  }

  private static activationBack(evaluator: Evaluator, activation: Activation): void {
    link(activation);
    if (activation.clause.isFloating) evaluator.floating.add(activation);
  }

  private forgetFlips(): void {
    for (const scenario of this.network.scenarios) scenario.flips = 0;
  }

  /** Too many rounds: whoever can take away what it rests on, and did of late, is at fault; else whoever moved. */
  private suspendRestless(): void {
    const moved = this.network.scenarios.filter((scenario) => scenario.flips > 0);
    const guilty = moved.filter((scenario) => scenario.traits.unstratified || scenario.traits.cyclic);
    // Somebody has to go, or the step would never end.
    const suspects = [guilty, moved, this.network.scenarios].find((each) => each.length > 0) ?? [];
    const reason = `its deductions did not come to rest within ${this.limits.deductionRoundsMax} rounds`;
    this.suspend(
      suspects,
      suspects.map(() => reason),
    );
  }

  private suspend(scenarios: readonly CompiledScenario[], reasons: readonly string[]): void {
    const ids = new Set(scenarios.map((scenario) => scenario.source.id));
    scenarios.forEach(({ source }, at) => {
      this.suspendedNow.push({ scenarioId: source.id, template: source.template, reason: reasons[at]! });
    });
    this.useScenarios(this.scenarios.filter((scenario) => !ids.has(scenario.id)));
  }
}

/** Matches that are counted at this vertex: those that have it in their first slot. */
function collectFrom(vertex: Vertex, found: Activation[]): void {
  if (vertex.notes === undefined) return;
  for (const activation of matchesOf(vertex)) if (activation.boundAt(0) === vertex) found.push(activation);
}
