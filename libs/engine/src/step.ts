import { mergeEvent, type MergeMoment, type RowKind, type Vertex } from '@wherefore/graph';
import type { Moment } from '@wherefore/evaluator';
import { readRow } from '@wherefore/datasources';
import {
  assert,
  BrokenInvariant,
  type ConfigSetEntry,
  type Effect,
  emptyDigest,
  type EntityEvent,
  type EventEntry,
  type LogEntry,
  Mixer,
  type NewEntry,
  type PollHead,
  type Position,
  type RefusalEffect,
  type Rejection,
  type RowHead,
  rowHash,
} from '@wherefore/model';
import { BEHAVIOUR_MAX } from './behaviour';
import { readLimits } from './configuration';
import { clockAfter, isDuplicate, isDuplicateRow, isStale } from './logTime';
import { compareEffects, digestEffects, netEffects } from './netEffects';
import {
  beginningOfRows,
  findRepeated,
  isTold,
  type RepeatedRow,
  rowKindOf,
  timeOf,
  vertexConfirmedBy,
  vertexSeen,
} from './repeatedRow';
import type { EngineState } from './state';

/** What became of an entry. */
export type Outcome =
  | { readonly kind: 'applied' }
  /** It was older than what the graph holds, or told nothing new. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'stale-epoch' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'failed'; readonly rejection: Rejection };

export interface StepResult {
  readonly outcome: Outcome;
  /**
   * Net, sorted by kind and id. Made when first asked for, which must be before the next step: a
   * replay that wants only the state does not pay for them.
   */
  readonly effects: readonly Effect[];
}

class Result implements StepResult {
  private told: readonly Effect[] | undefined = undefined;

  constructor(
    private readonly state: EngineState,
    readonly outcome: Outcome,
    private readonly ordinal: number,
    /** What the step did outside the graph. */
    public others: readonly Effect[] = NO_EFFECTS,
  ) {}

  get effects(): readonly Effect[] {
    if (this.told === undefined) {
      assert(this.state.ordinal === this.ordinal, 'the effects of a step were asked for after the next one');
      this.told = [...netEffects(this.state.graph, this.ordinal), ...this.others].sort(compareEffects);
    }
    return this.told;
  }
}

const APPLIED: Outcome = { kind: 'applied' };

/**
 * Applies one entry to the state, in place. Synchronous, deterministic, total: bad input becomes an
 * outcome, and so does a throw, after everything the entry did was undone. Only a broken invariant
 * is thrown, for the process must not go on. Cost depends on what changes, not on the state's size.
 */
export function step(state: EngineState, logEntry: LogEntry): StepResult {
  const { pollHead, row } = logEntry;
  if (pollHead !== undefined && row !== undefined) {
    const confirmed = vertexConfirmedBy(state.graph, pollHead, row);
    if (confirmed !== undefined && !isStale(state, pollHead) && !isDuplicateRow(state, pollHead, confirmed.key)) {
      return stepOfConfirmed(state, logEntry.position, pollHead, confirmed);
    }
    // Nothing else is known of the row without reading it, unless its entity bears the time of its sample.
    if (confirmed === undefined && !isTold(state.graph, row)) return stepOf(state, logEntry, undefined);
  }
  const { head } = logEntry;
  if (head === undefined) return stepOfSeen(state, logEntry) ?? stepOf(state, logEntry, undefined);
  const repeated = repeatedRowOf(state, logEntry);
  if (repeated === undefined || !isQuiet(state, head, repeated)) return stepOf(state, logEntry, repeated);
  const { vertex, kind, sampleTimestamp } = repeated;
  const beginning = beginningOfRows(head.pollId!);
  return stepOfQuiet(state, logEntry.position, head, beginning, vertex, kind.datasource, sampleTimestamp);
}

