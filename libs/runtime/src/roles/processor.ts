import { ORIGIN, WhereforeError, comparePositions, type NewEntry, type Position } from '@wherefore/model';
import type {
  Archive,
  ArchiveWriter,
  Clock,
  EventLog,
  LeaderLease,
  LogEpoch,
  LogEpochs,
  Outbox,
  SnapshotStore,
  Timer,
  Watermark,
} from '@wherefore/ports';
import { Follower, type AppliedStep } from '../follower';
import { gatheredLog } from '../gatheredLog';
import type { Machine, MachineState } from '../machine';
import { Replayer } from '../replayer';
import { Snapshotter, type SnapshotPolicy, type TakeSnapshot } from '../snapshotter';
import { DeliveryDesk, type DeskOptions } from './deliveryDesk';
import type { ReceiverBook } from './deliveryLine';
import { EpochKeeper, type EpochKeeperOptions } from './epochKeeper';
import type { StateAtOrBefore } from './historyKeeper';
import { SNAPSHOTS_APART_MS } from './historySnapshots';
import { LeaderRole, type LeaderOptions } from './leaderRole';
import { Notifier, type DeriveNews, type NotifierOptions } from './notifier';
import type { Term } from './term';
import { Ticker, type TickerOptions } from './ticker';
import { eitherAborted, isPassing, pause, persist, runTogether, type Backoff, type Warn } from './waiting';

export interface ProcessorParts<S extends MachineState> {
  readonly log: EventLog;
  readonly archive: Archive;
  readonly snapshots: SnapshotStore;
  readonly leases: LeaderLease;
  readonly outbox: Outbox;
  readonly receivers: ReceiverBook;
  readonly machine: Machine<S>;
  readonly timer: Timer;
  readonly derive: DeriveNews<S>;
  /** Where the log's stream can be lost: with what writes the archive, so that the leader can seal an epoch. */
  readonly epochs?: { readonly log: LogEpochs; readonly archiveWriter: ArchiveWriter };
  /** Makes a snapshot where nothing waits for it: `ReplayHost.takeSnapshot`. Without it none are taken here. */
  readonly takeSnapshot?: TakeSnapshot;
  /** Whether another one seems to be there that takes the snapshots while this one leads. Default: one may be. */
  readonly isStoodBy?: () => Promise<boolean>;
  /** Default: by a `Replayer` over archive and snapshots. */
  readonly stateAtOrBefore?: StateAtOrBefore<S>;
  /** Measures work between turns of the event loop. Default: the machine's monotone clock. */
  readonly workClock?: Clock;
}

export interface ProcessorOptions<S> extends Omit<LeaderOptions, 'lease'> {
  /** Name of the lease. Default `leader`. */
  readonly lease?: string;
  readonly ticks?: Omit<TickerOptions, 'warn'>;
  readonly notifier?: Omit<NotifierOptions, 'warn' | 'heldBack'>;
  readonly desk?: Omit<DeskOptions, 'warn'>;
  /** `lateMs`: how long they are left to the persister after they were due. Default 30 s. */
  readonly snapshots?: Pick<SnapshotPolicy, 'everyEntries' | 'everyMs' | 'apartMs' | 'lateMs'>;
  /**
   * What the files of this process ask for that the state does not hold yet: appended once in each term, when the
   * state is as new as the log was when the term began. The caller puts the term's fence on each.
   */
  readonly proposals?: (term: Term, state: S) => readonly NewEntry[] | Promise<readonly NewEntry[]>;
  /** Told of each epoch of the log that begins, and at the beginning of each term: every datasource is polled in full. */
  readonly epochBegan?: (epoch: LogEpoch) => Promise<void>;
  /** How closely the stream of the log is looked after. */
  readonly epochs?: Pick<EpochKeeperOptions, 'archiveLease' | 'checkEveryMs' | 'settleMs'>;
}

/** The persister takes the snapshots. One that is so late does not come. */
const SNAPSHOT_LATE_MS = 30_000;
/** What one that stands by adds to the time in which it takes over. */
const STANDBY_GATHER_MS = 25;
const RETRY: Backoff = { firstMs: 200, maxMs: 5000, random: () => 1 };
/** So long a follower tries to get over a hole in the log: the leader may be opening another epoch. */
const HOLE_MS = 60_000;

