import { type BrokenInvariant, type Position } from '@wherefore/model';
import type {
  Archive,
  ArchiveWriter,
  Clock,
  HistoryProjection,
  LeaderLease,
  LogEpochs,
  LogReader,
  Outbox,
  SnapshotStore,
  Timer,
} from '@wherefore/ports';
import { gatheredLog } from '../gatheredLog';
import type { Machine, MachineState } from '../machine';
import { Replayer } from '../replayer';
import { packSnapshot } from '../snapshotCodec';
import type { SnapshotPolicy } from '../snapshotter';
import { ArchiveFeed } from './archiveFeed';
import { Archiver, type ArchiverCounts, type ArchiverOptions } from './archiver';
import { HistoryKeeper, type StateAtOrBefore } from './historyKeeper';
import type { PackState } from './historySnapshots';
import { LeaderRole, type LeaderOptions } from './leaderRole';
import type { Term } from './term';
import { isPassing, pause, runTogether, type Warn } from './waiting';

export interface PersisterParts<S extends MachineState> {
  readonly log: LogReader;
  readonly archive: Archive;
  readonly archiveWriter: ArchiveWriter;
  readonly history: HistoryProjection;
  readonly snapshots: SnapshotStore;
  /** The processors start from a snapshot before its watermark. */
  readonly outbox: Pick<Outbox, 'watermark'>;
  readonly leases: LeaderLease;
  readonly machine: Machine<S>;
  readonly timer: Timer;
  /** Where the log's stream can be lost. */
  readonly epochs?: Pick<LogEpochs, 'heldAfter'>;
  /** Lets go of what is older than the retention, under the epoch of the lease. */
  readonly expire?: (epoch: number, nowMs: number) => Promise<void>;
  /** Default: `packSnapshot` of the machine. */
  readonly pack?: PackState<S>;
  /** Default: by a `Replayer` over archive and snapshots. */
  readonly stateAtOrBefore?: StateAtOrBefore<S>;
  /** Measures work between turns of the event loop. Default: the machine's monotone clock. */
  readonly workClock?: Clock;
}

export interface PersisterOptions extends Omit<LeaderOptions, 'lease'> {
  /** Name of the lease. Default `persister`. */
  readonly lease?: string;
  readonly archiver?: Omit<ArchiverOptions, 'warn' | 'written'>;
  readonly snapshots?: Pick<SnapshotPolicy, 'everyEntries' | 'everyMs' | 'apartMs'>;
  /** How long what comes is gathered before it is read. Default 100 ms: where somebody waits for the archive, less is better. */
  readonly readGatherMs?: number;
  /** How often what is too old goes. Default one hour; the first time ten minutes after a term began. */
  readonly expireEveryMs?: number;
  /** Told of an entry from which the history cannot go on. The archive goes on all the same. */
  readonly stuck?: (error: BrokenInvariant) => void;
}

/** By so much the archive is behind the log anyway, for a transaction costs as much for one entry as for many. */
const READ_GATHER_MS = 100;
/** So many entries wait for the history to go on, and a snapshot is made at leisure: it would take it a moment to catch up. */
const WAITING_MAX = 5000;
const EXPIRE_EVERY_MS = 3_600_000;
const EXPIRE_FIRST_MS = 600_000;

/**
 * Keeps archive and history, each with a cursor of its own, while it holds the lease; another one stands by. The
 * archive is a copy that looks into nothing. The history follows the archive with an engine of its own, and may be
 * stuck, dropped or rebuilt without holding up the archive. Snapshots are of the state of that engine.
 */
export class Persister<S extends MachineState> {
  private readonly role: LeaderRole;
  private readonly archiver: Archiver;
  private readonly keeper: HistoryKeeper<S>;
  private readonly warn: Warn;

  constructor(
    private readonly parts: PersisterParts<S>,
    private readonly options: PersisterOptions,
  ) {
    const {
      archive,
      archiveWriter: writer,
      snapshots,
      log,
      timer,
      epochs,
      machine,
      history,
      outbox,
      workClock,
    } = parts;
    this.warn = options.warn ?? (() => undefined);
    this.role = new LeaderRole(parts.leases, timer, { ...options, lease: options.lease ?? 'persister' });
    const feed = new ArchiveFeed(archive, timer, this.warn);
    this.archiver = new Archiver(
      {
        log: gatheredLog(log, () => options.readGatherMs ?? READ_GATHER_MS),
        archive,
        writer,
        timer,
        ...(epochs && { epochs }),
      },
      { ...options.archiver, written: feed.accept, warn: this.warn },
    );
    const replayer = new Replayer(machine, { archive, snapshots }, this.warn);
    const stateAtOrBefore = parts.stateAtOrBefore ?? ((position) => replayer.stateAtOrBefore(position));
    const pack: PackState<S> = parts.pack ?? ((...given) => packSnapshot(machine, ...given));
    const isUrgent = () => feed.waiting > WAITING_MAX;
    const cursors = async () => [(await outbox.watermark()).position, (await history.cursor()).position];
    this.keeper = new HistoryKeeper(
      {
        ...{ log: feed, history, machine, stateAtOrBefore, timer },
        snapshots: { snapshots, pack, cursors, isUrgent },
        ...(workClock && { workClock }),
      },
      {
        warn: this.warn,
        ...(options.snapshots && { snapshots: options.snapshots }),
        ...(options.stuck && { stuck: options.stuck }),
      },
    );
  }

  /** The term that runs now; `undefined` while this process stands by. */
  get term(): Term | undefined {
    return this.role.term;
  }

  get archived(): ArchiverCounts {
    return this.archiver.counts;
  }

  /** Where the history stands, as far as this process knows. */
  get historyCursor(): Position | undefined {
    return this.keeper.cursor;
  }

  /** Until the signal aborts. Rejects with what no repetition mends: `log-hole`, `store-refused`, a broken invariant. */
  run(signal: AbortSignal): Promise<void> {
    return this.role.run((term) => this.lead(term), signal);
  }

  private lead(term: Term): Promise<void> {
    return runTogether(term.signal, [
      (signal) => this.archiver.run(term.epoch, signal),
      (signal) => this.keeper.run(term.epoch, signal),
      (signal) => this.expireNowAndThen(term, signal),
    ]);
  }

  private async expireNowAndThen(term: Term, signal: AbortSignal): Promise<void> {
    const { timer, expire } = this.parts;
    const { expireEveryMs = EXPIRE_EVERY_MS } = this.options;
    if (!expire) return;
    await pause(timer, Math.min(EXPIRE_FIRST_MS, expireEveryMs), signal);
    while (!signal.aborted) {
      try {
        await expire(term.epoch, timer.nowMs());
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
      }
      await pause(timer, expireEveryMs, signal);
    }
  }
}
