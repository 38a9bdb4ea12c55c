import { isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import * as fc from 'fast-check';
import { startRig, type Rig } from './testing/rig.sim';
import { aodhAlarm, instanceOf, zabbixAlarm } from './testing/tenants.sim';

const PROJECTS = ['p1', 'p2', 'p3'] as const;
const HOSTS = ['host-1', 'host-2'] as const;

/** One instance's alarm is felt by all on its host: causes lead from one tenant, over the host, to others. */
const NOISE_TEMPLATE = `
metadata: {version: 3, name: noise, type: standard}
entities:
  loud: {category: ALARM, name.regex: '.*loud'}
  crowded: {category: ALARM, type: vitrage, name: Host crowded}
  broken: {category: ALARM, type: zabbix, name.regex: 'host broken.*'}
  instance: {category: RESOURCE, type: nova.instance}
  host: {category: RESOURCE, type: nova.host}
scenarios:
  - condition: loud [ on ] instance AND host [ contains ] instance
    actions:
      - raise_alarm: {target: host, alarm_name: Host crowded, severity: warning, causing_alarm: loud}
      - set_state: {target: host, state: SUBOPTIMAL}
  - condition: crowded [ on ] host AND host [ contains ] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: Slow, severity: warning, causing_alarm: crowded}
  - condition: broken [ on ] host AND host [ contains ] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: Gone, severity: critical, causing_alarm: broken}
      - mark_down: {target: host}
`;

/** What happens in a cloud. Everything of a project bears its name, so that it is known again anywhere. */
type Happening =
  | { readonly kind: 'instance'; readonly project: string; readonly number: number; readonly on: string }
  | { readonly kind: 'alarm'; readonly project: string; readonly number: number; readonly by: 'zabbix' | 'aodh' }
  | { readonly kind: 'quiet'; readonly project: string; readonly number: number }
  | { readonly kind: 'stack'; readonly project: string; readonly number: number; readonly of: string }
  | { readonly kind: 'host-alarm'; readonly on: string };

const project = fc.constantFrom(...PROJECTS);
const number = fc.integer({ min: 1, max: 3 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('instance'), project, number, on: fc.constantFrom(...HOSTS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('alarm'), project, number, by: fc.constantFrom('zabbix', 'aodh') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quiet'), project, number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stack'), project, number, of: project }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('host-alarm'), on: fc.constantFrom(...HOSTS) }) },
) as fc.Arbitrary<Happening>;

const marker = (name: string) => `${name}~`;

function eventOf(each: Happening): JsonObject {
  switch (each.kind) {
    case 'instance':
      return instanceOf(`${marker(each.project)}vm-${each.number}`, each.on, each.project);
    case 'host-alarm':
      return zabbixAlarm(`host broken ${each.on}`, 'nova.host', each.on, 4);
    case 'stack':
      return {
        vitrage_entity_type: 'heat.stack',
        id: `${marker(each.project)}stack-${each.number}`,
        stack_name: `${marker(each.project)}stack-${each.number}`,
        stack_status: 'CREATE_COMPLETE',
        project: each.project,
        resources: [{ physical_resource_id: `${marker(each.of)}vm-${each.number}`, resource_type: 'OS::Nova::Server' }],
      };
    default: {
      const on = `${marker(each.project)}vm-${each.number}`;
      const name = `${on} loud`;
      const isRaised = each.kind === 'alarm';
      if (isRaised && each.by === 'aodh') return aodhAlarm(name, on, each.project, 'critical');
      return {
        ...zabbixAlarm(name, 'nova.instance', on, 2),
        vitrage_event_type: isRaised ? 'zabbix.alarm.problem' : 'zabbix.alarm.ok',
        value: isRaised ? '1' : '0',
      };
    }
  }
}

const ADMIN = { 'x-project-id': 'ops', 'x-roles': 'admin' };
const userOf = (name: string) => ({ 'x-project-id': name, 'x-roles': 'member' });

/** What is known by those who see everything, and what of it belongs to whom. */
interface Knowledge {
  readonly entities: readonly JsonObject[];
  readonly foreignTo: (project: string) => readonly string[];
  readonly alarmsOf: (project: string) => number;
  readonly instancesOf: (project: string) => number;
}

