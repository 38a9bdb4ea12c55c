import type { Clock, SnapshotHeader, SnapshotStore } from '@wherefore/ports';

const KNOWN_FOR_MS = 1000;

/** The newest snapshot in the store, as of a second ago at most: whoever probes a process may do so as often as it likes. */
export class NewestSnapshot {
  private askedAtMs = -Infinity;
  private known: SnapshotHeader | undefined;

  constructor(
    private readonly store: Pick<SnapshotStore, 'newest'>,
    private readonly clock: Clock,
  ) {}

  /** Rejects as the store does, which is asked again then at the next call. */
  async header(): Promise<SnapshotHeader | undefined> {
    const nowMs = this.clock.nowMs();
    if (Math.abs(nowMs - this.askedAtMs) < KNOWN_FOR_MS) return this.known;
    this.known = await this.store.newest();
    this.askedAtMs = nowMs;
    return this.known;
  }
}
