import type { ListedAlarm } from '@wherefore/engine';
import fc from 'fast-check';
import { AlarmRows } from './alarmRows';

/** Ten alarms each come at one moment. */
const timesOf = async () => (ordinal: number) =>
  `2026-11-27T10:00:${String(Math.floor(ordinal / 10)).padStart(2, '0')}`;
const sinceOf = ({ since, properties }: { since: string; properties: { readonly [name: string]: unknown } }): string =>
  `${since} ${String(properties['vitrage_id'])}`;

/** An id that says nothing of when the alarm came to be. */
const idOf = (ordinal: number): string => String((ordinal * 7919) % 1009).padStart(4, '0');

it('lists alarms by their beginning and id, whatever came, went or changed since the last time', async () => {
  const change = fc.record({ take: fc.nat(), add: fc.nat({ max: 90 }), alter: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const rows = new AlarmRows();
      let alarms: readonly ListedAlarm[] = [];
      let born = 0;
      const listed = (bornAt: number, severity: string): ListedAlarm => {
        return { properties: { vitrage_id: idOf(bornAt), severity }, resources: [], bornAt, changedAt: bornAt };
      };
      for (const { take, add, alter } of changes) {
        const left = alarms.filter((_, at) => alarms.length < 3 || at % (2 + (take % 5)) > 0);
        const altered = left.map((alarm, at) => (at % 10 === alter % 10 ? listed(alarm.bornAt, `s${alter}`) : alarm));
        alarms = [...altered, ...Array.from({ length: add }, () => listed(born++, 'new'))];
        const shown = await rows.of(alarms, timesOf);
        const anew = await new AlarmRows().of(alarms, timesOf);
        expect(shown).toEqual(anew);
        expect(shown.map(sinceOf)).toEqual(shown.map(sinceOf).sort());
        expect(await rows.of(alarms, timesOf)).toBe(shown);
      }
    }),
  );
});
