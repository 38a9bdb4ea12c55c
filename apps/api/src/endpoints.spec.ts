import type { Json, JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from './testing/rig.sim';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

async function failingCloud(): Promise<void> {
  await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
  const cloud = [host('host-1'), host('host-2'), instance('vm-a', 'host-1'), instance('vm-b', 'host-1')];
  expect((await rig.send('POST', '/v1/event/', cloud)).status).toBe(200);
  rig.clock.pass(60_000);
  await rig.server.node.tick();
  expect((await rig.send('POST', '/v1/event/', power('host-1', 1))).status).toBe(200);
}

function rows(reply: Reply): readonly JsonObject[] {
  return reply.body as readonly JsonObject[];
}

describe('who is there', () => {
  it('tells versions, health, status and readiness', async () => {
    expect((await rig.get('/')).body).toMatchObject({
      versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ rel: 'self', href: `${rig.server.url}/v1/` }] }],
    });
    expect((await rig.get('/healthcheck')).body).toBe('OK');
    const json = await rig.get('/healthcheck/', { accept: 'application/json' });
    expect(json.body).toEqual({ detailed: false, reasons: ['OK'] });
    expect((await rig.get('/v1/status')).body).toEqual({ reason: 'OK' });
    expect((await rig.get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await rig.get('/readyz')).body).toMatchObject({ status: 'ready' });
  });

  it('answers what is not there with 404, and with the fields that clients of Vitrage read', async () => {
    const { status, body, position } = await rig.get('/v1/nosuch');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 404, title: 'Not Found' });
    expect(position).toBe('1.1.0');
  });
});

describe('why', () => {
  it('answers with the tree, and with the position it was asked at', async () => {
    await failingCloud();
    const { status, body, position } = await rig.get('/v1/why?alarm=Unreachable&on=vm-b');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      asked: { name: 'Unreachable', resource: { id: 'vm-b' } },
      roots: [{ alarm: { name: 'Power supply failure' }, effects: [{ alarm: { name: 'Host down' } }] }],
      answeredAt: { position },
    });
    const past = await rig.get('/v1/why?alarm=Unreachable@vm-a&limit=2&at=2026-11-21T17:01:00.000Z');
    expect(past.body).toMatchObject({ answeredAt: { at: '2026-11-21T17:01:00.000Z' } });
  });

  it.each([
    ['alarm=Unreachable', 409, 'alarm-ambiguous'],
    ['alarm=Unreachible', 404, 'alarm-not-found'],
    ['alarm=Unreachable&at=2026-11-21T16:00Z', 404, 'before-first-entry'],
    ['alarm=Unreachable&at=2026-11-21T17:00:30Z', 404, 'alarm-not-found'],
    ['alarm=Unreachable&at=soon', 400, 'invalid-time'],
    ['alarm=Unreachable&limit=x', 400, 'bad-request'],
    ['', 400, 'bad-request'],
  ])('?%s fails with %i %s', async (query, status, code) => {
    await failingCloud();
    const reply = await rig.get(`/v1/why?${query}`);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ code: status, error: { code } });
    expect((reply.body as { description: string }).description).not.toBe('');
  });
});

