import { ORIGIN, type Effect, type JsonObject } from '@wherefore/model';
import { MemoryHistory } from '@wherefore/ports';
import { fieldOfListed, type ListQuestion, pageOf, recordedAlarm } from './alarmShapes';
import { historyPage } from './historyPage';

const RANGE = { fromMs: 4_000, toMs: 30_000 };
const ANYTHING: ListQuestion = {
  ...{ limit: undefined, marker: undefined, isNextPage: true },
  ...{ sortBy: [], sortDirs: [], filterBy: [], filterVals: [] },
};

/** Forty alarms, some at one moment, every third of which has ended; some before the range, some after it. */
async function filled(): Promise<MemoryHistory> {
  const history = new MemoryHistory();
  const effects = Array.from({ length: 40 }, (_, i) => {
    const entityId = `alarm-${(i * 13) % 40}`;
    const properties = { vitrage_id: entityId, name: `name ${i % 5}` };
    const raised: Effect = { kind: 'alarm-raised', entityId, properties, changes: {} };
    const cleared: Effect = { ...raised, kind: 'alarm-cleared' };
    return (i % 3 === 0 ? [raised, cleared] : [raised]).map((effect) => ({
      position: { epoch: 1, offset: i + 1, index: 0 },
      logTimeMs: Math.floor(i / 3) * 3_000,
      effect,
    }));
  }).flat();
  const { epoch, generation } = await history.cursor();
  await history.apply({ expected: ORIGIN, position: effects.at(-1)!.position, epoch, generation, effects });
  return history;
}

const ids = (alarms: readonly JsonObject[]): unknown[] => alarms.map(({ vitrage_id: id }) => id);

describe('a page of the history', () => {
  it('is a part of the whole list, however it is asked for', async () => {
    const history = await filled();
    const all = (await history.alarmsBetween(RANGE.fromMs, RANGE.toMs, 1e6)).map(recordedAlarm);
    expect(all.length).toBeGreaterThan(25);
    const orders: Partial<ListQuestion>[] = [
      {},
      { sortDirs: ['desc'] },
      { sortBy: ['start_timestamp'], sortDirs: ['asc'] },
      { sortBy: ['start_timestamp', 'vitrage_id'], sortDirs: ['desc', 'asc'] },
      { sortBy: ['start_timestamp', 'vitrage_id'], sortDirs: ['desc', 'desc'] },
      { sortBy: ['name'], sortDirs: ['desc'] },
      { filterBy: ['name'], filterVals: ['3'] },
    ];
    for (const order of orders) {
      const whole = pageOf(all, { ...ANYTHING, ...order }, fieldOfListed);
      expect(ids(await historyPage(history, RANGE, { ...ANYTHING, ...order }))).toEqual(ids(whole));
      for (const limit of [0, 1, 7, 100]) {
        for (const isNextPage of [true, false]) {
          for (const marker of [undefined, ...[0, 4, whole.length - 1].map((at) => String(ids(whole)[at]))]) {
            const question = { ...ANYTHING, ...order, limit, marker, isNextPage };
            const page = await historyPage(history, RANGE, question);
            expect({ question, page }).toEqual({ question, page: pageOf(all, question, fieldOfListed) });
          }
        }
      }
    }
  });

  it('refuses a marker that is no alarm of the range, and what it does not know', async () => {
    const history = await filled();
    const bad: Partial<ListQuestion>[] = [
      { marker: 'nobody' },
      // It ended before the range begins.
      { marker: 'alarm-0' },
      { sortDirs: ['up'] },
      { sortBy: ['start_timestamp'], sortDirs: ['desc', 'sideways'] },
      { filterBy: ['name'] },
    ];
    for (const each of bad) {
      await expect(historyPage(history, RANGE, { ...ANYTHING, ...each })).rejects.toMatchObject({
        code: 'bad-request',
      });
    }
  });
});
