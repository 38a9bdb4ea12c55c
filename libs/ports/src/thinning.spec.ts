import { chooseSnapshotsToDrop, newestWithin, SNAPSHOT_GAP_ENTRIES_MAX, snapshotsToPrune } from './thinning';
import type { SnapshotHeader } from './snapshotStore';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Of a cloud of some 100,000 entities. */
const LARGE = 5_000_000;

function header(ordinal: number, createdAtMs: number, byteCount = LARGE): SnapshotHeader {
  return {
    position: { epoch: 1, offset: ordinal, index: 0 },
    ordinal,
    logTimeMs: createdAtMs,
    stateHash: '',
    behaviour: 1,
    formatVersion: 1,
    byteCount,
    createdAtMs,
  };
}

function kept(headers: SnapshotHeader[], nowMs: number): number[] {
  const dropped = chooseSnapshotsToDrop(headers, nowMs);
  return headers.filter((each) => !dropped.includes(each)).map((each) => each.ordinal);
}

describe('chooseSnapshotsToDrop', () => {
  it('keeps all of the last hour', () => {
    const headers = Array.from({ length: 10 }, (_, i) => header(i + 1, i * MINUTE_MS));
    expect(kept(headers, 30 * MINUTE_MS)).toHaveLength(10);
  });

  it('keeps about one an hour of the last day, and one a day before that', () => {
    const headers = Array.from({ length: 20 * 6 }, (_, i) => header(i + 1, i * 10 * MINUTE_MS));
    expect(kept(headers, 20 * 60 * MINUTE_MS).length).toBeLessThanOrEqual(20 + 6);
    expect(kept(headers, 10 * DAY_MS).length).toBeLessThanOrEqual(3);
  });

  it('never opens a gap wider than the limit', () => {
    const headers = Array.from({ length: 40 }, (_, i) => header((i + 1) * 10_000, i));
    const left = kept(headers, 1000 * DAY_MS);
    expect(left.length).toBeLessThan(15);
    let before = 0;
    for (const ordinal of left) {
      expect(ordinal - before).toBeLessThanOrEqual(SNAPSHOT_GAP_ENTRIES_MAX);
      before = ordinal;
    }
  });

  it.each([
    ['a cloud of 50,000 entities, after years', 2_560_000, 1000 * DAY_MS, 40_000],
    ['the same, of yesterday', 2_560_000, 2 * DAY_MS, 20_000],
    ['a cloud of 1,000 entities: as near as they were taken', 40_000, 1000 * DAY_MS, 10_000],
    ['a cloud of a million: as far apart as any', 25_000_000, DAY_MS, 50_000],
  ])('keeps them nearer where they cost little: %s', (_, byteCount, nowMs, apart) => {
    const headers = Array.from({ length: 40 }, (_each, i) => header((i + 1) * 10_000, i, byteCount));
    const left = kept(headers, nowMs);
    const gaps = left.slice(1).map((ordinal, i) => ordinal - left[i]!);
    expect(Math.max(...gaps)).toBe(apart);
    expect(gaps.slice(0, -1).every((gap) => gap === apart)).toBe(true);
  });

  it('keeps none nearer than 5,000 entries, however little they cost', () => {
    const headers = Array.from({ length: 100 }, (_, i) => header((i + 1) * 1_000, i, 100));
    const left = kept(headers, 1000 * DAY_MS);
    expect(left.slice(0, 4)).toEqual([5_000, 10_000, 15_000, 20_000]);
  });

  it('keeps what lies further apart than the limit already', () => {
    const headers = [header(60_000, 0), header(120_000, 1), header(120_001, 2)];
    expect(kept(headers, 1000 * DAY_MS)).toEqual([60_000, 120_000, 120_001]);
    expect(chooseSnapshotsToDrop(headers, 1000 * DAY_MS, [headers[1]!.position])).toEqual([]);
  });

  it('never drops the only one', () => {
    expect(kept([header(1, 0)], 1000 * DAY_MS)).toEqual([1]);
    expect(newestWithin([], {})).toBeUndefined();
  });
});

describe('snapshotsToPrune', () => {
  it('reads no snapshot where none may go, and keeps what is whole where one may', async () => {
    const headers = [header(100, 0), header(200, 20), header(300, 40)];
    const read: number[] = [];
    const isWhole = async ({ offset }: { readonly offset: number }) => read.push(offset) > 1;
    expect(await snapshotsToPrune(headers, { nowMs: 1000 }, isWhole)).toEqual([]);
    expect(read).toEqual([]);
    // The newest is damaged: the one before has to stay.
    const dropped = await snapshotsToPrune(headers, { nowMs: DAY_MS }, isWhole);
    expect(read).toHaveLength(2);
    expect(dropped.map(({ ordinal }) => ordinal)).toEqual([100]);
  });
});
