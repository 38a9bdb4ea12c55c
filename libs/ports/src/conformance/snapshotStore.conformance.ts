import type { Position } from '@wherefore/model';
import { SNAPSHOT_CHUNK_BYTES, type SnapshotHeader, type SnapshotStore } from '../snapshotStore';

export interface SnapshotsUnderTest {
  readonly snapshots: SnapshotStore;
  /** Alters the stored bytes of the snapshot at `position`, behind the store's back. */
  damage(position: Position): Promise<void>;
  /** Makes the archive reach the position; absent where the log is its own archive. */
  archiveTo?(position: Position): Promise<void>;
  close(): Promise<void>;
}

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });
const HOUR_MS = 3_600_000;

function header(offset: number, bytes: Uint8Array, createdAtMs = 0): SnapshotHeader {
  return {
    position: at(offset),
    ordinal: offset,
    logTimeMs: offset * 10,
    stateHash: `hash-${offset}`,
    behaviour: 1,
    formatVersion: 1,
    byteCount: bytes.length,
    createdAtMs,
  };
}

/** What every snapshot store must do. */
export function snapshotStoreConformance(name: string, open: () => Promise<SnapshotsUnderTest>): void {
  describe(`SnapshotStore: ${name}`, () => {
    let opened: SnapshotsUnderTest;
    let store: SnapshotStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.snapshots;
      await opened.archiveTo?.(at(100));
    });
    afterEach(() => opened.close());

    async function save(offset: number, createdAtMs = 0, size = 10): Promise<Uint8Array> {
      const bytes = new Uint8Array(size);
      for (let i = 0; i < size; i++) bytes[i] = i * 31 + offset;
      await store.save(header(offset, bytes, createdAtMs), bytes);
      return bytes;
    }

    it('is empty at first', async () => {
      expect(await store.list()).toEqual([]);
      expect(await store.newest()).toBeUndefined();
      await expect(store.load(at(1))).rejects.toMatchObject({ code: 'snapshot-missing' });
      expect(await store.prune({ nowMs: 0 })).toEqual([]);
    });

    it.each([0, 1, SNAPSHOT_CHUNK_BYTES, 2 * SNAPSHOT_CHUNK_BYTES + 17])('gives back %i bytes', async (size) => {
      const bytes = await save(5, 7, size);
      expect(Buffer.compare(await store.load(at(5)), bytes)).toBe(0);
      expect(await store.list()).toEqual([header(5, bytes, 7)]);
    });

    it('lists by position, whatever order they were saved in', async () => {
      for (const offset of [20, 3, 100]) await save(offset);
      expect((await store.list()).map((each) => each.position.offset)).toEqual([3, 20, 100]);
    });

    it('replaces the snapshot of the same position', async () => {
      await save(5, 1, 2 * SNAPSHOT_CHUNK_BYTES);
      const bytes = await save(5, 2, 3);
      expect(await store.list()).toHaveLength(1);
      expect(Buffer.compare(await store.load(at(5)), bytes)).toBe(0);
    });

    it('finds the newest within bounds', async () => {
      for (const offset of [10, 20, 30]) await save(offset);
      const offsetOf = async (bounds: object) => (await store.newest(bounds))?.position.offset;
      expect(await offsetOf({})).toBe(30);
      expect(await offsetOf({ atOrBefore: at(20) })).toBe(20);
      expect(await offsetOf({ atOrBefore: { epoch: 1, offset: 19, index: 7 } })).toBe(10);
      expect(await offsetOf({ before: at(20) })).toBe(10);
      expect(await offsetOf({ logTimeAtOrBeforeMs: 299 })).toBe(20);
      expect(await offsetOf({ logTimeAtOrBeforeMs: 300, before: at(30) })).toBe(20);
      expect(await offsetOf({ atOrBefore: at(9) })).toBeUndefined();
    });

    it('does not hand out bytes that were altered', async () => {
      await save(5, 0, 1000);
      await save(6, 0, 1000);
      await opened.damage(at(6));
      await expect(store.load(at(6))).rejects.toMatchObject({ code: 'snapshot-corrupt' });
      await expect(store.load(at(5))).resolves.toHaveLength(1000);
    });

    it('hides what lies beyond the archive until that has caught up', async () => {
      if (!opened.archiveTo) return;
      await save(100);
      await save(101);
      expect((await store.list()).map((each) => each.position.offset)).toEqual([100]);
      await expect(store.load(at(101))).rejects.toMatchObject({ code: 'snapshot-missing' });
      await opened.archiveTo(at(101));
      expect((await store.newest())?.position).toEqual(at(101));
      expect(await store.load(at(101))).toHaveLength(10);
    });

    it('has one snapshot of a position that several saved at once', async () => {
      const sizes = [10, 2 * SNAPSHOT_CHUNK_BYTES, 20, 30];
      await Promise.all(sizes.map((size) => save(5, size, size)));
      const [only, ...others] = await store.list();
      expect(others).toEqual([]);
      expect(sizes).toContain(only!.byteCount);
      expect(await store.load(at(5))).toHaveLength(only!.byteCount);
    });

    it('thins the old ones and keeps the newest', async () => {
      for (let i = 1; i <= 10; i++) await save(i, i * 60_000);
      const pruned = await store.prune({ nowMs: 20 * HOUR_MS });
      expect(pruned.length).toBeGreaterThanOrEqual(8);
      expect((await store.newest())?.position).toEqual(at(10));
      for (const position of pruned) {
        await expect(store.load(position)).rejects.toMatchObject({ code: 'snapshot-missing' });
      }
    });

    it('keeps the newest whole one, and one at or before each cursor', async () => {
      for (let i = 1; i <= 6; i++) await save(i, i * 60_000);
      await opened.damage(at(6));
      await opened.damage(at(3));
      await store.prune({ nowMs: 20 * HOUR_MS, cursors: [at(3)] });
      const left = (await store.list()).map((each) => each.position.offset);
      expect(left).toEqual(expect.arrayContaining([2, 5]));
      expect(left).not.toContain(4);
    });
  });
}
