import { replayParts } from '@wherefore/answering';
import { ReplayHost, type PackedSnapshot, type ReplayParts } from '@wherefore/runtime';

/**
 * Takes snapshots beside the process, each from where the one before left off. Its thread is started for the first one:
 * a process that starts has more urgent work, and the thread loads every module anew.
 */
export class SnapshotThread {
  private host: Promise<ReplayHost> | undefined;

  constructor(private readonly source: ReplayParts['source']) {}

  /** Rejects as `ReplayHost.open` and `takeSnapshot` do. */
  async take(createdAtMs: number): Promise<PackedSnapshot | undefined> {
    this.host ??= ReplayHost.open({ ...replayParts(this.source), statesMax: 1 }).catch((error: unknown) => {
      // The next one may find what this one did not.
      this.host = undefined;
      throw error;
    });
    return (await this.host).takeSnapshot(createdAtMs);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    const opened = await this.host?.catch(() => undefined);
    await opened?.close();
  }
}
