import {
  DEDUCED,
  type Edge,
  type EntityGraph,
  isMatchable,
  type UndoLog,
  Vertex,
  type VertexSeed,
} from '@wherefore/graph';
import { canonicalJson, emptied, incarnationId, type Json } from '@wherefore/model';
import type { Action } from '@wherefore/templates';
import { attributesOf, bound, resolve } from './actionValues';
import type { Activation } from './activation';
import { AlarmFact, CauseFact, type Fact, MarkFact, StateFact, WorkflowFact } from './fact';
import { delist, enlist, type FactHolder, firstOf, keepsFact } from './factHolder';
import type { CompiledAction, CompiledClause } from './network';
import { embodiedBy, notesOf, ownNotesOf } from './notes';
import { addSupport, askOf, removeSupport, strongest, Support } from './support';

/** The step at work, as the evaluator needs to know it. */
export interface Moment {
  /** Number of the entry. */
  readonly ordinal: number;
  readonly entryId: string;
  /** Log time, and the same as text. */
  readonly nowMs: number;
  readonly nowText: string;
}

/** Priorities of severities and states. */
export interface Priorities {
  lookup(type: string, value: string | undefined): { readonly priority: number };
}

/**
 * Everything that templates deduced, each fact with the matches that hold it up, and the hand that
 * puts facts into the graph and takes them out. What holds is what the strongest support asks for.
 */
export class FactBook {
  /** Whether some scenario's deductions may come to support themselves. */
  hasCycles = false;
  /** Counts steps, so that a fact knows whether the one under way made it. */
  private stepCount = 1;
  private readonly workflows = new Map<string, WorkflowFact>();
  /** Facts whose supports changed, in any order. */
  private queue: Fact[] = [];
  /** Those that are being settled. They stay marked as queued until all of them are. */
  private settling: Fact[] = [];
  /** Facts withdrawn because they may only support themselves. */
  readonly doubted: Fact[] = [];
  /** Facts without support; forgotten at the end of the step unless they found one again. */
  private readonly emptied: Fact[] = [];
  /** Workflows that came to be asked for in the step under way. */
  readonly requested = new Set<WorkflowFact>();
  /** Workflows that ceased to be asked for in the step under way. */
  private readonly released = new Set<WorkflowFact>();

  constructor(
    private readonly graph: EntityGraph,
    private readonly undo: UndoLog,
    private priorities: Priorities,
  ) {}

  /** Whether some scenario's deductions may come to support themselves. */
  expectCycles(hasCycles: boolean): void {
    const before = this.hasCycles;
    this.undo.push(() => {
      this.hasCycles = before;
    });
    this.hasCycles = hasCycles;
  }

  get isSettled(): boolean {
    return this.queue.length === 0;
  }

  usePriorities(priorities: Priorities): void {
    const before = this.priorities;
    this.undo.push(() => {
      this.priorities = before;
    });
    this.priorities = priorities;
  }

  /** Workflow requests that hold now; no order. */
  heldWorkflows(): Iterable<WorkflowFact> {
    return this.workflows.values();
  }

  /** Draws up what the actions of a new activation support. */
  assert(activation: Activation): void {
    activation.attributes = attributesOf(activation);
    for (const action of activation.clause.scenario.actions) this.assertAction(activation, action);
  }

  /** While a snapshot is read: finds the alarms that a match raises, before anything refers to them. */
  tieAlarms(activation: Activation): void {
    for (const { action } of activation.clause.scenario.actions) {
      if (action.kind !== 'raise_alarm') continue;
      const name = resolve(activation, action.alarmName);
      const target = bound(activation, action.target);
      if (name === undefined || target === undefined) continue;
      const fact = this.alarmFact(target, name);
      const { key } = fact;
      fact.vertex = alarmOn(target, key) ?? this.graph.liveVertexByKey(key);
      if (fact.vertex !== undefined) fact.vertex.fact = fact;
    }
  }

  /** Takes back everything that an activation supports. */
  retract(activation: Activation): void {
    const first = activation.firstSupport;
    this.undo.note(supportsBack, activation, first, undefined);
    activation.firstSupport = undefined;
    for (let support = first; support !== undefined; support = support.next) this.detach(support);
  }

