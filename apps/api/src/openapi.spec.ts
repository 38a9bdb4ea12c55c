import { isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from './testing/rig.sim';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  /** Absent where what is said of all of them holds: a token. */
  readonly security?: readonly JsonObject[];
  readonly responses: { readonly [status: string]: { readonly content?: JsonObject } };
}
interface Description {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
}

let rig: Rig;
let description: Description;
beforeAll(async () => {
  rig = await startRig();
  await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
  await rig.send('POST', '/v1/event/', [host('host-1'), instance('vm-a', 'host-1'), power('host-1', 1)]);
  description = (await rig.get('/openapi.json')).body as unknown as Description;
});
afterAll(() => rig.close());

/** What a value lacks of what a schema promises. */
function faults(value: Json | undefined, schema: JsonObject, place = 'answer'): string[] {
  const { anyOf, type, nullable } = schema;
  if (Array.isArray(anyOf)) {
    const all = (anyOf as JsonObject[]).map((each) => faults(value, each, place));
    return all.some((each) => each.length === 0) ? [] : all.flat();
  }
  if (value === null && nullable === true) return [];
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const isOfType = type === undefined || type === found || (type === 'integer' && Number.isInteger(value));
  if (!isOfType) return [`${place} is ${found}, not ${String(type)}`];
  if (Array.isArray(value)) {
    const items = schema['items'] as JsonObject;
    return (value as Json[]).flatMap((each, i) => faults(each, items, `${place}[${i}]`));
  }
  if (!isJsonObject(value)) return [];
  const required = (schema['required'] ?? []) as string[];
  const properties = (schema['properties'] ?? {}) as { [name: string]: JsonObject };
  const missing = required.filter((name) => !(name in value)).map((name) => `${place}.${name} is missing`);
  const wrong = Object.entries(properties).flatMap(([name, each]) =>
    name in value ? faults(value[name], each, `${place}.${name}`) : [],
  );
  return [...missing, ...wrong];
}

function schemaOf({ responses }: Operation, status: string): JsonObject {
  const content = responses[status]?.content?.['application/json'] as JsonObject | undefined;
  expect(content).toBeDefined();
  return content!['schema'] as JsonObject;
}

/** A request of each operation that succeeds, where the description alone does not say how. */
async function samples(): Promise<{ readonly [operation: string]: () => Promise<Reply> }> {
  const [alarm] = (await rig.get('/v1/alarm/')).body as JsonObject[];
  const [resource] = (await rig.get('/v1/resources/')).body as JsonObject[];
  const created = await rig.send('POST', '/v1/webhook', { url: 'http://127.0.0.1:9/' });
  const { id: webhook } = created.body as { id: string };
  const templates = { templates: [['power.yaml', POWER_TEMPLATE]] };
  return {
    'get /v1/alarm/{id}': () => rig.get(`/v1/alarm/${String(alarm!['vitrage_id'])}`),
    'get /v1/rca': () => rig.get(`/v1/rca?alarm_id=${String(alarm!['vitrage_id'])}`),
    'get /v1/resources/{id}': () => rig.get(`/v1/resources/${String(resource!['vitrage_id'])}`),
    'get /v1/template/{id}': () => rig.get('/v1/template/power'),
    'put /v1/template': () => rig.send('PUT', '/v1/template', { ...templates, overwrite: true }),
    'post /v1/template': () => rig.send('POST', '/v1/template', templates),
    'delete /v1/template': () => rig.send('DELETE', '/v1/template', { id: ['nosuch'] }),
    'post /v1/event': () => rig.send('POST', '/v1/event', host('host-2')),
    'get /v1/webhook/{id}': () => rig.get(`/v1/webhook/${webhook}`),
    'post /v1/webhook': async () => created,
    'delete /v1/webhook/{id}': () => rig.send('DELETE', `/v1/webhook/${webhook}`, ''),
    'get /v1/answers/diff': () => rig.get('/v1/answers/diff?from=2026-11-21T17:00:01Z'),
    'get /v1/why': () => rig.get('/v1/why?alarm=Host%20down'),
    'get /healthcheck': () => rig.get('/healthcheck', { accept: 'application/json' }),
  };
}

describe('the description of the API', () => {
  it('has every endpoint of the server, and no other', async () => {
    const described = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([...rig.server.routes()].sort());
    expect(described.length).toBeGreaterThan(35);
  });

  it('says what the endpoints answer, and how they fail', async () => {
    const known = await samples();
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const name = `${method} ${path}`;
        const url = path.replace('{id}', 'nosuch');
        const plain = () => (method === 'get' ? rig.get(url) : rig.send(method.toUpperCase(), url, {}));
        const reply = await (known[name] ?? plain)();
        const status = path === '/v1/rca/{id}' || reply.status === 200 ? '200' : String(reply.status);
        expect([name, status]).toEqual([name, '200']);
        expect([name, faults(reply.body, schemaOf(operation, '200'))]).toEqual([name, []]);
        expect(Object.keys(operation.responses)).toEqual(['200', '4XX', '5XX']);
      }
    }
    const failed = await rig.get('/v1/why');
    expect(faults(failed.body, schemaOf(description.paths['/v1/why']!['get']!, '4XX'))).toEqual([]);
  }, 60_000);

  it('asks for a token wherever the API itself begins, and only there', () => {
    for (const [path, operations] of Object.entries(description.paths)) {
      const open = Object.values(operations).map(({ security }) => security);
      expect([path, open]).toEqual([path, open.map(() => (path.startsWith('/v1') ? undefined : []))]);
    }
  });

  it('can be browsed, with nothing from elsewhere', async () => {
    const page = await rig.get('/docs');
    expect(page.status).toBe(200);
    const html = String(page.body);
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      const asset = await fetch(new URL(source, `${rig.server.url}/docs`));
      expect([source, asset.status]).toEqual([source, 200]);
      await asset.arrayBuffer();
    }
  });
});
