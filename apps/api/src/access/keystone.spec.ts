import { WhereforeError, isJsonObject, type JsonObject } from '@wherefore/model';
import {
  UNAUTHORISED,
  keystoneToken,
  startService,
  type SeenRequest,
  type ServiceReply,
  type SmallService,
} from '../testing/identity.sim';
import { START_MS } from '../testing/rig.sim';
import { Keystone } from './keystone';

let service: SmallService;
let keystone: Keystone;
let nowMs = START_MS;
let users: { [token: string]: JsonObject };
let serviceTokens: string[];
let isBroken = false;

beforeEach(async () => {
  nowMs = START_MS;
  isBroken = false;
  serviceTokens = [];
  users = {
    'alices': keystoneToken('alice', 'shop', ['member', 'reader']),
    'roots': keystoneToken('root', undefined, ['admin']),
  };
  service = await startService(answer);
  const settings = { username: 'wherefore', password: 'secret', projectName: 'service' };
  const domains = { userDomainId: 'default', projectDomainId: 'default' };
  keystone = new Keystone(
    { url: `${service.url}/v3`, ...settings, ...domains, cacheSeconds: 60 },
    { nowMs: () => nowMs },
  );
});
afterEach(() => service.close());

/** Issues a token to the service account and to alice, and validates what it issued. */
function answer({ method, url, headers, body }: SeenRequest): ServiceReply {
  if (isBroken || url !== '/v3/auth/tokens?nocatalog') return { status: 503 };
  if (method === 'POST') {
    const { name, password } = userOf(body as JsonObject);
    if (password !== 'secret') return { status: 401, body: UNAUTHORISED };
    const token = `token-${service.seen.length}`;
    serviceTokens.push(token);
    return { status: 201, headers: { 'X-Subject-Token': token }, body: keystoneToken(name, 'service', ['service']) };
  }
  if (!serviceTokens.includes(String(headers['x-auth-token']))) return { status: 401, body: UNAUTHORISED };
  const found = users[String(headers['x-subject-token'])];
  return found === undefined ? { status: 404 } : { status: 200, body: found };
}

function userOf(body: JsonObject): { readonly name: string; readonly password: string } {
  const { auth } = body as { auth: { identity: { password: { user: { name: string; password: string } } } } };
  return auth.identity.password.user;
}

const ask = (headers: { readonly [name: string]: string }, path = '/v1/alarm/') =>
  keystone.authenticate({ headers, path });

async function codeOf(asking: Promise<unknown>): Promise<string> {
  const error: unknown = await asking.then(
    () => 'none',
    (thrown: unknown) => thrown,
  );
  return error instanceof WhereforeError ? error.code : String(error);
}

const validations = () => service.seen.filter(({ method }) => method === 'GET').length;

describe('a token of Keystone', () => {
  it('says who asks, for which project, and in which roles', async () => {
    expect(await ask({ 'x-auth-token': 'alices' })).toEqual({
      userId: 'id-of-alice',
      userName: 'alice',
      projectId: 'shop',
      roles: ['member', 'reader'],
      isOperator: false,
    });
    expect(await ask({ authorization: 'Bearer roots' })).toMatchObject({ projectId: undefined, roles: ['admin'] });
    expect(service.seen.every(({ url }) => url.endsWith('?nocatalog'))).toBe(true);
  });

  it('is validated once, by many requests at a time and for a while', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask({ 'x-auth-token': 'alices' })));
    nowMs += 59_000;
    await ask({ 'x-auth-token': 'alices' });
    expect(validations()).toBe(1);
    nowMs += 2_000;
    await ask({ 'x-auth-token': 'alices' });
    expect(validations()).toBe(2);
  });

  it('that was revoked is refused once it is asked about again', async () => {
    await ask({ 'x-auth-token': 'alices' });
    delete users['alices'];
    await ask({ 'x-auth-token': 'alices' });
    nowMs += 61_000;
    expect(await codeOf(ask({ 'x-auth-token': 'alices' }))).toBe('unauthenticated');
  });

  it('that has expired is refused, also while it is remembered', async () => {
    nowMs = Date.parse('2026-11-21T17:59:50Z');
    await ask({ 'x-auth-token': 'alices' });
    nowMs += 11_000;
    expect(await codeOf(ask({ 'x-auth-token': 'alices' }))).toBe('unauthenticated');
  });

  it.each(['nobodys', 'no\nheader', ''])('that reads %j is refused', async (token) => {
    expect(await codeOf(ask({ 'x-auth-token': token }))).toBe('unauthenticated');
  });

  it('is validated with a new token of ours where the old one is no longer good', async () => {
    await ask({ 'x-auth-token': 'alices' });
    serviceTokens = [];
    await ask({ 'x-auth-token': 'roots' });
    expect(service.seen.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });
});

describe('a Keystone that does not answer', () => {
  it('is no reason to refuse a token, nor to believe it', async () => {
    isBroken = true;
    expect(await codeOf(ask({ 'x-auth-token': 'alices' }))).toBe('identity-unavailable');
    isBroken = false;
    expect(await ask({ 'x-auth-token': 'alices' })).toMatchObject({ userName: 'alice' });
    isBroken = true;
    expect(await ask({ 'x-auth-token': 'alices' })).toMatchObject({ userName: 'alice' });
  });
});

describe('a name and a password', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('do for posting events, there exactly', async () => {
    expect(await ask(basic('monitor:secret'), '/v1/event')).toMatchObject({
      userName: 'monitor',
      projectId: 'service',
    });
    expect(await codeOf(ask(basic('monitor:secret'), '/v1/event/'))).toBe('unauthenticated');
    expect(await codeOf(ask(basic('monitor:secret'), '/v1/alarm'))).toBe('unauthenticated');
    expect(await codeOf(ask(basic('monitor:wrong'), '/v1/event'))).toBe('unauthenticated');
    expect(await codeOf(ask({ authorization: 'Basic !' }, '/v1/event'))).toBe('unauthenticated');
    const { seen } = service;
    expect(seen.every(({ body }) => body === null || isJsonObject(body))).toBe(true);
  });

  it('are exchanged once for many events', async () => {
    for (let i = 0; i < 5; i++) await ask(basic('monitor:secret'), '/v1/event');
    expect(service.seen).toHaveLength(1);
  });
});