async function know(rig: Rig): Promise<Knowledge> {
  const graph = (await rig.get('/v1/answers/graph', ADMIN)).body as {
    vertices: JsonObject[];
    edges: { source: number; target: number; label: string }[];
  };
  const history = (await rig.get('/v1/alarm/history/?all_tenants=1', ADMIN)).body as JsonObject[];
  const named = (entity: JsonObject | undefined): string | undefined =>
    PROJECTS.find((each) => JSON.stringify([entity?.['name'] ?? '', entity?.['id'] ?? '']).includes(marker(each)));
  const resourceOf = (place: number): JsonObject | undefined => {
    const edge = graph.edges.find(({ source, label }) => source === place && label === 'on');
    return edge === undefined ? undefined : graph.vertices[edge.target];
  };
  const owners = new Map<string, string | undefined>();
  graph.vertices.forEach((vertex, place) => {
    owners.set(String(vertex['vitrage_id']), named(vertex) ?? named(resourceOf(place)));
  });
  const byId = new Map(graph.vertices.map((each) => [each['vitrage_id'], each]));
  for (const record of history) {
    const id = String(record['vitrage_id']);
    if (!owners.has(id)) owners.set(id, named(record) ?? named(byId.get(record['vitrage_resource_id']!)));
  }
  // Nobody knows whose an alarm is that is on nothing known, and bears no project.
  const alarmOwner = (alarm: JsonObject, place: number): string | undefined => {
    const resource = resourceOf(place);
    const isKnown = resource !== undefined && resource['vitrage_is_placeholder'] === false;
    return isKnown ? named(resource) : alarm['vitrage_type'] === 'aodh' ? named(alarm) : undefined;
  };
  return {
    entities: [...graph.vertices, ...history],
    foreignTo: (owner) => [...owners].flatMap(([id, each]) => (each !== undefined && each !== owner ? [id] : [])),
    alarmsOf: (owner) =>
      graph.vertices.filter((each, place) => each['vitrage_category'] === 'ALARM' && alarmOwner(each, place) === owner)
        .length,
    instancesOf: (owner) =>
      graph.vertices.filter(
        (each) =>
          each['vitrage_type'] === 'nova.instance' && each['vitrage_is_placeholder'] === false && named(each) === owner,
      ).length,
  };
}

/** Requests that somebody could send who is curious; some name what is not theirs. */
function questions({ entities }: Knowledge, past: string): readonly (readonly [string, string, JsonObject?])[] {
  const sample = entities.filter((_, i) => i % Math.ceil(entities.length / 6) === 0);
  const anything = '{"!=": {"vitrage_category": "nothing"}}';
  const paths = [
    '/v1/alarm/',
    '/v1/alarm/?sort_by=name&sort_dirs=desc&limit=2',
    '/v1/alarm/count/',
    '/v1/alarm/history/',
    '/v1/alarm/history/?start=2026-11-21T16:00Z&end=2026-11-22',
    '/v1/resources/',
    '/v1/answers/alarms',
    '/v1/answers/resources',
    '/v1/answers/graph',
    '/v1/answers/templates',
    '/v1/answers/summary',
    '/v1/answers/diff?from=2026-11-21T17:00:30Z',
    '/v1/answers/log',
    '/v1/rejected',
    '/v1/snapshots',
    '/v1/template/',
    '/v1/webhook/',
    '/v1/service/',
    '/v1/why?alarm=loud',
    '/v1/why?alarm=Slow',
    '/v1/why?alarm=Host%20crowded',
  ];
  const withPast = paths.flatMap((path) => [path, `${path}${path.includes('?') ? '&' : '?'}at=${past}`]);
  const lists = withPast.map((path) => ['GET', path] as const);
  const singles = sample.flatMap((entity) => {
    const id = String(entity['vitrage_id']);
    const name = encodeURIComponent(String(entity['name'] ?? entity['id'] ?? ''));
    return [
      ...['alarm/', 'rca/', 'resources/'].flatMap((kind) => [
        ['GET', `/v1/${kind}${id}`] as const,
        ['GET', `/v1/${kind}${id}?at=${past}`] as const,
      ]),
      ['GET', `/v1/why?alarm=${name}`] as const,
      ['GET', `/v1/why?alarm=${id}`] as const,
      ['GET', `/v1/why?alarm=Slow&on=${name}`] as const,
      ['GET', `/v1/alarm/?vitrage_id=${id}`] as const,
      ['GET', `/v1/alarm/?marker=${id}`] as const,
      ['GET', `/v1/answers/alarms?match=${name}`] as const,
      ['GET', `/v1/answers/resources?id=${name}`] as const,
      ['POST', '/v1/topology/', { graph_type: 'graph', root: id, depth: 9, query: anything }] as const,
    ];
  });
  return [
    ...lists,
    ...singles,
    ['POST', '/v1/topology/', {}],
    ['POST', '/v1/topology/', { query: anything }],
    ['POST', '/v1/topology/', { graph_type: 'tree', query: anything }],
    ['POST', '/v1/resources/', { query: anything }],
    ['POST', '/v1/resources/count/', { group_by: 'project_id' }],
    ['POST', '/v1/resources/count/', { group_by: 'name', query: anything }],
  ];
}

