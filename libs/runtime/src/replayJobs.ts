import type { StepResult } from '@wherefore/engine';
import { ORIGIN, comparePositions, type Json, type LogEntry, type Position } from '@wherefore/model';
import type { Machine, MachineState } from './machine';
import { Replayer, snapshotBounds, type Materialised, type ReplaySource, type Target } from './replayer';
import { packSnapshot, type PackedSnapshot } from './snapshotCodec';

/** Restoring a snapshot of some ten thousand entities takes as long as applying so many entries. */
const ENTRIES_OF_A_RESTORE = 10_000;

/** So often a snapshot goes on to what was archived meanwhile: each time that is a fraction of the time before. */
const CATCH_UPS_MAX = 2;

/** An answer that is bytes already. What has its memory for itself moves to another thread, the rest is copied. */
export class AnswerBytes {
  constructor(readonly slices: readonly Uint8Array[]) {}
}

/** Answers a question about a state, which it must not change. `source` gives the entries behind it. */
export type AnswerQuestion<S> = (
  state: S,
  question: Json,
  source: ReplaySource,
) => Json | AnswerBytes | Promise<Json | AnswerBytes>;

/**
 * Begins to read a span at the state before it; `accept` hears of every step in it, `answer` is asked at
 * its end. Nothing of it may change the state.
 */
export type ReadSpan<S> = (
  state: S,
  question: Json,
) => { accept(state: S, entry: LogEntry, result: StepResult): void; answer(): Json };

/** The moment that an answer describes. */
export interface AnsweredMoment {
  readonly position: Position;
  readonly ordinal: number;
  readonly logTimeMs: number;
}

export interface Answered {
  /** `null` where the answer is bytes. */
  readonly answer: Json;
  readonly bytes?: readonly Uint8Array[];
  readonly moment: AnsweredMoment;
  /** Entries that had to be replayed; zero when the state was at hand. */
  readonly replayed: number;
  /** What was passed over on the way, such as a damaged snapshot. */
  readonly warnings: readonly string[];
}

/** An answer about what happened between two moments. */
export interface SpanAnswered {
  readonly answer: Json;
  /** The state before the span, and after it. */
  readonly from: AnsweredMoment;
  readonly to: AnsweredMoment;
  readonly warnings: readonly string[];
}

/**
 * The work of a replay host: one job after another, on states that nobody else sees. The last few
 * states are kept, because questions about one moment come in a row; a list of a few is searched
 * faster than it is hashed, and what is asked for is a range, not a key.
 */
export class ReplayJobs<S extends MachineState> {
  /** Most recently used first. */
  private readonly kept: Materialised<S>[] = [];
  private readonly replayer: Replayer<S>;
  private warnings: string[] = [];

  constructor(
    private readonly machine: Machine<S>,
    private readonly source: ReplaySource,
    private readonly answerQuestion: AnswerQuestion<S> | undefined,
    private readonly statesMax = 2,
    private readonly readSpan?: ReadSpan<S>,
  ) {
    this.replayer = new Replayer(machine, source, (warning) => this.warnings.push(warning.message));
  }

  /** Rejects as `Replayer.materialise` and the question's own function do. */
  async answer(target: Target, question: Json, signal?: AbortSignal): Promise<Answered> {
    if (!this.answerQuestion) throw new Error('this host was opened without a module that answers questions');
    const { state, replayed } = await this.stateAt(target, signal);
    const answer = await this.answerQuestion(state, question, this.source);
    const given = answer instanceof AnswerBytes ? { answer: null, bytes: answer.slices } : { answer };
    return { ...given, moment: momentOf(state), replayed, warnings: this.warnings };
  }

  /**
   * What happened after `from`, up to `to`. Cost: the entries between. Rejects as `answer` does;
   * `to` must not lie before `from`.
   */
  async span(from: Target, to: Target, question: Json, signal?: AbortSignal): Promise<SpanAnswered> {
    const { readSpan } = this;
    if (!readSpan) throw new Error('this host was opened without a module that reads spans');
    this.warnings = [];
    // A state of its own: it does not stay where it is.
    const { state } = await this.replayer.materialise(from, signal);
    const answered = await spanFrom(this.replayer, state, { to, readSpan, question, signal });
    return { ...answered, warnings: this.warnings };
  }