/** A step that may be undone. Given a row that says what it said before, the entry itself is not read. */
function stepOf(state: EngineState, logEntry: LogEntry, repeated: RepeatedRow | undefined): StepResult {
  // A row that cannot be read is no fault of the entry: it is read before anything that could become an outcome.
  const entry = repeated === undefined ? logEntry.entry : headOfRow(logEntry.head!, repeated);
  let nowMs = state.logTimeMs;
  const ordinal = state.ordinal + 1;
  let result: Result;
  state.graph.beginStep();
  if (isStale(state, entry)) {
    result = new Result(state, { kind: 'stale-epoch' }, ordinal);
  } else if (isDuplicate(state, entry)) {
    result = new Result(state, { kind: 'duplicate' }, ordinal);
  } else {
    nowMs = clockAfter(state, entry);
    result = attempt(state, entry, logEntry.rowHash, repeated, nowMs, ordinal);
    if (entry.fence !== undefined) state.fences.set(entry.fence.lease, entry.fence.epoch);
    state.dedupe.remember(entry.source, entry.id, state.limits.dedupeIdsPerSourceMax);
    if (entry.kind === 'tick') state.lastTickMs = Math.max(state.lastTickMs, entry.atMs);
  }
  const { outcome } = result;
  if (outcome.kind === 'rejected' || outcome.kind === 'failed') {
    result.others = [...result.others, refuse(state, entry, outcome, ordinal, nowMs)];
  }
  state.undo.commit();
  state.evaluator.finishStep();
  state.graph.compact();
  state.ordinal = ordinal;
  state.position = logEntry.position;
  state.logTimeMs = nowMs;
  if (state.firstLogTimeMs === 0) state.firstLogTimeMs = nowMs;
  chain(state, result.others);
  return result;
}

/** The head, with an id that keeps nothing else in memory. */
function headOfRow(head: RowHead, { vertex }: RepeatedRow): RowHead {
  return { ...head, id: beginningOfRows(head.pollId!) + vertex.key };
}

/** Most steps tell none. Never changed. */
const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

const QUIET: StepResult = Object.freeze({ outcome: APPLIED, effects: NO_EFFECTS });

/** The row of an entry that is one more row of a poll that says what it said before. */
function repeatedRowOf(
  { graph, polls }: EngineState,
  { head, rowHash: hash, rowNumber }: LogEntry,
): RepeatedRow | undefined {
  if (head === undefined || hash === undefined) return undefined;
  return findRepeated(graph, head, hash, head.event, rowNumber, polls.order);
}

/** Nothing of what the row does can fail, and nothing follows from it: nobody reasons about sample times. */
function isQuiet(state: EngineState, head: RowHead, { kind, vertex }: RepeatedRow): boolean {
  if (kind.isStamped || state.graph.areSampleTimesRead || isStale(state, head)) return false;
  return !state.dedupe.hasJoined(head.source, beginningOfRows(head.pollId!), vertex.key);
}

/** A row that does no more than confirm a vertex, told by what the entries of its poll share. */
function stepOfConfirmed(state: EngineState, position: Position, head: PollHead, vertex: Vertex): StepResult {
  if (head.kind === 'seen') {
    return stepOfQuiet(state, position, head, head.id, vertex, head.datasource, vertex.sampleTimestamp);
  }
  return stepOfQuiet(state, position, head, head.id, vertex, vertex.asTold!.datasource, timeOf(head.event)!);
}

/** The same for an entry that says that a row is unchanged; nothing where there is more to it. */
function stepOfSeen(state: EngineState, { entry, position }: LogEntry): StepResult | undefined {
  if (entry.kind !== 'seen') return undefined;
  const vertex = vertexSeen(state.graph, entry, state.polls.order);
  if (vertex === undefined || isStale(state, entry) || isDuplicate(state, entry)) return undefined;
  const beginning = beginningOfRows(entry.pollId);
  return stepOfQuiet(state, position, entry, beginning, vertex, entry.datasource, vertex.sampleTimestamp);
}

/**
 * What `step` comes to for one more row of a poll that says what it said before: nothing of it can fail, nothing follows
 * from it, and it is never undone. Its id is remembered by its `beginning`, which all rows of the poll share, and by the
 * key of the vertex: a piece of the text that it was read from would keep all of that text in memory.
 */
