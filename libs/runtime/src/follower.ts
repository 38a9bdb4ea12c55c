import type { Outcome } from '@wherefore/engine';
import {
  PassingMap,
  PassingSet,
  WhereforeError,
  assert,
  comparePositions,
  formatPosition,
  headOf,
  notWhenAborted,
  whenAborted,
  type Effect,
  type LogEntry,
  type Position,
} from '@wherefore/model';
import type { Clock, LogReader } from '@wherefore/ports';
import type { Machine, MachineState } from './machine';
import { WorkSlice } from './workSlice';

/** One entry and what it did. */
export interface AppliedStep {
  readonly entry: LogEntry;
  readonly ordinal: number;
  /** Log time of the state after it. */
  readonly logTimeMs: number;
  readonly outcome: Outcome;
  readonly effects: readonly Effect[];
}

/**
 * Hears of every step, in order, right after it. May give a promise: the follower waits for it
 * before the next entry, which is how a slow listener holds back the log. A throw ends the follower.
 */
export type StepListener = (step: AppliedStep) => void | Promise<void>;

/** What became of an entry, for whoever appended it. */
export interface AppliedOutcome {
  readonly position: Position;
  readonly ordinal: number;
  readonly outcome: Outcome;
}

export interface Lag {
  readonly position: Position;
  readonly newest: Position;
  readonly isCaughtUp: boolean;
  /** Difference of offsets within an epoch: about the number of entries not applied yet. */
  readonly offsetsBehind: number;
}

export interface FollowerOptions {
  /** Measures work between turns of the event loop. Default: the machine's monotone clock. */
  readonly workClock?: Clock;
  /** Entries remembered, for those who ask for one only after their append settled: 0 where nobody asks. Default 4,096. */
  readonly rememberedMax?: number;
}

const REMEMBERED_MAX = 4096;

/** What is left of a step. The entry itself keeps the whole message that it came in. */
interface Remembered {
  readonly source: string;
  readonly id: string;
  readonly applied: AppliedOutcome;
}

