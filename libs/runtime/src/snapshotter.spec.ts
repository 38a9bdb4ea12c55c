import { MemoryEventLog, MemorySnapshotStore } from '@wherefore/ports';
import { counted, countingMachine } from './countingMachine.sim';
import type { AppliedStep } from './follower';
import { ReplayJobs } from './replayJobs';
import { packSnapshot } from './snapshotCodec';
import { Snapshotter, type SnapshotPolicy } from './snapshotter';

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
  /** One more entry, applied. */
  const step = async () => {
    await log.append([counted('more')]);
    await applied(snapshotter, await log.count());
  };
  return { log, store, clock, snapshotter, count, step };
}

async function applied(snapshotter: Snapshotter, ordinal: number): Promise<void> {
  snapshotter.accept({ ordinal } as AppliedStep);
  await snapshotter.idle();
}

/** As another process would have taken it. */
async function another(ordinal: number, createdAtMs: number) {
  const { header, bytes } = await packSnapshot(countingMachine, countingMachine.initialState(), createdAtMs);
  return [{ ...header, position: { epoch: 1, offset: ordinal, index: 0 }, ordinal }, bytes] as const;
}

describe('Snapshotter', () => {
  it('takes one after so many entries, and begins to count again', async () => {
    const { step, count } = await setUp({ everyEntries: 3, everyMs: 1e9 });
    for (const expected of [0, 0, 1, 1, 1, 2]) {
      await step();
      expect(await count()).toBe(expected);
    }
  });

  it('takes none too soon after another, however many entries there were', async () => {
    const { clock, step, count } = await setUp({ everyEntries: 2, everyMs: 1e9, apartMs: 5000 });
    for (const expected of [0, 0, 0, 0, 1, 1, 1, 1, 2]) {
      await step();
      clock.now += 1250;
      expect(await count()).toBe(expected);
    }
  });

  it('takes them a hundred times as far apart as it takes of a core to encode one, six times where many entries came', async () => {
    const { clock } = await setUp({});
    const store = new MemorySnapshotStore();
    const state = countingMachine.initialState();
    let ordinal = 10;
    let takenAtMs: number[] = [];
    const take = async (nowMs: number) => {
      takenAtMs.push(nowMs - 1_000_000);
      const { header, bytes } = await packSnapshot(countingMachine, state, nowMs);
      return { header: { ...header, ordinal }, bytes, encodingCpuMs: 500 };
    };
    const snapshotter = new Snapshotter(take, store, clock, { everyEntries: 10, everyMs: 1e9, apartMs: 2000 });
    const seconds = async (count: number, entriesEach: number) => {
      takenAtMs = [];
      for (let i = 0; i < count; i++) {
        await applied(snapshotter, (ordinal += entriesEach));
        clock.now += 1000;
      }
      return takenAtMs;
    };
    // Nothing is known of what the first one takes.
    expect(await seconds(4, 10)).toEqual([2000]);
    // Five times as many came, three seconds after it.
    expect(await seconds(8, 50)).toEqual([5000, 8000, 11_000]);
    // After fifty seconds, for only 49 came until then.
    expect(await seconds(100, 0.9)).toEqual([61_000, 111_000]);
    // By count, where that takes longer.
    expect(await seconds(240, 0.1)).toEqual([211_000, 311_000]);
  });

  it('reckons from the size of the newest what one takes, before it has made any, and again when it has grown', async () => {
    const policy = { everyEntries: 100, everyMs: 1e9, apartMs: 1000, lateMs: 1000 };
    const { clock, snapshotter, store } = await setUp(policy);
    let ordinal = 0;
    const save = async (byteCount: number) => {
      const [header] = await another(ordinal, clock.now);
      await store.save({ ...header, byteCount }, new Uint8Array(byteCount));
    };
    const after = async (ms: number, entries = 1) => {
      clock.now += ms;
      await applied(snapshotter, (ordinal += entries));
      return (await store.list()).length;
    };
    await after(0);
    // Some 50 ms of a core, which last for five seconds; then 200.
    for (const [byteCount, lastsMs] of [
      [50_000, 5000],
      [200_000, 20_000],
    ] as const) {
      await save(byteCount);
      const count = (await store.list()).length;
      // It looks, sees how large the newest is, and looks again once that one is old.
      expect(await after(1000, 100)).toBe(count);
      expect(await after(1000)).toBe(count);
      expect(await after(lastsMs - 2100)).toBe(count);
      expect(await after(100)).toBe(count);
    }
    expect(await after(900)).toBe(2);
    expect(await after(100)).toBe(3);
  });

  it('takes the next one sooner by as much as the archive lagged behind what was applied', async () => {
    const { log, snapshotter, store } = await setUp({ everyEntries: 3, everyMs: 1e9 });
    for (const ordinal of [1, 2, 3, 4]) await applied(snapshotter, ordinal);
    expect(await store.list()).toMatchObject([{ ordinal: 2 }]);
    await log.append([counted('c'), counted('d'), counted('e')]);
    // One lagged, and two more were applied.
    await applied(snapshotter, 5);
    expect(await store.list()).toMatchObject([{ ordinal: 2 }, { ordinal: 5 }]);
  });

  it('takes one after so much time, with the next entry', async () => {
    const { clock, step, count, store } = await setUp({ everyEntries: 1000, everyMs: 5000 });
    await step();
    expect(await count()).toBe(0);
    clock.now += 5000;
    await step();
    expect(await store.list()).toMatchObject([{ ordinal: 4, createdAtMs: 1_005_000 }]);
  });

  it('reckons from the newest in the store, whoever took it', async () => {
    const { clock, snapshotter, store } = await setUp({ everyEntries: 10, everyMs: 1e9, apartMs: 1000 });
    const ordinals = async () => (await store.list()).map(({ ordinal }) => ordinal);
    await applied(snapshotter, 1);
    clock.now += 1000;
    await store.save(...(await another(8, clock.now)));
    // Due by what it knew: the store knows better, and from then on so does it.
    await applied(snapshotter, 10);
    await applied(snapshotter, 17);
    expect(await ordinals()).toEqual([8]);
    clock.now += 1000;
    await applied(snapshotter, 18);
    expect((await ordinals()).length).toBe(2);
  });

  it('leaves one that is due to others for a while', async () => {
    const policy = { everyEntries: 10, everyMs: 1e9, apartMs: 1000, lateMs: 30_000 };
    const { clock, snapshotter, store } = await setUp(policy);
    const after = async (ms: number, ordinal: number) => {
      clock.now += ms;
      await applied(snapshotter, ordinal);
      return (await store.list()).length;
    };
    expect(await after(0, 1)).toBe(0);
    // However long it took until then.
    expect(await after(100_000, 11)).toBe(0);
    expect(await after(29_000, 12)).toBe(0);
    await store.save(...(await another(12, clock.now)));
    expect(await after(2000, 13)).toBe(1);
    expect(await after(1000, 22)).toBe(1);
    expect(await after(31_000, 23)).toBe(2);
  });

  it('leaves them to others for longer where it is told to be patient', async () => {
    let times = 2;
    const policy = { everyEntries: 10, everyMs: 1e9, lateMs: 1000, patience: async () => times };
    const { clock, snapshotter, count } = await setUp(policy);
    const at = async (ordinal: number) => {
      clock.now += 2000;
      await applied(snapshotter, ordinal);
      return count();
    };
    for (const ordinal of [1, 11, 12, 19]) expect(await at(ordinal)).toBe(0);
    times = 1;
    expect(await at(19)).toBe(1);
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
    for (let ordinal = 1; ordinal <= 4; ordinal++) await applied(snapshotter, ordinal);
    expect(attempts).toBe(2);
    expect(warned).toHaveLength(2);
  });

  it('asks a store that does not answer once each time one is due, and not for every entry', async () => {
    const { clock } = await setUp({});
    const store = new MemorySnapshotStore();
    let asked = 0;
    store.newest = async () => {
      asked += 1;
      throw new Error('no database');
    };
    const snapshotter = new Snapshotter(async () => undefined, store, clock, { everyEntries: 3 });
    for (let ordinal = 1; ordinal <= 9; ordinal++) await applied(snapshotter, ordinal);
    expect(asked).toBe(3);
  });
});