function stepOfQuiet(
  state: EngineState,
  position: Position,
  head: PollHead,
  beginning: string,
  vertex: Vertex,
  datasource: string,
  sampleTimestamp: string,
): StepResult {
  const { source, fence } = head;
  const ordinal = state.ordinal + 1;
  state.graph.beginStep();
  state.logTimeMs = clockAfter(state, head);
  state.graph.confirmForGood(vertex, sampleTimestamp, ordinal);
  state.polls.joinedRow(datasource, head.pollId!, beginning, vertex.key);
  if (fence !== undefined) state.fences.set(fence.lease, fence.epoch);
  state.dedupe.rememberJoined(source, beginning, vertex.key, state.limits.dedupeIdsPerSourceMax);
  state.ordinal = ordinal;
  state.position = position;
  if (state.firstLogTimeMs === 0) state.firstLogTimeMs = state.logTimeMs;
  return QUIET;
}

/** Applies the entry; a throw is undone and becomes the outcome `failed`. Nothing is made for an undoing that never comes. */
function attempt(
  state: EngineState,
  given: NewEntry | RowHead,
  hash: string | undefined,
  repeated: RepeatedRow | undefined,
  nowMs: number,
  ordinal: number,
): Result {
  const { graph, evaluator, sum } = state;
  const { high: graphHigh, low: graphLow } = graph.digest;
  const { high: matchesHigh, low: matchesLow } = evaluator.digest;
  const { high: sumHigh, low: sumLow } = sum;
  const { suspensions } = state;
  const moment = stepMoment.begin(ordinal, given.id, nowMs);
  const entry = repeated === undefined ? (given as NewEntry) : undefined;
  let refused: Outcome;
  try {
    const outcome =
      entry === undefined
        ? applyRepeated(state, given as RowHead, repeated!, moment)
        : apply(state, entry, hash, moment);
    if (outcome.kind !== 'rejected' || entry?.kind === 'poll-completed') {
      evaluator.evaluate(moment);
      return new Result(state, outcome, ordinal, otherEffects(state, entry));
    }
    refused = outcome;
  } catch (error) {
    if (error instanceof BrokenInvariant) throw error;
    refused = { kind: 'failed', rejection: failure(error) };
  }
  rollback(state);
  graph.resetDigest(graphHigh, graphLow);
  evaluator.afterRollback(matchesHigh, matchesLow);
  sum.high = sumHigh;
  sum.low = sumLow;
  state.suspensions = suspensions;
  return new Result(state, refused, ordinal);
}

/** Takes back what the undo log knows of; digests are the caller's. */
function rollback(state: EngineState): void {
  const { faultInjector } = state.undo;
  state.undo.faultInjector = undefined;
  state.undo.rollback();
  state.undo.faultInjector = faultInjector;
  state.graph.beginStep();
  state.shelf.forgetPending();
}

function failure(error: unknown): Rejection {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'entry-failed',
    message,
    hint: 'The entry changed nothing. This is a defect of the program: please report it with the entry.',
  };
}

/** The step at work: one object for all of them, for none outlives its step. Its text is made only when something is deduced. */
class StepMoment implements Moment, MergeMoment {
  ordinal = 0;
  entryId = '';
  nowMs = 0;
  rowHash: string | undefined = undefined;
  rowKind: RowKind | undefined = undefined;
  private text: string | undefined = undefined;

  begin(ordinal: number, entryId: string, nowMs: number): this {
    this.ordinal = ordinal;
    this.entryId = entryId;
    this.nowMs = nowMs;
    this.rowHash = this.rowKind = this.text = undefined;
    return this;
  }

  get nowText(): string {
    return (this.text ??= new Date(this.nowMs).toISOString());
  }
}

const stepMoment = new StepMoment();

