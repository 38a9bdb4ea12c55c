import { ORIGIN, type LogEntry, type Position } from '@wherefore/model';
import type { Archive, ArchiveWriter } from '../archive';
import { tick } from './eventLog.conformance';

export interface ArchiveUnderTest {
  readonly archive: Archive;
  readonly archiveWriter: ArchiveWriter;
  close(): Promise<void>;
}

/** Offsets of a stream have gaps, and entries of one message share an offset. */
const at = (offset: number, index = 0, epoch = 1): Position => ({ epoch, offset, index });

function entry(offset: number, index = 0, padding = ''): LogEntry {
  return { position: at(offset, index), entry: tick(`e${offset}.${index}`, padding) };
}

function entries(from: number, count: number, padding = ''): LogEntry[] {
  return Array.from({ length: count }, (_, i) => entry(from + i, 0, padding));
}

const ids = (found: readonly LogEntry[]) => found.map((each) => each.entry.id);

/** What every archive that is not the log itself must do. */
export function archiveWriterConformance(name: string, open: () => Promise<ArchiveUnderTest>): void {
  describe(`ArchiveWriter: ${name}`, () => {
    let opened: ArchiveUnderTest;
    let archive: Archive;
    let writer: ArchiveWriter;
    beforeEach(async () => {
      opened = await open();
      archive = opened.archive;
      writer = opened.archiveWriter;
    });
    afterEach(() => opened.close());

    const append = async (batch: readonly LogEntry[], epoch = 1) =>
      writer.append({ expected: await archive.cursor(), epoch, entries: batch });

    it('is empty at first', async () => {
      expect(await archive.cursor()).toEqual(ORIGIN);
      expect(await archive.count()).toBe(0);
      expect(await archive.horizon()).toEqual(ORIGIN);
      expect(await archive.readRange(ORIGIN, 10)).toEqual([]);
      expect(await archive.lookup([1])).toEqual([]);
    });

    it('gives back what was copied, positions and gaps included', async () => {
      const first = [entry(7), entry(7, 1), entry(7, 2), entry(1000)];
      const second = [entry(9_007_199_254_740), { ...entry(3), position: at(3, 4, 2) }];
      expect(await append(first)).toEqual({ kind: 'written', cursor: at(1000) });
      expect(await append(second)).toEqual({ kind: 'written', cursor: at(3, 4, 2) });
      const all = await archive.readRange(ORIGIN, 100);
      expect(all.map(({ position, entry: copied }) => ({ position, entry: copied }))).toEqual([...first, ...second]);
      expect(all.map((each) => each.ordinal)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await archive.count()).toBe(6);
    });

    it('reads on from any position, also one between two entries', async () => {
      await append([entry(7), entry(7, 1), entry(20)]);
      await append([entry(30), entry(31)]);
      expect(ids(await archive.readRange(at(7), 2))).toEqual(['e7.1', 'e20.0']);
      expect(ids(await archive.readRange(at(8), 2))).toEqual(['e20.0', 'e30.0']);
      expect(ids(await archive.readRange(at(20), 9))).toEqual(['e30.0', 'e31.0']);
      expect(await archive.readRange(at(31), 9)).toEqual([]);
      expect(await archive.readRange(at(5000), 9)).toEqual([]);
      expect(await archive.readRange(ORIGIN, 0)).toEqual([]);
    });

    it('finds entries by ordinal, wherever they were put', async () => {
      await append(entries(1, 700));
      await append(entries(701, 3));
      expect(ids(await archive.lookup([703, 1, 256, 257, 701, 9999, 0, 257]))).toEqual([
        'e1.0',
        'e256.0',
        'e257.0',
        'e701.0',
        'e703.0',
      ]);
    });

    it('keeps entries of every size, and many small batches', async () => {
      for (let i = 1; i <= 150; i++) await append([entry(i)]);
      const large = entries(200, 20, 'é'.repeat(100_000));
      await append(large);
      for (let i = 301; i <= 320; i++) await append([entry(i)]);
      const all = await archive.readRange(ORIGIN, 1000);
      expect(all.map((each) => each.ordinal)).toEqual(Array.from({ length: 190 }, (_, i) => i + 1));
      expect(all.slice(150, 170).map(({ entry: copied }) => copied)).toEqual(large.map((each) => each.entry));
      expect(ids(await archive.readRange(at(149), 2))).toEqual(['e150.0', 'e200.0']);
    });

    it('moves only from where the cursor stands', async () => {
      await append([entry(1)]);
      const behind = { expected: ORIGIN, epoch: 1, entries: [entry(2)] };
      expect(await writer.append(behind)).toEqual({ kind: 'cursor-moved', cursor: at(1) });
      const ahead = { expected: at(5), epoch: 1, entries: [entry(6)] };
      expect(await writer.append(ahead)).toEqual({ kind: 'cursor-moved', cursor: at(1) });
      expect(await archive.count()).toBe(1);
    });

    it('has one winner when several write from the same cursor', async () => {
      const batch = (name_: string) => ({
        expected: ORIGIN,
        epoch: 1,
        entries: [{ position: at(1), entry: tick(name_) }, entry(2)],
      });
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((each) => writer.append(batch(each))));
      expect(results.map((each) => each.kind).sort()).toEqual([
        'cursor-moved',
        'cursor-moved',
        'cursor-moved',
        'written',
      ]);
      expect(results.every((each) => each.cursor.offset === 2)).toBe(true);
      expect(await archive.count()).toBe(2);
    });

    it('refuses a writer whose lease has passed on', async () => {
      await append([entry(1)], 5);
      expect(await append([entry(2)], 4)).toEqual({ kind: 'stale-epoch', cursor: at(1) });
      expect(await writer.forget(at(1), 4)).toMatchObject({ kind: 'stale-epoch' });
      expect((await append([entry(2)], 6)).kind).toBe('written');
      expect((await append([entry(3)], 5)).kind).toBe('stale-epoch');
      expect(ids(await archive.readRange(ORIGIN, 9))).toEqual(['e1.0', 'e2.0']);
    });

    it('ends rather than copy out of order', async () => {
      await expect(append([])).rejects.toThrow('broken invariant');
      await expect(append([entry(2), entry(1)])).rejects.toThrow('1.1.0 does not follow 1.2.0');
      await append([entry(5)]);
      await expect(append([entry(5)])).rejects.toThrow('broken invariant');
      expect(await archive.count()).toBe(1);
    });

    it('forgets up to a position, and says where it begins', async () => {
      for (let i = 0; i < 4; i++) await append(entries(1 + i * 300, 300));
      expect(await writer.forget(at(650), 1)).toEqual({ kind: 'written', cursor: at(1200) });
      const horizon = await archive.horizon();
      // Whole pieces only: never more than asked for, and not much less.
      expect(horizon.offset).toBeGreaterThan(300);
      expect(horizon.offset).toBeLessThanOrEqual(650);
      await expect(archive.readRange(ORIGIN, 1)).rejects.toMatchObject({ code: 'log-hole' });
      await expect(archive.readRange(at(horizon.offset - 1), 1)).rejects.toMatchObject({ code: 'log-hole' });
      const [next] = await archive.readRange(horizon, 1);
      expect(next).toMatchObject({ ordinal: horizon.offset + 1, position: at(horizon.offset + 1) });
      expect(ids(await archive.lookup([1, 1200]))).toEqual(['e1200.0']);
      expect(await archive.count()).toBe(1200);
    });

    it('never forgets its newest entry, and goes on after it', async () => {
      await append([entry(1)]);
      await append([entry(2)]);
      await writer.forget(at(9), 1);
      expect(await archive.cursor()).toEqual(at(2));
      expect(ids(await archive.readRange(await archive.horizon(), 9)).at(-1)).toBe('e2.0');
      expect((await append([entry(3)])).kind).toBe('written');
      expect(await archive.count()).toBe(3);
    });
  });
}
