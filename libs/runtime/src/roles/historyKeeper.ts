import { BrokenInvariant, WhereforeError, type Position } from '@wherefore/model';
import type { Clock, HistoryProjection, LogReader, Timer } from '@wherefore/ports';
import { Follower } from '../follower';
import { HistoryProjector } from '../historyProjector';
import type { Machine, MachineState } from '../machine';
import type { SnapshotPolicy } from '../snapshotter';
import { HistorySnapshots, type HistorySnapshotParts } from './historySnapshots';
import { backoffMs, isPassing, pause, type Backoff, type Warn } from './waiting';

/** Makes the state from which a role goes on: that of the newest usable snapshot at or before the place. */
export type StateAtOrBefore<S> = (position: Position) => Promise<S>;

export interface HistoryParts<S extends MachineState> {
  readonly log: LogReader;
  readonly history: HistoryProjection;
  readonly machine: Machine<S>;
  readonly stateAtOrBefore: StateAtOrBefore<S>;
  readonly timer: Timer;
  /** With them it takes snapshots of its state. */
  readonly snapshots?: Pick<HistorySnapshotParts<S>, 'snapshots' | 'pack' | 'cursors' | 'isUrgent'>;
  /** Measures work between turns of the event loop. Default: the machine's monotone clock. */
  readonly workClock?: Clock;
}

export interface HistoryOptions {
  /** Default: from 500 ms to 30 s. */
  readonly backoff?: Backoff;
  readonly warn?: Warn;
  readonly snapshots?: Pick<SnapshotPolicy, 'everyEntries' | 'everyMs' | 'apartMs'>;
  /** Told of an entry that the engine cannot go on from: an operator has to know. */
  readonly stuck?: (error: BrokenInvariant) => void;
}

/** After a broken invariant the state is thrown away, and a new one tried so much later. */
const AFTER_BROKEN_MS = 60_000;

/**
 * Keeps the history up with the log: a follower of its own, from a snapshot at or before the history's cursor.
 * Whatever ends it, it begins again from where the history stands; it never disturbs whoever runs beside it.
 */
export class HistoryKeeper<S extends MachineState> {
  private projector: HistoryProjector | undefined;
  private readonly backoff: Backoff;
  private readonly warn: Warn;

  constructor(
    private readonly parts: HistoryParts<S>,
    private readonly options: HistoryOptions = {},
  ) {
    this.backoff = options.backoff ?? { firstMs: 500, maxMs: 30_000, random: () => 1 };
    this.warn = options.warn ?? (() => undefined);
  }

  /** Everything up to here is in the history, as far as this process knows. */
  get cursor(): Position | undefined {
    return this.projector?.cursor.position;
  }

  /** Until the signal aborts. Rejects `stale-epoch` when a process with a higher epoch writes the history. */
  async run(epoch: number, signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      const beganAt = this.cursor;
      try {
        await this.project(epoch, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof BrokenInvariant) this.options.stuck?.(error);
        else if (!(error instanceof WhereforeError) || !this.mayGoOn(error)) throw error;
        else this.warn(error);
        if (this.cursor !== beganAt) failures = 1;
        const waitMs = error instanceof BrokenInvariant ? AFTER_BROKEN_MS : backoffMs(this.backoff, failures);
        await pause(this.parts.timer, waitMs, signal);
      }
    }
  }

  private async project(epoch: number, signal: AbortSignal): Promise<void> {
    const { log, history, machine, timer, snapshots, stateAtOrBefore, workClock } = this.parts;
    const projector = await HistoryProjector.open(history, epoch, this.warn, timer);
    this.projector = projector;
    const state = await stateAtOrBefore(projector.cursor.position);
    const follower = new Follower(log, machine, state, { rememberedMax: 0, ...(workClock && { workClock }) });
    follower.subscribe(projector.accept);
    if (snapshots) {
      const isUrgent = () => signal.aborted || snapshots.isUrgent();
      const parts = { ...snapshots, isUrgent, clock: timer, warn: this.warn };
      follower.subscribe(new HistorySnapshots(state, parts, this.options.snapshots).accept);
    }
    try {
      await follower.run(signal);
    } finally {
      // What is not written is written by whoever comes next.
      await projector.close().catch((error: unknown) => {
        if (error instanceof BrokenInvariant) throw error;
      });
    }
  }

  private mayGoOn(error: WhereforeError): boolean {
    return error.code === 'log-hole' || error.code === 'snapshot-missing' || isPassing(error);
  }
}