describe('alarms', () => {
  beforeEach(failingCloud);

  it('are listed in the shape of Vitrage, sorted, filtered and in pages', async () => {
    const all = rows(await rig.get('/v1/alarm/?vitrage_id=all&all_tenants=True'));
    expect(all).toHaveLength(4);
    expect(all[0]).toMatchObject({
      vitrage_category: 'ALARM',
      state: 'Active',
      start_timestamp: '2026-11-21 17:01:00+00:00',
      vitrage_resource_type: expect.any(String) as string,
    });
    const names = (reply: Reply) => rows(reply).map(({ name }) => name);
    expect(names(await rig.get('/v1/alarm?sort_by=name&sort_dirs=desc&limit=1'))).toEqual(['Unreachable']);
    expect(names(await rig.get('/v1/alarm?filter_by=vitrage_type&filter_vals=zabbix'))).toEqual([
      'Power supply failure',
    ]);
    const first = rows(await rig.get('/v1/alarm?sort_by=name&limit=2'));
    const next = await rig.get(`/v1/alarm?sort_by=name&limit=2&marker=${String(first[1]!['vitrage_id'])}`);
    expect([...first.map(({ name }) => name), ...names(next)]).toEqual([
      'Host down',
      'Power supply failure',
      'Unreachable',
      'Unreachable',
    ]);
    const onHost = rows(await rig.get(`/v1/alarm?vitrage_id=${String(first[0]!['vitrage_resource_id'])}`));
    expect(onHost.map(({ name }) => name).sort()).toEqual(['Host down', 'Power supply failure']);
    expect((await rig.get('/v1/alarm?filter_by=name')).status).toBe(400);
    expect((await rig.get('/v1/alarm?marker=nosuch')).status).toBe(400);
    expect((await rig.get('/v1/alarm?limit=many')).status).toBe(400);
  });

  it('are counted by severity, and shown one by one', async () => {
    const counts = { 'SEVERE': 0, 'CRITICAL': 2, 'WARNING': 2, 'OK': 0, 'N/A': 0 };
    expect((await rig.get('/v1/alarm/count/?all_tenants=1')).body).toEqual(counts);
    expect((await rig.send('POST', '/v1/alarm/count/', {})).body).toEqual(counts);
    expect((await rig.get('/v1/alarm/count?at=2026-11-21T17:00:30Z')).body).toMatchObject({ CRITICAL: 0 });
    const [alarm] = rows(await rig.get('/v1/alarm'));
    expect((await rig.get(`/v1/alarm/${String(alarm!['vitrage_id'])}`)).body).toMatchObject({ name: alarm!['name']! });
    const missing = await rig.get('/v1/alarm/nosuch');
    expect(missing.body).toMatchObject({ code: 404, title: 'Not Found', description: 'Failed to show alarm.' });
  });

  it('of the past are in the history, with their end', async () => {
    rig.clock.pass(60_000);
    await rig.server.node.tick();
    await rig.send('POST', '/v1/event/', power('host-1', 0));
    expect(rows(await rig.get('/v1/alarm'))).toEqual([]);
    const ended = rows(await rig.get('/v1/alarm/history/?all_tenants=True'));
    expect(ended).toHaveLength(4);
    expect(ended[0]).toMatchObject({
      state: 'Inactive',
      vitrage_operational_severity: 'OK',
      start_timestamp: '2026-11-21 17:01:00+00:00',
      end_timestamp: '2026-11-21 17:02:00+00:00',
    });
    expect(rows(await rig.get('/v1/alarm/history?start=2026-11-21T17:03Z'))).toEqual([]);
    expect(rows(await rig.get('/v1/alarm/history?start=2026-11-21+17:00:00&end=2026-11-21+17:05:00'))).toHaveLength(4);
    expect((await rig.get('/v1/alarm/history?end=2026-11-21')).status).toBe(400);
  });

  it('have causes and effects, ever and at a moment', async () => {
    const named = async (name: string) =>
      String(rows(await rig.get('/v1/alarm')).find((each) => each['name'] === name)!['vitrage_id']);
    const down = await named('Host down');
    type Rca = { nodes: JsonObject[]; links: JsonObject[]; inspected_index: number };
    const live = (await rig.get(`/v1/rca/?alarm_id=${down}&all_tenants=True`)).body as unknown as Rca;
    expect(live.nodes.map(({ name }) => name).sort()).toEqual([
      'Host down',
      'Power supply failure',
      'Unreachable',
      'Unreachable',
    ]);
    expect(live.nodes[live.inspected_index]).toMatchObject({ name: 'Host down' });
    expect(live.links).toHaveLength(3);
    expect(live.links[0]).toMatchObject({ relationship_type: 'causes', key: 'causes', vitrage_is_deleted: false });
    // A sibling is no relative.
    const leaf = (await rig.get(`/v1/rca/${await named('Unreachable')}`)).body as unknown as Rca;
    expect(leaf.nodes).toHaveLength(3);
    const before = (await rig.get(`/v1/rca/${down}?at=2026-11-21T17:00:30Z`)).body;
    expect(before).toMatchObject({ nodes: [], links: [], inspected_index: 0 });
    rig.clock.pass(60_000);
    await rig.server.node.tick();
    await rig.send('POST', '/v1/event/', power('host-1', 0));
    const ever = (await rig.get(`/v1/rca/${down}`)).body as unknown as Rca;
    expect(ever.nodes.map(({ state }) => state)).toEqual(['Inactive', 'Inactive', 'Inactive', 'Inactive']);
    const then = (await rig.get(`/v1/rca/${down}?at=2026-11-21T17:01:30.000Z`)).body as unknown as Rca;
    expect(then.nodes.map(({ state }) => state)).toEqual(['Active', 'Active', 'Active', 'Active']);
    expect((await rig.get('/v1/rca/')).status).toBe(400);
  });
});

