import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { WhereforeError, type Json } from '@wherefore/model';
import { SignJWT, exportJWK, type JWTPayload } from 'jose';
import { startService, type ServiceReply, type SmallService } from '../testing/identity.sim';
import { START_MS } from '../testing/rig.sim';
import { Keycloak, type KeycloakSettings } from './keycloak';

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function makeKey(kid: string): Key {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

const first = makeKey('first');
const second = makeKey('second');
let published: readonly Key[];
let jwks: Json = {};
let service: SmallService;
let nowMs = START_MS;

async function publish(keys: readonly Key[]): Promise<void> {
  published = keys;
  const described = published.map(async ({ kid, publicKey }) => ({
    ...(await exportJWK(publicKey)),
    kid,
    alg: 'RS256',
    use: 'sig',
  }));
  jwks = { keys: (await Promise.all(described)) as unknown as Json };
}

beforeEach(async () => {
  nowMs = START_MS;
  await publish([first]);
  service = await startService(({ url, headers }): ServiceReply => {
    if (url === '/auth/realms/shop/protocol/openid-connect/certs') return { status: 200, body: jwks };
    if (url === '/userinfo') return { status: headers.authorization?.includes('.') ? 200 : 401 };
    return { status: 404, body: { error: 'Realm does not exist' } };
  });
});
afterEach(() => service.close());

function keycloak(more: Partial<KeycloakSettings> = {}): Keycloak {
  return new Keycloak({ url: `${service.url}/auth`, cacheSeconds: 60, ...more }, { nowMs: () => nowMs });
}

function sign(claims: JWTPayload = {}, key = first, alg = 'RS256'): Promise<string> {
  return new SignJWT({
    iss: `${service.url}/auth/realms/shop`,
    sub: 'id-of-alice',
    aud: 'account',
    preferred_username: 'alice',
    realm_access: { roles: ['member', 'admin'] },
    exp: Math.floor(START_MS / 1000) + 300,
    ...claims,
  })
    .setProtectedHeader({ alg, kid: key.kid })
    .sign(key.privateKey);
}

const ask = (server: Keycloak, token: string) =>
  server.authenticate({ headers: { 'x-auth-token': token }, path: '/v1/' });

async function failureOf(asking: Promise<unknown>): Promise<string> {
  const error: unknown = await asking.then(
    () => 'none',
    (thrown: unknown) => thrown,
  );
  return error instanceof WhereforeError ? error.code : String(error);
}

describe('a token of Keycloak', () => {
  it('says who asks; the realm is the tenant', async () => {
    expect(await ask(keycloak(), await sign())).toEqual({
      userId: 'id-of-alice',
      userName: 'alice',
      projectId: 'shop',
      roles: ['member', 'admin'],
      isOperator: false,
    });
  });

  it('is needed, and the message says in which header', async () => {
    const asking = keycloak().authenticate({ headers: {}, path: '/v1/' });
    await expect(asking).rejects.toThrow('Auth token must be provided in "X-Auth-Token" header.');
  });

  it('is refused when anything about it is wrong', async () => {
    const good = await sign();
    const [head, , signature] = good.split('.') as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ iss: 'x/realms/shop', exp: 9e9 })).toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]!}.`;
    const tokens = [
      'nonsense',
      `${head}.${forged}.${signature}`,
      unsigned,
      await sign({}, second),
      await sign({}, { ...second, kid: 'first' }),
      await sign({}, first, 'RS512'),
      await sign({ exp: Math.floor(START_MS / 1000) - 1 }),
      await sign({ iss: `${service.url}/auth/realms/elsewhere` }),
      await sign({ iss: `${service.url}/auth/realms/../shop` }),
    ];
    for (const token of tokens) expect(await failureOf(ask(keycloak(), token))).toBe('unauthenticated');
  });

  it('may have to come from one issuer, and be for one audience', async () => {
    const token = await sign();
    const of = (issuer: string, audience?: string) =>
      failureOf(ask(keycloak({ issuer, ...(audience === undefined ? {} : { audience }) }), token));
    expect(await of(`${service.url}/auth/realms/%s`)).toBe('none');
    expect(await of('https://elsewhere/realms/%s')).toBe('unauthenticated');
    expect(await of(`${service.url}/auth/realms/%s`, 'account')).toBe('none');
    expect(await of(`${service.url}/auth/realms/%s`, 'other')).toBe('unauthenticated');
  });

  it('that a new key signed is good once the realm has published it', async () => {
    const server = keycloak();
    await ask(server, await sign());
    await publish([first, second]);
    nowMs += 11_000;
    expect(await failureOf(ask(server, await sign({}, second)))).toBe('none');
    expect(service.seen).toHaveLength(2);
  });

  it('may be confirmed by userinfo instead, once for a while', async () => {
    const server = keycloak({ userInfoUrl: `${service.url}/userinfo` });
    const token = await sign({}, second);
    for (let i = 0; i < 5; i++) expect(await ask(server, token)).toMatchObject({ projectId: 'shop' });
    expect(service.seen.map(({ url }) => url)).toEqual(['/userinfo']);
  });
});

it('a Keycloak that does not answer is no reason to refuse a token', async () => {
  const token = await sign();
  const server = keycloak({ url: 'http://127.0.0.1:9/auth' });
  expect(await failureOf(ask(server, token))).toBe('identity-unavailable');
});