  /**
   * A snapshot of everything archived before it was asked for, at least; `undefined` when the newest one is just that.
   * What was archived while this replayed is replayed, too, as long as that becomes less each time.
   */
  async takeSnapshot(createdAtMs: number, signal?: AbortSignal): Promise<PackedSnapshot | undefined> {
    const { archive, snapshots } = this.source;
    let head = await archive.cursor();
    const newest = await snapshots.newest({ atOrBefore: head });
    if (comparePositions(head, newest?.position ?? ORIGIN) === 0) return undefined;
    let { state, replayed } = await this.stateAt({ position: head }, signal, 'goes-on');
    // A log that grows as fast as this thread replays has no end that could be reached.
    for (let catchUps = 0; catchUps < CATCH_UPS_MAX && replayed > 0; catchUps++) {
      head = await archive.cursor();
      ({ state, replayed } = await this.stateAt({ position: head }, signal, 'goes-on'));
    }
    return packSnapshot(this.machine, state, createdAtMs);
  }

  close(): Promise<void> {
    this.kept.length = 0;
    return this.source.close();
  }

  private async stateAt(
    target: Target,
    signal: AbortSignal | undefined,
    manner: 'to-and-fro' | 'goes-on' = 'to-and-fro',
  ): Promise<Materialised<S>> {
    this.warnings = [];
    const found = this.kept.findIndex((each) => covers(each, target));
    if (found >= 0) return this.keep({ ...this.kept.splice(found, 1)[0]!, replayed: 0 });
    const near = await this.nearestBefore(target, manner);
    // A state that goes on leaves the list first: if this fails half-way, it stands at a moment that nobody asked for.
    const reached =
      near >= 0
        ? await this.replayer.advance(this.kept.splice(near, 1)[0]!.state, target, signal)
        : await this.replayer.materialise(target, signal);
    return this.keep(reached);
  }

  /**
   * The place of the kept state from which the target is reached soonest; -1 when a snapshot is the better start:
   * reading one costs about as much as so many entries.
   */
  private async nearestBefore(target: Target, manner: 'to-and-fro' | 'goes-on'): Promise<number> {
    let nearest = -1;
    this.kept.forEach(({ state }, at) => {
      if (!isPast(target, state) && state.ordinal > (this.kept[nearest]?.state.ordinal ?? -1)) nearest = at;
    });
    const kept = this.kept[nearest];
    if (kept === undefined || kept.next === undefined) return nearest;
    // While there is room, both moments are kept: questions may go to and fro between them.
    if (manner === 'to-and-fro' && this.kept.length < this.statesMax) return -1;
    const end = await this.source.archive.cursor();
    if (typeof target === 'object' && 'position' in target && comparePositions(target.position, end) > 0) return -1;
    const newest = await this.source.snapshots.newest(snapshotBounds(target, end));
    return newest === undefined || newest.ordinal - kept.state.ordinal < ENTRIES_OF_A_RESTORE ? nearest : -1;
  }

  private keep(materialised: Materialised<S>): Materialised<S> {
    this.kept.unshift(materialised);
    this.kept.length = Math.min(this.kept.length, this.statesMax);
    return materialised;
  }
}

/** Whether the state is the one at the target, whatever has been appended since it was made. */
function covers<S extends MachineState>({ state, next }: Materialised<S>, target: Target): boolean {
  if (target === 'newest') return false;
  if (isPast(target, state)) return false;
  if ('position' in target) {
    if (comparePositions(target.position, state.position) === 0) return true;
    return next !== undefined && comparePositions(target.position, next.position) < 0;
  }
  return next !== undefined && target.atMs < next.logTimeMs;
}

/** Whether the target lies before the state. */
function isPast(target: Target, state: MachineState): boolean {
  if (target === 'newest') return false;
  if ('position' in target) return comparePositions(target.position, state.position) < 0;
  return target.atMs < state.logTimeMs;
}

/** Takes a state through a span, and reads it on the way. */
export async function spanFrom<S extends MachineState>(
  replayer: Replayer<S>,
  state: S,
  span: {
    readonly to: Target;
    readonly readSpan: ReadSpan<S>;
    readonly question: Json;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Omit<SpanAnswered, 'warnings'>> {
  const from = momentOf(state);
  const reader = span.readSpan(state, span.question);
  await replayer.advance(state, span.to, span.signal, (entry, result) => reader.accept(state, entry, result));
  return { answer: reader.answer(), from, to: momentOf(state) };
}

function momentOf({ position, ordinal, logTimeMs }: MachineState): AnsweredMoment {
  return { position, ordinal, logTimeMs };
}