describe('topology and resources', () => {
  beforeEach(failingCloud);

  const RESOURCES = '{"and": [{"==": {"vitrage_category": "RESOURCE"}}, {"==": {"vitrage_is_placeholder": false}}]}';
  const ask = (question: JsonObject) =>
    rig.send('POST', '/v1/topology/', { graph_type: 'graph', all_tenants: true, ...question });

  it('are a graph whose links point into its nodes', async () => {
    const { body } = await ask({});
    const { nodes, links, ...rest } = body as { nodes: JsonObject[]; links: { source: number; target: number }[] };
    expect(rest).toEqual({ directed: true, multigraph: true, graph: {}, raw: true });
    expect(nodes.every((node) => node['vitrage_is_placeholder'] === false)).toBe(true);
    expect(links.every(({ source, target }) => nodes[source] !== undefined && nodes[target] !== undefined)).toBe(true);
    const chosen = await ask({ query: '{"==": {"vitrage_type": "nova.instance"}}' });
    expect((chosen.body as { nodes: Json[] }).nodes).toHaveLength(2);
  });

  it('are a tree below a root, as deep as asked', async () => {
    const hosts = rows(await rig.send('POST', '/v1/resources/', { resource_type: 'nova.host' }));
    const root = String(hosts.find(({ id }) => id === 'host-1')!['vitrage_id']);
    const query = '{"or": [{"==": {"vitrage_type": "nova.host"}}, {"==": {"vitrage_type": "nova.instance"}}]}';
    const tree = (await ask({ graph_type: 'tree', root, query })).body as { id: string; children: JsonObject[] };
    expect(tree.id).toBe('host-1');
    expect(tree.children.map(({ id }) => id).sort()).toEqual(['vm-a', 'vm-b']);
    const near = await ask({ root, depth: 1, query: RESOURCES });
    expect((near.body as { nodes: JsonObject[] }).nodes.map(({ id }) => id).sort()).toEqual(['host-1', 'vm-a', 'vm-b']);
    expect((await ask({ graph_type: 'tree', query: '{"==": {"name": "nothing"}}' })).body).toEqual({});
  });

  it.each([
    [{ graph_type: 'tree' }],
    [{ graph_type: 'circle' }],
    [{ query: '{"~~": {"a": "b"}}' }],
    [{ graph_type: 'tree', query: RESOURCES, depth: 'x' }],
    [{ graph_type: 'tree', query: RESOURCES, root: 'nosuch' }],
  ])('fail for %j as Vitrage does', async (question) => {
    const { status, body } = await ask(question);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      code: 404,
      description: 'Failed to get topology.',
      error: { code: expect.any(String) as string },
    });
  });

  it('are listed, counted and shown', async () => {
    expect(rows(await rig.get('/v1/resources/?resource_type=nova.instance'))).toHaveLength(2);
    const query = '{"==": {"name": "name of vm-a"}}';
    const [found] = rows(await rig.send('POST', '/v1/resources/', { resource_type: null, query }));
    expect(found).toMatchObject({ id: 'vm-a', vitrage_operational_state: 'OK' });
    const shown = await rig.get(`/v1/resources/${String(found!['vitrage_id'])}`);
    expect(shown.body).toEqual(found);
    const counted = await rig.send('POST', '/v1/resources/count/', { group_by: 'vitrage_type' });
    expect(counted.body).toMatchObject({ 'nova.host': 2, 'nova.instance': 2 });
    expect((await rig.get('/v1/resources/nosuch')).body).toMatchObject({ description: 'Failed to show resource.' });
    expect((await rig.send('POST', '/v1/resources/', { query: '{bad' })).body).toMatchObject({
      code: 404,
      description: 'Failed to list resources.',
    });
  });

  it('are shown as they were', async () => {
    await rig.send('POST', '/v1/event/', { ...instance('vm-a', 'host-1'), vitrage_event_type: 'delete_entity' });
    const now = rows(await rig.send('POST', '/v1/resources/', { resource_type: 'nova.instance' }));
    const then = await rig.send('POST', '/v1/resources/?at=2026-11-21T17:00:30Z', { resource_type: 'nova.instance' });
    expect([now.length, rows(then).length]).toEqual([1, 2]);
    expect(then.position).not.toBe((await rig.get('/v1/status')).position);
  });
});

