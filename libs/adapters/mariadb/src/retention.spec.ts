import { ORIGIN, type LogEntry, type Position } from '@wherefore/model';
import { freshDatabase, stopSharedServer } from '../../../../test/conformance/mariadbDatabases';
import { mariadbNeed } from '../../../../test/support/services/mariadbServer';
import { describeWithService } from '../../../../test/support/shared';
import { openStore, type MariadbStore } from './store';

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = 1_700_000_000_000;
const PER_DAY = 300;
const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

/** The day's entries: `PER_DAY` of them, one page and a part of another. */
function entriesOf(day: number): LogEntry[] {
  return Array.from({ length: PER_DAY }, (_, i) => {
    const atMs = FIRST_DAY_MS + day * DAY_MS + i;
    const entry = { kind: 'tick', id: `${day}-${i}`, version: 1, source: 'leader', ingestedAtMs: atMs, atMs } as const;
    return { position: at(day * PER_DAY + i + 1), entry };
  });
}

const endOf = (day: number) => at((day + 1) * PER_DAY);

describeWithService('retention in MariaDB', mariadbNeed, () => {
  let store: MariadbStore;
  let release: () => Promise<void>;
  let damageSnapshot: (position: Position) => Promise<void>;
  afterAll(stopSharedServer);

  /** Ten days of entries, the history up to their end, and a snapshot at the end of some of them. */
  async function tenDays(archiveDays: number | null, snapshotDays: readonly number[]): Promise<void> {
    const database = await freshDatabase();
    const archiveMs = archiveDays === null ? null : archiveDays * DAY_MS;
    store = await openStore({ ...database.options, retention: { historyMs: 3 * DAY_MS, archiveMs } });
    ({ release, damageSnapshot } = database);
    for (let day = 0; day < 10; day++) {
      const expected = await store.archive.cursor();
      await store.archiveWriter.append({ expected, epoch: 1, entries: entriesOf(day) });
    }
    await store.history.apply({ expected: ORIGIN, position: endOf(9), epoch: 1, generation: 1, effects: [] });
    for (const day of snapshotDays) {
      const logTimeMs = FIRST_DAY_MS + day * DAY_MS + PER_DAY - 1;
      const header = { position: endOf(day), ordinal: endOf(day).offset, logTimeMs, stateHash: '', behaviour: 1 };
      const rest = { formatVersion: 1, byteCount: 3, createdAtMs: logTimeMs };
      await store.snapshots.save({ ...header, ...rest }, Uint8Array.of(day, 2, 3));
    }
  }

  afterEach(async () => {
    await store.close();
    await release();
  });

  const expire = (options: object = {}) => store.expire({ nowMs: FIRST_DAY_MS + 10 * DAY_MS, epoch: 1, ...options });
  const snapshotDays = async () => (await store.snapshots.list()).map((header) => header.position.offset / PER_DAY - 1);

  it('keeps the newest snapshot from before the retention, and every entry after it', async () => {
    await tenDays(4, [0, 2, 4, 7, 9]);
    const expired = await expire();
    expect(expired).toEqual({ kind: 'expired', snapshots: [endOf(0), endOf(2)], horizon: endOf(4) });
    expect(await snapshotDays()).toEqual([4, 7, 9]);
    const [next] = await store.archive.readRange(endOf(4), 1);
    expect(next).toMatchObject({ ordinal: 5 * PER_DAY + 1, entry: { id: '5-0' } });
    await expect(store.archive.readRange(endOf(3), 1)).rejects.toMatchObject({ code: 'log-hole' });
    expect(await store.archive.count()).toBe(10 * PER_DAY);
  });

  it('keeps an old page that the oldest kept snapshot needs', async () => {
    await tenDays(2, [1]);
    expect(await expire()).toMatchObject({ snapshots: [], horizon: endOf(1) });
    expect(await store.archive.readRange(endOf(1), 9999)).toHaveLength(8 * PER_DAY);
  });

  it('keeps everything while there is no snapshot to start from', async () => {
    await tenDays(2, []);
    expect(await expire()).toMatchObject({ snapshots: [], horizon: ORIGIN });
    expect(await store.archive.readRange(ORIGIN, 9999)).toHaveLength(10 * PER_DAY);
  });

  it('keeps what a role has still to read', async () => {
    await tenDays(2, [0, 3, 5, 9]);
    expect(await expire({ cursors: [endOf(3)] })).toMatchObject({ snapshots: [endOf(0)], horizon: endOf(3) });
    await store.outbox.claim(1);
    const advance = { epoch: 1, deliveries: [], notBeforeMs: 0 };
    await store.outbox.advance({ ...advance, expected: ORIGIN, position: endOf(4) });
    expect(await expire()).toMatchObject({ snapshots: [], horizon: endOf(3) });
    await store.outbox.advance({ ...advance, expected: endOf(4), position: endOf(9) });
    expect(await expire()).toMatchObject({ snapshots: [endOf(3)], horizon: endOf(5) });
  });

  it('keeps an older one when the newest from before the retention is damaged', async () => {
    await tenDays(4, [0, 2, 4, 9]);
    await damageSnapshot(endOf(4));
    expect(await expire()).toMatchObject({ snapshots: [endOf(0), endOf(4)], horizon: endOf(2) });
    expect(await snapshotDays()).toEqual([2, 9]);
  });

  it('forgets nothing when the archive is kept for ever', async () => {
    await tenDays(null, [0, 9]);
    expect(await expire()).toEqual({ kind: 'expired', snapshots: [], horizon: ORIGIN });
    expect(await snapshotDays()).toEqual([0, 9]);
  });

  it('forgets nothing for one whose lease has passed on', async () => {
    await tenDays(4, [0, 4, 9]);
    await store.archiveWriter.append({
      expected: endOf(9),
      epoch: 2,
      entries: [{ ...entriesOf(10)[0]!, position: at(9999) }],
    });
    expect(await expire({ epoch: 1 })).toMatchObject({ kind: 'stale-epoch', horizon: ORIGIN });
  });

  it('finds the place before a time, to the page', async () => {
    await tenDays(null, []);
    expect(await store.archive.positionBefore(FIRST_DAY_MS - 1)).toEqual(ORIGIN);
    expect(await store.archive.positionBefore(FIRST_DAY_MS + 3 * DAY_MS)).toEqual(endOf(2));
    const within = await store.archive.positionBefore(FIRST_DAY_MS + 3 * DAY_MS + 280);
    expect(within).toEqual(at(3 * PER_DAY + 256));
    expect(await store.archive.positionBefore(FIRST_DAY_MS + 99 * DAY_MS)).toEqual(endOf(9));
  });
});
