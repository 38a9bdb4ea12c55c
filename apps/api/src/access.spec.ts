import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@wherefore/model';
import { readLocalToken, tokenFile } from './access/localToken';
import { DEFAULT_RULES } from './access/policy';
import { host } from './testing/cloud.sim';
import { keystoneToken, startService, type SmallService } from './testing/identity.sim';
import { startRig, temporaryFolder, type Rig } from './testing/rig.sim';

let rig: Rig | undefined;
let service: SmallService | undefined;
afterEach(async () => {
  await rig?.close();
  await service?.close();
  rig = undefined;
  service = undefined;
});

describe('a server with Keystone', () => {
  async function start(): Promise<Rig> {
    service = await startService(({ method, headers }) => {
      const subject = { 'X-Subject-Token': 'service' };
      if (method === 'POST') return { status: 201, headers: subject, body: keystoneToken('monitor', 'ops', ['admin']) };
      if (headers['x-subject-token'] === 'alices')
        return { status: 200, body: keystoneToken('alice', 'shop', ['member']) };
      return { status: headers['x-subject-token'] === 'broken' ? 500 : 404 };
    });
    const keystone = { url: `${service.url}/v3`, password: 'secret' };
    return (rig = await startRig({ auth: { mode: 'keystone' }, keystone }));
  }

  it('refuses whoever does not say who it is, in the words of Keystone', async () => {
    const { get, send } = await start();
    const refused = await get('/v1/alarm/');
    expect(refused.status).toBe(401);
    expect(refused.body).toMatchObject({
      error: {
        code: 401,
        title: 'Unauthorized',
        message: 'The request you have made requires authentication.',
      },
    });
    expect(refused.headers.get('www-authenticate')).toBe(`Keystone uri='${service!.url}/v3'`);
    expect(refused.position).toMatch(/^1\.\d+\.0$/);
    expect((await get('/v1/nosuch')).status).toBe(401);
    expect((await get('/V1/alarm')).status).toBe(401);
    expect((await send('POST', '/v1/event/', '{bad')).status).toBe(401);
    expect((await get('/v1/alarm/', { 'x-auth-token': 'wrong' })).status).toBe(401);
    for (const path of ['/', '/healthcheck', '/healthz', '/readyz']) expect((await get(path)).status).toBe(200);
  });

  it('answers whoever bears a token, and believes no header beside it', async () => {
    const { get } = await start();
    const headers = { 'x-auth-token': 'alices', 'x-project-id': 'bank', 'x-roles': 'admin', 'x-user-name': 'admin' };
    expect((await get('/v1/alarm/', headers)).status).toBe(200);
    expect((await get('/v1/alarm/?all_tenants=1', headers)).status).toBe(403);
    expect((await get('/v1/alarm/', { 'x-auth-token': 'broken' })).status).toBe(503);
  });

  it('takes a name and a password where events are posted', async () => {
    const { send } = await start();
    const authorization = `Basic ${Buffer.from('monitor:secret').toString('base64')}`;
    expect((await send('POST', '/v1/event', host('host-1'), { authorization })).status).toBe(200);
    expect((await send('POST', '/v1/event/', host('host-1'), { authorization })).status).toBe(401);
  });
});

describe('a server that others can reach', () => {
  it('wants the token of its store, which only its owner can read', async () => {
    rig = await startRig({ server: { host: '0.0.0.0', port: 0 } });
    const { folder } = rig.config.store;
    expect(statSync(tokenFile(folder)).mode & 0o777).toBe(0o600);
    const token = readLocalToken(folder)!;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await rig.get('/v1/alarm/')).status).toBe(401);
    expect((await rig.get('/v1/alarm/', { 'x-auth-token': `${token}x` })).status).toBe(401);
    expect((await rig.get('/v1/alarm/?all_tenants=1', { 'x-auth-token': token })).status).toBe(200);
    expect((await rig.get('/v1/rejected', { authorization: `Bearer ${token}` })).status).toBe(200);
  });
});

