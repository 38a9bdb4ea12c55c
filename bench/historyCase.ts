import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerService, storeSource, type Viewer } from '@wherefore/answering';
import type { Effect } from '@wherefore/model';
import type { AlarmPage } from '@wherefore/ports';
import { openStore } from '@wherefore/sqlite';
import { expectEqual, type Figure, median } from './measure';

const ALARMS = 1_000_000;
const ALARMS_PER_BATCH = 5_000;
const DAYS = 30;
const DAY_MS = 86_400_000;
const STEP_MS = (DAYS * DAY_MS) / ALARMS;
const TENANTS = 50;
/** Most alarms last for minutes, one in five hundred for four days. */
const LONG_EVERY = 500;
const ROUNDS = 9;
const START_MS = Date.UTC(2026, 0, 1);
const PAGE = 20;

function alarm(number: number, kind: 'alarm-raised' | 'alarm-cleared'): Effect {
  const entityId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const project = `tenant-${number % TENANTS}`;
  const properties = {
    ...{ vitrage_id: entityId, vitrage_category: 'ALARM', vitrage_type: 'zabbix', name: `Alarm ${number % 100}` },
    ...{ severity: 'WARNING', vitrage_operational_severity: 'WARNING', state: 'Active' },
    ...{ vitrage_resource_id: `resource-${number % 10_000}`, vitrage_resource_project_id: project },
  };
  return { kind, entityId, properties, changes: {} };
}

function endOf(number: number): number {
  const startedMs = START_MS + number * STEP_MS;
  return startedMs + (number % LONG_EVERY === 0 ? 4 * DAY_MS : 600_000);
}

/** The history of a month with a million alarms in SQLite: one page of a day, of everybody's and of one tenant's. */
export async function historyCase(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-bench-history-'));
  const store = await openStore({ folder, create: true });
  try {
    let cursor = await store.history.cursor();
    for (let first = 0; first < ALARMS; first += ALARMS_PER_BATCH) {
      const position = { epoch: 1, offset: first + ALARMS_PER_BATCH, index: 0 };
      const numbers = Array.from({ length: ALARMS_PER_BATCH }, (_, i) => first + i);
      const effects = numbers.flatMap((number) => [
        { position, logTimeMs: START_MS + number * STEP_MS, effect: alarm(number, 'alarm-raised') },
        { position, logTimeMs: endOf(number), effect: alarm(number, 'alarm-cleared') },
      ]);
      const { epoch, generation } = cursor;
      const applied = await store.history.apply({ expected: cursor.position, position, epoch, generation, effects });
      cursor = applied.cursor;
    }
    const refuse = () => Promise.reject(new Error('nothing is replayed here'));
    const host = {
      answer: async () => ({ answer: [], moment: { position: cursor.position, ordinal: 0, logTimeMs: 0 }, ...EMPTY }),
      span: refuse,
    };
    const { archive, history, snapshots } = store;
    const source = storeSource({ host, archive, history, snapshots });
    const answers = AnswerService.over(source, { nowMs: () => START_MS });
    const seen = (viewer: Viewer) => answers.seenBy(viewer).raw.history();
    return await pages(await seen({ sees: 'everything' }), await seen(TENANT));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const EMPTY = { replayed: 0, warnings: [] };
const TENANT: Viewer = { sees: 'project', projectId: 'tenant-7', infrastructure: false };

type History = Awaited<ReturnType<AnswerService['raw']['history']>>;

async function pages(everybodys: History, tenants: History): Promise<Figure[]> {
  const figures: Figure[] = [];
  const time = async (name: string, ask: () => Promise<readonly unknown[]>, expected: number): Promise<void> => {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const startedMs = performance.now();
      const found = await ask();
      times.push(performance.now() - startedMs);
      expectEqual(`rows of ${name}`, found.length, expected);
    }
    figures.push({ name: `history: ${name}, p50`, value: median(times), unit: 'ms', peer: null, ratio: null });
  };
  for (const [when, day] of [
    ['the first day', 0],
    ['a day amid the month', 15],
    ['the last day', DAYS - 1],
  ] as const) {
    const [fromMs, toMs] = [START_MS + day * DAY_MS, START_MS + (day + 1) * DAY_MS - 1];
    for (const order of ['oldest-first', 'latest-first'] as const) {
      const page: AlarmPage = { order, limit: PAGE };
      await time(`${when}, everybody's, ${order}`, () => everybodys.alarmPage(fromMs, toMs, page), PAGE);
      await time(`${when}, one tenant's, ${order}`, () => tenants.alarmPage(fromMs, toMs, page), PAGE);
    }
  }
  const ids = Array.from({ length: 20 }, (_, i) => String(alarm(i * 40_000, 'alarm-raised').entityId));
  await time('20 alarms by id', () => everybodys.alarmsById(ids), ids.length);
  return figures;
}