describe('templates', () => {
  it('are added, listed, shown, refused and deleted', async () => {
    expect((await rig.get('/v1/template/versions')).body).toMatchObject([{ version: 'v1' }, {}, { status: 'CURRENT' }]);
    const add = () => rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]], params: null });
    const [added] = rows(await add());
    expect(added).toMatchObject({ name: 'power', status: 'ACTIVE', 'status details': 'Template validation is OK' });
    expect(rows(await add())).toMatchObject([
      { uuid: '', status: 'ERROR', date: 'None', 'status details': 'Duplicate template name' },
    ]);
    expect(rows(await rig.get('/v1/template/'))).toMatchObject([{ uuid: added!['uuid']!, type: 'standard' }]);
    expect((await rig.get('/v1/template/power')).body).toMatchObject({ metadata: { name: 'power', version: '3' } });
    expect((await rig.get(`/v1/template/${String(added!['uuid'])}`)).status).toBe(200);
    const missing = await rig.get('/v1/template/nosuch');
    expect(missing.body).toMatchObject({ code: 404, description: 'Failed to show template.' });
    const deleted = await rig.send('DELETE', '/v1/template/', { id: ['power', 'nosuch'] });
    expect([deleted.status, deleted.body]).toEqual([200, null]);
    expect(rows(await rig.get('/v1/template/'))).toEqual([]);
    expect((await rig.send('DELETE', '/v1/template/', { id: ['nosuch'] })).body).toBeNull();
  });

  it('that are wrong are kept in ERROR, and say where when they came as text', async () => {
    const wrong = POWER_TEMPLATE.replace('host [ contains ] instance', 'host [ contains ] ghost');
    const validated = await rig.send('POST', '/v1/template/', { templates: [['power.yaml', wrong]] });
    expect(validated.body).toMatchObject({
      results: [{ 'file path': 'power.yaml', status: 'validation failed', 'status code': 10200, line: 12 }],
    });
    expect(rows(await rig.send('PUT', '/v1/template/', { templates: [[null, wrong]] }))).toMatchObject([
      { status: 'ERROR' },
    ]);
    expect(rows(await rig.get('/v1/template/'))).toMatchObject([{ name: 'power', status: 'ERROR' }]);
    const noYaml = await rig.send('POST', '/v1/template/', { templates: [['x.yaml', 'a: [']] });
    expect(noYaml.body).toMatchObject({ results: [{ status: 'validation failed' }] });
    expect((await rig.send('PUT', '/v1/template/', {})).status).toBe(400);
    expect((await rig.send('POST', '/v1/template/', { templates: [7] })).status).toBe(400);
  });
});

describe('our own answers', () => {
  it('come in the shapes of the contract', async () => {
    await failingCloud();
    expect((await rig.get('/v1/answers/alarms?match=Host%20down')).body).toMatchObject({
      alarms: [{ name: 'Host down' }],
    });
    expect((await rig.get('/v1/answers/resources?type=nova.host&id=host-2')).body).toMatchObject({
      resources: [{ id: 'host-2' }],
    });
    expect((await rig.get('/v1/answers/templates')).body).toMatchObject({ templates: [{ name: 'power' }] });
    expect((await rig.get('/v1/answers/summary?at=2026-11-21T17:00:30Z')).body).toMatchObject({ alarms: 0 });
    const graph = (await rig.get('/v1/answers/graph')).body as { vertices: Json[]; edges: Json[] };
    expect(graph.vertices.length).toBeGreaterThan(4);
    await rig.server.node.takeSnapshot();
    const { position } = await rig.get('/v1/status');
    expect((await rig.get('/v1/snapshots')).body).toMatchObject({ snapshots: [{ position, behaviour: 1 }] });
    expect((await rig.get('/v1/rejected?limit=5')).body).toEqual({ rejected: [] });
  });
});
