import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlarmPage } from '@wherefore/ports';
import { alarmPageQueries } from './alarmPageQuery';
import { Connection } from './connection';
import { OPEN_ALARM_UPDATE } from './historyRows';
import { databasePath } from './schema';
import { openStore } from './store';

let folder: string;
let connection: Connection;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wherefore-plans-'));
  await (await openStore({ folder, create: true, writer: 'inline' })).close();
  connection = new Connection(databasePath(folder));
});
afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

/** How SQLite goes about it. */
const planOf = (sql: string, values: readonly (string | number | null)[]): string[] =>
  connection.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((row) => String(row[3]));

const PAGES: readonly AlarmPage[] = [
  { order: 'oldest-first', limit: 20 },
  { order: 'latest-first', limit: 20 },
  { order: 'oldest-first', limit: 20, after: { startedAtMs: 1500, vitrageId: 'a' } },
  { order: 'latest-first', limit: 20, projectIds: ['shop', ''] },
];

describe('pages of the history', () => {
  it.each(PAGES)('are found within indexes, by their start: %j', (page) => {
    const queries = alarmPageQueries(1_000_000_000_000, 2_000_000_000_000, page, true);
    expect(queries.length).toBeGreaterThan(20);
    const plans = queries.map(([sql, ...values]) => planOf(sql, values as string[]));
    for (const [search, ...more] of plans) {
      expect(search).toMatch(
        /^SEARCH history_alarms USING (COVERING )?INDEX .*started_at_ms>\? AND started_at_ms<\?\)$/,
      );
      // Of the latest, those of one moment are put in order; nothing is sorted as a whole.
      expect(more.filter((step) => /TEMP B-TREE FOR ORDER BY/.test(step))).toEqual([]);
    }
    const used = new Set(plans.map(([search]) => /INDEX (\w+)/.exec(search!)?.[1]));
    const byStart = page.projectIds ? 'history_alarms_by_project' : 'history_alarms_by_start';
    expect(used).toEqual(new Set([byStart, 'history_alarms_by_lasted']));
  });

  it('look at few of the alarms that ended long after their own time', () => {
    const page: AlarmPage = { order: 'oldest-first', limit: 20 };
    const fromMs = 1_000_000_000_000;
    const shortest = alarmPageQueries(fromMs, fromMs + 1, page, true).find(([, , , lasted]) => lasted === 0)!;
    expect(shortest.slice(1, 3)).toEqual([fromMs - 65_535, fromMs - 1]);
  });
});

describe('a change of an alarm', () => {
  it('is written to the open one of its id, which is found by its id', () => {
    const [search] = planOf(OPEN_ALARM_UPDATE, ['', '', '', '', null, 'a']);
    expect(search).toBe('SEARCH history_alarms USING INDEX history_alarms_by_vitrage_id (vitrage_id=?)');
  });
});