  /** An activation belongs to the same clause of another network from now on. Not undone: move it back. */
  move(activation: Activation, clause: CompiledClause): void {
    activation.clause.scenario.matchCount -= 1;
    activation.clause = clause;
    clause.scenario.matchCount += 1;
    for (let support = activation.firstSupport; support !== undefined; support = support.next) {
      const { action, value, priority } = support.ask;
      support.ask = askOf(clause.scenario.actions[action.index]!, value, priority);
    }
  }

  /** Looks once more at what an activation supports. */
  settleAgain(activation: Activation): void {
    for (let support = activation.firstSupport; support !== undefined; support = support.next)
      this.enqueue(support.fact);
  }

  /** Reads the attributes that its actions use once more. Tells whether any of them changed. */
  refresh(activation: Activation): boolean {
    // Taking back and drawing up again what stays the same would stir up facts that support themselves.
    if (activation.attributes === attributesOf(activation)) return false;
    this.redraw(activation);
    return true;
  }

  /** Draws up anew what an activation supports; what changed moves to other facts. */
  redraw(activation: Activation): void {
    const before = activation.attributes;
    this.undo.push(() => {
      activation.attributes = before;
    });
    this.retract(activation);
    this.assert(activation);
  }

  /** Puts the queued facts into the graph or takes them out: alarms first, for links need them. */
  settle(moment: Moment): void {
    const { settling } = this;
    this.settling = this.queue;
    this.queue = settling;
    for (const fact of this.settling) if (fact.kind === 'alarm') this.settleAlarm(fact, moment);
    // Settling an alarm queued its links, but for those that are queued already.
    this.settleOthers(this.settling, moment);
    this.settleOthers(this.queue, moment);
  }

  /** Settles what is no alarm, and empties the list. */
  private settleOthers(facts: Fact[], moment: Moment): void {
    for (const fact of facts) if (fact.kind !== 'alarm') this.settleOther(fact, moment);
    unqueue(facts);
  }

  /** At the end of a step: forgets the facts that nothing supports. */
  sweep(): void {
    if (this.emptied.length === 0) return;
    for (const fact of this.emptied) if (fact.firstSupport === undefined) this.forget(fact);
    this.emptied.length = 0;
  }

  /** Withdrawn facts that are still supported come back. */
  reinstate(): void {
    for (const fact of this.doubted.splice(0)) {
      fact.doubted = false;
      this.enqueue(fact);
    }
  }

  /** After a rollback: nothing is pending. */
  forgetPending(): void {
    this.stepCount += 1;
    // Most steps leave nothing pending, and emptying what is empty makes new tables all the same.
    unqueue(this.queue);
    unqueue(this.settling);
    if (this.doubted.length > 0) {
      for (const fact of this.doubted) fact.doubted = false;
      this.doubted.length = 0;
    }
    if (this.requested.size > 0) this.requested.clear();
    if (this.released.size > 0) this.released.clear();
    if (this.emptied.length > 0) this.emptied.length = 0;
  }

  /**
   * After a snapshot was read: ties every supported fact to the element that embodies it. Returns the
   * key of a fact that the graph does not show, or nothing when all is well.
   */
  adoptRestored(): string | undefined {
    const facts = this.queue;
    this.queue = [];
    for (const fact of facts) {
      fact.queued = false;
      if (fact.kind !== 'alarm') continue;
      if (fact.vertex === undefined) return fact.key;
      const edge = this.graph.edgeBetween(fact.vertex, fact.target, 'on');
      if (edge !== undefined) edge.fact = fact;
    }
    for (const fact of facts) {
      if (fact.kind === 'cause') {
        const target = fact.target instanceof Vertex ? fact.target : fact.target.vertex;
        if (target === fact.source) continue; // Nothing causes itself: such a link is never shown.
        fact.edge = target === undefined ? undefined : this.graph.edgeBetween(fact.source, target, 'causes');
        if (fact.edge === undefined) return `causes ${fact.source.key}`;
        fact.edge.fact = fact;
      } else if (fact.kind === 'workflow') {
        fact.isHeld = true;
      }
    }
    return undefined;
  }

