import { WhereforeError, type Position } from '@wherefore/model';
import { MemoryEventLog, MemoryHistory, MemorySnapshotStore, type HistoryBatch } from '@wherefore/ports';
import { counted, countingMachine } from './countingMachine.sim';
import { Follower } from './follower';
import { HistoryProjector } from './historyProjector';
import { Replayer } from './replayer';
import { packSnapshot } from './snapshotCodec';

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

async function alarmIds(history: MemoryHistory): Promise<string[]> {
  return (await history.alarmsBetween(0, 1e15, 1e6)).map((alarm) => alarm.vitrageId).reverse();
}

/** Follows the whole log with a projector, as a process does that starts at the cursor's snapshot. */
async function project(log: MemoryEventLog, history: MemoryHistory, snapshots = new MemorySnapshotStore(), epoch = 1) {
  const projector = await HistoryProjector.open(history, epoch);
  const replayer = new Replayer(countingMachine, { archive: log, snapshots });
  const state = await replayer.stateAtOrBefore(projector.cursor.position);
  const follower = new Follower(log, countingMachine, state);
  follower.subscribe(projector.accept);
  const abort = new AbortController();
  const running = follower.run(abort.signal);
  await follower.waitForPosition(await log.newest());
  await projector.close();
  abort.abort();
  await running;
  return { projector, applied: follower.state.ordinal };
}

async function filledLog(count: number): Promise<MemoryEventLog> {
  const log = new MemoryEventLog();
  await log.append(Array.from({ length: count }, (_, i) => counted(i % 3 === 0 ? `alarm-${i}` : `${i}`, i)));
  return log;
}

describe('HistoryProjector', () => {
  it('writes every effect with its position and log time, and moves the cursor past quiet entries', async () => {
    const log = await filledLog(5);
    const history = new MemoryHistory();
    await project(log, history);
    expect(await history.alarmsBetween(0, 1e15, 10)).toMatchObject([
      { vitrageId: 'alarm-3', startedAt: at(4), startedAtMs: 3 },
      { vitrageId: 'alarm-0', startedAt: at(1), startedAtMs: 0 },
    ]);
    expect((await history.cursor()).position).toEqual(at(5));
  });

  it('writes many effects in few transactions', async () => {
    const log = await filledLog(15_000);
    const history = new MemoryHistory();
    const apply = jest.spyOn(history, 'apply');
    await project(log, history);
    expect(await alarmIds(history)).toHaveLength(5000);
    expect(apply.mock.calls.length).toBeLessThan(60);
  });

  it('writes nothing twice when quiet entries come while the one before them is being written', async () => {
    const history = new MemoryHistory();
    const apply = jest.spyOn(history, 'apply');
    const projector = await HistoryProjector.open(history, 1);
    const state = countingMachine.initialState();
    const accept = (...offsets: number[]): void => {
      for (const offset of offsets) {
        const entry = { position: at(offset), entry: counted(offset % 5 === 1 ? `alarm-${offset}` : `${offset}`) };
        const { outcome, effects } = countingMachine.step(state, entry);
        void projector.accept({ entry, ordinal: offset, logTimeMs: 0, outcome, effects });
      }
    };
    accept(1, 2, 3);
    const flushed = projector.flush();
    accept(4, 5);
    await flushed;
    accept(6, 7, 8);
    await projector.close();
    expect((await history.cursor()).position).toEqual(at(8));
    expect(apply.mock.calls.flatMap(([{ effects }]) => effects).map(({ position }) => position)).toEqual([
      at(1),
      at(6),
    ]);
  });

  it('goes on after a crash from the cursor, and writes nothing twice', async () => {
    const log = await filledLog(30);
    const history = new MemoryHistory();
    const snapshots = new MemorySnapshotStore();
    await project(log, history);
    const state = countingMachine.initialState();
    for (const entry of await log.readRange(at(0), 20)) countingMachine.step(state, entry);
    const packed = await packSnapshot(countingMachine, state, 0);
    await snapshots.save(packed.header, packed.bytes);
    await log.append([counted('alarm-late')]);
    // The snapshot lies before the cursor: ten entries are applied again, and their effects are not.
    const { applied } = await project(log, history, snapshots);
    expect(applied).toBe(31);
    const ids = await alarmIds(history);
    expect(ids).toHaveLength(11);
    expect(new Set(ids).size).toBe(11);
  });

  it('is harmless beside a second one', async () => {
    const log = await filledLog(500);
    const history = new MemoryHistory();
    await Promise.all([project(log, history), project(log, history)]);
    const ids = await alarmIds(history);
    expect(ids).toHaveLength(167);
    expect(new Set(ids).size).toBe(167);
  });

  it('ends when a higher epoch has written', async () => {
    const log = await filledLog(3);
    const history = new MemoryHistory();
    const old = await HistoryProjector.open(history, 1);
    await project(log, history, undefined, 2);
    const state = countingMachine.initialState();
    const [entry] = await log.readRange(at(0), 1);
    const step = {
      entry: { ...entry!, position: at(9) },
      ordinal: 9,
      logTimeMs: 9,
      ...countingMachine.step(state, entry!),
    };
    void old.accept(step);
    await expect(old.flush()).rejects.toMatchObject({ code: 'stale-epoch' });
    expect(() => old.accept({ ...step, entry: { ...entry!, position: at(10) } })).toThrow(WhereforeError);
  });

  it('ends when the history was dropped under it', async () => {
    const log = await filledLog(3);
    const history = new MemoryHistory();
    const projector = await HistoryProjector.open(history, 1);
    await history.restart(1);
    const [entry] = await log.readRange(at(0), 1);
    const state = countingMachine.initialState();
    void projector.accept({ entry: entry!, ordinal: 1, logTimeMs: 0, ...countingMachine.step(state, entry!) });
    await expect(projector.close()).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
  });

  it('tries again while the store is away, and says so', async () => {
    const history = new FailingHistory(1);
    const warned: string[] = [];
    const projector = await HistoryProjector.open(history, 1, (error) => warned.push(error.code));
    const log = await filledLog(1);
    const [entry] = await log.readRange(at(0), 1);
    const state = countingMachine.initialState();
    void projector.accept({ entry: entry!, ordinal: 1, logTimeMs: 0, ...countingMachine.step(state, entry!) });
    await projector.flush();
    expect(warned).toEqual(['store-full']);
    expect(await alarmIds(history)).toEqual(['alarm-0']);
  });

  it('does not wait for a store that is away when it is closed', async () => {
    const history = new FailingHistory(1000);
    const projector = await HistoryProjector.open(history, 1);
    const log = await filledLog(1);
    const [entry] = await log.readRange(at(0), 1);
    void projector.accept({ entry: entry!, ordinal: 1, logTimeMs: 0, outcome: { kind: 'applied' }, effects: [] });
    await expect(projector.close()).rejects.toMatchObject({ code: 'store-full' });
  });
});

/** A store whose disk is full for a while. */
class FailingHistory extends MemoryHistory {
  constructor(private failures: number) {
    super();
  }

  override async apply(batch: HistoryBatch) {
    if (this.failures-- > 0) throw new WhereforeError('store-full', 'full', { retryable: true });
    return super.apply(batch);
  }
}
