import { ORIGIN, type Effect, type Json, type JsonObject, type Position } from '@wherefore/model';
import { comparePlaces } from '../alarmPages';
import type { AlarmPage, AlarmRecord, History, HistoryBatch, PlacedEffect } from '../history';

export interface HistoryUnderTest {
  readonly history: History;
  close(): Promise<void>;
}

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

function placed(offset: number, effect: Effect): PlacedEffect {
  return { position: at(offset), logTimeMs: offset * 1000, effect };
}

function alarm(kind: 'alarm-raised' | 'alarm-changed' | 'alarm-cleared', entityId: string, severity: string): Effect {
  const properties: { [name: string]: Json } = { name: `alarm of ${entityId}`, severity };
  return { kind, entityId, properties, changes: {} };
}

function cause(kind: 'cause-added' | 'cause-removed', sourceId: string, targetId: string): Effect {
  return { kind, entityId: `${sourceId}/${targetId}`, sourceId, targetId };
}

/** What every history must do. */
export function historyConformance(name: string, open: () => Promise<HistoryUnderTest>): void {
  describe(`History: ${name}`, () => {
    let opened: HistoryUnderTest;
    let history: History;
    beforeEach(async () => {
      opened = await open();
      history = opened.history;
    });
    afterEach(() => opened.close());

    async function apply(effects: PlacedEffect[], override: Partial<HistoryBatch> = {}) {
      const { position: expected, epoch, generation } = await history.cursor();
      const position = effects.at(-1)?.position ?? at(expected.offset + 1);
      return history.apply({ expected, position, epoch, generation, effects, ...override });
    }

    it('begins at the origin, empty', async () => {
      expect(await history.cursor()).toEqual({ position: ORIGIN, epoch: 0, generation: 1 });
      expect(await history.alarmsBetween(0, Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
      expect(await history.refusals(10)).toEqual([]);
    });

    it('moves its cursor with every batch, an empty one too', async () => {
      expect(await apply([])).toMatchObject({ kind: 'applied', cursor: { position: at(1) } });
      expect(await apply([placed(4, alarm('alarm-raised', 'a', 'LOW'))])).toMatchObject({ kind: 'applied' });
      expect((await history.cursor()).position).toEqual(at(4));
    });

    it('tells the life of an alarm as an interval', async () => {
      await apply([placed(1, alarm('alarm-raised', 'a', 'LOW'))]);
      await apply([placed(2, alarm('alarm-changed', 'a', 'HIGH')), placed(4, alarm('alarm-raised', 'b', 'LOW'))]);
      expect(await history.alarmsByName('alarm of a', 10)).toMatchObject([{ severity: 'HIGH', endedAtMs: null }]);
      await apply([placed(5, alarm('alarm-cleared', 'a', 'OK'))]);
      expect(await history.alarmsByName('alarm of a', 10)).toEqual([
        {
          vitrageId: 'a',
          name: 'alarm of a',
          severity: 'OK',
          startedAt: at(1),
          startedAtMs: 1000,
          endedAtMs: 5000,
          propertiesAtStart: { name: 'alarm of a', severity: 'LOW' },
          properties: { name: 'alarm of a', severity: 'OK' },
        },
      ]);
      expect(await history.alarmsByName('alarm of nobody', 10)).toEqual([]);
    });

    it('finds the alarms of a time range, both ends inclusive, latest first', async () => {
      await apply([placed(1, alarm('alarm-raised', 'a', 'LOW')), placed(3, alarm('alarm-raised', 'b', 'LOW'))]);
      await apply([placed(5, alarm('alarm-cleared', 'a', 'LOW')), placed(7, alarm('alarm-raised', 'c', 'LOW'))]);
      const between = async (from: number, to: number, limit = 10) =>
        (await history.alarmsBetween(from, to, limit)).map((each) => each.vitrageId);
      expect(await between(0, 999)).toEqual([]);
      expect(await between(0, 1000)).toEqual(['a']);
      expect(await between(5000, 6999)).toEqual(['b', 'a']);
      expect(await between(5001, 7000)).toEqual(['c', 'b']);
      expect(await between(0, 9000, 2)).toEqual(['c', 'b']);
    });

    describe('pages of a time range', () => {
      const raised = (offset: number, id: string, project?: JsonObject) =>
        placed(offset, { ...alarm('alarm-raised', id, 'LOW'), properties: { name: id, ...project } } as Effect);
      const cleared = (offset: number, id: string, project?: JsonObject) =>
        placed(offset, { ...alarm('alarm-cleared', id, 'OK'), properties: { name: id, ...project } } as Effect);
      const page = async (from: number, to: number, more: Partial<AlarmPage> = {}) =>
        (await history.alarmPage(from, to, { order: 'oldest-first', limit: 10, ...more })).map(
          (each) => each.vitrageId,
        );

      it('go by start, then id, and go on after a place', async () => {
        await apply([raised(1, 'long'), raised(2, 'short'), raised(4, 'c'), raised(4, 'a'), raised(4, 'b')]);
        await apply([cleared(5, 'short'), raised(6, 'late'), cleared(8, 'a')]);
        expect(await page(0, 9000)).toEqual(['long', 'short', 'a', 'b', 'c', 'late']);
        expect(await page(0, 9000, { order: 'latest-first' })).toEqual(['late', 'a', 'b', 'c', 'short', 'long']);
        expect(await page(0, 999)).toEqual([]);
        expect(await page(0, 1000)).toEqual(['long']);
        expect(await page(5000, 5500)).toEqual(['long', 'short', 'a', 'b', 'c']);
        expect(await page(5001, 6000)).toEqual(['long', 'a', 'b', 'c', 'late']);
        expect(await page(8001, 9000, { order: 'latest-first' })).toEqual(['late', 'b', 'c', 'long']);
        for (const order of ['oldest-first', 'latest-first'] as const) {
          const all = await history.alarmPage(1500, 9000, { order, limit: 10 });
          expect(all).toHaveLength(6);
          for (const limit of [1, 2, 4]) {
            const found: AlarmRecord[] = [];
            for (let more = true; more;) {
              const after = found.at(-1);
              const next = await history.alarmPage(1500, 9000, { order, limit, ...(after ? { after } : {}) });
              found.push(...next);
              more = next.length === limit;
            }
            expect(found).toEqual(all);
          }
        }
      });

      it('are of the projects that are asked for, as the alarms name them last', async () => {
        await apply([
          raised(1, 'nobodys'),
          raised(2, 'own', { project_id: 'shop' }),
          raised(3, 'resource', { project_id: 'bank', vitrage_resource_project_id: 'shop' }),
          raised(4, 'odd', { project_id: 7 }),
          raised(5, 'moved', { project_id: 'bank' }),
          raised(6, 'long', { project_id: 'n'.repeat(300) }),
        ]);
        const moved = { name: 'moved', project_id: 'shop' };
        await apply([placed(7, { ...alarm('alarm-changed', 'moved', 'LOW'), properties: moved } as Effect)]);
        expect(await page(0, 9000, { projectIds: ['shop'] })).toEqual(['own', 'resource', 'moved']);
        expect(await page(0, 9000, { projectIds: ['bank'] })).toEqual([]);
        expect(await page(0, 9000, { projectIds: ['', 'shop'] })).toEqual([
          'nobodys',
          'own',
          'resource',
          'odd',
          'moved',
        ]);
        expect(await page(0, 9000, { projectIds: ['n'.repeat(300)] })).toEqual(['long']);
        expect(await page(8000, 9000, { projectIds: ['shop', ''], order: 'latest-first', limit: 2 })).toEqual([
          'moved',
          'odd',
        ]);
        expect(await page(0, 9000, { projectIds: [] })).toEqual([]);
        const after = { startedAtMs: 3000, vitrageId: 'resource' };
        expect(await page(3500, 9000, { projectIds: ['shop'], after })).toEqual(['moved']);
      });

      it('find whatever was active, however long it lasted and wherever the range lies', async () => {
        // From a moment to years; the same numbers every time.
        let seed = 7;
        const below = (bound: number): number => (seed = (seed * 48_271) % 2_147_483_647) % bound;
        const lives = Array.from({ length: 300 }, (_, i) => {
          const startedAt = 1 + below(4_000_000);
          const lastedFor = below(2) === 0 ? 2 ** below(27) : below(4_000_000);
          return { id: `alarm-${i}`, startedAt, endedAt: below(8) === 0 ? undefined : startedAt + lastedFor };
        });
        const projectOf = (id: string): string => ['', 'shop', 'bank'][id.length % 3]!;
        const events = lives.flatMap(({ id, startedAt, endedAt }) => {
          const project = projectOf(id) === '' ? {} : { project_id: projectOf(id) };
          const ends = endedAt === undefined ? [] : [{ at: endedAt, make: () => cleared(endedAt, id, project) }];
          return [{ at: startedAt, make: () => raised(startedAt, id, project) }, ...ends];
        });
        await apply(events.sort((a, b) => a.at - b.at).map(({ make }) => make()));
        const all = await history.alarmsBetween(0, Number.MAX_SAFE_INTEGER, 1000);
        expect(all).toHaveLength(lives.length);
        for (let round = 0; round < 60; round++) {
          const fromMs = below(5_000_000) * 1000;
          const toMs = fromMs + 2 ** below(33);
          const order = round % 2 === 0 ? 'oldest-first' : 'latest-first';
          const projectIds = [undefined, ['shop'], ['', 'bank']][round % 3];
          const inRange = ({ startedAtMs, endedAtMs, properties }: AlarmRecord): boolean =>
            startedAtMs <= toMs &&
            (endedAtMs === null || endedAtMs >= fromMs) &&
            (projectIds === undefined || projectIds.includes(String(properties['project_id'] ?? '')));
          const compare = comparePlaces(order);
          const expected = all.filter(inRange).sort(compare);
          const after = expected[below(expected.length + 1)];
          const limit = 1 + below(30);
          const cut = { order, limit, ...(projectIds ? { projectIds } : {}), ...(after ? { after } : {}) } as const;
          const found = await history.alarmPage(fromMs, toMs, cut);
          const rest = after === undefined ? expected : expected.filter((each) => compare(each, after) > 0);
          expect(found.map((each) => each.vitrageId)).toEqual(rest.slice(0, limit).map((each) => each.vitrageId));
        }
      });

      it('are the same as all of it, cut', async () => {
        const ids = Array.from({ length: 30 }, (_, i) => `alarm-${(i * 7) % 30}`);
        await apply(ids.map((id, i) => raised(1 + Math.floor(i / 4), id, i % 3 === 0 ? { project_id: 'shop' } : {})));
        await apply(ids.filter((_, i) => i % 2 === 0).map((id, i) => cleared(10 + i, id)));
        for (const [from, to] of [
          [0, 99_000],
          [3000, 5000],
          [12_000, 13_000],
          [24_500, 90_000],
        ] as const) {
          const all = await history.alarmsBetween(from, to, 100);
          const paged = await history.alarmPage(from, to, { order: 'latest-first', limit: 100 });
          const byPlace = (a: AlarmRecord, b: AlarmRecord) =>
            b.startedAtMs - a.startedAtMs || (a.vitrageId < b.vitrageId ? -1 : 1);
          expect(paged).toEqual([...all].sort(byPlace));
        }
      });
    });

    it('finds alarms by their ids, and of several lives the latest', async () => {
      await apply([placed(1, alarm('alarm-raised', 'a', 'LOW')), placed(2, alarm('alarm-cleared', 'a', 'LOW'))]);
      await apply([placed(3, alarm('alarm-raised', 'a', 'HIGH')), placed(4, alarm('alarm-raised', 'b', 'LOW'))]);
      const found = await history.alarmsById(['b', 'a', 'nobody', 'a']);
      expect(found).toHaveLength(2);
      expect(found.find(({ vitrageId }) => vitrageId === 'a')).toMatchObject({ startedAtMs: 3000, endedAtMs: null });
      expect(await history.alarmsById([])).toEqual([]);
      const many = await history.alarmsById(Array.from({ length: 3000 }, (_, i) => (i === 2500 ? 'b' : `no ${i}`)));
      expect(many.map(({ vitrageId }) => vitrageId)).toEqual(['b']);
    });

    it('prefers the operational severity', async () => {
      const properties = { name: 'x', severity: 'minor', vitrage_operational_severity: 'WARNING' };
      await apply([placed(1, { kind: 'alarm-raised', entityId: 'a', properties, changes: {} })]);
      expect(await history.alarmsByName('x', 1)).toMatchObject([{ severity: 'WARNING' }]);
    });

    it('keeps causes as intervals, from both sides', async () => {
      await apply([placed(1, cause('cause-added', 'root', 'a')), placed(1, cause('cause-added', 'root', 'b'))]);
      await apply([placed(2, cause('cause-removed', 'root', 'a')), placed(3, cause('cause-added', 'root', 'a'))]);
      const open = { sourceId: 'root', targetId: 'a', startedAtMs: 3000, endedAtMs: null };
      const ended = { sourceId: 'root', targetId: 'a', startedAtMs: 1000, endedAtMs: 2000 };
      expect(await history.causesOf(['a'])).toEqual([open, ended]);
      expect((await history.effectsOf(['root'])).map((each) => each.targetId)).toEqual(['a', 'b', 'a']);
      expect(await history.causesOf(['root'])).toEqual([]);
      expect(await history.effectsOf([])).toEqual([]);
    });

    it('tells the causes of many alarms at once, the latest of each first', async () => {
      await apply([placed(1, cause('cause-added', 'root', 'a')), placed(1, cause('cause-added', 'root', 'b'))]);
      await apply([placed(2, cause('cause-removed', 'root', 'a')), placed(3, cause('cause-added', 'root', 'a'))]);
      await apply([placed(4, cause('cause-added', 'other', 'c'))]);
      const asked = Array.from({ length: 3000 }, (_, i) => (i === 0 ? 'a' : i === 2999 ? 'b' : `no ${i}`));
      const causes = await history.causesOf(asked);
      const startsOf = (id: string) => causes.filter(({ targetId }) => targetId === id).map((each) => each.startedAtMs);
      expect([causes.length, startsOf('a'), startsOf('b')]).toEqual([3, [3000, 1000], [1000]]);
      expect((await history.effectsOf(['root', 'other'])).map((each) => each.targetId).sort()).toEqual([
        ...['a', 'a', 'b', 'c'],
      ]);
    });

    it('lists changes in order, of one entity or of all', async () => {
      const changes = { state: { before: 'ACTIVE', after: 'ERROR' } };
      await apply([
        placed(1, {
          kind: 'resource-appeared',
          entityId: 'vm',
          properties: { name: 'vm-1', state: 'ACTIVE' },
          changes: {},
        }),
        placed(2, { kind: 'resource-changed', entityId: 'vm', properties: { state: 'ERROR' }, changes }),
        placed(2, alarm('alarm-raised', 'a', 'LOW')),
        placed(3, cause('cause-added', 'a', 'b')),
      ]);
      expect(await history.changesBetween(0, 9000, 10, 'vm')).toEqual([
        { position: at(1), atMs: 1000, kind: 'resource-appeared', entityId: 'vm', what: { name: 'vm-1' } },
        { position: at(2), atMs: 2000, kind: 'resource-changed', entityId: 'vm', what: changes },
      ]);
      expect(await history.changesBetween(2000, 9000, 10)).toHaveLength(2);
      expect(await history.changesBetween(0, 9000, 1)).toHaveLength(1);
    });

    it('lists refusals, newest first, with what is known of them', async () => {
      await apply([
        placed(1, {
          kind: 'entry-rejected',
          entityId: 'e1',
          code: 'missing-id',
          message: 'no id',
          where: 'id',
          hint: 'Add it.',
        }),
        placed(2, { kind: 'entry-failed', entityId: 'e2', code: 'entry-failed', message: 'threw' }),
      ]);
      expect(await history.refusals(10)).toEqual([
        { position: at(2), atMs: 2000, kind: 'entry-failed', entryId: 'e2', code: 'entry-failed', message: 'threw' },
        {
          position: at(1),
          atMs: 1000,
          kind: 'entry-rejected',
          entryId: 'e1',
          code: 'missing-id',
          message: 'no id',
          where: 'id',
          hint: 'Add it.',
        },
      ]);
      expect(await history.refusals(1)).toHaveLength(1);
    });

    it('takes a batch once: the second from the same cursor changes nothing', async () => {
      const batch = { expected: ORIGIN, position: at(1), effects: [placed(1, alarm('alarm-raised', 'a', 'LOW'))] };
      const [one, other] = await Promise.all([apply([], batch), apply([], batch)]);
      expect([one.kind, other.kind].sort()).toEqual(['applied', 'cursor-moved']);
      expect(await history.alarmsByName('alarm of a', 10)).toHaveLength(1);
      expect((await apply([], { ...batch, expected: at(7) })).kind).toBe('cursor-moved');
    });

    it('refuses an epoch below the highest seen', async () => {
      expect((await apply([], { epoch: 5 })).kind).toBe('applied');
      const stale = await apply([placed(9, alarm('alarm-raised', 'a', 'LOW'))], { epoch: 4 });
      expect(stale).toMatchObject({ kind: 'stale-epoch', cursor: { epoch: 5, position: at(1) } });
      expect(await history.alarmsByName('alarm of a', 10)).toEqual([]);
      expect((await history.restart(4)).kind).toBe('stale-epoch');
    });

    it('forgets what ended or happened before a time, and keeps what has not ended', async () => {
      await apply([
        placed(1, alarm('alarm-raised', 'ended', 'LOW')),
        placed(1, alarm('alarm-raised', 'open', 'LOW')),
        placed(1, cause('cause-added', 'open', 'ended')),
        placed(1, cause('cause-added', 'open', 'other')),
        placed(2, { kind: 'entry-rejected', entityId: 'e', code: 'missing-id', message: 'no id' }),
      ]);
      await apply([
        placed(3, cause('cause-removed', 'open', 'ended')),
        placed(3, alarm('alarm-cleared', 'ended', 'OK')),
      ]);
      expect(await history.expire(3000, 1)).toMatchObject({ kind: 'applied', cursor: { position: at(3), epoch: 1 } });
      expect(await history.alarmsBetween(0, 9000, 10)).toHaveLength(2);
      expect(await history.causesOf(['ended'])).toHaveLength(1);
      expect((await history.changesBetween(0, 9000, 10)).map((each) => each.atMs)).toEqual([3000]);
      expect(await history.refusals(10)).toEqual([]);
      await history.expire(3001, 1);
      expect((await history.alarmsBetween(0, 9000, 10)).map((each) => each.vitrageId)).toEqual(['open']);
      expect(await history.causesOf(['ended'])).toEqual([]);
      expect(await history.effectsOf(['open'])).toHaveLength(1);
      expect(await history.changesBetween(0, 9000, 10)).toEqual([]);
      await apply([placed(5, alarm('alarm-cleared', 'open', 'OK'))], { epoch: 1 });
      expect(await history.alarmsByName('alarm of open', 10)).toMatchObject([{ startedAtMs: 1000, endedAtMs: 5000 }]);
    });

    it('forgets nothing for one whose lease has passed on', async () => {
      await apply([placed(1, alarm('alarm-raised', 'a', 'LOW')), placed(2, alarm('alarm-cleared', 'a', 'LOW'))], {
        epoch: 2,
      });
      expect((await history.expire(9000, 1)).kind).toBe('stale-epoch');
      expect(await history.alarmsBetween(0, 9000, 10)).toHaveLength(1);
      expect((await history.expire(9000, 3)).kind).toBe('applied');
      expect((await apply([], { epoch: 2 })).kind).toBe('stale-epoch');
    });

    it('can be dropped and begun again, after which the old generation is refused', async () => {
      await apply([placed(1, alarm('alarm-raised', 'a', 'LOW')), placed(1, cause('cause-added', 'a', 'b'))]);
      const restarted = await history.restart(0);
      expect(restarted).toEqual({ kind: 'applied', cursor: { position: ORIGIN, epoch: 0, generation: 2 } });
      expect(await history.alarmsByName('alarm of a', 10)).toEqual([]);
      expect(await history.causesOf(['b'])).toEqual([]);
      expect((await apply([], { generation: 1 })).kind).toBe('stale-generation');
      expect((await apply([placed(1, alarm('alarm-raised', 'a', 'LOW'))])).kind).toBe('applied');
    });
  });
}
