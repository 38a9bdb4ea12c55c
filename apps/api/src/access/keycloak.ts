import { isJsonObject, type Json } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { bearerToken, unauthenticated, type Authenticator, type Credentials } from './authenticator';
import type { Caller } from './caller';
import { askIdentity } from './identityService';
import { TokenCache, type Validated } from './tokenCache';

/** How to reach a Keycloak, and what its tokens have to say. */
export interface KeycloakSettings {
  /** Such as `http://keycloak:9080/auth`; realms are below it. */
  readonly url: string;
  /** Where tokens are shown to have them confirmed. Default: they are checked by the keys of their realm. */
  readonly userInfoUrl?: string;
  /** What `iss` has to be, `%s` being the realm. Default: anything that ends in `/realms/<realm>`. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly cacheSeconds: number;
}

const MISSING = 'Auth token must be provided in "X-Auth-Token" header.';
const INVALID = 'The token is not valid.';
const REALMS_MAX = 32;
const KEYS_KEPT_MS = 10 * 60_000;
/** A key that is not known is looked for again, but not for each request that names one. */
const KEYS_PAUSE_MS = 10_000;

interface RealmKeys {
  readonly keys: Promise<ReturnType<typeof createLocalJWKSet>>;
  readonly fetchedAtMs: number;
}

/** Validates access tokens of Keycloak: RS256, by the keys of their realm or by userinfo. */
export class Keycloak implements Authenticator {
  readonly challenge: string;
  private readonly cache: TokenCache;
  private readonly realms = new Map<string, RealmKeys>();

  constructor(
    private readonly settings: KeycloakSettings,
    private readonly clock: Clock,
  ) {
    this.challenge = `Keycloak uri='${settings.url}'`;
    this.cache = new TokenCache(clock, settings.cacheSeconds * 1000);
  }

  async authenticate(credentials: Credentials): Promise<Caller> {
    const token = bearerToken(credentials);
    if (token === undefined) throw unauthenticated(MISSING);
    return this.cache.callerOf(token, () => this.validate(token));
  }

  private async validate(token: string): Promise<Validated> {
    const claims = readClaims(token);
    const realm = realmOf(claims);
    const { issuer, userInfoUrl, audience } = this.settings;
    if (issuer !== undefined && claims.iss !== issuer.replaceAll('%s', realm)) throw unauthenticated(INVALID);
    if (audience !== undefined && ![claims.aud].flat().includes(audience)) throw unauthenticated(INVALID);
    if (userInfoUrl === undefined) await this.verify(token, realm);
    else await this.confirm(token, userInfoUrl);
    if (typeof claims.exp !== 'number') throw unauthenticated(INVALID);
    return { caller: callerOf(claims, realm), expiresAtMs: claims.exp * 1000 };
  }

  private async confirm(token: string, url: string): Promise<void> {
    const { status } = await askIdentity(url, { headers: { Authorization: `Bearer ${token}` } });
    if (status !== 200) throw unauthenticated(INVALID);
  }

  private async verify(token: string, realm: string): Promise<void> {
    const check = async (keys: RealmKeys): Promise<void> => {
      const options = { algorithms: ['RS256'], currentDate: new Date(this.clock.nowMs()) };
      await jwtVerify(token, await keys.keys, options);
    };
    const known = this.keysOf(realm, KEYS_KEPT_MS);
    try {
      await check(known);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      const isUnknownKey = error instanceof errors.JWKSNoMatchingKey;
      const renewed = isUnknownKey ? this.keysOf(realm, KEYS_PAUSE_MS) : known;
      if (renewed === known) throw unauthenticated(INVALID, error);
      await check(renewed).catch((again: unknown) => {
        throw again instanceof errors.JOSEError ? unauthenticated(INVALID, again) : again;
      });
    }
  }

  private keysOf(realm: string, keptMs: number): RealmKeys {
    const nowMs = this.clock.nowMs();
    const found = this.realms.get(realm);
    if (found !== undefined && nowMs - found.fetchedAtMs < keptMs) return found;
    const fetched = { keys: this.fetchKeys(realm), fetchedAtMs: nowMs };
    // A realm that does not exist is not remembered: its name comes from whoever sends the token.
    fetched.keys.catch(() => this.realms.delete(realm));
    this.realms.delete(realm);
    this.realms.set(realm, fetched);
    if (this.realms.size > REALMS_MAX) this.realms.delete([...this.realms.keys()][0]!);
    return fetched;
  }

  private async fetchKeys(realm: string): Promise<ReturnType<typeof createLocalJWKSet>> {
    const url = `${this.settings.url}/realms/${realm}/protocol/openid-connect/certs`;
    const { status, body } = await askIdentity(url, { headers: { Accept: 'application/json' } });
    if (status !== 200 || !isJsonObject(body) || !Array.isArray(body['keys'])) throw unauthenticated(INVALID);
    return createLocalJWKSet(body as unknown as JSONWebKeySet);
  }
}

function readClaims(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch (cause) {
    throw unauthenticated(INVALID, cause);
  }
}

/** The realm names a path of our own Keycloak, so it is no more than a name. */
function realmOf({ iss }: JWTPayload): string {
  const match = /\/realms\/([A-Za-z0-9_-][A-Za-z0-9._-]{0,127})$/.exec(iss ?? '');
  if (match === null) throw unauthenticated(INVALID);
  return match[1]!;
}

/** As Vitrage: the tenant is the realm. */
function callerOf(claims: JWTPayload, realm: string): Caller {
  const access = claims['realm_access'] as Json | undefined;
  const roles = isJsonObject(access) && Array.isArray(access['roles']) ? (access['roles'] as readonly Json[]) : [];
  const name = claims['preferred_username'];
  return {
    userId: claims.sub,
    userName: typeof name === 'string' ? name : undefined,
    projectId: realm,
    roles: roles.filter((role) => typeof role === 'string'),
    isOperator: false,
  };
}