/**
 * A follower that leads while it holds the lease: it ticks, notifies, and looks after the stream of the log. One that
 * does not lead holds the same state, and keeps the same news.
 *
 * Snapshots are the persister's. Where they stay away, as while the history is stuck or built anew, one that stands by
 * takes them; and a leader when nobody else seems to: when the newest in the store is twice as old as it should
 * be, or as soon as a standby would where it hears that nobody stands by. So nobody has to know who else is there.
 */
export class Processor<S extends MachineState> {
  private readonly role: LeaderRole;
  private readonly deliveries: DeliveryDesk;
  private readonly ticker: Ticker;
  private readonly warn: Warn;
  private readonly news: Notifier;
  private readonly mayLead = new AbortController();
  private following: Follower<S> | undefined;
  private isWarm = false;

  constructor(
    private readonly parts: ProcessorParts<S>,
    private readonly options: ProcessorOptions<S>,
  ) {
    const { leases, timer, outbox, receivers, log } = parts;
    this.warn = options.warn ?? (() => undefined);
    const { warn } = this;
    this.role = new LeaderRole(leases, timer, { ...options, lease: options.lease ?? 'leader' });
    this.deliveries = new DeliveryDesk(outbox, receivers, timer, { ...options.desk, warn });
    this.ticker = new Ticker(log, timer, { ...options.ticks, warn });
    this.news = this.makeNotifier();
  }

  /** The term that runs now; `undefined` while this process stands by. */
  get term(): Term | undefined {
    return this.role.term;
  }

  /** The follower; another one after it had to begin again. `undefined` before the first. */
  get follower(): Follower<S> | undefined {
    return this.following;
  }

  /** Whether its state has come as far as the archive was when it began: it may lead. */
  get isReady(): boolean {
    return this.isWarm;
  }

  get notifier(): Notifier {
    return this.news;
  }

  get desk(): DeliveryDesk {
    return this.deliveries;
  }

  /**
   * Follows, and leads when it may, until the signal aborts. Once only. When the follower stands where the log does
   * not go on (its entries were lost with their stream) it begins again from a snapshot. Rejects with what no
   * repetition mends: a broken invariant first of all, and `log-hole`.
   */
  run(parent: AbortSignal): Promise<void> {
    return runTogether(parent, [
      (signal) => this.follow(signal),
      (signal) => this.news.standBy(signal),
      async (signal) => {
        await eitherAborted(this.mayLead.signal, signal);
        if (!signal.aborted) await this.role.run((term) => this.lead(term), signal);
      },
    ]);
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { timer } = this.parts;
    for (let failures = 0; !signal.aborted;) {
      const follower = await this.begin(signal);
      const from = follower.position;
      try {
        await Promise.all([follower.run(signal), this.warmUp(follower, signal)]);
      } catch (error) {
        const isHole = error instanceof WhereforeError && error.code === 'log-hole';
        failures = comparePositions(from, follower.position) < 0 ? 0 : failures + 1;
        if (!isHole || failures * RETRY.maxMs > (this.parts.epochs ? HOLE_MS : 0)) throw error;
        this.warn(error);
        // It may be for this one to mend.
        this.mayLead.abort();
        if (failures > 0) await pause(timer, RETRY.maxMs, signal);
      } finally {
        this.isWarm = false;
      }
    }
  }

  /** A follower from before the watermark, so that it derives what is still to be told. */
  private async begin(signal: AbortSignal): Promise<Follower<S>> {
    const { timer, outbox, archive, log, machine, workClock } = this.parts;
    const found = await persist(
      async () => {
        const mark = await outbox.watermark();
        const cursor = await archive.cursor();
        return { mark, state: await this.stateAtOrBefore(startingPlace(mark, cursor)) };
      },
      { timer, backoff: RETRY, warn: this.warn, signal },
    );
    // One that stands by is in no hurry.
    const patient = gatheredLog(log, () => (this.term || !this.isWarm ? 0 : STANDBY_GATHER_MS));
    const follower = new Follower(patient, machine, found.state, {
      rememberedMax: 0,
      ...(workClock && { workClock }),
    });
    this.following = follower;
    this.news.beginAgain(found.mark);
    follower.subscribe(this.news.accept);
    const snapshotter = this.snapshotter();
    // Whoever still applies what was archived has more urgent work than to do so a second time beside it.
    if (snapshotter) follower.subscribe((step) => (this.isWarm ? snapshotter.accept(step) : undefined));
    return follower;
  }

