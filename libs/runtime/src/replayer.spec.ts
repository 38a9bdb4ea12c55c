import { ORIGIN, type Position } from '@wherefore/model';
import { MemoryArchive, MemoryEventLog, MemorySnapshotStore } from '@wherefore/ports';
import { type CountingState, counted, countingMachine } from './countingMachine.sim';
import { Replayer } from './replayer';
import { packSnapshot, unpackSnapshot } from './snapshotCodec';
import { verifyReplay } from './verifyReplay';

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

let log: MemoryEventLog;
let snapshots: MemorySnapshotStore;
let warnings: string[];
let replayer: Replayer<ReturnType<typeof countingMachine.initialState>>;

/** Ten entries `e1`…, two in each of five seconds of log time: 1000, 1000, 2000, 2000, … */
beforeEach(async () => {
  log = new MemoryEventLog();
  snapshots = new MemorySnapshotStore();
  warnings = [];
  replayer = new Replayer(countingMachine, { archive: log, snapshots }, (warning) => warnings.push(warning.code));
  await log.append(Array.from({ length: 10 }, (_, i) => counted(`e${i + 1}`, 1000 * (1 + (i >> 1)))));
});

async function saveSnapshot(ordinal: number, override: object = {}): Promise<void> {
  const state = countingMachine.initialState();
  for (const entry of await log.readRange(ORIGIN, ordinal)) countingMachine.step(state, entry);
  const { header, bytes } = await packSnapshot(countingMachine, state, 0);
  await snapshots.save({ ...header, ...override }, bytes);
}

