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
import { Follower } from '../follower';
import type { Machine, MachineState } from '../machine';
import { Replayer } from '../replayer';
import { Snapshotter, type TakeSnapshot } from '../snapshotter';
import { DeliveryDesk, type DeskOptions } from './deliveryDesk';
import type { ReceiverBook } from './deliveryLine';
import { EpochKeeper } from './epochKeeper';
import type { StateAtOrBefore } from './historyKeeper';
import { LeaderRole, type LeaderOptions } from './leaderRole';
import { Notifier, type DeriveNews, type NotifierOptions } from './notifier';
import type { Term } from './term';
import { Ticker, type TickerOptions } from './ticker';
import { isPassing, persist, runTogether, type Backoff, type Warn } from './waiting';

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
  /** Default: by a `Replayer` over archive and snapshots. */
  readonly stateAtOrBefore?: StateAtOrBefore<S>;
  /** Measures work between turns of the event loop. Default: the machine's monotone clock. */
  readonly workClock?: Clock;
}

export interface ProcessorOptions<S> extends Omit<LeaderOptions, 'lease'> {
  /** Name of the lease. Default `leader`. */
  readonly lease?: string;
  readonly ticks?: Omit<TickerOptions, 'warn'>;
  readonly notifier?: Omit<NotifierOptions, 'warn'>;
  readonly desk?: Omit<DeskOptions, 'warn'>;
  readonly snapshots?: { readonly everyEntries?: number; readonly everyMs?: number };
  /**
   * What the files of this process ask for that the state does not hold yet: appended once in each term, when the
   * state is as new as the log was when the term began. The caller puts the term's fence on each.
   */
  readonly proposals?: (term: Term, state: S) => readonly NewEntry[] | Promise<readonly NewEntry[]>;
  /** Told of each epoch of the log that begins, and at the beginning of each term: every datasource is polled in full. */
  readonly epochBegan?: (epoch: LogEpoch) => Promise<void>;
}

/** What runs between two beginnings of the follower. */
interface Life<S extends MachineState> {
  readonly follower: Follower<S>;
  readonly notifier: Notifier;
}

const RETRY: Backoff = { firstMs: 200, maxMs: 5000, random: () => 1 };

/**
 * A follower that leads while it holds the lease: it ticks, notifies, and looks after the stream of the log. One that
 * does not lead holds the same state, keeps the same news, and takes the snapshots.
 *
 * A leader takes snapshots too when nobody else seems to: when the newest in the store is twice as old as it should
 * be. So nobody has to know who else is there.
 */
