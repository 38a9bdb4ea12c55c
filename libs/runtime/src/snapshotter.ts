import type { Position } from '@wherefore/model';
import type { Clock, SnapshotHeader, SnapshotStore } from '@wherefore/ports';
import type { AppliedStep } from './follower';
import type { PackedSnapshot } from './snapshotCodec';

export interface SnapshotPolicy {
  /** A snapshot is due after so many entries. Default 10,000. */
  readonly everyEntries?: number;
  /**
   * But not sooner than so much time after the one before, however busy the log is, nor than six times what it took
   * of a core to encode that one: a sixth of a core goes into them at most. Default 0: neither.
   */
  readonly apartMs?: number;
  /** And after so much time in which there was at least one. Default ten minutes. */
  readonly everyMs?: number;
  /** Cursors of roles that will start from a snapshot: pruning keeps one for each. */
  readonly cursors?: () => Promise<readonly Position[]>;
  /**
   * Asked when one is due, and told how far apart they are to be now; where it says no, the next one is due as if it
   * had been taken. Default: yes.
   */
  readonly isWanted?: (apartMs: number) => Promise<boolean>;
  /** Told of a snapshot that could not be taken. The next one is tried when it is due. */
  readonly warn?: (error: unknown) => void;
}

/** Makes the snapshot somewhere else: `ReplayHost.takeSnapshot`. */
export type TakeSnapshot = (createdAtMs: number) => Promise<PackedSnapshot | undefined>;

/** So many times what it takes of a core to encode one, the next one waits. */
const APART_TO_ENCODING = 6;

/**
 * Sees to it that a recent snapshot exists, by count and by time, whichever comes first. One at a
 * time; a failure never reaches the follower, because a store without a new snapshot is only slower.
 */
export class Snapshotter {
  private entries = 0;
  /** Of the newest step. */
  private ordinal = 0;
  private lastAtMs: number;
  private encodingMs = 0;
  private running: Promise<void> | undefined;

  constructor(
    private readonly take: TakeSnapshot,
    private readonly store: SnapshotStore,
    private readonly clock: Clock,
    private readonly policy: SnapshotPolicy = {},
  ) {
    this.lastAtMs = clock.nowMs();
  }

  /** The listener to subscribe with. Never waits, never throws. */
  readonly accept = ({ ordinal }: AppliedStep): void => {
    this.ordinal = ordinal;
    this.entries += 1;
    if (this.running || !this.isDue()) return;
    this.running = this.takeIfWanted()
      .then(
        () => undefined,
        (error: unknown) => this.policy.warn?.(error),
      )
      .finally(() => {
        this.running = undefined;
      });
  };

  private isDue(): boolean {
    const { everyEntries = 10_000, everyMs = 600_000 } = this.policy;
    const passedMs = this.clock.nowMs() - this.lastAtMs;
    return (this.entries >= everyEntries && passedMs >= this.apartMs) || passedMs >= everyMs;
  }

  private get apartMs(): number {
    const { apartMs = 0 } = this.policy;
    return apartMs === 0 ? 0 : Math.max(apartMs, this.encodingMs * APART_TO_ENCODING);
  }

  private async takeIfWanted(): Promise<void> {
    this.begin();
    if ((await this.policy.isWanted?.(this.apartMs)) ?? true) await this.takeNow();
  }

  /** Takes, saves, prunes. Gives the header; `undefined` when nothing was appended since the last. */
  async takeNow(): Promise<SnapshotHeader | undefined> {
    const nowMs = this.begin();
    const due = this.ordinal;
    const taken = await this.take(nowMs);
    if (!taken) return undefined;
    // It is of what is archived. As much as the archive lagged the next one is due sooner, or a restart would replay it.
    this.entries += Math.max(0, due - taken.header.ordinal);
    this.encodingMs = taken.encodingCpuMs ?? 0;
    await this.store.save(taken.header, taken.bytes);
    await this.store.prune({ nowMs, cursors: (await this.policy.cursors?.()) ?? [] });
    return taken.header;
  }

  /** From now on the next one is reckoned. */
  private begin(): number {
    this.entries = 0;
    this.lastAtMs = this.clock.nowMs();
    return this.lastAtMs;
  }

  /** Settles when none is being taken. */
  async idle(): Promise<void> {
    await this.running;
  }
}