function apply(state: EngineState, entry: NewEntry, knownHash: string | undefined, moment: StepMoment): Outcome {
  switch (entry.kind) {
    case 'event':
      return applyEvent(state, entry, knownHash, moment);
    case 'seen':
      return outcomeOf(state.polls.seen(entry, moment));
    case 'poll-started':
      state.polls.start(entry, moment);
      return APPLIED;
    case 'poll-completed':
      return outcomeOf(state.polls.complete(entry, moment));
    case 'poll-failed':
      state.polls.fail(entry, moment);
      return APPLIED;
    case 'tick':
      state.graph.purge(moment.nowMs - state.limits.deletedKeptMs);
      return APPLIED;
    case 'config-set':
      return applyConfig(state, entry);
    case 'template-add': {
      const rejection = state.shelf.add(entry, moment);
      if (rejection === undefined) useTemplates(state);
      return outcomeOf(rejection);
    }
    case 'template-delete': {
      const rejection = state.shelf.delete(entry);
      if (rejection === undefined) useTemplates(state);
      return outcomeOf(rejection);
    }
    case 'behaviour-set':
      return applyBehaviour(state, entry.behaviour);
    case 'epoch-opened': {
      const before = state.epoch;
      state.undo.push(() => {
        state.epoch = before;
      });
      state.epoch = entry.epoch;
      return APPLIED;
    }
    case 'rejected-input': {
      const { code, message, where, hint } = entry;
      const place = where === undefined ? {} : { where };
      return { kind: 'rejected', rejection: { code, message, ...place, ...(hint === undefined ? {} : { hint }) } };
    }
  }
}

function outcomeOf(rejection: Rejection | undefined): Outcome {
  return rejection === undefined ? APPLIED : { kind: 'rejected', rejection };
}

/** A row that says what it said before vouches for its entity, and tells when it was taken. */
function applyRepeated(
  state: EngineState,
  { id, pollId }: Pick<RowHead, 'id' | 'pollId'>,
  { vertex, kind, sampleTimestamp }: RepeatedRow,
  { ordinal }: StepMoment,
): Outcome {
  if (kind.isStamped) state.graph.stamp(vertex, sampleTimestamp);
  state.graph.confirm(vertex, sampleTimestamp, ordinal);
  state.polls.row(kind.datasource, pollId!, id);
  return APPLIED;
}

function applyEvent(state: EngineState, entry: EventEntry, knownHash: string | undefined, moment: StepMoment): Outcome {
  if (entry.pollId !== undefined) {
    moment.rowHash = knownHash ?? rowHash(entry.event);
    const repeated = findRepeated(state.graph, entry, moment.rowHash, entry.event[SAMPLE_DATE]);
    if (repeated !== undefined) return applyRepeated(state, entry, repeated, moment);
  }
  const { meaning: event, isTimeless, isStamped } = readRow(entry.event);
  if ('code' in event) return { kind: 'rejected', rejection: event };
  if (isTimeless && entry.pollId !== undefined) {
    moment.rowKind = rowKindOf(String(entry.event['vitrage_entity_type']), event, isStamped);
  }
  const result = mergeEvent(state.graph, event, moment);
  if (entry.pollId !== undefined) {
    state.polls.row(String(entry.event['vitrage_entity_type']), entry.pollId, entry.id);
    // What has been merged is confirmed by that.
    const isConfirmed = result === 'merged' && isUpsert(event) && event.entity.vitrageId === undefined;
    const vertex = isConfirmed ? undefined : state.graph.liveVertexByKey(event.entity.key);
    if (vertex !== undefined) state.polls.vouch(vertex, event, moment);
  }
  return result === 'outdated' ? { kind: 'outdated' } : APPLIED;
}

const SAMPLE_DATE = 'vitrage_sample_date';

function isUpsert({ action, entity }: EntityEvent): boolean {
  return (action === 'create-entity' || action === 'update-entity') && !entity.isPlaceholder;
}

/** Suspended scenarios get another chance when the templates change. */
function useTemplates(state: EngineState): void {
  const before = state.suspensions;
  state.undo.push(() => {
    state.suspensions = before;
  });
  state.suspensions = [];
  state.evaluator.useScenarios(state.shelf.scenarios);
}

