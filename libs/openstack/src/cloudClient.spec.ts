import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import { CloudClient, type CloudSettings } from './cloudClient';
import { HttpClient } from './httpClient';
import type { Credentials } from './identity';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PASSWORD: Credentials = {
  kind: 'password',
  user: { name: 'admin', domainName: 'Default' },
  password: 'secret',
  project: { name: 'ops', domainId: 'default' },
};
const QUESTION = { service: 'nova', region: 'One', path: '/os-services' } as const;

let server: Server;
let url: string;
let http: HttpClient;
let nowMs: number;
let tokenSeconds: number;
let logIns: unknown[];
let asked: IncomingMessage[];
let slept: number[];
/** What nova answers, one after the other; the last one again and again. */
let answers: Answer[];

const timer: Timer = {
  nowMs: () => nowMs,
  sleep: async (ms) => {
    slept.push(ms);
    nowMs += ms;
  },
};

const json =
  (status: number, body: unknown, headers: { [name: string]: string } = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
const OK = json(200, { services: [] });
const CUT: Answer = (_, response) => {
  response.writeHead(200, { 'Content-Length': '1000' }).write('{"services": [');
  setImmediate(() => response.destroy());
};

beforeEach(async () => {
  nowMs = Date.parse('2026-03-14T10:00:00Z');
  tokenSeconds = 3600;
  [logIns, asked, slept, answers] = [[], [], [], [OK]];
  server = createServer((request, response) => {
    if (request.url === '/v3/auth/tokens') return void logIn(request, response);
    asked.push(request);
    (answers.length > 1 ? answers.shift() : answers[0])!(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http = new HttpClient({ timeoutMs: 400, bodyBytesMax: 10_000, connectionsMax: 4 });
});
afterEach(async () => {
  http.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  logIns.push(JSON.parse(await text(request)));
  const endpoint = (face: string, region: string, at: string) => ({ interface: face, region_id: region, url: at });
  const token = {
    expires_at: new Date(nowMs + tokenSeconds * 1000).toISOString(),
    project: { id: 'p1' },
    user: { name: 'admin' },
    roles: [{ name: 'admin' }],
    catalog: [
      {
        type: 'compute',
        endpoints: [endpoint('public', 'One', `${url}/nova/v2.1`), endpoint('internal', 'One', `${url}/inner/v2.1/`)],
      },
      { type: 'network', endpoints: [endpoint('public', 'Two', `${url}/neutron/`)] },
      { type: 'orchestration', endpoints: [endpoint('public', 'One', `${url}/heat/v1/p1`)] },
      { type: 'volumev2', endpoints: [endpoint('public', 'One', `${url}/cinder/v2/p1`)] },
      { type: 'volumev3', endpoints: [endpoint('public', 'One', `${url}/cinder/v3/p1`)] },
    ],
  };
  response.writeHead(201, { 'X-Subject-Token': `token-${logIns.length}` }).end(JSON.stringify({ token }));
}

function client(more: Partial<CloudSettings> = {}): CloudClient {
  const patience = { attempts: 3, firstPauseMs: 100, pauseMaxMs: 1000 };
  const settings = { authUrl: `${url}/v3`, credentials: PASSWORD, interface: 'public', patience } as const;
  return new CloudClient(http, { ...settings, retryAfterMaxMs: 30_000, ...more }, timer, () => 0.5);
}

async function failureOf(asking: Promise<unknown>): Promise<WhereforeError> {
  const error: unknown = await asking.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  if (error instanceof WhereforeError) return error;
  throw new Error(String(error));
}

const tokens = () => asked.map(({ headers }) => headers['x-auth-token']);

describe('a client of a cloud', () => {
  it('logs in with a password, for a project, and asks where the catalogue says', async () => {
    expect(await client().get({ ...QUESTION, query: { limit: '5' }, microversion: 'compute 2.59' })).toEqual({
      services: [],
    });
    expect(logIns).toEqual([
      {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'admin', domain: { name: 'Default' }, password: 'secret' } },
          },
          scope: { project: { name: 'ops', domain: { id: 'default' } } },
        },
      },
    ]);
    expect(asked[0]!.url).toBe('/nova/v2.1/os-services?limit=5');
    expect(asked[0]!.headers).toMatchObject({ 'x-auth-token': 'token-1', 'openstack-api-version': 'compute 2.59' });
  });

  it('logs in with an application credential, which names no project', async () => {
    await client({ credentials: { kind: 'application-credential', id: 'a1', secret: 's' } }).get(QUESTION);
    expect(logIns).toEqual([
      {
        auth: { identity: { methods: ['application_credential'], application_credential: { id: 'a1', secret: 's' } } },
      },
    ]);
  });

  it('finds services by interface and region, with the version that is asked', async () => {
    await client({ interface: 'internal' }).get(QUESTION);
    await client().get({ service: 'neutron', region: 'Two', path: '/ports' });
    await client().get({ service: 'cinder', region: 'One', path: '/volumes/detail' });
    await client().get({ service: 'heat', region: 'One', path: '/stacks', project: 'p2' });
    await client().get({ service: 'keystone', region: 'One', path: '/users' });
    expect(asked.map((request) => request.url)).toEqual([
      '/inner/v2.1/os-services',
      '/neutron/v2.0/ports',
      '/cinder/v3/p1/volumes/detail',
      '/heat/v1/p2/stacks',
      '/v3/users',
    ]);
    expect(await client().regions()).toEqual(['One', 'Two']);
    expect(await client().has('nova', 'Two')).toBe(false);
    const failure = await failureOf(client().get({ ...QUESTION, region: 'Two' }));
    expect([failure.code, failure.message]).toEqual([
      'source-refused',
      'the catalogue has no public endpoint of nova in region Two',
    ]);
  });

  it('shares one token among all who ask, and renews it before it ends', async () => {
    const cloud = client();
    await Promise.all(Array.from({ length: 10 }, () => cloud.get(QUESTION)));
    expect(logIns).toHaveLength(1);
    nowMs += 3_539_000;
    await cloud.get(QUESTION);
    expect(logIns).toHaveLength(1);
    nowMs += 2_000;
    await Promise.all([cloud.get(QUESTION), cloud.get(QUESTION)]);
    expect([logIns.length, tokens().at(-1)]).toEqual([2, 'token-2']);
  });

  it('gets another token once when a service refuses the one it has, and no third', async () => {
    const cloud = client();
    answers = [json(401, {}), OK];
    await cloud.get(QUESTION);
    expect(tokens()).toEqual(['token-1', 'token-2']);
    answers = [json(401, { error: { message: 'The request you have made requires authentication.' } })];
    const failure = await failureOf(cloud.get(QUESTION));
    expect([failure.code, failure.retryable, logIns.length]).toEqual(['source-refused', false, 3]);
    expect(failure.message).toMatch(/status 401: The request you have made requires authentication\.$/);
  });

  it.each<[string, Answer]>([
    ['a busy service', json(503, {})],
    ['a broken one', json(500, {})],
    ['a body that is cut', CUT],
    ['a connection that breaks', (request) => request.socket.destroy()],
    ['no answer in time', () => undefined],
  ])('asks again, with longer pauses, after %s', async (_, trouble) => {
    answers = [trouble, trouble, OK];
    expect(await client().get(QUESTION)).toEqual({ services: [] });
    expect(slept).toEqual([75, 150]);
  });

  it('gives up after so many attempts, and says what the last one met', async () => {
    answers = [json(503, { message: 'maintenance' })];
    const failure = await failureOf(client().get(QUESTION));
    expect([failure.code, failure.retryable, asked.length]).toEqual(['source-unavailable', true, 3]);
    expect(failure.message).toMatch(/\/nova\/v2\.1\/os-services was answered with status 503: maintenance$/);
    expect(failure.message).not.toContain('token');
  });

  it('waits as long as it is asked to, in seconds or until a date, but not for ever', async () => {
    answers = [json(429, {}, { 'Retry-After': '7' }), OK];
    await client().get(QUESTION);
    const date = new Date(nowMs + 9_000).toUTCString();
    answers = [json(429, {}, { 'Retry-After': date }), OK];
    await client().get(QUESTION);
    expect(slept).toEqual([7_000, 9_000]);
    answers = [json(429, {}, { 'Retry-After': '31' })];
    const failure = await failureOf(client().get(QUESTION));
    expect([failure.code, slept.length]).toEqual(['source-unavailable', 2]);
    expect(failure.message).toContain('asks to wait 31 s');
  });

  it('asks without a microversion where the cloud does not know it', async () => {
    answers = [json(406, {}), OK];
    await client().get({ ...QUESTION, microversion: 'compute 2.59' });
    expect(asked.map(({ headers }) => headers['openstack-api-version'])).toEqual(['compute 2.59', undefined]);
  });

  it.each<[string, Answer, string, RegExp]>([
    [
      'a right that is missing',
      json(403, { forbidden: { message: 'Policy says no' } }),
      'source-refused',
      /Policy says no/,
    ],
    [
      'a question that is not taken',
      json(400, { error_message: { faultstring: 'Unknown argument' } }),
      'source-refused',
      /Unknown/,
    ],
    ['another place', json(302, {}, { Location: 'http://127.0.0.1:1/' }), 'source-refused', /status 302/],
    [
      'an answer that is too long',
      (_, response) => response.end('x'.repeat(10_001)),
      'source-unusable',
      /more than 10000/,
    ],
    ['no JSON', (_, response) => response.end('<html>'), 'source-unusable', /no JSON/],
  ])('does not ask again after %s', async (_, answer, code, message) => {
    answers = [answer];
    const failure = await failureOf(client().get(QUESTION));
    expect([failure.code, asked.length]).toEqual([code, 1]);
    expect(failure.message).toMatch(message);
  });

  it('ends at once when it is told to', async () => {
    answers = [() => undefined];
    const ending = new AbortController();
    const asking = client().get(QUESTION, ending.signal);
    setTimeout(() => ending.abort(new Error('enough')), 50);
    await expect(asking).rejects.toThrow('enough');
    await expect(client().get(QUESTION, ending.signal)).rejects.toThrow('enough');
  });
});