describe('Replayer', () => {
  it.each([
    [1000, 2],
    [1999, 2],
    [2000, 4],
    [4999, 8],
    [5000, 10],
    [9e15, 10],
  ])('holds at %i ms every entry with log time up to then', async (atMs, count) => {
    for (const saved of [[], [2], [1, 4], [3, 7, 9]]) {
      for (const ordinal of saved) await saveSnapshot(ordinal);
      const { state, next } = await replayer.materialise({ atMs });
      expect(state.ids).toHaveLength(count);
      expect(state.logTimeMs).toBeLessThanOrEqual(atMs);
      expect(next === undefined).toBe(count === 10);
      if (next) expect(next.logTimeMs).toBeGreaterThan(atMs);
    }
  });

  it('follows log time, not the time of ingestion: a late entry belongs to the moment it arrived', async () => {
    await log.append([counted('late', 1500), counted('after', 6000)]);
    expect((await replayer.materialise({ atMs: 1999 })).state.ids).toHaveLength(2);
    expect((await replayer.materialise({ atMs: 5000 })).state.ids.at(-1)).toBe('late');
  });

  it('builds the state at a position, and the newest', async () => {
    await saveSnapshot(4);
    expect((await replayer.materialise({ position: at(6) })).state.ids.at(-1)).toBe('e6');
    expect((await replayer.materialise({ position: { epoch: 1, offset: 6, index: 3 } })).state.ordinal).toBe(6);
    expect(await replayer.materialise('newest')).toMatchObject({
      replayed: 6,
      next: undefined,
      state: { ordinal: 10 },
    });
    await expect(replayer.materialise({ position: at(11) })).rejects.toMatchObject({ code: 'invalid-position' });
  });

  it('says when nothing is known of a time', async () => {
    const hint = 'The first entry is of 1970-01-01T00:00:01.000Z.';
    await expect(replayer.materialise({ atMs: 999 })).rejects.toMatchObject({ code: 'before-first-entry', hint });
    const empty = new Replayer(countingMachine, { archive: new MemoryEventLog(), snapshots });
    await expect(empty.materialise({ atMs: 999 })).rejects.toMatchObject({ hint: 'The store is empty.' });
    expect((await empty.materialise('newest')).state.ordinal).toBe(0);
  });

  it('passes over a damaged snapshot, and one of another format, with a warning', async () => {
    await saveSnapshot(2);
    await saveSnapshot(4);
    await saveSnapshot(6, { formatVersion: 9999 });
    await saveSnapshot(7, { formatVersion: 1 });
    await saveSnapshot(8, { stateHash: 'what the state was not' });
    await snapshots.damage(at(4));
    const { state, replayed } = await replayer.materialise('newest');
    expect(warnings).toEqual(['snapshot-corrupt', 'snapshot-missing', 'store-newer', 'snapshot-corrupt']);
    expect(replayed).toBe(8);
    expect(state.ids).toHaveLength(10);
  });

  it('ignores snapshots beyond the archive: they are void', async () => {
    await saveSnapshot(10, { position: at(20), ordinal: 20 });
    expect((await replayer.materialise('newest')).state.position).toEqual(at(10));
    expect((await replayer.materialise({ atMs: 9000 })).state.position).toEqual(at(10));
  });

  it('refuses to begin at the first entry when the archive has forgotten it', async () => {
    const archive = new MemoryArchive();
    await archive.append({ expected: ORIGIN, epoch: 1, entries: await log.readRange(ORIGIN, 10) });
    await archive.forget(at(4), 1);
    const shortened = new Replayer(countingMachine, { archive, snapshots });
    await expect(shortened.materialise({ atMs: 5000 })).rejects.toMatchObject({ code: 'snapshot-missing' });
    await saveSnapshot(4);
    expect((await shortened.materialise({ atMs: 5000 })).state.ids).toHaveLength(10);
    await expect(shortened.materialise({ atMs: 1000 })).rejects.toMatchObject({ code: 'snapshot-missing' });
  });

  it('finds where a role begins that has a cursor', async () => {
    await saveSnapshot(3);
    await saveSnapshot(7);
    expect((await replayer.stateAtOrBefore(at(6))).ordinal).toBe(3);
    expect((await replayer.stateAtOrBefore(at(2))).ordinal).toBe(0);
    expect((await replayer.stateAtOrBefore(at(7))).ordinal).toBe(7);
  });

  it('stops on abort', async () => {
    await expect(replayer.materialise('newest', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets the event loop go on while it replays', async () => {
    await log.append(Array.from({ length: 3000 }, (_, i) => counted(`m${i}`, 6000)));
    const slow: typeof countingMachine = {
      ...countingMachine,
      step: (state, entry) => {
        const until = performance.now() + 0.02;
        while (performance.now() < until);
        return countingMachine.step(state, entry);
      },
    };
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await new Replayer(slow, { archive: log, snapshots }).materialise('newest');
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

describe('a packed snapshot', () => {
  it('unpacks to the state it was made of', async () => {
    const { state } = await replayer.materialise('newest');
    const packed = await packSnapshot(countingMachine, state, 77);
    expect(packed.header).toMatchObject({
      ordinal: 10,
      logTimeMs: 5000,
      createdAtMs: 77,
      byteCount: packed.bytes.length,
    });
    expect(await unpackSnapshot(countingMachine, packed)).toEqual(state);
  });

  it.each([
    ['without a rest, where it is urgent', true, 0],
    ['with rests between, where nobody waits for it', false, 3],
  ])('is encoded %s', async (_, isUrgent, restsMin) => {
    const slow = {
      ...countingMachine,
      *snapshotInPieces(state: CountingState) {
        for (let piece = 0; piece < 4; piece++) {
          const endMs = performance.now() + 12;
          while (performance.now() < endMs);
          yield;
        }
        return new TextEncoder().encode(JSON.stringify(state));
      },
    };
    const pauses = jest.spyOn(global, 'setTimeout');
    const packed = await packSnapshot(slow, countingMachine.initialState(), 0, { isUrgent: () => isUrgent });
    const rests = pauses.mock.calls.filter(([, ms]) => ms! >= 20);
    pauses.mockRestore();
    expect(rests.length).toBeGreaterThanOrEqual(restsMin);
    if (isUrgent) expect(rests).toEqual([]);
    expect(await unpackSnapshot(slow, packed)).toEqual(countingMachine.initialState());
  });

  it('is refused when its bytes are not what they were', async () => {
    const packed = await packSnapshot(countingMachine, countingMachine.initialState(), 0);
    const bytes = packed.bytes.slice(0, -3);
    await expect(unpackSnapshot(countingMachine, { ...packed, bytes })).rejects.toMatchObject({
      code: 'snapshot-corrupt',
    });
  });
});

describe('verifyReplay', () => {
  const source = () => ({ archive: log, snapshots });

  it('finds every snapshot on the way, and is sound when all match', async () => {
    for (const ordinal of [2, 5, 10]) await saveSnapshot(ordinal);
    const progress: number[] = [];
    const report = await verifyReplay(countingMachine, source(), { onProgress: (ordinal) => progress.push(ordinal) });
    expect(report).toMatchObject({ isSound: true, replayed: 10, from: ORIGIN, to: at(10) });
    expect(report.checks.map((check) => [check.ordinal, check.verdict])).toEqual([
      [2, 'match'],
      [5, 'match'],
      [10, 'match'],
    ]);
    expect(progress).toEqual([2, 5, 10]);
  });

  it('begins at a snapshot when asked to', async () => {
    for (const ordinal of [2, 5, 8]) await saveSnapshot(ordinal);
    const report = await verifyReplay(countingMachine, source(), { from: at(6) });
    expect(report).toMatchObject({ isSound: true, replayed: 5, from: at(5) });
    expect(report.checks.map((check) => check.ordinal)).toEqual([5, 8]);
  });

  it('tells a mismatch from another version, damage, and a snapshot of no entry', async () => {
    await saveSnapshot(2, { stateHash: 'wrong' });
    await saveSnapshot(3, { stateHash: 'wrong', behaviour: 2 });
    await saveSnapshot(4, { stateHash: 'wrong', formatVersion: 2 });
    await saveSnapshot(5);
    await snapshots.damage(at(5));
    await saveSnapshot(6, { position: { epoch: 1, offset: 6, index: 1 } });
    await saveSnapshot(7, { position: at(99) });
    const report = await verifyReplay(countingMachine, source());
    expect(report.isSound).toBe(false);
    expect(report.checks.map((check) => check.verdict)).toEqual([
      'mismatch',
      'other-version',
      'other-version',
      'damaged',
      'not-in-log',
      'not-in-log',
    ]);
  });

  it('finds nothing wrong with an empty store', async () => {
    const empty = { archive: new MemoryEventLog(), snapshots };
    expect(await verifyReplay(countingMachine, empty)).toMatchObject({ isSound: true, replayed: 0, checks: [] });
  });
});
