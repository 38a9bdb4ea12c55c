import { ORIGIN, comparePositions, type Position } from '@wherefore/model';
import { newestWithin, positionsToKeep, type SnapshotHeader } from '@wherefore/ports';
import type { MariadbArchive } from './mariadbArchive';
import type { MariadbArchiveWriter } from './mariadbArchiveWriter';
import type { MariadbHistory } from './mariadbHistory';
import type { MariadbOutbox } from './mariadbOutbox';
import type { MariadbSnapshotStore } from './mariadbSnapshots';

const DAY_MS = 86_400_000;

/** How long what is past is kept. */
export interface RetentionSettings {
  /** Ended alarms and causes, changes, refusals. Default 30 days. */
  readonly historyMs?: number;
  /** Entries, and the snapshots that answer about the past. Default 90 days; `null` for ever. */
  readonly archiveMs?: number | null;
}

export interface ExpireOptions {
  readonly nowMs: number;
  /** Epoch of the lease under which this is done. */
  readonly epoch: number;
  /** Cursors of roles that keep theirs elsewhere: what they start from stays. */
  readonly cursors?: readonly Position[];
}

export interface Expired {
  readonly kind: 'expired' | 'stale-epoch';
  /** Positions of the snapshots that went. */
  readonly snapshots: readonly Position[];
  /** Where the archive begins now. */
  readonly horizon: Position;
}

export interface RetentionParts {
  readonly archive: MariadbArchive;
  readonly archiveWriter: MariadbArchiveWriter;
  readonly snapshots: MariadbSnapshotStore;
  readonly history: MariadbHistory;
  readonly outbox: MariadbOutbox;
}

/**
 * Lets go of what is too old. Every time within the retention can still be asked about: the newest
 * whole snapshot from before it stays, and so does every entry after the oldest snapshot that stays,
 * and after the cursors of history and outbox.
 */
export class Retention {
  private readonly historyMs: number;
  private readonly archiveMs: number | null;

  constructor(
    private readonly parts: RetentionParts,
    { historyMs = 30 * DAY_MS, archiveMs = 90 * DAY_MS }: RetentionSettings = {},
  ) {
    this.historyMs = historyMs;
    this.archiveMs = archiveMs;
  }

  /** Cost: one snapshot or more is read, to know that it is whole. */
  async expire({ nowMs, epoch, cursors = [] }: ExpireOptions): Promise<Expired> {
    const { archive, archiveWriter, history } = this.parts;
    const { kind } = await history.expire(nowMs - this.historyMs, epoch);
    const untouched = { snapshots: [], horizon: await archive.horizon() };
    if (kind === 'stale-epoch') return { kind, ...untouched };
    if (this.archiveMs === null) return { kind: 'expired', ...untouched };
    const beforeMs = nowMs - this.archiveMs;
    const needed = [...cursors, ...(await this.ownCursors())];
    const { dropped, oldest } = await this.dropSnapshots(beforeMs, needed);
    const bounds = [oldest ?? ORIGIN, await archive.positionBefore(beforeMs), ...needed];
    const bound = bounds.reduce((least, each) => (comparePositions(each, least) < 0 ? each : least));
    const forgotten = await archiveWriter.forget(bound, epoch);
    const horizon = await archive.horizon();
    return { kind: forgotten.kind === 'stale-epoch' ? 'stale-epoch' : 'expired', snapshots: dropped, horizon };
  }

  /** Drops snapshots from before the time, but the newest whole one, which answers for its beginning. */
  private async dropSnapshots(
    beforeMs: number,
    needed: readonly Position[],
  ): Promise<{ readonly dropped: readonly Position[]; readonly oldest: Position | undefined }> {
    const { snapshots } = this.parts;
    const headers = await snapshots.list();
    const anchor = newestWithin(headers, { logTimeAtOrBeforeMs: beforeMs });
    if (!anchor) return { dropped: [], oldest: headers[0]?.position };
    const kept = await positionsToKeep(headers, [...needed, anchor.position], (each) => snapshots.isWhole(each));
    const goes = ({ position }: SnapshotHeader) =>
      comparePositions(position, anchor.position) <= 0 && !kept.some((each) => comparePositions(each, position) === 0);
    const dropped = headers.filter(goes).map((header) => header.position);
    await snapshots.remove(dropped);
    return { dropped, oldest: headers.find((header) => !goes(header))?.position };
  }

  /** The places from which history and notifications go on. Nobody notifies before the first claim. */
  private async ownCursors(): Promise<Position[]> {
    const { position, epoch } = await this.parts.outbox.watermark();
    const history = await this.parts.history.cursor();
    return epoch === 0 ? [history.position] : [history.position, position];
  }
}
