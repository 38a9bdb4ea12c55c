import type { JsonObject } from '@wherefore/model';
import { startRig, type Rig } from './testing/rig.sim';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';

/** What Vitrage's panels in Horizon ask for, and what they read of the answers. */
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
  const zone = { vitrage_entity_type: 'nova.zone', zoneName: 'nova', zoneState: { available: true } };
  await rig.send('POST', '/v1/event/', [zone, host('host-1'), instance('vm-a', 'host-1'), instance('vm-b', 'host-1')]);
  await rig.send('POST', '/v1/event/', power('host-1', 1));
}, 60_000);
afterAll(() => rig.close());

const TREE_QUERY = JSON.stringify({
  and: [
    { '==': { vitrage_category: 'RESOURCE' } },
    { '==': { vitrage_is_deleted: false } },
    { '==': { vitrage_is_placeholder: false } },
    {
      or: ['openstack.cluster', 'nova.instance', 'nova.host', 'nova.zone'].map((type) => ({
        '==': { vitrage_type: type },
      })),
    },
  ],
});
const GRAPH_QUERY = JSON.stringify({
  and: [{ '==': { vitrage_is_placeholder: false } }, { '==': { vitrage_is_deleted: false } }],
});

function expectMembers(item: JsonObject, names: readonly string[]): void {
  expect(Object.keys(item)).toEqual(expect.arrayContaining([...names]));
}

describe('the panel of', () => {
  it('the topology gets a tree from cluster over zone and host to instance', async () => {
    const body = { graph_type: 'tree', query: TREE_QUERY, all_tenants: 'true' };
    let level = [(await rig.send('POST', '/v1/topology/', body)).body as JsonObject];
    for (const type of ['openstack.cluster', 'nova.zone', 'nova.host', 'nova.instance']) {
      expect(level[0]).toMatchObject({ vitrage_type: type });
      expectMembers(level[0]!, ['id', 'name', 'vitrage_id', 'vitrage_type', 'vitrage_operational_state']);
      level = (level[0]!['children'] ?? []) as unknown as JsonObject[];
    }
  });

  it('the entity graph gets nodes with unique ids, and links that name their ends by place', async () => {
    for (const query of [undefined, GRAPH_QUERY]) {
      const reply = await rig.send('POST', '/v1/topology/', {
        graph_type: 'graph',
        query: query ?? null,
        all_tenants: 1,
      });
      const { nodes, links } = reply.body as { nodes: JsonObject[]; links: { source: number; target: number }[] };
      expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
      for (const node of nodes) expectMembers(node, ['id', 'vitrage_id', 'name', 'vitrage_category', 'vitrage_type']);
      for (const { source, target } of links) expect([nodes[source], nodes[target]]).not.toContain(undefined);
    }
  });

  it('alarms gets pages in both directions, sorted and filtered by one column', async () => {
    const page = async (query: string) =>
      (await rig.get(`/v1/alarm/?vitrage_id=all&limit=2&sort_by=name&sort_dirs=asc${query}`)).body as JsonObject[];
    const first = await page('&next_page=true');
    const second = await page(`&next_page=true&marker=${String(first[1]!['vitrage_id'])}`);
    const back = await page(`&next_page=false&marker=${String(second[0]!['vitrage_id'])}`);
    expect([first.length, second.length, back]).toEqual([2, 2, first]);
    for (const alarm of first) {
      expectMembers(alarm, ['name', 'start_timestamp', 'vitrage_resource_type', 'vitrage_resource_id', 'vitrage_type']);
    }
    const filtered = await page('&filter_by=name&filter_vals=unREACH');
    expect(filtered.map(({ name }) => name)).toEqual(['Unreachable', 'Unreachable']);
  });

  it('history gets the ended and the active, those without an end last', async () => {
    await rig.send('POST', '/v1/event/', { ...power('host-1', 1), triggerid: '18', description: 'Fan' });
    rig.clock.pass(60_000);
    await rig.server.node.tick();
    await rig.send('POST', '/v1/event/', { ...power('host-1', 0), triggerid: '18', description: 'Fan' });
    const query = 'start=2026-10-22+17:00:00&end=2026-11-22+17:00:00&sort_by=end_timestamp&sort_dirs=asc&limit=20';
    const rows = (await rig.get(`/v1/alarm/history/?${query}&all_tenants=true`)).body as JsonObject[];
    expect(rows.map(({ state }) => state)).toEqual(['Inactive', 'Active', 'Active', 'Active', 'Active']);
  });

  it('templates, the banner and root causes get what they read', async () => {
    const [row] = (await rig.get('/v1/template/')).body as JsonObject[];
    expectMembers(row!, ['name', 'status', 'type', 'status details', 'date', 'uuid']);
    expect((await rig.get('/v1/alarm/count/')).body).toEqual(expect.objectContaining({ 'CRITICAL': 2, 'N/A': 0 }));
    const [alarm] = (await rig.get('/v1/alarm/')).body as JsonObject[];
    const rca = (await rig.get(`/v1/rca/?alarm_id=${String(alarm!['vitrage_id'])}&all_tenants=false`)).body as {
      nodes: JsonObject[];
    };
    for (const node of rca.nodes) expectMembers(node, ['name', 'vitrage_resource_type', 'state', 'update_timestamp']);
    // It sends the id as it is, not in a list.
    const deleted = await rig.send('DELETE', '/v1/template/', { id: row!['uuid']! });
    expect([deleted.status, (await rig.get('/v1/template/')).body]).toEqual([200, []]);
  });
});
