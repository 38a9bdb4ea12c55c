import { ORIGIN, type Effect, type Position } from '@wherefore/model';
import type { AlarmPage, PlacedEffect } from '@wherefore/ports';
import { freshDatabase, stopSharedServer } from '../../../../test/conformance/mariadbDatabases';
import { mariadbNeed } from '../../../../test/support/services/mariadbServer';
import { describeWithService } from '../../../../test/support/shared';
import { type Query, reachQuery, rowsQuery } from './alarmPageQuery';
import { openStore } from './store';

const ALARMS = 2_000;
const DAY_MS = 86_400_000;
const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

const PAGES: readonly AlarmPage[] = [
  { order: 'oldest-first', limit: 20 },
  { order: 'latest-first', limit: 20 },
  { order: 'oldest-first', limit: 20, after: { startedAtMs: 1500, vitrageId: 'a' } },
  { order: 'latest-first', limit: 20, projectIds: ['shop', ''] },
];

function effect(kind: 'alarm-raised' | 'alarm-cleared', number: number): Effect {
  const properties = { name: 'x', project_id: number % 2 === 0 ? 'shop' : 'bank' };
  return { kind, entityId: `alarm-${number}`, properties, changes: {} };
}

describeWithService('pages of the history in MariaDB', mariadbNeed, () => {
  afterAll(stopSharedServer);

  it('are found within the indexes that they name, by their start', async () => {
    const { options, run } = await freshDatabase();
    const store = await openStore(options);
    const { epoch, generation } = await store.history.cursor();
    const effects = Array.from({ length: ALARMS }, (_, number): PlacedEffect[] => {
      const startedMs = number * 60_000;
      const raised = { position: at(1), logTimeMs: startedMs, effect: effect('alarm-raised', number) };
      const cleared = {
        position: at(1),
        logTimeMs: startedMs + 2 ** (number % 34),
        effect: effect('alarm-cleared', number),
      };
      return number % 50 === 0 ? [raised] : [raised, cleared];
    }).flat();
    await store.history.apply({ expected: ORIGIN, position: at(1), epoch, generation, effects });
    await run('ANALYZE TABLE history_alarms');
    for (const page of PAGES) {
      const range = [DAY_MS, 2 * DAY_MS - 1] as const;
      const reach = reachQuery(...range, page)!;
      const rows = rowsQuery('vitrage_id, started_at_ms', range, page, undefined)!;
      for (const query of [reach, rows]) {
        const plan = await planOf(run, query);
        expect(plan.length).toBeGreaterThan(20);
        const wanted = page.projectIds ? ['by_lasted', 'by_project'] : ['by_lasted', 'by_start'];
        expect(plan.map(({ key }) => key).filter((key) => !wanted.includes(String(key)))).toEqual([]);
        // An index is read from one start to another, not from end to end.
        expect(plan.filter(({ type }) => type !== 'range' && type !== 'ref')).toEqual([]);
        if (query === reach) {
          expect(plan.filter(({ Extra }) => !/Using index/.test(String(Extra)))).toEqual([]);
          expect(plan.filter(({ Extra }) => /filesort/.test(String(Extra)))).toEqual([]);
        }
      }
      expect(await store.history.alarmPage(...range, page)).toHaveLength(20);
    }
    await store.close();
  });
});

interface PlanRow {
  readonly type: unknown;
  readonly key: unknown;
  readonly Extra: unknown;
}

/** What MariaDB says of each look into the alarms. */
async function planOf(
  run: Awaited<ReturnType<typeof freshDatabase>>['run'],
  [sql, ...values]: Query,
): Promise<PlanRow[]> {
  const rows = (await run(`EXPLAIN ${sql}`, ...values)) as unknown as readonly (readonly unknown[])[];
  return rows
    .filter(([, , table]) => table === 'history_alarms')
    .map(([, , , type, , key, , , , Extra]) => ({ type, key, Extra }));
}