  private makeNotifier(): Notifier {
    const { log, timer, outbox, derive, epochs } = this.parts;
    const parts = {
      outbox,
      log,
      timer,
      desk: this.deliveries,
      derive: (step: AppliedStep) => derive(step, this.following!.state),
      ...(epochs && { currentEpoch: () => epochs.log.ensureEpoch(timer.nowMs()) }),
    };
    // It cannot come further before somebody tells what it keeps, and that may be for this one to do.
    const heldBack = () => this.mayLead.abort();
    const { notifier, steady } = this.options;
    return new Notifier(parts, { ...notifier, ...(steady && { steady }), heldBack, warn: this.warn });
  }

  private snapshotter(): Snapshotter | undefined {
    const { takeSnapshot, snapshots, outbox, timer, isStoodBy } = this.parts;
    if (!takeSnapshot) return undefined;
    return new Snapshotter(takeSnapshot, snapshots, timer, {
      ...{ apartMs: SNAPSHOTS_APART_MS, lateMs: SNAPSHOT_LATE_MS, ...this.options.snapshots },
      patience: async () => (this.term !== undefined && (await (isStoodBy?.() ?? true)) ? 2 : 1),
      cursors: async () => [(await outbox.watermark()).position],
      warn: (error) => error instanceof WhereforeError && this.warn(error),
    });
  }

  /** A standby that is far behind would lead badly: it first comes as far as the archive is now. */
  private async warmUp(follower: Follower<S>, signal: AbortSignal): Promise<void> {
    const { archive, timer } = this.parts;
    try {
      const cursor = await persist(() => archive.cursor(), { timer, backoff: RETRY, warn: this.warn, signal });
      await follower.waitForPosition(cursor, signal);
      this.isWarm = true;
      this.mayLead.abort();
    } catch (error) {
      // The follower has ended, and says itself why; or all ends.
      if (!isPassing(error) && !signal.aborted) throw error;
    }
  }

  private async lead(term: Term): Promise<void> {
    await runTogether(term.signal, [
      (signal) => this.news.run(term, signal),
      (signal) => this.deliveries.run(term, signal),
      (signal) => this.ticker.run(term, signal),
      (signal) => this.propose(term, signal),
      (signal) => this.keepEpoch(term, signal),
    ]);
    await this.news.settle(term);
  }

  private async propose(term: Term, signal: AbortSignal): Promise<void> {
    const { log, timer } = this.parts;
    const { proposals } = this.options;
    if (!proposals) return;
    const keeping = { timer, backoff: RETRY, warn: this.warn, signal };
    const entries = await persist(async () => {
      const follower = this.following!;
      await follower.waitForPosition(await log.newest(), signal);
      return proposals(term, follower.state);
    }, keeping);
    if (entries.length > 0) await persist(() => log.append(entries), keeping);
  }

  private async keepEpoch(term: Term, signal: AbortSignal): Promise<void> {
    const { epochs, archive, leases, timer } = this.parts;
    if (!epochs) return;
    const { holder, epochBegan } = this.options;
    const keeper = new EpochKeeper(
      { epochs: epochs.log, writer: epochs.archiveWriter, archive, leases, timer },
      { ...this.options.epochs, holder, warn: this.warn, ...(epochBegan && { epochBegan }) },
    );
    await keeper.run(term, signal);
  }

  private stateAtOrBefore(position: Position): Promise<S> {
    const { machine, archive, snapshots, stateAtOrBefore } = this.parts;
    if (stateAtOrBefore) return stateAtOrBefore(position);
    return new Replayer(machine, { archive, snapshots }, this.warn).stateAtOrBefore(position);
  }
}

/** Nobody was ever notified: what is archived is history. Otherwise what lies after the watermark is still to be told. */
function startingPlace({ position }: Watermark, cursor: Position): Position {
  return comparePositions(position, ORIGIN) === 0 || comparePositions(cursor, position) < 0 ? cursor : position;
}
