import type { StepResult } from '@wherefore/engine';
import {
  ORIGIN,
  WhereforeError,
  comparePositions,
  formatPosition,
  type LogEntry,
  type Position,
} from '@wherefore/model';
import type { Archive, SnapshotBounds, SnapshotHeader, SnapshotReader } from '@wherefore/ports';
import type { Machine, MachineState } from './machine';
import { unpackSnapshot } from './snapshotCodec';
import { WorkSlice } from './workSlice';

/** What a replay reads. It never writes, so it may run beside a writer. */
export interface ReplaySource {
  readonly archive: Archive;
  readonly snapshots: SnapshotReader;
  close(): Promise<void>;
}

/**
 * A moment of the past: every entry with log time up to `atMs`; or every entry up to `position`; or
 * all there is.
 */
export type Target = { readonly atMs: number } | { readonly position: Position } | 'newest';

/** The first entry that a state does not contain. */
export interface NextMoment {
  readonly position: Position;
  readonly logTimeMs: number;
}

export interface Materialised<S> {
  readonly state: S;
  /** Absent when the state contains everything archived so far. */
  readonly next: NextMoment | undefined;
  /** How many entries were applied to get there. */
  readonly replayed: number;
}

const FETCH_ENTRIES = 500;
/** To look at the clock costs as much as a small step. */
const STEPS_PER_LOOK = 8;

/**
 * Builds states of the past, each a graph of its own: newest usable snapshot, then the entries after
 * it. Cost: at most some `SNAPSHOT_GAP_ENTRIES_MAX` steps. Lets the event loop go on every 10 ms.
 */
export class Replayer<S extends MachineState> {
  constructor(
    private readonly machine: Machine<S>,
    private readonly source: Pick<ReplaySource, 'archive' | 'snapshots'>,
    /** Told of snapshots that had to be passed over. */
    private readonly warn: (warning: WhereforeError) => void = () => undefined,
    private readonly unpack: typeof unpackSnapshot<S> = unpackSnapshot,
  ) {}

  /**
   * The state at `target`. Rejects `before-first-entry` for a time before all that is known,
   * `invalid-position` for a position beyond the archive, and with the signal's reason on abort.
   */
  async materialise(target: Target, signal?: AbortSignal): Promise<Materialised<S>> {
    const newest = await this.source.archive.cursor();
    if (typeof target === 'object' && 'position' in target && comparePositions(target.position, newest) > 0) {
      throw new WhereforeError('invalid-position', `${formatPosition(target.position)} lies beyond the log`, {
        hint: `The newest position is ${formatPosition(newest)}.`,
      });
    }
    const found = await this.advance(await this.startingState(snapshotBounds(target, newest)), target, signal);
    if (found.state.ordinal === 0 && typeof target === 'object' && 'atMs' in target) {
      throw beforeFirstEntry(target.atMs, found.next);
    }
    return found;
  }

  /**
   * The newest usable snapshot's state at or before a position: where a role starts that has a cursor
   * of its own. The initial state when there is none.
   */
  stateAtOrBefore(position: Position): Promise<S> {
    return this.startingState({ atOrBefore: position });
  }

  /**
   * Applies what lies between a state and the target, in place. On abort the state is somewhere between.
   * `onStep` hears of every entry right after its step.
   */
  async advance(
    state: S,
    target: Target,
    signal?: AbortSignal,
    onStep?: (entry: LogEntry, result: StepResult) => void,
  ): Promise<Materialised<S>> {
    const slice = new WorkSlice();
    for (let replayed = 0; ;) {
      const entries = await this.source.archive.readRange(state.position, FETCH_ENTRIES);
      if (entries.length === 0) return { state, next: undefined, replayed };
      for (const entry of entries) {
        // Known only by asking: the entry decides the log time after it.
        const logTimeMs = target === 'newest' ? 0 : this.machine.logTimeAfter(state, entry);
        if (isBeyond(target, entry, logTimeMs)) {
          return { state, next: { position: entry.position, logTimeMs }, replayed };
        }
        const result = this.machine.step(state, entry);
        onStep?.(entry, result);
        replayed += 1;
        if (replayed % STEPS_PER_LOOK !== 0 || !slice.isOver) continue;
        await slice.rest();
        signal?.throwIfAborted();
      }
      signal?.throwIfAborted();
    }
  }

  private async startingState(bounds: SnapshotBounds): Promise<S> {
    let header = await this.source.snapshots.newest(bounds);
    while (header) {
      const state = await this.load(header);
      if (state) return state;
      header = await this.source.snapshots.newest({ ...bounds, before: header.position });
    }
    const horizon = await this.source.archive.horizon();
    if (comparePositions(horizon, ORIGIN) > 0) throw tooOld(horizon);
    return this.machine.initialState();
  }

  /**
   * A snapshot may hold entries that were lost with their stream before they were archived. In the archive its place
   * is another's then, or nobody's.
   */
  private async checkThatItCounts({ position, ordinal }: SnapshotHeader): Promise<void> {
    const { archive } = this.source;
    const [entry] = await archive.lookup([ordinal]);
    const isForgotten = !entry && comparePositions(position, await archive.horizon()) <= 0;
    if (isForgotten || (entry && comparePositions(entry.position, position) === 0)) return;
    throw new WhereforeError('snapshot-missing', `the snapshot at ${formatPosition(position)} is void`, {
      hint: 'It holds entries that were lost with their stream; another snapshot is used.',
    });
  }

  private async load(header: SnapshotHeader): Promise<S | undefined> {
    try {
      await this.checkThatItCounts(header);
      const bytes = await this.source.snapshots.load(header.position);
      return await this.unpack(this.machine, { header, bytes });
    } catch (error) {
      // Damaged, of another format, or pruned a moment ago: an older one leads to the same state.
      if (!(error instanceof WhereforeError) || !PASSED_OVER.has(error.code)) throw error;
      this.warn(error);
      return undefined;
    }
  }
}

const PASSED_OVER: ReadonlySet<string> = new Set(['snapshot-corrupt', 'snapshot-missing', 'store-newer']);

/** Of the snapshots from which the target can be reached. One beyond the archive is void: its entries were never confirmed to all. */
export function snapshotBounds(target: Target, newest: Position): SnapshotBounds {
  if (target === 'newest') return { atOrBefore: newest };
  if ('position' in target) return { atOrBefore: target.position };
  return { atOrBefore: newest, logTimeAtOrBeforeMs: target.atMs };
}

function isBeyond(target: Target, entry: LogEntry, logTimeMs: number): boolean {
  if (target === 'newest') return false;
  return 'atMs' in target ? logTimeMs > target.atMs : comparePositions(entry.position, target.position) > 0;
}

function tooOld(horizon: Position): WhereforeError {
  return new WhereforeError('snapshot-missing', 'no snapshot serves, and the first entries are no longer archived', {
    hint: `The archive begins after ${formatPosition(horizon)}. Ask for a later time.`,
  });
}

function beforeFirstEntry(atMs: number, first: NextMoment | undefined): WhereforeError {
  return new WhereforeError('before-first-entry', `nothing is known of ${isoTime(atMs)}`, {
    hint: first ? `The first entry is of ${isoTime(first.logTimeMs)}.` : 'The store is empty.',
  });
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
