import type { Json, JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from './testing/rig.sim';
import { CAUSES_TEMPLATE, aodhAlarm, instanceOf, zabbixAlarm } from './testing/tenants.sim';

/**
 * The cloud and the numbers of Vitrage's own tests of tenants: a cluster with a zone, a host and four
 * instances, two of each project, and an alarm on the host and on each instance.
 */
const CLOUD: readonly JsonObject[] = [
  { vitrage_entity_type: 'nova.zone', zoneName: 'zone_1', zoneState: { available: true } },
  { vitrage_entity_type: 'nova.host', host: 'host_1', zone: 'zone_1' },
  instanceOf('instance_1', 'host_1', 'project_1'),
  instanceOf('instance_2', 'host_1', 'project_1'),
  instanceOf('instance_3', 'host_1', 'project_2'),
  instanceOf('instance_4', 'host_1', 'project_2'),
  zabbixAlarm('alarm_on_host', 'nova.host', 'host_1', 3),
  aodhAlarm('alarm_on_instance_1', 'instance_1', 'project_1', 'moderate'),
  zabbixAlarm('alarm_on_instance_2', 'nova.instance', 'instance_2', 2),
  aodhAlarm('alarm_on_instance_3', 'instance_3', 'project_2', 'critical'),
  zabbixAlarm('alarm_on_instance_4', 'nova.instance', 'instance_4', 2),
];

const user = (project: string) => ({ 'x-project-id': project, 'x-user-name': 'someone', 'x-roles': 'member' });
const admin = (project: string) => ({ 'x-project-id': project, 'x-user-name': 'admin', 'x-roles': 'member' });
/** May ask for all tenants, by role. */
const anyone = { 'x-project-id': 'project_1', 'x-user-name': 'someone', 'x-roles': 'admin' };
type Who = ReturnType<typeof user>;

let rig: Rig;
let ids: { readonly [name: string]: string };

beforeAll(async () => {
  rig = await startRig({ auth: { mode: 'noauth', adminBy: 'user-name' } });
  const added = await rig.send('PUT', '/v1/template/', { templates: [['causes.yaml', CAUSES_TEMPLATE]] }, anyone);
  expect(added.body).toMatchObject([{ status: 'ACTIVE' }]);
  for (const event of CLOUD) expect((await rig.send('POST', '/v1/event/', event, anyone)).status).toBe(200);
  const graph = (await rig.get('/v1/answers/graph', anyone)).body as { vertices: JsonObject[] };
  ids = Object.fromEntries(graph.vertices.map((each) => [String(each['name']), String(each['vitrage_id'])]));
}, 60_000);
afterAll(() => rig.close());

const rows = ({ body }: Reply) => body as readonly JsonObject[];
const alarms = (who: Who, query = '') => rig.get(`/v1/alarm/?vitrage_id=all${query}`, who);
const counts = (who: Who, query = '') => rig.get(`/v1/alarm/count/${query}`, who);
const rca = async (name: string, who: Who, query = '') =>
  ((await rig.get(`/v1/rca/?alarm_id=${ids[name]!}${query}`, who)).body as { nodes: JsonObject[] }).nodes;
const topology = async (who: Who, body: JsonObject = {}) =>
  ((await rig.send('POST', '/v1/topology/', { graph_type: 'graph', ...body }, who)).body as { nodes: JsonObject[] })
    .nodes;
const resources = async (who: Who, body: JsonObject = {}) =>
  rows(await rig.send('POST', '/v1/resources/', body, who)).map(({ name }) => name);
const counted = async (who: Who, body: JsonObject = {}) =>
  (await rig.send('POST', '/v1/resources/count/', body, who)).body;
const isInstance3 = '{"==": {"id": "instance_3"}}';

describe('what Vitrage counts for tenants', () => {
  it('of alarms', async () => {
    expect(rows(await alarms(admin('project_1')))).toHaveLength(3);
    expect(rows(await alarms(user('project_2')))).toHaveLength(2);
    expect((await counts(user('project_2'))).body).toEqual({
      'WARNING': 1,
      'SEVERE': 0,
      'CRITICAL': 1,
      'OK': 0,
      'N/A': 0,
    });
    expect(rows(await alarms(anyone, '&all_tenants=True'))).toHaveLength(5);
    expect((await counts(anyone, '?all_tenants=1')).body).toMatchObject({ WARNING: 2, SEVERE: 2, CRITICAL: 1 });
  });

  it('of causes', async () => {
    expect(await rca('alarm_on_host', admin('project_1'))).toHaveLength(3);
    expect(await rca('alarm_on_instance_3', user('project_2'))).toHaveLength(2);
    expect(await rca('alarm_on_host', user('project_2'))).toHaveLength(3);
    expect(await rca('alarm_on_host', anyone, '&all_tenants=true')).toHaveLength(5);
  });

  it('of the topology', async () => {
    expect(await topology(admin('project_1'))).toHaveLength(8);
    expect(await topology(user('project_2'))).toHaveLength(7);
    expect(await topology(anyone, { all_tenants: true })).toHaveLength(12);
  });

  it('of resources', async () => {
    expect(await resources(admin('project_2'))).toHaveLength(5);
    expect(await resources(user('project_2'))).toHaveLength(2);
    expect(await resources(anyone, { all_tenants: 'True' })).toHaveLength(7);
    const chosen = { resource_type: 'nova.instance', query: isInstance3 };
    expect(await resources(admin('project_2'), chosen)).toEqual(['instance_3']);
    expect(await resources(user('project_2'), { resource_type: 'nova.host' })).toEqual([]);
    expect(await resources(user('project_2'), { resource_type: 'nova.instance' })).toHaveLength(2);
    const ofAdmin = { 'nova.instance': 2, 'nova.zone': 1, 'openstack.cluster': 1, 'nova.host': 1 };
    expect(await counted(admin('project_2'))).toEqual(ofAdmin);
    expect(await counted(admin('project_2'), { query: isInstance3 })).toEqual({ 'nova.instance': 1 });
    expect(await counted(user('project_2'))).toEqual({ 'nova.instance': 2 });
    expect(await counted(user('project_2'), { resource_type: 'nova.host' })).toEqual({});
    expect(await counted(user('project_2'), { resource_type: 'nova.instance' })).toEqual({ 'nova.instance': 2 });
    expect(await counted(anyone, { all_tenants: 1 })).toEqual({ ...ofAdmin, 'nova.instance': 4 });
    const byProject = { 'project_1': 2, 'project_2': 2, '': 3 };
    expect(await counted(anyone, { all_tenants: true, group_by: 'project_id' })).toEqual(byProject);
  });

  it.each([
    ['zone_1', admin('project_1'), true],
    ['zone_1', user('project_1'), false],
    ['instance_2', user('project_1'), true],
    ['instance_2', user('project_2'), false],
    ['instance_2', admin('project_1'), true],
    ['instance_2', admin('project_2'), true],
  ])('of the resource %s for %j', async (name, who, isShown) => {
    expect((await rig.get(`/v1/resources/${ids[name]!}`, who)).status).toBe(isShown ? 200 : 404);
  });
});

describe('where Vitrage lets one tenant look at another', () => {
  const stranger = user('project_3');
  const other = user('project_1');

  it('the alarms of a resource are shown to its owner only', async () => {
    const query = `?vitrage_id=${ids['instance_3']!}`;
    expect(rows(await rig.get(`/v1/alarm/${query}`, user('project_2')))).toHaveLength(1);
    expect(rows(await rig.get(`/v1/alarm/${query}`, other))).toEqual([]);
  });

  it('an alarm that is asked for by id is no exception', async () => {
    expect(await rca('alarm_on_instance_3', other)).toEqual([]);
    expect((await rig.get(`/v1/alarm/${ids['alarm_on_instance_3']!}`, other)).status).toBe(404);
    // Its own, by its resource: this one Vitrage hides.
    expect((await rig.get(`/v1/alarm/${ids['alarm_on_instance_4']!}`, user('project_2'))).status).toBe(200);
  });

  it('an alarm of the infrastructure is a cause only to those it brought something', async () => {
    expect(await rca('alarm_on_host', stranger)).toEqual([]);
  });

  it('a tree shows what holds the own, and no alarm of others', async () => {
    const query = '{"!=": {"vitrage_category": "nothing"}}';
    const mine = await topology(other, {
      root: ids['OpenStack Cluster'] ?? ids['openstack.cluster']!,
      depth: 9,
      query,
    });
    expect(mine.map(({ name }) => name).sort()).toEqual([
      'alarm_on_instance_1',
      'alarm_on_instance_2',
      'host_1',
      'instance_1',
      'instance_2',
      'openstack.cluster',
      'zone_1',
    ]);
    const tree = await rig.send('POST', '/v1/topology/', { graph_type: 'tree', query }, stranger);
    expect(tree.body).toEqual({});
  });

  it('nobody sees anything without a project', async () => {
    const nobody = { 'x-project-id': '', 'x-user-name': '', 'x-roles': '' };
    expect(rows(await alarms(nobody))).toEqual([]);
    expect(await resources(nobody)).toEqual([]);
    expect(await topology(nobody)).toEqual([]);
  });

  it('why tells of the own and of its causes, and hints at nothing else', async () => {
    const mine = await rig.get('/v1/why?alarm=alarm_on_instance_3', user('project_2'));
    expect(mine.body).toMatchObject({ roots: [{ alarm: { name: 'alarm_on_host' } }] });
    const text = JSON.stringify(mine.body);
    for (const name of ['instance_1', 'instance_2', 'project_1']) expect(text).not.toContain(name);
    expect(text).toContain('alarm_on_instance_4');
    const absent = await rig.get('/v1/why?alarm=alarm_on_instance_33', other);
    expect(absent.status).toBe(404);
    expect((absent.body as { error: { data: Json } }).error.data).toEqual({
      nearest: ['alarm_on_instance_1', 'alarm_on_instance_2'],
    });
    const foreign = await rig.get('/v1/why?alarm=alarm_on_instance_3', stranger);
    expect(foreign.body).toMatchObject({ error: { code: 'alarm-not-found', data: { nearest: [] } } });
  });

  it('all tenants, and what is of the whole server, need the role', async () => {
    for (const path of ['/v1/alarm/?all_tenants=1', '/v1/alarm/history/?all_tenants=yes', '/v1/rca/x?all_tenants=t']) {
      expect((await rig.get(path, other)).status).toBe(403);
    }
    for (const path of [
      '/v1/answers/summary',
      '/v1/rejected',
      '/v1/snapshots',
      '/v1/answers/graph?all_tenants=1',
      '/v1/answers/log',
      '/v1/answers/diff?from=2026-11-21T17:00Z',
    ]) {
      const refused = await rig.get(path, other);
      expect([path, refused.status]).toEqual([path, 403]);
      expect(refused.body).toMatchObject({ title: 'Forbidden', description: 'Authorization Failed' });
    }
    expect((await rig.send('POST', '/v1/topology/', { all_tenants: true }, other)).status).toBe(403);
  });
});
