import type { Position } from '@wherefore/model';
import type { Clock, SnapshotHeader, SnapshotStore } from '@wherefore/ports';
import type { AppliedStep } from './follower';
import type { PackedSnapshot } from './snapshotCodec';

export interface SnapshotPolicy {
  /** A snapshot is due so many entries after the newest in the store. Default 10,000. */
  readonly everyEntries?: number;
  /**
   * But not sooner than so much time after it, however busy the log is, nor than a hundred times what one takes of a
   * core to encode, six times once five times as many entries came: a hundredth of a core goes into them, a sixth at
   * most. Default 0: none of this.
   */
  readonly apartMs?: number;
  /** And after so much time in which there was at least one. Default ten minutes. */
  readonly everyMs?: number;
  /** One that is due is left to others for so long. Default 0. */
  readonly lateMs?: number;
  /** Asked when one is late: so many times as far apart may they be before it is for this one to take it. Default 1. */
  readonly patience?: () => Promise<number>;
  /** Cursors of roles that will start from a snapshot: pruning keeps one for each. */
  readonly cursors?: () => Promise<readonly Position[]>;
  /** Told of a snapshot that could not be taken. The next one is tried when it is due. */
  readonly warn?: (error: unknown) => void;
}

/** Makes the snapshot somewhere else: `ReplayHost.takeSnapshot`. */
export type TakeSnapshot = (createdAtMs: number) => Promise<PackedSnapshot | undefined>;

/** So many times what it takes of a core to encode one, the next one waits where that can be afforded: few entries came. */
const APART_TO_ENCODING = 100;
/** So many times `everyEntries` are many: a restart would replay them, and so would each question about that time. */
const MANY = 5;
/** And then it waits no longer than this. */
const APART_TO_ENCODING_OF_MANY = 6;
/** What a millisecond of a busy core makes of a snapshot, about: for whoever has not made one. */
const ENCODED_BYTES_PER_MS = 1000;

/**
 * Sees to it that a recent snapshot exists, by count and by time, whichever comes first. One at a
 * time; a failure never reaches the follower, because a store without a new snapshot is only slower.
 * Others may take them too: the newest in the store counts, whosever it is.
 */
export class Snapshotter {
  /** Of the newest step. */
  private ordinal = 0;
  /** From where the next one is reckoned. */
  private last: { readonly ordinal: number; readonly atMs: number } | undefined;
  private dueSinceMs: number | undefined;
  /** Of the newest, whosever it is: the state grows, and so does what the next one takes. */
  private byteCount = 0;
  private bytesPerMs = ENCODED_BYTES_PER_MS;
  private running: Promise<void> | undefined;

  constructor(
    private readonly take: TakeSnapshot,
    private readonly store: SnapshotStore,
    private readonly clock: Clock,
    private readonly policy: SnapshotPolicy = {},
  ) {}

  /** The listener to subscribe with. Never waits, never throws. */
  readonly accept = ({ ordinal }: AppliedStep): void => {
    this.ordinal = ordinal;
    this.last ??= { ordinal: ordinal - 1, atMs: this.clock.nowMs() };
    if (this.running || !this.isLate()) return;
    this.running = this.takeIfWanted()
      .then(
        () => undefined,
        (error: unknown) => this.policy.warn?.(error),
      )
      .finally(() => {
        this.running = undefined;
      });
  };

  private isLate(): boolean {
    if (!this.isDue()) {
      this.dueSinceMs = undefined;
      return false;
    }
    const nowMs = this.clock.nowMs();
    this.dueSinceMs ??= nowMs;
    return nowMs - this.dueSinceMs >= (this.policy.lateMs ?? 0);
  }

  /** Negative are the entries of a state that is being built anew, behind the newest snapshot. */
  private isDue(patience = 1): boolean {
    const { everyEntries = 10_000, everyMs = 600_000 } = this.policy;
    const { ordinal, atMs } = this.last!;
    const entries = (this.ordinal - ordinal) / patience;
    const ageMs = (this.clock.nowMs() - atMs) / patience;
    if (entries >= everyEntries && ageMs >= this.apartMs(entries >= everyEntries * MANY)) return true;
    return entries > 0 && ageMs >= everyMs;
  }

  private apartMs(many: boolean): number {
    const { apartMs = 0 } = this.policy;
    if (apartMs === 0) return 0;
    const encodingMs = this.byteCount / this.bytesPerMs;
    return Math.max(apartMs, encodingMs * (many ? APART_TO_ENCODING_OF_MANY : APART_TO_ENCODING));
  }

  private async takeIfWanted(): Promise<void> {
    // Whatever comes of it, the next look is as late as this one; and a store that does not answer is not asked again at once.
    this.dueSinceMs = undefined;
    const before = this.last;
    this.last = { ordinal: this.ordinal, atMs: this.clock.nowMs() };
    const newest = await this.store.newest();
    this.last = newest ? { ordinal: newest.ordinal, atMs: newest.createdAtMs } : before;
    this.byteCount = newest?.byteCount ?? 0;
    if (this.isDue(await this.policy.patience?.())) await this.takeNow();
  }

  /** Takes, saves, prunes. Gives the header; `undefined` when nothing was appended since the last. */
  async takeNow(): Promise<SnapshotHeader | undefined> {
    const nowMs = this.clock.nowMs();
    // One that fails is not tried again at once.
    this.last = { ordinal: this.ordinal, atMs: nowMs };
    const taken = await this.take(nowMs);
    if (!taken) return undefined;
    // It is of what is archived, which may lag: a restart would replay the rest.
    this.last = { ordinal: taken.header.ordinal, atMs: nowMs };
    this.byteCount = taken.header.byteCount;
    if (taken.encodingCpuMs) this.bytesPerMs = this.byteCount / taken.encodingCpuMs;
    await this.store.save(taken.header, taken.bytes);
    await this.store.prune({ nowMs, cursors: (await this.policy.cursors?.()) ?? [] });
    return taken.header;
  }

  /** Settles when none is being taken. */
  async idle(): Promise<void> {
    await this.running;
  }
}
