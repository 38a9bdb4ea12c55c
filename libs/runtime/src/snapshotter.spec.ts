import { MemoryEventLog, MemorySnapshotStore } from '@wherefore/ports';
import { counted, countingMachine } from './countingMachine.sim';
import type { AppliedStep } from './follower';
import { ReplayJobs } from './replayJobs';
import { packSnapshot } from './snapshotCodec';
import { Snapshotter, type SnapshotPolicy } from './snapshotter';

const STEP = { ordinal: 0 } as AppliedStep;

async function setUp(policy: SnapshotPolicy) {
  const log = new MemoryEventLog();
  const store = new MemorySnapshotStore();
  await log.append([counted('a'), counted('b')]);
  const jobs = new ReplayJobs(
    countingMachine,
    { archive: log, snapshots: store, close: async () => undefined },
    undefined,
  );
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const snapshotter = new Snapshotter((nowMs) => jobs.takeSnapshot(nowMs), store, clock, policy);
  const count = async () => (await store.list()).length;
  return { log, store, clock, snapshotter, count };
}

describe('Snapshotter', () => {
  it('takes one after so many entries, and begins to count again', async () => {
    const { log, snapshotter, count } = await setUp({ everyEntries: 3, everyMs: 1e9 });
    for (const expected of [0, 0, 1, 1, 1, 2]) {
      await log.append([counted('more')]);
      snapshotter.accept(STEP);
      await snapshotter.idle();
      expect(await count()).toBe(expected);
    }
  });

  it('takes none too soon after another, however many entries there were', async () => {
    const { log, clock, snapshotter, count } = await setUp({ everyEntries: 2, everyMs: 1e9, apartMs: 5000 });
    for (const expected of [0, 0, 0, 1, 1, 1, 1, 2]) {
      clock.now += 1250;
      await log.append([counted('more')]);
      snapshotter.accept(STEP);
      await snapshotter.idle();
      expect(await count()).toBe(expected);
    }
  });

  it('takes them six times as far apart as it takes of a core to encode one', async () => {
    const { log, clock, store } = await setUp({});
    const wanted: number[] = [];
    const policy = {
      ...{ everyEntries: 1, everyMs: 1e9, apartMs: 2000 },
      isWanted: async (apartMs: number) => wanted.push(apartMs) > 0,
    };
    const take = async (nowMs: number) => ({
      ...(await packSnapshot(countingMachine, state, nowMs)),
      encodingCpuMs: 500,
    });
    const state = countingMachine.initialState();
    const snapshotter = new Snapshotter(take, store, clock, policy);
    for (let i = 0; i < 10; i++) {
      clock.now += 1000;
      await log.append([counted('more')]);
      snapshotter.accept(STEP);
      await snapshotter.idle();
    }
    // After two seconds, and from then on after three.
    expect(wanted).toEqual([2000, 3000, 3000]);
  });

  it('takes the next one sooner by as much as the archive lagged behind what was applied', async () => {
    const { log, snapshotter, store } = await setUp({ everyEntries: 3, everyMs: 1e9 });
    const apply = async (ordinal: number) => {
      snapshotter.accept({ ordinal } as AppliedStep);
      await snapshotter.idle();
    };
    for (const ordinal of [1, 2, 3, 4]) await apply(ordinal);
    expect(await store.list()).toMatchObject([{ ordinal: 2 }]);
    await log.append([counted('c'), counted('d'), counted('e')]);
    // One lagged, and two more were applied.
    await apply(5);
    expect(await store.list()).toMatchObject([{ ordinal: 2 }, { ordinal: 5 }]);
  });

  it('takes one after so much time, with the next entry', async () => {
    const { clock, snapshotter, count, store } = await setUp({ everyEntries: 1000, everyMs: 5000 });
    snapshotter.accept(STEP);
    await snapshotter.idle();
    expect(await count()).toBe(0);
    clock.now += 5000;
    snapshotter.accept(STEP);
    await snapshotter.idle();
    expect(await store.list()).toMatchObject([{ ordinal: 2, createdAtMs: 1_005_000 }]);
  });

  it('takes one of a log that grows as fast as it is replayed', async () => {
    const { log, store } = await setUp({});
    const busy = {
      cursor: () => log.cursor(),
      count: () => log.count(),
      horizon: () => log.horizon(),
      lookup: (ordinals: readonly number[]) => log.lookup(ordinals),
      readRange: async (...range: Parameters<MemoryEventLog['readRange']>) => {
        const found = await log.readRange(...range);
        if ((await log.count()) < 1000) await log.append([counted('more')]);
        return found;
      },
    };
    const source = { archive: busy, snapshots: store, close: async () => undefined };
    const jobs = new ReplayJobs(countingMachine, source, undefined, 1);
    // It goes on to what came meanwhile, but only so often.
    expect((await jobs.takeSnapshot(5))?.header.ordinal).toBe(6);
    const end = await log.count();
    expect((await jobs.takeSnapshot(6))?.header.ordinal).toBeGreaterThan(end);
    expect(await log.count()).toBeLessThan(30);
  });

  it('takes none when nothing was appended since the last', async () => {
    const { snapshotter, count } = await setUp({});
    expect(await snapshotter.takeNow()).toMatchObject({ ordinal: 2 });
    expect(await snapshotter.takeNow()).toBeUndefined();
    expect(await count()).toBe(1);
  });

  it('prunes, and keeps one for every cursor', async () => {
    const { log, store, clock, snapshotter, count } = await setUp({
      cursors: async () => [{ epoch: 1, offset: 2, index: 0 }],
    });
    for (let i = 0; i < 5; i++) {
      await snapshotter.takeNow();
      await log.append([counted(`${i}`)]);
      clock.now += 60_000;
    }
    clock.now += 30 * 3_600_000;
    await snapshotter.takeNow();
    expect((await store.list()).map((header) => header.ordinal)).toEqual(expect.arrayContaining([2, 7]));
    expect(await count()).toBeLessThan(6);
  });

  it('passes a failure to the warning, and tries again when it is due', async () => {
    const { clock } = await setUp({});
    const warned: unknown[] = [];
    let attempts = 0;
    const failing = async () => {
      attempts += 1;
      throw new Error('no room');
    };
    const policy = { everyEntries: 2, warn: (error: unknown) => void warned.push(error) };
    const snapshotter = new Snapshotter(failing, new MemorySnapshotStore(), clock, policy);
    for (let i = 0; i < 4; i++) {
      snapshotter.accept(STEP);
      await snapshotter.idle();
    }
    expect(attempts).toBe(2);
    expect(warned).toHaveLength(2);
  });
});