  private assertAction(activation: Activation, compiled: CompiledAction): void {
    const { action } = compiled;
    switch (action.kind) {
      case 'raise_alarm': {
        const name = resolve(activation, action.alarmName);
        if (name === undefined) return;
        const target = bound(activation, action.target);
        if (target === undefined) return;
        const severity = resolve(activation, action.severity) ?? '';
        const fact = this.alarmFact(target, name);
        this.support(fact, activation, compiled, severity, this.priorities.lookup(DEDUCED, severity).priority);
        const cause = action.causingAlarm === undefined ? undefined : bound(activation, action.causingAlarm);
        if (cause !== undefined) this.support(this.causeFact(cause, fact), activation, compiled, '', 1);
        return;
      }
      case 'set_state': {
        const target = bound(activation, action.target);
        const state = resolve(activation, action.state);
        if (target === undefined || state === undefined) return;
        const { priority } = this.priorities.lookup(target.type, state);
        this.support(this.ownFact(target, 'state'), activation, compiled, state, priority);
        return;
      }
      case 'mark_down': {
        const target = bound(activation, action.target);
        if (target !== undefined) this.support(this.ownFact(target, 'mark'), activation, compiled, '', 1);
        return;
      }
      case 'add_causal_relationship': {
        const source = bound(activation, action.source);
        const target = bound(activation, action.target);
        if (source === undefined || target === undefined) return;
        const caused = embodiedBy(target) ?? target;
        this.support(this.causeFact(source, caused), activation, compiled, '', 1);
        return;
      }
      case 'execute_mistral':
        this.support(this.workflowFact(activation, action), activation, compiled, '', 1);
        return;
    }
  }

  private support(fact: Fact, activation: Activation, action: CompiledAction, value: string, priority: number): void {
    const support = new Support(fact, activation, askOf(action, value, priority), activation.firstSupport);
    // A fact of this very step goes as a whole when the step is undone.
    if (fact.bornIn !== this.stepCount) this.undo.note(removeSupport, support, undefined, undefined);
    addSupport(support);
    activation.firstSupport = support;
    this.enqueue(fact);
  }

  private detach(support: Support): void {
    const { fact } = support;
    this.undo.note(addSupport, support, undefined, undefined);
    removeSupport(support);
    this.doubt(fact);
    this.enqueue(fact);
  }

  /** Withdraws a fact that lost a support, if those it has left may rest on the fact itself. */
  doubt(fact: Fact): void {
    if (!this.hasCycles || fact.doubted) return;
    if (!isHeldByCyclic(fact)) return;
    this.undo.push(() => {
      fact.doubted = false;
    });
    fact.doubted = true;
    this.doubted.push(fact);
    this.enqueue(fact);
  }

  private enqueue(fact: Fact): void {
    if (fact.queued) return;
    fact.queued = true;
    this.queue.push(fact);
  }

  private enqueueCauses({ firstCause }: AlarmFact): void {
    for (let link: Fact | undefined = firstCause; link !== undefined; link = link.after) this.enqueue(link);
  }

  private alarmFact(target: Vertex, name: string): AlarmFact {
    for (let fact = notesOf(target).firstFact; fact !== undefined; fact = fact.after) {
      if (fact.kind === 'alarm' && fact.name === name) return fact;
    }
    return this.keep(ownNotesOf(target), new AlarmFact(target, name));
  }

  private causeFact(source: Vertex, target: Vertex | AlarmFact): CauseFact {
    const holder = target instanceof Vertex ? ownNotesOf(target) : target;
    for (let fact = firstOf(holder); fact !== undefined; fact = fact.after) {
      if (fact.kind === 'cause' && fact.source === source) return fact;
    }
    return this.keep(holder, new CauseFact(source, target));
  }

  private ownFact(target: Vertex, kind: 'state' | 'mark'): StateFact | MarkFact {
    const notes = ownNotesOf(target);
    for (let fact = notes.firstFact; fact !== undefined; fact = fact.after) {
      if (fact.kind === kind) return fact as StateFact | MarkFact;
    }
    return this.keep<StateFact | MarkFact>(notes, kind === 'state' ? new StateFact(target) : new MarkFact(target));
  }

  private workflowFact(activation: Activation, action: Action & { kind: 'execute_mistral' }): WorkflowFact {
    const input: { [name: string]: Json } = {};
    for (const name of Object.keys(action.input)) input[name] = resolve(activation, action.input[name]!) ?? null;
    const key = canonicalJson([action.workflow, input]);
    let fact = this.workflows.get(key);
    if (fact === undefined) {
      fact = new WorkflowFact(key, action.workflow, input);
      this.undo.push(() => this.workflows.delete(key));
      this.workflows.set(key, fact);
    }
    return fact;
  }

  private keep<F extends Fact>(holder: FactHolder, fact: F): F {
    fact.bornIn = this.stepCount;
    const isHolderNew = holder instanceof AlarmFact && holder.bornIn === this.stepCount;
    if (!isHolderNew) this.undo.note(delist, holder, fact, undefined);
    enlist(holder, fact);
    return fact;
  }