interface Waiter {
  readonly resolve: (outcome: AppliedOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Applies the log to a state of its own, from where that state stands. It decides nothing: active,
 * standby, projector and API differ in who listens.
 *
 * A step is atomic; between steps the follower lets the event loop go on every 10 ms of work. One
 * that throws (a broken invariant, or no memory) ends `run` with that error, untouched: the process
 * has to end, because going on could write wrong answers down.
 */
export class Follower<S extends MachineState> {
  private readonly listeners: StepListener[] = [];
  private readonly rememberedMax: number;
  private readonly workClock: Clock | undefined;
  private readonly recent: Remembered[] = [];
  /** Where the next one goes, once the list is full: over the oldest. */
  private recentAt = 0;
  private recentByKey: PassingMap<string, Remembered> | undefined;
  private readonly entryWaiters = new PassingMap<string, Set<Waiter>>();
  private readonly positionWaiters = new PassingSet<Waiter & { readonly position: Position }>();
  private ended: WhereforeError | undefined;

  constructor(
    private readonly log: LogReader,
    private readonly machine: Machine<S>,
    /** Owned by the follower from here on. Others may read it between steps. */
    readonly state: S,
    { workClock, rememberedMax = REMEMBERED_MAX }: FollowerOptions = {},
  ) {
    this.workClock = workClock;
    this.rememberedMax = rememberedMax;
  }

  get position(): Position {
    return this.state.position;
  }

  /** Whether somebody waits for it to come further. */
  get isAwaited(): boolean {
    return this.entryWaiters.size > 0 || this.positionWaiters.size > 0;
  }

  /** Listeners are called in the order of subscription. */
  subscribe(listener: StepListener): void {
    this.listeners.push(listener);
  }

  /** Follows until `signal` aborts. Once only. Rejects with what the log, a step or a listener threw. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      const slice = new WorkSlice(this.workClock);
      const lists = this.log.readTogether?.(this.state.position, { signal });
      if (lists) {
        for await (const entries of lists) {
          for (const entry of entries) {
            if (signal.aborted) return;
            const waiting = this.take(entry, slice);
            if (waiting) await waiting;
          }
        }
      } else {
        for await (const entry of this.log.read(this.state.position, { signal })) {
          const waiting = this.take(entry, slice);
          if (waiting) await waiting;
        }
      }
    } finally {
      this.end();
    }
  }

  /**
   * Resolves once this follower applied the entry, and its listeners heard of it; at once when that
   * was among the last few thousand, if it remembers any. A repeated id resolves with what became of the first.
   * Rejects with the signal's reason, or `log-unavailable` when the follower ends.
   */
  waitForEntry(entry: { readonly source: string; readonly id: string }, signal?: AbortSignal): Promise<AppliedOutcome> {
    const key = keyOf(entry);
    const known = this.recallTable().get(key);
    if (known) return Promise.resolve(known.applied);
    return this.wait(signal, (waiter) => {
      const waiters = this.entryWaiters.get(key) ?? new Set();
      this.entryWaiters.set(key, waiters.add(waiter));
      return () => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.entryWaiters.delete(key);
      };
    });
  }

  /** Resolves once the state contains everything up to `position`. Rejects as `waitForEntry` does. */
  async waitForPosition(position: Position, signal?: AbortSignal): Promise<void> {
    if (comparePositions(this.position, position) >= 0) return;
    await this.wait(signal, (waiter) => {
      const waiting = { ...waiter, position };
      this.positionWaiters.add(waiting);
      return () => this.positionWaiters.delete(waiting);
    });
  }

  /** How far behind the log it is. Asks the log. */
  async lag(): Promise<Lag> {
    const newest = await this.log.newest();
    const { position } = this;
    const isCaughtUp = comparePositions(position, newest) >= 0;
    const before = position.epoch === newest.epoch ? position.offset : 0;
    return { position, newest, isCaughtUp, offsetsBehind: isCaughtUp ? 0 : newest.offset - before };
  }

  /** A promise only where something has to be waited for: most entries cost no turn. */
  private take(entry: LogEntry, slice: WorkSlice): void | Promise<void> {
    const heard = this.tell(this.apply(entry), 0);
    if (heard) return heard.then(() => (slice.isOver ? slice.rest() : undefined));
    return slice.isOver ? slice.rest() : undefined;
  }

  private tell(step: AppliedStep, from: number): void | Promise<void> {
    for (let at = from; at < this.listeners.length; at++) {
      const waiting = this.listeners[at]!(step);
      if (waiting) return waiting.then(() => this.tell(step, at + 1));
    }
    this.settle(step);
  }

  private apply(entry: LogEntry): AppliedStep {
    const { outcome, effects } = this.machine.step(this.state, entry);
    const { position, ordinal, logTimeMs } = this.state;
    assert(comparePositions(position, entry.position) === 0, `a step went to ${formatPosition(position)}`);
    return { entry, ordinal, logTimeMs, outcome, effects };
  }

  private settle(step: AppliedStep): void {
    this.remember(step);
    if (this.entryWaiters.size > 0) {
      for (const waiter of [...(this.entryWaiters.get(keyOf(headOf(step.entry))) ?? [])])
        waiter.resolve(appliedOf(step));
    }
    if (this.positionWaiters.size === 0) return;
    for (const waiter of [...this.positionWaiters]) {
      if (comparePositions(waiter.position, step.entry.position) <= 0) waiter.resolve(appliedOf(step));
    }
  }

  private remember(step: AppliedStep): void {
    if (this.rememberedMax === 0) return;
    const oldest = this.recent[this.recentAt];
    const { source, id } = headOf(step.entry);
    const remembered = { source, id, applied: appliedOf(step) };
    this.recent[this.recentAt] = remembered;
    this.recentAt = (this.recentAt + 1) % this.rememberedMax;
    if (!this.recentByKey) return;
    if (oldest && this.recentByKey.get(keyOf(oldest)) === oldest) this.recentByKey.delete(keyOf(oldest));
    addFirst(this.recentByKey, remembered);
  }

  /** The table is made when somebody first asks: most followers are never asked, and it costs every entry. */
  private recallTable(): PassingMap<string, Remembered> {
    if (!this.recentByKey) {
      this.recentByKey = new PassingMap();
      const isFull = this.recent.length === this.rememberedMax;
      const inOrder = isFull
        ? [...this.recent.slice(this.recentAt), ...this.recent.slice(0, this.recentAt)]
        : this.recent;
      for (const each of inOrder) addFirst(this.recentByKey, each);
    }
    return this.recentByKey;
  }

  private wait(signal: AbortSignal | undefined, enlist: (waiter: Waiter) => () => void): Promise<AppliedOutcome> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.ended) return reject(this.ended);
      const abort = () => waiter.reject(signal?.reason);
      const leave = () => {
        if (signal) notWhenAborted(signal, abort);
        withdraw();
      };
      const waiter: Waiter = {
        resolve: (outcome) => {
          leave();
          resolve(outcome);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const withdraw = enlist(waiter);
      if (signal) whenAborted(signal, abort);
    });
  }

  private end(): void {
    this.ended = new WhereforeError('log-unavailable', 'the follower of the log has ended', { retryable: true });
    const waiters = [...this.entryWaiters.values()].flatMap((each) => [...each]);
    for (const waiter of [...waiters, ...this.positionWaiters]) waiter.reject(this.ended);
  }
}

function keyOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return `${source}\n${id}`;
}

function appliedOf({ entry: { position }, ordinal, outcome }: AppliedStep): AppliedOutcome {
  return { position, ordinal, outcome };
}

/** A repeated id stands for what became of the first. */
function addFirst(table: PassingMap<string, Remembered>, remembered: Remembered): void {
  const key = keyOf(remembered);
  if (!table.has(key)) table.set(key, remembered);
}
