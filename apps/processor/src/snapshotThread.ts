import { replayParts } from '@wherefore/answering';
import { ReplayHost, type PackedSnapshot, type ReplayParts } from '@wherefore/runtime';

/** Where the cores are full, who leads goes before the snapshots of whoever stands by. */
const STANDBY_NICENESS = 10;

/**
 * Takes snapshots beside the process, each from where the one before left off. Its thread is started for the first one:
 * a process that starts has more urgent work, and the thread loads every module anew.
 */
export class SnapshotThread {
  private host: Promise<ReplayHost> | undefined;

  /** `isAlone`: nobody else has the state, and a restart begins with the newest snapshot: then the thread stands back for nobody. */
  constructor(
    private readonly source: ReplayParts['source'],
    private readonly isAlone: () => Promise<boolean>,
  ) {}

  /** Rejects as `ReplayHost.open` and `takeSnapshot` do. */
  async take(createdAtMs: number): Promise<PackedSnapshot | undefined> {
    this.host ??= this.open().catch((error: unknown) => {
      // The next one may find what this one did not.
      this.host = undefined;
      throw error;
    });
    return (await this.host).takeSnapshot(createdAtMs);
  }

  private async open(): Promise<ReplayHost> {
    const niceness = (await this.isAlone()) ? 0 : STANDBY_NICENESS;
    return ReplayHost.open({ ...replayParts(this.source), statesMax: 1, niceness });
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    const opened = await this.host?.catch(() => undefined);
    await opened?.close();
  }
}