  private forget(fact: Fact): void {
    switch (fact.kind) {
      case 'cause':
        this.drop(fact.target instanceof Vertex ? notesOf(fact.target) : fact.target, fact);
        return;
      case 'alarm':
        this.drop(notesOf(fact.target), fact);
        this.disembody(fact);
        return;
      case 'workflow':
        this.undo.push(() => this.workflows.set(fact.key, fact));
        this.workflows.delete(fact.key);
        return;
      default:
        this.drop(notesOf(fact.target), fact);
    }
  }

  /** A forgotten alarm stays in the graph as a mark, which must not keep its fact. */
  private disembody(fact: AlarmFact): void {
    const { vertex } = fact;
    if (vertex?.fact !== fact) return;
    this.undo.note(embodimentBack, vertex, fact, undefined);
    vertex.fact = undefined;
  }

  private drop(holder: FactHolder, fact: Fact): void {
    if (!keepsFact(holder, fact)) return;
    this.undo.note(enlist, holder, fact, undefined);
    delist(holder, fact);
  }

  private settleAlarm(fact: AlarmFact, moment: Moment): void {
    const winner = fact.target.isDeleted ? undefined : strongest(fact);
    const live = fact.vertex !== undefined && !fact.vertex.isDeleted ? fact.vertex : undefined;
    if (winner === undefined) {
      if (live !== undefined) {
        this.releaseEdge(this.graph.edgeBetween(live, fact.target, 'on'));
        this.graph.deleteVertex(live, moment.nowMs, moment.ordinal);
        this.enqueueCauses(fact);
      }
      if (fact.firstSupport === undefined) this.emptied.push(fact);
      return;
    }
    if (live === undefined) this.raise(fact, winner.value, moment);
    else if (this.graph.setProperty(live, 'severity', winner.value)) {
      this.graph.setProperty(live, 'update_timestamp', moment.nowText);
      this.graph.setChangedAt(live, moment.ordinal);
      this.graph.aggregate(live);
    }
  }

  private raise(fact: AlarmFact, severity: string, moment: Moment): void {
    const { graph } = this;
    const before = fact.vertex;
    if (before !== undefined && before.changedAt === moment.ordinal && graph.vertexById(before.id) === before) {
      // Withdrawn and back within one step: it never ceased to be.
      graph.reviveVertex(before);
      graph.setProperty(before, 'severity', severity);
      graph.aggregate(before);
    } else {
      if (fact.bornIn !== this.stepCount) this.undo.note(alarmBack, fact, before, undefined);
      const { keyStart, keyRest } = fact;
      const seed: VertexSeed = {
        id: incarnationId(keyStart, moment.entryId, keyRest),
        key: keyStart,
        keyRest,
        category: 'ALARM',
        type: DEDUCED,
        isPlaceholder: false,
        sampleTimestamp: moment.nowText,
        ordinal: moment.ordinal,
      };
      // There is one fact for each key.
      fact.vertex = graph.addVertex(seed, true);
      fact.vertex.fact = fact;
      graph.fillProperties(fact.vertex, alarmProperties(fact, severity, moment));
      graph.aggregate(fact.vertex);
    }
    const edge = graph.addEdge(fact.vertex!, fact.target, 'on', moment.ordinal, moment.nowText);
    edge.fact = fact;
    this.enqueueCauses(fact);
  }

  private settleOther(fact: Fact, moment: Moment): void {
    switch (fact.kind) {
      case 'cause':
        this.settleCause(fact, moment);
        return;
      case 'state':
      case 'mark': {
        const winner = fact.target.isDeleted ? undefined : strongest(fact);
        if (!fact.target.isDeleted) {
          if (fact.kind === 'mark') this.graph.setMarkedDown(fact.target, winner !== undefined);
          else this.graph.setVitrageState(fact.target, winner?.value);
        }
        if (fact.firstSupport === undefined) this.emptied.push(fact);
        return;
      }
      case 'workflow': {
        const isHeld = strongest(fact) !== undefined;
        if (isHeld !== fact.isHeld) {
          this.undo.push(() => {
            fact.isHeld = !isHeld;
          });
          fact.isHeld = isHeld;
          this.noteRequest(fact);
        }
        if (fact.firstSupport === undefined) this.emptied.push(fact);
        return;
      }
      case 'alarm':
        return;
    }
  }