function applyBehaviour(state: EngineState, behaviour: number): Outcome {
  if (!Number.isInteger(behaviour) || behaviour < 1 || behaviour > BEHAVIOUR_MAX) {
    return {
      kind: 'rejected',
      rejection: {
        code: 'behaviour-unsupported',
        message: `behaviour ${behaviour} is not one of 1 to ${BEHAVIOUR_MAX}`,
        where: 'behaviour',
        hint: 'Update this program before the leader moves on.',
      },
    };
  }
  const before = state.behaviour;
  state.undo.push(() => {
    state.behaviour = before;
  });
  state.behaviour = behaviour;
  return APPLIED;
}

function applyConfig(state: EngineState, entry: ConfigSetEntry): Outcome {
  switch (entry.section) {
    case 'limits': {
      const limits = readLimits(entry.value, state.limits);
      if ('code' in limits) return { kind: 'rejected', rejection: limits };
      const before = state.limits;
      state.undo.push(() => {
        state.limits = before;
      });
      state.limits = limits;
      state.evaluator.useLimits(limits);
      return APPLIED;
    }
    case 'value-tables':
      return outcomeOf(state.useValueTables(entry.value));
    case 'datasources': {
      const before = state.datasources;
      state.undo.push(() => {
        state.datasources = before;
      });
      state.datasources = entry.value;
      return APPLIED;
    }
  }
}

/** What the step did outside the graph. `entry` is absent for a repeated row. */
function otherEffects(state: EngineState, entry: NewEntry | undefined): readonly Effect[] {
  const { requestedWorkflows, suspensions } = state.evaluator;
  const bringsTemplates = entry?.kind === 'template-add' || entry?.kind === 'template-delete';
  if (requestedWorkflows.size === 0 && suspensions.length === 0 && !bringsTemplates) return NO_EFFECTS;
  const effects: Effect[] = [];
  requestWorkflows(state, effects);
  noteSuspensions(state, effects);
  if (bringsTemplates) effects.push(...state.shelf.takeEffects());
  return effects.sort(compareEffects);
}

function requestWorkflows(state: EngineState, effects: Effect[]): void {
  for (const { key, workflow, input, isHeld } of state.evaluator.requestedWorkflows) {
    if (isHeld) effects.push({ kind: 'external-action', entityId: key, workflow, input });
  }
}

function noteSuspensions(state: EngineState, effects: Effect[]): void {
  const suspended = state.evaluator.suspensions;
  if (suspended.length === 0) return;
  state.suspensions = [...state.suspensions, ...suspended];
  for (const { scenarioId, template, reason } of suspended) {
    effects.push({ kind: 'template-suspended', entityId: scenarioId, name: template, detail: reason });
  }
}

function refuse(
  state: EngineState,
  entry: Pick<NewEntry, 'id'>,
  outcome: Outcome & { kind: 'rejected' | 'failed' },
  ordinal: number,
  atMs: number,
): RefusalEffect {
  const effect: RefusalEffect = {
    kind: outcome.kind === 'failed' ? 'entry-failed' : 'entry-rejected',
    entityId: entry.id,
    ...outcome.rejection,
  };
  state.refusals.push({ ...effect, ordinal, atMs });
  state.refusalCount += 1;
  if (state.refusals.length > state.limits.refusalsKeptMax) state.refusals.shift();
  return effect;
}

const mixer = new Mixer();
/** Of the step at work: one for all of them. */
const effectsSum = emptyDigest();

/** Effects enter a chained digest: whoever derives others is found out. */
function chain(state: EngineState, others: readonly Effect[]): void {
  const { touched, touchedCauses } = state.graph;
  if (touched.length === 0 && touchedCauses.length === 0 && others.length === 0) return;
  effectsSum.high = effectsSum.low = 0;
  digestEffects(state.graph, state.ordinal, effectsSum);
  if (effectsSum.high === 0 && effectsSum.low === 0 && others.length === 0) return;
  mixer.start(state.effectsLow).number(state.effectsHigh).number(effectsSum.high).number(effectsSum.low);
  for (let at = 0; at < others.length; at++) {
    const effect = others[at]!;
    mixer
      .string(effect.kind)
      .string(effect.entityId)
      .string('code' in effect ? effect.code : '');
  }
  mixer.finish();
  state.effectsHigh = mixer.high;
  state.effectsLow = mixer.low;
}
