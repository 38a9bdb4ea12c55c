import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { startRig, type Rig } from './testing/rig.sim';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly string[];
  readonly members: readonly string[];
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer | undefined;
}

const ANSWER_MS_MAX = 1_000;

let rig: Rig;
let operations: Operation[];
let ids: readonly string[];

beforeAll(async () => {
  rig = await startRig();
  await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
  await rig.send('POST', '/v1/event/', [host('host-1'), instance('vm-a', 'host-1'), power('host-1', 1)]);
  await rig.send('POST', '/v1/webhook/', { url: 'http://127.0.0.1:9/' });
  operations = operationsOf((await rig.get('/openapi.json')).body);
  ids = ((await rig.get('/v1/answers/graph')).body as { vertices: { vitrage_id: string }[] }).vertices.map(
    (each) => each.vitrage_id,
  );
}, 60_000);
afterAll(() => rig.close());

function operationsOf(description: unknown): Operation[] {
  type Described = {
    readonly parameters?: readonly { readonly name: string; readonly in: string }[];
    readonly requestBody?: { readonly content: { readonly [type: string]: { readonly schema: unknown } } };
  };
  const { paths } = description as { paths: { [path: string]: { [method: string]: Described } } };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
      members: [...JSON.stringify(requestBody ?? {}).matchAll(/"(\w+)":\{"/g)].map(([, name]) => name!),
    })),
  );
}

const ODD_TEXTS = [
  '',
  '0',
  '-1',
  '1e999',
  '99999999999999999999',
  'null',
  'true',
  '[]',
  "' OR 1=1 --",
  '"; DROP TABLE alarms; --',
  '(a+)+$',
  '.*'.repeat(50),
  '%00',
  '%',
  '%zz',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  '💥'.repeat(200),
  'x'.repeat(5_000),
  '2026-02-31',
  '0.0.0',
  '1.1.0',
  '999999999999999.999999999999999.0',
  '{"==": {"name": "host-1"}}',
  '{"and": [{"or": []}, {"!=": {"__proto__": 1}}]}',
  '{"<": {"vitrage_id": null}}',
  '{"=='.repeat(40),
  '{"and":['.repeat(200),
];

const oddText = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 0, max: 9 }).map((i) => ids[i % ids.length]!),
);
const oddValue = fc.oneof(
  oddText,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(Number.MAX_VALUE, -0, 1e-300, [], {}, [[[]]], null, true, nested(60), nested(3_000)),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

function sentTo(operation: Operation): fc.Arbitrary<Sent> {
  const name = fc.oneof(fc.constantFrom('at', 'all_tenants', 'nosuch', ...operation.parameters), oddText);
  const query = fc.array(fc.tuple(name, oddText), { maxLength: 5 });
  const member = fc.oneof(fc.constantFrom('at', 'nosuch', ...operation.members), oddText);
  const json = fc.oneof(fc.dictionary(member, oddValue, { maxKeys: 6 }), oddValue);
  const body = fc.oneof(
    { weight: 8, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value) ?? '').subarray(0, 20)) },
    { weight: 1, arbitrary: json.map((value) => Buffer.from(`\ufeff${JSON.stringify(value)}`, 'utf16le')) },
  );
  const headers = fc.record(
    {
      'content-type': fc.constantFrom('application/json', 'text/xml', 'application/json; charset=utf-16', 'x'),
      'accept': fc.constantFrom('application/json', '*/*', 'text/html', 'nonsense'),
      'idempotency-key': fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.replace(/[^\x21-\x7e]/g, '_')),
      'x-wherefore-min-position': fc.constantFrom('0.0.0', '1.1.0', 'x', ''),
      'user-agent': fc.constantFrom('Alertmanager/0.27', 'curl/8'),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(oddText, query, body, headers, fc.boolean()).map(([id, pairs, bytes, extra, isEncoded]) => {
    const encode = (text: string): string => (isEncoded ? encoded(text) : text.replace(/[^\x21-\x7e]|[?#&=]/g, '%'));
    const path = operation.path.replace('{id}', encode(id) || 'x');
    const search = pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
    const url = search === '' ? path : `${path}?${search}`;
    return {
      method: operation.method,
      url: url.slice(0, 12_000),
      headers: Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined)),
      body: operation.method === 'GET' ? undefined : bytes,
    };
  });
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

async function send({ method, url, headers, body }: Sent): Promise<{ status: number; text: string; ms: number }> {
  const startedMs = performance.now();
  const { hostname, port } = new URL(rig.server.url);
  const sent = request({ hostname, port, method, path: url, headers, agent: false });
  sent.end(body);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  const text = (await buffer(reply)).toString('utf8');
  return { status: reply.statusCode!, text, ms: performance.now() - startedMs };
}

/** What a request that is refused must leave as it is. Refusals themselves are kept, and the clock goes on. */
async function standing(): Promise<string> {
  const { state, webhooks } = rig.server.node;
  const vertices = [...state.graph.vertices()].map(({ id, properties }) => [id, properties]);
  const templates = state.shelf.list().map(({ id, status }) => [id, status]);
  return JSON.stringify([vertices, state.graph.edgeCount, templates, await webhooks.list()]);
}

describe('whatever is sent', () => {
  it('gets an answer within a second that is no failure of the server, and what is refused changes nothing', async () => {
    let before = await standing();
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(sentTo(operation), async (sent) => {
          let reply = await send(sent);
          // A machine that is busy with something else is no fault of the request.
          if (reply.ms > ANSWER_MS_MAX) reply = await send(sent);
          expect(reply.ms).toBeLessThan(ANSWER_MS_MAX);
          expect([reply.status < 500, reply.status, reply.text.slice(0, 200)]).toEqual([
            true,
            reply.status,
            reply.text.slice(0, 200),
          ]);
          const after = await standing();
          if (reply.status >= 400) expect(after).toBe(before);
          before = after;
        }),
        { numRuns: 40, seed: 5, endOnFailure: true },
      );
    }
  }, 300_000);
});
