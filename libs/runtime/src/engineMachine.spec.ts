import { reportState } from '@wherefore/engine';
import type { NewEntry } from '@wherefore/model';
import { MemoryEventLog, MemoryHistory, MemorySnapshotStore } from '@wherefore/ports';
import { engineMachine } from './engineMachine';
import { Follower } from './follower';
import { HistoryProjector } from './historyProjector';
import { ReplayJobs } from './replayJobs';
import { Replayer } from './replayer';
import { packSnapshot } from './snapshotCodec';
import { Snapshotter } from './snapshotter';
import { verifyReplay } from './verifyReplay';

const START_MS = Date.UTC(2026, 10, 22);

/** A host that comes and goes, a poisoned event now and then, and ticks. */
function cloudEntry(i: number): NewEntry {
  const ingestedAtMs = START_MS + i * 1000;
  const base = { id: `e${i}`, version: 1, source: 'nova.host', ingestedAtMs } as const;
  if (i % 5 === 0) return { ...base, source: 'leader', kind: 'tick', atMs: ingestedAtMs };
  const at = new Date(ingestedAtMs).toISOString();
  const event = {
    vitrage_entity_type: i % 7 === 0 ? 'nonsense' : 'nova.host',
    vitrage_datasource_action: 'update',
    vitrage_sample_date: at,
    host: `compute-${i % 13}`,
    zone: `zone-${i % 3}`,
    state: i % 4 === 0 ? 'down' : 'up',
  };
  return { ...base, kind: 'event', event };
}

describe('the engine in the runtime', () => {
  const log = new MemoryEventLog(2);
  const snapshots = new MemorySnapshotStore();
  const history = new MemoryHistory();
  const hashes: string[] = [];

  beforeAll(async () => {
    const follower = new Follower(log, engineMachine, engineMachine.initialState());
    const projector = await HistoryProjector.open(history, 1);
    const jobs = new ReplayJobs(engineMachine, { archive: log, snapshots, close: async () => undefined }, undefined);
    const take = (nowMs: number) => jobs.takeSnapshot(nowMs);
    const snapshotter = new Snapshotter(take, snapshots, { nowMs: () => START_MS }, { everyEntries: 40 });
    follower.subscribe(projector.accept);
    follower.subscribe(snapshotter.accept);
    follower.subscribe(() => void hashes.push(engineMachine.stateHash(follower.state)));
    const abort = new AbortController();
    const running = follower.run(abort.signal);
    for (let i = 0; i < 300; i++) {
      await log.append([cloudEntry(i)]);
      await follower.waitForEntry(cloudEntry(i));
      await snapshotter.idle();
    }
    await projector.close();
    abort.abort();
    await running;
  });

  it('reaches the live hash at every position, from snapshots and from nothing', async () => {
    expect(await snapshots.list()).not.toHaveLength(0);
    for (const store of [snapshots, new MemorySnapshotStore()]) {
      const replayer = new Replayer(engineMachine, { archive: log, snapshots: store });
      for (let ordinal = 1; ordinal <= 300; ordinal += 23) {
        const { state } = await replayer.materialise({ position: { epoch: 1, offset: ordinal * 2, index: 0 } });
        expect(engineMachine.stateHash(state)).toBe(hashes[ordinal - 1]);
        expect(reportState(state)).toBeDefined();
      }
    }
  });

  it('is proven by a replay', async () => {
    const { isSound, checks } = await verifyReplay(engineMachine, { archive: log, snapshots });
    expect(isSound).toBe(true);
    expect(checks.length).toBeGreaterThanOrEqual(1);
    expect(checks.every((check) => check.verdict === 'match')).toBe(true);
  });

  it('finds a snapshot that holds something else than its hash says, and that a restore would believe', async () => {
    const replayer = new Replayer(engineMachine, { archive: log, snapshots: new MemorySnapshotStore() });
    const { state } = await replayer.materialise({ position: { epoch: 1, offset: 250, index: 0 } });
    const [vertex] = [...state.graph.vertices()];
    // As a faulty encoder would, behind the back of the digest.
    vertex!.properties['name'] = 'never told';
    const lying = new MemorySnapshotStore();
    const { header, bytes } = await packSnapshot(engineMachine, state, START_MS);
    await lying.save(header, bytes);
    const believed = await new Replayer(engineMachine, { archive: log, snapshots: lying }).stateAtOrBefore(
      header.position,
    );
    expect(believed.graph.vertexById(vertex!.id)!.properties['name']).toBe('never told');
    const { isSound, checks } = await verifyReplay(engineMachine, { archive: log, snapshots: lying });
    expect(checks.map(({ verdict }) => verdict)).toEqual(['other-content']);
    expect(isSound).toBe(false);
  });

  it('leaves its refusals in the history, newest first', async () => {
    const refusals = await history.refusals(1000);
    expect(refusals.length).toBeGreaterThan(20);
    expect(refusals[0]).toMatchObject({ kind: 'entry-rejected', code: 'unknown-datasource' });
  });
});
