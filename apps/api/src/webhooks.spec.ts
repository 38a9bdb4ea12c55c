import type { JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from './testing/rig.sim';

const owner = { 'x-project-id': 'shop', 'x-roles': 'member' };
const stranger = { 'x-project-id': 'bank', 'x-roles': 'member' };
const admin = { 'x-project-id': 'ops', 'x-roles': 'admin' };

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ auth: { mode: 'noauth' } });
});
afterAll(() => rig.close());

const add = (body: JsonObject, who = owner) => rig.send('POST', '/v1/webhook/', body, who);
const rows = ({ body }: Reply) => body as readonly JsonObject[];

describe('a webhook', () => {
  it('is created, listed, shown and deleted by its project and by administrators, and is nobody else’s', async () => {
    const filter = `{'name': 'Host\\\\b.*', "vitrage_type": "zabbix"}`;
    const created = await add({ url: 'http://127.0.0.1:1/hook', regex_filter: filter, headers: '{"x-key": "1"}' });
    expect(created.body).toMatchObject({
      project_id: 'shop',
      is_admin_webhook: false,
      created_at: '2026-11-21 17:00:00.000000',
      url: 'http://127.0.0.1:1/hook',
      regex_filter: '{"name": "Host\\\\b.*", "vitrage_type": "zabbix"}',
      headers: '{"x-key": "1"}',
    });
    const { id } = created.body as { id: string };
    expect(rows(await rig.get('/v1/webhook/', owner))).toMatchObject([
      { id, created_at: '2026-11-21T17:00:00.000000' },
    ]);
    expect(rows(await rig.get('/v1/webhook/', stranger))).toEqual([]);
    expect(rows(await rig.get('/v1/webhook/', admin))).toEqual([]);
    expect(rows(await rig.get('/v1/webhook/?all_tenants=1', admin))).toHaveLength(1);
    expect((await rig.get('/v1/webhook/?all_tenants=1', stranger)).status).toBe(403);
    expect((await rig.get(`/v1/webhook/${id}`, owner)).body).toMatchObject({ id, updated_at: null });
    for (const [method, description] of [
      ['GET', 'Failed to get webhook.'],
      ['DELETE', 'Failed to delete webhook.'],
    ] as const) {
      const refused =
        method === 'GET'
          ? await rig.get(`/v1/webhook/${id}`, stranger)
          : await rig.send(method, `/v1/webhook/${id}`, '', stranger);
      expect(refused.body).toMatchObject({ code: 404, description, error: { code: 'webhook-not-found' } });
    }
    const deleted = await rig.send('DELETE', `/v1/webhook/${id}`, '', admin);
    expect(deleted.body).toEqual({ SUCCESS: `Webhook ${id} deleted` });
    expect((await rig.get(`/v1/webhook/${id}`, owner)).status).toBe(404);
  });

  it('of an administrator says so', async () => {
    const created = await add({ url: 'https://hooks.example/x', headers: '', regex_filter: null }, admin);
    expect(created.body).toMatchObject({ is_admin_webhook: true, regex_filter: '', headers: '' });
  });

  it.each([
    [{}, 'Invalid URL'],
    [{ url: 'notaurl' }, 'Invalid URL'],
    [{ url: 'file:///etc/passwd' }, 'Invalid URL'],
    [{ url: 7 }, 'Invalid URL'],
    [{ url: `http://a/${'x'.repeat(256)}` }, 'Invalid URL'],
    [{ url: 'http://169.254.169.254/latest' }, 'Invalid URL: webhooks may not be sent to 169.254.169.254'],
    [{ url: 'http://a/', headers: 'x: y' }, 'Headers in invalid format'],
    [{ url: 'http://a/', headers: '{"x y": "1"}' }, 'Headers in invalid format'],
    [{ url: 'http://a/', headers: '{"x": "1\\r\\ny: 2"}' }, 'Headers in invalid format'],
    [{ url: 'http://a/', headers: '{"x": ["1"]}' }, 'Headers in invalid format'],
    [{ url: 'http://a/', regex_filter: 'notjson' }, 'Invalid RegEx'],
    [{ url: 'http://a/', regex_filter: '{"name": "("}' }, 'Invalid RegEx'],
    [{ url: 'http://a/', regex_filter: '{"name": "a"' }, 'Invalid RegEx'],
    [{ url: 'http://a/', regex_filter: '{"name": "a"} x' }, 'Invalid RegEx'],
  ])('that says %j is refused', async (body, message) => {
    const { status, body: failure } = await add(body as JsonObject);
    expect(status).toBe(400);
    expect(failure).toMatchObject({ code: 400, title: 'Bad Request', description: 'Failed to add webhooks.' });
    expect((failure as { error: { message: string } }).error.message).toContain(message);
  });

  it('is one of a hundred at most', async () => {
    const crowd = { 'x-project-id': 'crowd', 'x-roles': 'member' };
    for (let i = 0; i < 100; i++) await add({ url: `http://a/${i}` }, crowd);
    expect((await add({ url: 'http://a/more' }, crowd)).status).toBe(400);
  }, 60_000);
});

it('the services are the roles of this process', async () => {
  const services = rows(await rig.get('/v1/service/', owner));
  expect(services.map(({ name }) => name)).toEqual(['wherefore-api', 'wherefore-persister', 'wherefore-processor']);
  expect(services.every((each) => each['process'] === process.pid)).toBe(true);
});
