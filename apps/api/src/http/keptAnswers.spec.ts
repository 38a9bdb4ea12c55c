import type { JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from '../testing/rig.sim';
import { CAUSES_TEMPLATE, instanceOf, zabbixAlarm } from '../testing/tenants.sim';

const of = (project: string, roles = 'member') => ({ 'x-project-id': project, 'x-roles': roles });
const OPS = of('ops', 'admin');
const PATHS = [
  '/v1/alarm/',
  '/v1/alarm/?limit=1&sort_by=name&sort_dirs=desc',
  '/v1/alarm/count/',
  '/v1/resources/',
  '/v1/resources/?resource_type=nova.instance',
  '/v1/status',
] as const;

let rig: Rig;
/** How often an answer was made since the last look. */
let made: () => number;

beforeEach(async () => {
  rig = await startRig({ auth: { mode: 'noauth' } });
  for (const event of [
    instanceOf('vm-1', 'host-1', 'shop'),
    instanceOf('vm-2', 'host-1', 'bank'),
    zabbixAlarm('slow 1', 'nova.instance', 'vm-1', 2),
    zabbixAlarm('slow 2', 'nova.instance', 'vm-2', 2),
  ]) {
    await post(event);
  }
  const seenBy = jest.spyOn(rig.server.node.answers, 'seenBy');
  made = () => {
    const count = seenBy.mock.calls.length;
    seenBy.mockClear();
    return count;
  };
}, 30_000);
afterEach(() => rig.close());

const post = async (event: JsonObject): Promise<Reply> => {
  rig.clock.pass(1000);
  const reply = await rig.send('POST', '/v1/event/', event, OPS);
  expect(reply.status).toBe(200);
  return reply;
};
const names = ({ body }: Reply): unknown[] => (body as JsonObject[]).map(({ name }) => name).sort();

describe('an answer that would be made again just so', () => {
  it('is kept, with everything but the id of the request', async () => {
    for (const path of PATHS) {
      const first = await rig.get(path, of('shop'));
      made();
      const again = await rig.get(path, of('shop'));
      expect({ path, made: made() }).toEqual({ path, made: 0 });
      expect(again.body).toEqual(first.body);
      const names = [...first.headers.keys()];
      expect([...again.headers.keys()]).toEqual(names);
      for (const name of names.filter((each) => !['date', 'x-openstack-request-id'].includes(each))) {
        expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
      }
      expect(again.headers.get('x-openstack-request-id')).not.toBe(first.headers.get('x-openstack-request-id'));
    }
  });

  it('states the position of now when what happened since has nothing to do with it', async () => {
    const before = await rig.get('/v1/alarm/', of('shop'));
    const { position } = await post(instanceOf('vm-3', 'host-1', 'shop'));
    made();
    const after = await rig.get('/v1/alarm/', { ...of('shop'), 'x-wherefore-min-position': position! });
    expect(made()).toBe(0);
    expect(after.body).toEqual(before.body);
    expect(after.position).toBe(position);
    expect(before.position).not.toBe(position);
  });

  it('is made anew after whatever shows in it, and read by whoever wrote it', async () => {
    const who = of('shop');
    expect(names(await rig.get('/v1/alarm/', who))).toEqual(['slow 1']);
    await post(zabbixAlarm('broken 1', 'nova.instance', 'vm-1', 4));
    expect(names(await rig.get('/v1/alarm/', who))).toEqual(['broken 1', 'slow 1']);
    expect((await rig.get('/v1/alarm/count/', who)).body).toMatchObject({ CRITICAL: 1, WARNING: 1 });
    await post({ ...zabbixAlarm('broken 1', 'nova.instance', 'vm-1', 2) });
    expect((await rig.get('/v1/alarm/count/', who)).body).toMatchObject({ CRITICAL: 0, WARNING: 2 });
    await post({
      ...zabbixAlarm('slow 1', 'nova.instance', 'vm-1', 2),
      vitrage_event_type: 'zabbix.alarm.ok',
      value: '0',
    });
    expect(names(await rig.get('/v1/alarm/', who))).toEqual(['broken 1']);
  });

  it('is of no alarm any more whose resource now belongs to somebody else', async () => {
    const [shop, bank] = [of('shop'), of('bank')];
    expect(names(await rig.get('/v1/alarm/', shop))).toEqual(['slow 1']);
    expect(names(await rig.get('/v1/alarm/', bank))).toEqual(['slow 2']);
    expect(names(await rig.get('/v1/resources/', shop))).toEqual(['vm-1']);
    await post(instanceOf('vm-1', 'host-1', 'bank'));
    expect(names(await rig.get('/v1/alarm/', shop))).toEqual([]);
    expect(names(await rig.get('/v1/alarm/', bank))).toEqual(['slow 1', 'slow 2']);
    expect(names(await rig.get('/v1/resources/', shop))).toEqual([]);
    expect((await rig.get('/v1/alarm/count/', shop)).body).toMatchObject({ WARNING: 0 });
  });

  it('is nobody else’s: not of another project, role or name, nor of another spelling of the question', async () => {
    const callers = [
      of('shop'),
      of('bank'),
      of('shop', 'admin'),
      { ...of('shop'), 'x-user-name': 'admin' },
      { ...of('shop'), 'x-user-id': 'u1' },
      { 'x-roles': 'member' },
    ];
    for (const path of ['/v1/alarm/', '/v1/alarm', '/v1/alarm/?all_tenants=0', '/v1/alarm/?all_tenants=1']) {
      for (const who of callers) {
        made();
        const { status } = await rig.get(path, who);
        expect(status).toBe(path.endsWith('1') && who['x-roles'] !== 'admin' ? 403 : 200);
        if (status === 200) expect({ path, who, made: made() }).toEqual({ path, who, made: 1 });
      }
    }
    expect(names(await rig.get('/v1/alarm/', of('bank')))).toEqual(['slow 2']);
    expect(names(await rig.get('/v1/alarm/?all_tenants=1', of('shop', 'admin')))).toEqual(['slow 1', 'slow 2']);
  });

  it('is never one of the past, and never a refusal', async () => {
    const { position } = await rig.get('/v1/status', OPS);
    await post(zabbixAlarm('broken 1', 'nova.instance', 'vm-1', 4));
    for (let i = 0; i < 2; i++) {
      made();
      const past = await rig.get(`/v1/alarm/?at=${position}`, of('shop'));
      expect([past.position, names(past), made()]).toEqual([position, ['slow 1'], 1]);
      expect((await rig.get('/v1/alarm/?limit=no', of('shop'))).status).toBe(400);
      expect((await rig.get('/v1/alarm/?all_tenants=1', of('shop'))).status).toBe(403);
    }
  });

  it('tells what caused what only while no cause and no alarm came, went or changed, and all of them are active', async () => {
    const templates = [['causes.yaml', CAUSES_TEMPLATE]];
    expect((await rig.send('PUT', '/v1/template/', { templates }, OPS)).status).toBe(200);
    const onInstance = (severity: number) => zabbixAlarm('alarm_on_instance 1', 'nova.instance', 'vm-1', severity);
    await post({ vitrage_entity_type: 'nova.host', host: 'host-1', zone: 'zone-1' });
    await post(onInstance(2));
    const alarms = (await rig.get('/v1/alarm/?all_tenants=1', OPS)).body as JsonObject[];
    const { vitrage_id: id } = alarms.find(({ name }) => name === 'alarm_on_instance 1')!;
    const all = `/v1/rca/${String(id)}?all_tenants=1`;
    const ask = async (path = all, who = OPS) => {
      made();
      const { body } = (await rig.get(path, who)) as { body: unknown };
      const { nodes, links } = body as { nodes: JsonObject[]; links: unknown[] };
      return [nodes.map((node) => node['severity']).sort(), links.length, made()];
    };
    expect([await ask(), await ask()]).toEqual([
      [['WARNING'], 0, 1],
      [['WARNING'], 0, 0],
    ]);
    await post(instanceOf('vm-3', 'host-1', 'shop'));
    expect(await ask()).toEqual([['WARNING'], 0, 0]);
    await post(onInstance(4));
    expect([await ask(), await ask()]).toEqual([
      [['HIGH'], 0, 1],
      [['HIGH'], 0, 0],
    ]);
    const cause = zabbixAlarm('alarm_on_host', 'nova.host', 'host-1', 2);
    await post(cause);
    expect([await ask(), await ask()]).toEqual([
      [['HIGH', 'WARNING'], 1, 1],
      [['HIGH', 'WARNING'], 1, 0],
    ]);
    // Another question, and another caller: whose alarms are is a matter of more than alarms.
    for (let i = 0; i < 2; i++) expect((await ask(`/v1/rca/${String(id)}`, of('shop')))[2]).toBe(1);
    await post({ ...cause, vitrage_event_type: 'zabbix.alarm.ok', value: '0' });
    for (let i = 0; i < 2; i++) expect((await ask()).slice(1)).toEqual([1, 1]);
    // It is another alarm now, beside the one that ended.
    await post(cause);
    for (let i = 0; i < 2; i++) expect((await ask()).slice(1)).toEqual([2, 1]);
  });
});
