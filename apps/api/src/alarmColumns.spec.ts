import type { JsonObject } from '@wherefore/model';
import { startRig, type Rig } from './testing/rig.sim';
import { instanceOf, zabbixAlarm } from './testing/tenants.sim';

const PAGE = 3;
const ALARMS = 11;
const HISTORY = '/v1/alarm/history?start=2000-01-01T00:00:00Z&end=2100-01-01T00:00:00Z';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.send('POST', '/v1/event/', [instanceOf('vm-1', 'host-1', 'shop'), instanceOf('vm-2', 'host-1', 'bank')]);
  for (let number = 0; number < ALARMS; number++) {
    rig.clock.pass(500);
    const on = `vm-${1 + (number % 2)}`;
    await rig.send('POST', '/v1/event/', zabbixAlarm(`slow ${(number * 7) % ALARMS}`, 'nova.instance', on, number % 5));
  }
}, 60_000);
afterAll(() => rig.close());

async function list(path: string, asked: { readonly [name: string]: string | number }): Promise<JsonObject[]> {
  const words = Object.entries(asked).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const { status, body } = await rig.get(`${path}${path.includes('?') ? '&' : '?'}${words.join('&')}`);
  expect({ path, asked, status, body: status === 200 ? [] : body }).toEqual({ path, asked, status: 200, body: [] });
  return body as JsonObject[];
}

const idOf = (alarm: JsonObject | undefined): string => String(alarm?.['vitrage_id']);

describe.each(['/v1/alarm', HISTORY])('alarms of %s', (path) => {
  it('are sorted and filtered by every column, in pages of both directions', async () => {
    const all = await list(path, { limit: 0 });
    expect(all.length).toBeGreaterThanOrEqual(8);
    const columns = [...new Set(all.flatMap((alarm) => Object.keys(alarm)))];
    expect(columns.length).toBeGreaterThan(15);
    for (const column of columns) {
      for (const direction of ['asc', 'desc']) {
        const order = { sort_by: column, sort_dirs: direction };
        const whole = await list(path, { ...order, limit: 0 });
        expect(whole.map(idOf).sort()).toEqual(all.map(idOf).sort());
        const forth: JsonObject[] = [];
        for (let next = await list(path, { ...order, limit: PAGE }); next.length > 0;) {
          forth.push(...next);
          next = await list(path, { ...order, limit: PAGE, marker: idOf(forth.at(-1)) });
        }
        expect({ column, direction, pages: forth }).toEqual({ column, direction, pages: whole });
        const back: JsonObject[] = [];
        for (let next = [whole.at(-1)!]; next.length > 0;) {
          back.unshift(...next);
          next = await list(path, { ...order, limit: PAGE, marker: idOf(back[0]), next_page: 'false' });
        }
        expect({ column, direction, pages: back }).toEqual({ column, direction, pages: whole });
      }
      const part = String(all[0]![column]).slice(0, 6).toUpperCase();
      const found = await list(path, { limit: 0, filter_by: column, filter_vals: part });
      const expected = all.filter((alarm) =>
        String(alarm[column] ?? '')
          .toUpperCase()
          .includes(part),
      );
      expect({ column, part, found: found.map(idOf) }).toEqual({ column, part, found: expected.map(idOf) });
    }
  }, 120_000);
});
