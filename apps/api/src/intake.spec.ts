import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@wherefore/model';
import { host, power } from './testing/cloud.sim';
import { startRig, temporaryFolder, type Reply, type Rig } from './testing/rig.sim';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

const post = (body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Reply> =>
  rig.send('POST', '/v1/event/', body, headers);
const doctor = (hostname: string | undefined, status = 'down', time = '2026-11-21T17:00:00.250'): JsonObject => ({
  time,
  type: 'compute.host.down',
  details: { ...(hostname === undefined ? {} : { hostname }), status, source: 'monitor', severity: 'critical' },
});

async function alarms(): Promise<readonly JsonObject[]> {
  return (await rig.get('/v1/alarm/')).body as readonly JsonObject[];
}

async function rejected(): Promise<readonly JsonObject[]> {
  return ((await rig.get('/v1/rejected')).body as { rejected: readonly JsonObject[] }).rejected;
}

describe('events', () => {
  it('of Doctor raise and clear, and whoever asks next sees them', async () => {
    const raised = await post(doctor('host-1'));
    // On a busy machine a tick may come before it.
    expect([raised.status, raised.body, raised.position]).toEqual([200, null, expect.stringMatching(/^1\.[2-9]\.0$/)]);
    expect(await alarms()).toMatchObject([
      { name: 'compute.host.down', vitrage_type: 'doctor', hostname: 'host-1', time: '2026-11-21T17:00:00Z' },
    ]);
    expect((await post(doctor('host-1', 'up', '2026-11-21T17:01:00'))).status).toBe(200);
    expect(await alarms()).toEqual([]);
  });

  it('of Prometheus are one an alert, on the resource that the mapping names', async () => {
    await rig.close();
    const { folder, remove } = temporaryFolder();
    const mapping = 'alerts:\n  - key: {alertname: HighInodeUsage}\n    resource: {id: instance}\n';
    writeFileSync(join(folder, 'prometheus.yaml'), mapping);
    rig = await startRig({ datasources: { prometheus: join(folder, 'prometheus.yaml') } });
    await post(host('host-1'));
    const alert = (instance: string) => ({
      status: 'firing',
      labels: { alertname: 'HighInodeUsage', instance, severity: 'warning' },
      startsAt: '2026-11-21T16:59:00.5Z',
    });
    const body = { alerts: [alert('host-1'), alert('host-2')], status: 'firing' };
    expect((await post({ type: 'prometheus.alarm', details: body })).status).toBe(200);
    const [first, second] = await alarms();
    expect([first, second].map((each) => each!['vitrage_resource_type']).sort()).toEqual(['nova.host', undefined]);
    // Alertmanager posts its own body.
    const resolved = { alerts: [{ ...alert('host-1'), status: 'resolved', endsAt: '2026-11-21T17:00:00Z' }] };
    expect((await post(resolved, { 'user-agent': 'Alertmanager/0.27' })).status).toBe(200);
    expect(await alarms()).toHaveLength(1);
    remove();
  });

  it('in the shape of a driver come alone or in a list, of Zabbix under its own type too', async () => {
    expect((await post(host('host-1'))).status).toBe(200);
    expect((await post([host('host-2'), power('host-1', 1)])).status).toBe(200);
    const { vitrage_entity_type: _type, vitrage_event_type: type, ...details } = power('host-2', 1);
    expect((await post({ type, details })).status).toBe(200);
    expect(await alarms()).toHaveLength(2);
  });

  it('with one Idempotency-Key count once', async () => {
    const key = { 'idempotency-key': 'abc' };
    const first = await post(doctor('host-1'), key);
    const again = await post(doctor('host-1', 'up', '2026-11-21T17:05:00'), key);
    expect(again).toMatchObject({ status: 200, position: first.position });
    expect(await alarms()).toHaveLength(1);
    expect((await post(doctor('host-1'), { 'idempotency-key': 'x'.repeat(300) })).status).toBe(400);
  });
});

describe('bad input', () => {
  const driver = (more: JsonObject) => ({ vitrage_entity_type: 'nova.host', host: 'host-1', ...more });

  it.each([
    ['that is not JSON', '{bad', 400, 'malformed-json'],
    ['that is empty', '', 400, 'malformed-event'],
    ['that is no object', '"text"', 400, 'malformed-event'],
    ['that is a list of nothing', [], 400, 'malformed-event'],
    ['that is a list of strangers', [{ a: 1 }], 400, 'malformed-event'],
    ['without a type', { details: {} }, 400, 'malformed-event'],
    ['of an unknown type', { type: 'no.such', time: '2026-11-21T17:00:00Z', details: {} }, 400, 'unknown-datasource'],
    ['of an unknown datasource', driver({ vitrage_entity_type: 'no.such' }), 400, 'unknown-datasource'],
    ['without an id', doctor(undefined), 400, 'missing-id'],
    ['at an impossible time', doctor('host-1', 'down', '2026-02-30T25:00:00'), 400, 'impossible-timestamp'],
    ['at a time that is no text', { ...doctor('host-1'), time: 5 }, 400, 'impossible-timestamp'],
    ['of a driver, at an impossible time', driver({ vitrage_sample_date: 'noon' }), 400, 'impossible-timestamp'],
    ['with details of another shape', { type: 'compute.host.down', details: [] }, 400, 'malformed-event'],
    ['of Prometheus without alerts', { type: 'prometheus.alarm', details: {} }, 400, 'malformed-event'],
    ['that is larger than an entry', driver({ more: 'x'.repeat(300_000) }), 413, 'entry-too-large'],
    ['of five megabytes', JSON.stringify({ more: 'x'.repeat(5 * 1024 * 1024) }), 413, 'entry-too-large'],
  ])('%s is refused with the reason, and kept', async (_, body, status, code) => {
    const reply = await post(body);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ code: status, error: { code } });
    const [kept] = await rejected();
    expect(kept).toMatchObject({ code, isInputAtFault: true });
    expect(kept!['excerpt']).toBe(String(kept!['excerpt']).slice(0, 2048));
    // The engine goes on.
    expect((await post(doctor('host-9'))).status).toBe(200);
  });

  it('within a list leaves the rest alone, and says which it was', async () => {
    const reply = await post([host('host-1'), driver({ host: '' }), host('host-2')]);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      error: { data: { accepted: 2, rejected: [{ index: 1, code: 'missing-id' }] } },
    });
    expect((await rig.get('/v1/answers/resources?type=nova.host')).body).toMatchObject({
      resources: [{ id: 'host-1' }, { id: 'host-2' }],
    });
  });

  it('elsewhere is refused without a trace in the log', async () => {
    const before = (await rig.get('/v1/status')).position;
    expect((await rig.send('POST', '/v1/topology/', '{bad')).status).toBe(400);
    expect((await rig.send('POST', '/v1/resources/', '[1]')).status).toBe(400);
    expect((await rig.get('/v1/alarm/%E0%A4%A')).status).toBe(400);
    expect((await rig.send('PATCH', '/v1/event/', {})).status).toBe(404);
    expect((await rig.get('/v1/status')).position).toBe(before);
  });

  it('of a template with a pathological regular expression neither stalls nor stops anything', async () => {
    const text = `
metadata: {version: 3, name: slow, type: standard}
entities:
  alarm: {category: ALARM, type: doctor, name.regex: "(a+)+$"}
  host: {type: nova.host}
scenarios:
  - condition: alarm [ on ] host
    actions: [{set_state: {target: host, state: ERROR}}]
`;
    await rig.send('PUT', '/v1/template/', { templates: [['slow.yaml', text]] });
    const startedMs = Date.now();
    const type = `${'a'.repeat(5000)}!`;
    expect((await post({ ...doctor('host-1'), type })).status).toBe(200);
    expect(Date.now() - startedMs).toBeLessThan(2000);
  });
});