export class Processor<S extends MachineState> {
  private readonly role: LeaderRole;
  private readonly deliveries: DeliveryDesk;
  private readonly ticker: Ticker;
  private readonly warn: Warn;
  private life: Life<S> | undefined;
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
  }

  /** The term that runs now; `undefined` while this process stands by. */
  get term(): Term | undefined {
    return this.role.term;
  }

  /** The follower; another one after it had to begin again. `undefined` before the first. */
  get follower(): Follower<S> | undefined {
    return this.life?.follower;
  }

  /** Whether its state has come as far as the archive was when it began: it may lead. */
  get isReady(): boolean {
    return this.isWarm;
  }

  get notifier(): Notifier | undefined {
    return this.life?.notifier;
  }

  get desk(): DeliveryDesk {
    return this.deliveries;
  }

  /**
   * Follows, and leads when it may, until the signal aborts. When the follower stands where the log does not go on
   * (its entries were lost with their stream) it begins again from a snapshot. Rejects with what no
   * repetition mends: a broken invariant first of all.
   */
  async run(signal: AbortSignal): Promise<void> {
    for (let from: Position | undefined; !signal.aborted;) {
      try {
        await this.live(signal, (position) => (from = position));
      } catch (error) {
        const position = this.life?.follower.position;
        const hasMoved = from && position && comparePositions(from, position) < 0;
        const isHole = error instanceof WhereforeError && error.code === 'log-hole';
        if (!isHole || !hasMoved) throw error;
        this.warn(error);
      } finally {
        this.isWarm = false;
      }
    }
  }

  private async live(parent: AbortSignal, began: (position: Position) => void): Promise<void> {
    const life = await this.begin(parent);
    if (!life) return;
    this.life = life;
    began(life.follower.position);
    await runTogether(parent, [
      (signal) => life.follower.run(signal),
      (signal) => life.notifier.standBy(signal),
      async (signal) => {
        await this.warmUp(life.follower, signal);
        if (this.isWarm) await this.role.run((term) => this.lead(life, term), signal);
      },
    ]);
  }

  /** A follower from before the watermark, so that it derives what is still to be told. */
  private async begin(signal: AbortSignal): Promise<Life<S> | undefined> {
    const { timer, outbox, archive } = this.parts;
    const { warn } = this;
    const keeping = { timer, backoff: RETRY, warn, signal };
    let found: { readonly state: S; readonly mark: Watermark };
    try {
      found = await persist(async () => {
        const mark = await outbox.watermark();
        const cursor = await archive.cursor();
        return { mark, state: await this.stateAtOrBefore(startingPlace(mark, cursor)) };
      }, keeping);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
    return this.assemble(found.state, found.mark);
  }

  private assemble(state: S, mark: Watermark): Life<S> {
    const { log, machine, timer, outbox, derive, epochs, workClock } = this.parts;
    const follower = new Follower(log, machine, state, workClock);
    const notifier = new Notifier(
      {
        outbox,
        log,
        timer,
        desk: this.deliveries,
        derive: (step) => derive(step, follower.state),
        ...(epochs && { currentEpoch: () => epochs.log.ensureEpoch(timer.nowMs()) }),
      },
      mark,
      { ...this.options.notifier, warn: this.warn },
    );
    follower.subscribe(notifier.accept);
    const snapshotter = this.snapshotter(follower);
    if (snapshotter) follower.subscribe(snapshotter.accept);
    return { follower, notifier };
  }

  private snapshotter(follower: Follower<S>): Snapshotter | undefined {
    const { takeSnapshot, snapshots, outbox, timer } = this.parts;
    const { everyEntries = 10_000, everyMs = 600_000 } = this.options.snapshots ?? {};
    if (!takeSnapshot) return undefined;
    return new Snapshotter(takeSnapshot, snapshots, timer, {
      everyEntries,
      everyMs,
      cursors: async () => [(await outbox.watermark()).position],
      isWanted: async () => {
        const newest = await snapshots.newest();
        if (!newest) return true;
        const share = this.term ? 2 : 1;
        const entries = follower.state.ordinal - newest.ordinal;
        return entries >= everyEntries * share || timer.nowMs() - newest.createdAtMs >= everyMs * share;
      },
      warn: (error) => error instanceof WhereforeError && this.warn(error),
    });
  }

  /** A standby that is far behind would lead badly: it first comes as far as the archive is now. */
  private async warmUp(follower: Follower<S>, signal: AbortSignal): Promise<void> {
    const { archive, timer } = this.parts;
    const keeping = { timer, backoff: RETRY, warn: this.warn, signal };
    const cursor = await persist(() => archive.cursor(), keeping);
    try {
      await follower.waitForPosition(cursor, signal);
      this.isWarm = true;
    } catch (error) {
      // The follower has ended, and says itself why.
      if (!isPassing(error)) throw error;
    }
  }

  private lead({ follower, notifier }: Life<S>, term: Term): Promise<void> {
    return runTogether(term.signal, [
      (signal) => notifier.run(term, signal),
      (signal) => this.deliveries.run(term, signal),
      (signal) => this.ticker.run(term, signal),
      (signal) => this.propose(follower, term, signal),
      (signal) => this.keepEpoch(term, signal),
    ]);
  }

  private async propose(follower: Follower<S>, term: Term, signal: AbortSignal): Promise<void> {
    const { log, timer } = this.parts;
    const { proposals } = this.options;
    if (!proposals) return;
    const keeping = { timer, backoff: RETRY, warn: this.warn, signal };
    const newest = await persist(() => log.newest(), keeping);
    await follower.waitForPosition(newest, signal);
    const entries = await proposals(term, follower.state);
    if (entries.length > 0) await persist(() => log.append(entries), keeping);
  }

  private async keepEpoch(term: Term, signal: AbortSignal): Promise<void> {
    const { epochs, archive, leases, timer } = this.parts;
    if (!epochs) return;
    const { holder, epochBegan } = this.options;
    const keeper = new EpochKeeper(
      { epochs: epochs.log, writer: epochs.archiveWriter, archive, leases, timer },
      { holder, warn: this.warn, ...(epochBegan && { epochBegan }) },
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