/** A question repeats what it names; that is no hint. */
function withoutEcho(text: string, path: string, body: JsonObject | undefined): string {
  const said = [...path.split(/[/?&=]/), String(body?.['root'] ?? '')];
  return said
    .filter((each) => each.length > 3)
    .reduce((all, each) => all.replaceAll(decodeURIComponent(each), ''), text);
}

async function expectNothingForeign(rig: Rig, knowledge: Knowledge, past: string): Promise<void> {
  const foreignTo = new Map(
    PROJECTS.map((name) => [
      name,
      [...knowledge.foreignTo(name), ...PROJECTS.filter((each) => each !== name).map(marker)],
    ]),
  );
  for (const [method, path, body] of questions(knowledge, past)) {
    const firstTime = new Map<string, Json>();
    // One after the other, and then again: what was answered to one is at hand when the next one asks.
    for (const name of [...PROJECTS, ...PROJECTS]) {
      const reply =
        method === 'GET' ? await rig.get(path, userOf(name)) : await rig.send(method, path, body, userOf(name));
      const text = withoutEcho(JSON.stringify(reply.body), path, body);
      const leaks = foreignTo.get(name)!.filter((each) => text.includes(each));
      expect({ name, method, path, body, leaks }).toEqual({ name, method, path, body, leaks: [] });
      if (!firstTime.has(name)) firstTime.set(name, reply.body);
      else if (!path.startsWith('/v1/answers/') && !path.startsWith('/v1/why'))
        expect({ name, method, path, body, answer: reply.body }).toEqual({
          ...{ name, method, path, body },
          answer: firstTime.get(name),
        });
    }
  }
  for (const name of PROJECTS) {
    const counts = (await rig.get('/v1/alarm/count', userOf(name))).body as { [severity: string]: number };
    expect(Object.values(counts).reduce((all, each) => all + each, 0)).toBe(knowledge.alarmsOf(name));
    const resources = await rig.send('POST', '/v1/resources/count/', { resource_type: 'nova.instance' }, userOf(name));
    expect(instances(resources.body)).toBe(knowledge.instancesOf(name));
  }
}

function instances(counts: Json): number {
  return isJsonObject(counts) ? Number(counts['nova.instance'] ?? 0) : -1;
}

describe('whatever a tenant asks', () => {
  it('it is told of nothing and no number of another', async () => {
    const story = fc.array(fc.array(happening, { minLength: 8, maxLength: 20 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(story, async (chapters) => {
        const rig = await startRig({ auth: { mode: 'noauth' } });
        try {
          await rig.send('PUT', '/v1/template/', { templates: [['noise.yaml', NOISE_TEMPLATE]] }, ADMIN);
          for (const [i, chapter] of chapters.entries()) {
            const { position } = await rig.get('/v1/status', ADMIN);
            for (const [j, each] of chapter.entries()) {
              const key = `${'project' in each ? marker(each.project) : 'infrastructure'}entry-${i}-${j}`;
              await rig.send('POST', '/v1/event/', eventOf(each), { ...ADMIN, 'idempotency-key': key });
            }
            rig.clock.pass(60_000);
            await rig.server.node.tick();
            await expectNothingForeign(rig, await know(rig), i === 0 ? position! : '1.12.0');
          }
        } finally {
          await rig.close();
        }
      }),
      { numRuns: 2, seed: 20_261_121, endOnFailure: true },
    );
  }, 300_000);
});
