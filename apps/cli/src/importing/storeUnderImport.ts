import type { EngineState } from '@wherefore/engine';
import { comparePositions, type ErrorCode, type NewEntry, ORIGIN, WhereforeError } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import {
  type AppliedStep,
  engineMachine,
  Follower,
  HistoryProjector,
  packSnapshot,
  Replayer,
  Snapshotter,
} from '@wherefore/runtime';
import { openStore, type SqliteStore } from '@wherefore/sqlite';

/** What became of the entries that were appended. */
export interface OutcomeCounts {
  applied: number;
  /** Of these, told nothing new. */
  unchanged: number;
  /** Older than what was known. */
  outdated: number;
  duplicate: number;
  /** Refused, by the code of the reason. */
  readonly rejected: Map<ErrorCode, number>;
  ticks: number;
}

const LEASE = 'leader';
const HOLDER = 'embedded';
const LEASE_TTL_MS = 60_000;
/** A question about the past replays at most about so many entries. */
const SNAPSHOT_EVERY_ENTRIES = 5_000;

/**
 * A store that entries are brought into: what a server does with each, history and snapshots included, is
 * done here, only without waiting for time to pass.
 */
export class StoreUnderImport {
  readonly counts: OutcomeCounts = {
    applied: 0,
    unchanged: 0,
    outdated: 0,
    duplicate: 0,
    rejected: new Map(),
    ticks: 0,
  };
  private readonly stopping = new AbortController();
  private readonly following: Promise<unknown>;
  private isCounting = false;
  private appended = 0;

  private constructor(
    readonly store: SqliteStore,
    private readonly follower: Follower<EngineState>,
    private readonly projector: HistoryProjector,
    private readonly snapshotter: Snapshotter,
    private readonly epoch: number,
    private readonly release: () => Promise<void>,
  ) {
    follower.subscribe((step) => this.count(step));
    follower.subscribe(projector.accept);
    follower.subscribe(snapshotter.accept);
    this.following = follower.run(this.stopping.signal).then(
      () => undefined,
      (error: unknown) => error ?? new Error('the follower ended'),
    );
  }

  /** Opens the store, makes it if there is none, and applies what it holds. Rejects as `openStore` does. */
  static async open(folder: string, clock: Clock): Promise<StoreUnderImport> {
    const store = await openStore({ folder, create: true });
    try {
      const lease = await store.leases.acquire(LEASE, HOLDER, LEASE_TTL_MS);
      if (lease === undefined) throw new WhereforeError('store-locked', 'another process leads on this store');
      const projector = await HistoryProjector.open(store.history, lease.epoch);
      const state = await new Replayer(engineMachine, store).stateAtOrBefore(projector.cursor.position);
      const follower = new Follower(store.log, engineMachine, state);
      const take = (nowMs: number) => packSnapshot(engineMachine, state, nowMs);
      // Time passes fast here: only entries count.
      const policy = {
        everyEntries: SNAPSHOT_EVERY_ENTRIES,
        everyMs: Infinity,
        cursors: async () => [projector.cursor.position],
      };
      const snapshotter = new Snapshotter(take, store.snapshots, clock, policy);
      const opened = new StoreUnderImport(store, follower, projector, snapshotter, lease.epoch, async () => {
        await store.leases.release(lease);
      });
      await opened.catchUp();
      opened.isCounting = true;
      return opened;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** To be read between appends only. */
  get state(): EngineState {
    return this.follower.state;
  }

  /** Settles when the entries are durable and have been applied. */
  async append(entries: readonly NewEntry[]): Promise<void> {
    await this.store.log.append(entries);
    this.appended += entries.length;
    await this.catchUp();
    await this.passOver();
  }

  /** Completes history and snapshots, and lets the store go. */
  async close(): Promise<void> {
    try {
      await this.projector.close();
      await this.snapshotter.idle();
      if (this.appended > 0) await this.snapshotter.takeNow();
      await this.release();
    } finally {
      this.stopping.abort();
      await this.following;
      await this.store.close();
    }
  }

  /** What is brought in is history: nobody is notified of it, now or when a server starts. */
  private async passOver(): Promise<void> {
    const { outbox } = this.store;
    const { watermark } = await outbox.claim(this.epoch);
    // Of a store that was never served, a first start passes over everything.
    if (comparePositions(watermark.position, ORIGIN) === 0) return;
    const { position } = this.follower;
    const advance = { expected: watermark.position, position, epoch: this.epoch, deliveries: [], notBeforeMs: 0 };
    if (comparePositions(watermark.position, position) < 0) await outbox.advance(advance);
  }

  private async catchUp(): Promise<void> {
    const newest = await this.store.log.newest();
    const failure = await Promise.race([this.follower.waitForPosition(newest), this.following]);
    if (failure !== undefined) throw failure;
  }

  /** Whether the last step changed anything at all of an entity: effects tell only what others act upon. */
  private get hasTouched(): boolean {
    return this.state.graph.touched.length > 0;
  }

  private count({ entry: { entry }, outcome, effects }: AppliedStep): void {
    if (!this.isCounting) return;
    const { counts } = this;
    switch (outcome.kind) {
      case 'applied':
        if (entry.kind === 'tick') counts.ticks += 1;
        else {
          counts.applied += 1;
          if (entry.kind === 'event' && effects.length === 0 && !this.hasTouched) counts.unchanged += 1;
        }
        break;
      case 'outdated':
      case 'duplicate':
        counts[outcome.kind] += 1;
        break;
      case 'rejected':
      case 'failed': {
        const { code } = outcome.rejection;
        counts.rejected.set(code, (counts.rejected.get(code) ?? 0) + 1);
        break;
      }
      case 'stale-epoch':
        break;
    }
  }
}