describe('a policy', () => {
  it('is asked before anything is done, by every endpoint', async () => {
    const { folder, remove } = temporaryFolder();
    const policyFile = join(folder, 'policy.json');
    writeFileSync(
      policyFile,
      JSON.stringify(Object.fromEntries(Object.keys(DEFAULT_RULES).map((name) => [name, '!']))),
    );
    rig = await startRig({ auth: { mode: 'noauth', policyFile } });
    const headers = { 'x-project-id': 'p', 'x-roles': 'admin' };
    for (const [method, path] of ENDPOINTS) {
      const body = method === 'GET' ? undefined : {};
      const reply = body === undefined ? await rig.get(path, headers) : await rig.send(method, path, body, headers);
      expect([method, path, reply.status]).toEqual([method, path, 403]);
    }
    expect((await rig.send('POST', '/v1/event', '{bad', headers)).status).toBe(400);
    const { refusalCount, shelf, graph } = rig.server.node.state;
    expect([refusalCount, shelf.list(), graph.vertexCount]).toEqual([0, [], 0]);
    expect(await rig.server.node.webhooks.list()).toEqual([]);
    remove();
  });

  const ENDPOINTS = [
    ['GET', '/v1/status'],
    ['GET', '/v1/alarm/'],
    ['GET', '/v1/alarm/count'],
    ['POST', '/v1/alarm/count'],
    ['GET', '/v1/alarm/history'],
    ['GET', '/v1/alarm/x'],
    ['GET', '/v1/rca/x'],
    ['GET', '/v1/rca/?alarm_id=x'],
    ['POST', '/v1/topology/'],
    ['GET', '/v1/resources/'],
    ['POST', '/v1/resources/'],
    ['POST', '/v1/resources/count'],
    ['GET', '/v1/resources/x'],
    ['POST', '/v1/event/'],
    ['GET', '/v1/template/'],
    ['GET', '/v1/template/x'],
    ['PUT', '/v1/template/'],
    ['POST', '/v1/template/'],
    ['DELETE', '/v1/template/'],
    ['GET', '/v1/webhook/'],
    ['GET', '/v1/webhook/x'],
    ['POST', '/v1/webhook/'],
    ['DELETE', '/v1/webhook/x'],
    ['GET', '/v1/service/'],
    ['GET', '/v1/why?alarm=x'],
    ['GET', '/v1/answers/alarms'],
    ['GET', '/v1/answers/resources'],
    ['GET', '/v1/answers/graph'],
    ['GET', '/v1/answers/templates'],
    ['GET', '/v1/answers/summary'],
    ['GET', '/v1/answers/diff?from=2026-11-21'],
    ['GET', '/v1/answers/log'],
    ['GET', '/v1/rejected'],
    ['GET', '/v1/snapshots'],
  ] as const;
});

describe('every answer', () => {
  it('has an id of its own, a position, and headers that protect whoever reads it', async () => {
    rig = await startRig();
    const replies = [await rig.get('/v1/status'), await rig.get('/v1/nosuch'), await rig.get('/')];
    const idsOf = replies.map(({ headers }) => headers.get('x-openstack-request-id'));
    expect(new Set(idsOf).size).toBe(3);
    for (const { headers, position } of replies) {
      expect(headers.get('x-openstack-request-id')).toMatch(/^req-[0-9a-f-]{36}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('x-powered-by')).toBeNull();
      expect(position).toMatch(/^1\.\d+\.0$/);
    }
  });

  it('comes at most as often as configured', async () => {
    rig = await startRig({ server: { port: 0, requestsPerSecond: 2 } });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await rig.get('/v1/status')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    const limited = await rig.get('/v1/status');
    expect(limited.headers.get('retry-after')).toBe('1');
    expect(limited.body).toMatchObject({ error: { code: 'rate-limited' } });
    rig.clock.pass(1_000);
    expect((await rig.get('/v1/status')).status).toBe(200);
  });

  it('may be read by web pages of configured origins only', async () => {
    rig = await startRig({ server: { port: 0, corsOrigins: ['https://dashboard.example'] } });
    const asked = (origin: string) => rig!.get('/v1/status', { origin });
    expect((await asked('https://dashboard.example')).headers.get('access-control-allow-origin')).toBe(
      'https://dashboard.example',
    );
    expect((await asked('https://evil.example')).status).toBe(403);
    const preflight = await fetch(`${rig.server.url}/v1/topology/`, {
      method: 'OPTIONS',
      headers: { 'origin': 'https://dashboard.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET,POST,PUT,DELETE',
    ]);
  });

  it('may be asked for at or after a position, and at a past one', async () => {
    rig = await startRig();
    const { position: before } = await rig.get('/v1/status');
    const written = await rig.send('POST', '/v1/event/', host('host-1'));
    const minimum = { 'x-wherefore-min-position': written.position! };
    const list = (query: string, headers = {}) => rig!.get(`/v1/resources/?resource_type=nova.host${query}`, headers);
    expect((await list('', minimum)).body).toHaveLength(1);
    const past = await list(`&at=${before!}`, minimum);
    expect([past.body, past.position]).toEqual([[], before]);
    expect((await list(`&at=${written.position!}`)).body).toHaveLength(1);
    expect((await list('&at=9.9.9')).status).toBe(400);
    expect((await list('', { 'x-wherefore-min-position': 'soon' })).status).toBe(400);
    const waiting = list('', { 'x-wherefore-min-position': '1.3.0' });
    await rig.server.node.tick();
    expect((await waiting).status).toBe(200);
    const never = await list('', { 'x-wherefore-min-position': '9.9.9' });
    expect([never.status, (never.body as JsonObject)['error']]).toMatchObject([503, { code: 'position-not-reached' }]);
  }, 30_000);
});