  /** Net: what is let go and asked for again within a step was asked for all the time. */
  private noteRequest(fact: WorkflowFact): void {
    const [into, from] = fact.isHeld ? [this.requested, this.released] : [this.released, this.requested];
    if (!from.delete(fact)) into.add(fact);
  }

  private settleCause(fact: CauseFact, moment: Moment): void {
    const target = fact.target instanceof Vertex ? fact.target : fact.target.vertex;
    const holds =
      strongest(fact) !== undefined && target !== undefined && isMatchable(target) && isMatchable(fact.source);
    const live = fact.edge !== undefined && !fact.edge.isDeleted ? fact.edge : undefined;
    if (live === undefined) this.release(fact);
    if (holds && live?.target !== target) {
      if (live !== undefined) this.takeAway(fact, live, moment);
      if (fact.source !== target) {
        // A link that a source reported is taken over: there is one edge, and a snapshot could not tell whose.
        const reported = this.graph.edgeBetween(fact.source, target, 'causes');
        const edge = reported ?? this.graph.addEdge(fact.source, target, 'causes', moment.ordinal, moment.nowText);
        this.holdEdge(fact, edge);
      }
    } else if (!holds && live !== undefined) {
      this.takeAway(fact, live, moment);
    }
    if (fact.firstSupport === undefined) this.emptied.push(fact);
  }

  private takeAway(fact: CauseFact, edge: Edge, moment: Moment): void {
    this.graph.deleteEdge(edge, moment.nowMs);
    this.release(fact);
  }

  /** A deleted edge stays in the graph as a mark, which must not keep the fact that held it. */
  private release(fact: CauseFact): void {
    const { edge } = fact;
    if (edge === undefined) return;
    this.undo.note(heldBack, fact, edge, undefined);
    fact.edge = undefined;
    this.releaseEdge(edge);
  }

  private releaseEdge(edge: Edge | undefined): void {
    if (edge?.fact === undefined) return;
    this.undo.note(holderBack, edge, edge.fact, undefined);
    edge.fact = undefined;
  }

  private holdEdge(fact: CauseFact, edge: Edge): void {
    this.undo.note(heldBack, fact, fact.edge, undefined);
    this.undo.note(holderBack, edge, edge.fact, undefined);
    fact.edge = edge;
    edge.fact = fact;
  }
}

/** Empties a list of queued facts. */
function unqueue(facts: Fact[]): void {
  for (const fact of facts) fact.queued = false;
  emptied(facts);
}

/** Whether some support of it comes from a scenario whose deductions may support themselves. */
function isHeldByCyclic({ firstSupport }: Fact): boolean {
  for (let each = firstSupport; each !== undefined; each = each.after) {
    if (each.action.scenario.traits.cyclic) return true;
  }
  return false;
}

/** The alarm of a key that is on an entity: to seek it by its key would put all deduced alarms in order. */
function alarmOn({ incoming }: Vertex, key: string): Vertex | undefined {
  for (const { source } of incoming) if (source.key === key) return source;
  return undefined;
}

/** What takes back the changes that are made most often; see `UndoLog.note`. */

function supportsBack(activation: Activation, before: Support | undefined): void {
  activation.firstSupport = before;
}

function alarmBack(fact: AlarmFact, before: Vertex | undefined): void {
  fact.vertex = before;
}

function embodimentBack(vertex: Vertex, fact: AlarmFact): void {
  vertex.fact = fact;
}

function heldBack(fact: CauseFact, before: Edge | undefined): void {
  fact.edge = before;
}

function holderBack(edge: Edge, before: unknown): void {
  edge.fact = before;
}

function alarmProperties(fact: AlarmFact, severity: string, moment: Moment): Vertex['properties'] {
  const { id, type, properties } = fact.target;
  const project = properties['project_id'];
  const { name } = fact;
  const { nowText } = moment;
  // Two shapes made at once: an object that gets a property later keeps it in a second object.
  return project === undefined
    ? {
        name,
        severity,
        state: 'Active',
        resource_id: id,
        update_timestamp: nowText,
        vitrage_resource_id: id,
        vitrage_resource_type: type,
      }
    : {
        name,
        severity,
        state: 'Active',
        resource_id: id,
        update_timestamp: nowText,
        vitrage_resource_id: id,
        vitrage_resource_type: type,
        vitrage_resource_project_id: project,
      };
}
