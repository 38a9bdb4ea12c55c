import { join } from 'node:path';
import { MemoryEventLog, MemorySnapshotStore } from '@wherefore/ports';
import { answerAboutIds, counted, countingMachine, type CountingState } from './countingMachine.sim';
import { ReplayHost } from './replayHost';
import { ReplayJobs, type AnswerQuestion } from './replayJobs';
import { TimeTravel } from './timeTravel';

const at = (offset: number) => ({ epoch: 1, offset, index: 0 });
const answerQuestion = answerAboutIds as AnswerQuestion<CountingState>;

async function setUp(statesMax?: number) {
  const log = new MemoryEventLog();
  await log.append(Array.from({ length: 10 }, (_, i) => counted(`e${i + 1}`, 1000 * (i + 1))));
  const source = { archive: log, snapshots: new MemorySnapshotStore(), close: async () => undefined };
  return { log, jobs: new ReplayJobs(countingMachine, source, answerQuestion, statesMax) };
}

describe('ReplayJobs', () => {
  it('answers at a moment, and says which', async () => {
    const { jobs } = await setUp();
    expect(await jobs.answer({ atMs: 3500 }, 'ids')).toEqual({
      answer: ['e1', 'e2', 'e3'],
      moment: { position: at(3), ordinal: 3, logTimeMs: 3000 },
      replayed: 3,
      warnings: [],
    });
    expect((await jobs.answer({ position: at(2) }, 'archived')).answer).toBe(10);
  });

  it('keeps the last states, and knows how long each moment lasts', async () => {
    const { jobs } = await setUp();
    const replayed = async (target: Parameters<typeof jobs.answer>[0]) => (await jobs.answer(target, 'ids')).replayed;
    expect(await replayed({ atMs: 3500 })).toBe(3);
    expect(await replayed({ atMs: 3000 })).toBe(0);
    expect(await replayed({ atMs: 3999 })).toBe(0);
    expect(await replayed({ position: at(3) })).toBe(0);
    expect(await replayed({ position: { ...at(3), index: 9 } })).toBe(0);
    expect(await replayed({ atMs: 4000 })).toBe(4);
    expect(await replayed({ atMs: 3500 })).toBe(0);
    expect(await replayed({ atMs: 1000 })).toBe(1);
    // There is room for two: the one nearest before goes on, where it would otherwise have to go.
    expect(await replayed({ atMs: 4000 })).toBe(1);
  });

  it('takes the newest state further instead of beginning again, and never answers from a stale one', async () => {
    const { log, jobs } = await setUp();
    expect((await jobs.answer('newest', 'ids')).replayed).toBe(10);
    await log.append([counted('e11', 10_000)]);
    const again = await jobs.answer({ atMs: 10_500 }, 'ids');
    expect(again.moment.ordinal).toBe(11);
    expect(again.replayed).toBe(1);
    expect((await jobs.answer({ atMs: 9500 }, 'ids')).moment.ordinal).toBe(9);
  });

  it('has no state left over from a replay that was cancelled', async () => {
    const { log, jobs } = await setUp();
    await jobs.answer('newest', 'ids');
    await log.append([counted('e11', 11_000)]);
    await expect(jobs.answer('newest', 'ids', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect((await jobs.answer('newest', 'ids')).answer).toHaveLength(11);
  });
});

describe('ReplayHost, inline', () => {
  const sim = require.resolve('./countingMachine.sim');

  it('loads its parts by name, and closes the source', async () => {
    const host = await openInlineHost();
    expect((await host.answer({ atMs: 2000 }, 'ids')).answer).toEqual(['e1', 'e2']);
    await expect(host.answer('newest', 'nonsense')).rejects.toMatchObject({ code: 'alarm-not-found' });
    expect(await host.takeSnapshot(5)).toMatchObject({ header: { ordinal: 10, createdAtMs: 5 } });
    await host.close();
    await expect(host.answer('newest', 'ids')).rejects.toMatchObject({ code: 'log-unavailable' });
    expect(openedSource.isClosed).toBe(true);
  });

  it('refuses parts that are not there', async () => {
    const part = { path: sim, exportName: 'nothing' };
    const opening = ReplayHost.open({ machine: part, source: { ...part, argument: null } }, 'inline');
    await expect(opening).rejects.toThrow('exports no nothing');
  });

  async function openInlineHost(): Promise<ReplayHost> {
    const machine = { path: sim, exportName: 'countingMachine' };
    const answer = { path: sim, exportName: 'answerAboutIds' };
    const source = { path: join(__dirname, 'timeTravel.spec.ts'), exportName: 'openSource', argument: { entries: 10 } };
    return ReplayHost.open({ machine, answer, source }, 'inline');
  }
});

describe('TimeTravel', () => {
  /** A host that answers when it is told to. */
  function slowHost() {
    const waiting: (() => void)[] = [];
    const answer = (_target: unknown, question: unknown, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        waiting.push(() => resolve({ answer: question }));
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    return { host: { answer } as unknown as Pick<ReplayHost, 'answer' | 'span'>, waiting };
  }

  it('turns a question away when the line is full, and has room again afterwards', async () => {
    const { host, waiting } = slowHost();
    const travel = new TimeTravel(host, 2);
    const asked = [travel.ask('newest', 1), travel.ask('newest', 2)];
    await expect(travel.ask('newest', 3)).rejects.toMatchObject({ retryable: true });
    for (const finish of waiting) finish();
    expect((await Promise.all(asked)).map((each) => each.answer)).toEqual([1, 2]);
    expect(travel.inLine).toBe(0);
  });

  it('makes room when a question is cancelled', async () => {
    const { host } = slowHost();
    const travel = new TimeTravel(host, 1);
    const control = new AbortController();
    const asked = travel.ask('newest', 1, control.signal);
    control.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(travel.inLine).toBe(0);
    await expect(travel.ask('newest', 1, control.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

const openedSource = { isClosed: false };

/** Loaded by name, as a host loads what opens its store. */
export async function openSource({ entries }: { entries: number }) {
  const log = new MemoryEventLog();
  await log.append(Array.from({ length: entries }, (_, i) => counted(`e${i + 1}`, 1000 * (i + 1))));
  const close = async () => {
    openedSource.isClosed = true;
  };
  return { archive: log, snapshots: new MemorySnapshotStore(), close };
}
