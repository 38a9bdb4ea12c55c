import { WhereforeError, isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import { bearerToken, oneHeader, unauthenticated, type Authenticator, type Credentials } from './authenticator';
import type { Caller } from './caller';
import { askIdentity, type IdentityReply } from './identityService';
import { TokenCache, type Validated } from './tokenCache';

/** How to reach a Keystone, and as whom. */
export interface KeystoneSettings {
  /** Such as `http://controller:5000/v3`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  readonly userDomainId: string;
  readonly projectDomainId: string;
  /** How long a validated token is believed. */
  readonly cacheSeconds: number;
}

/** Renewed so long before it ends: a validation under way must not outlive it. */
const RENEWED_BEFORE_MS = 60_000;
/** Where a name and a password do as well, as in Vitrage: exactly this, without a slash at its end. */
const BASIC_PATH = '/v1/event';

/** Validates tokens of Keystone (v3), without their catalogs. */
export class Keystone implements Authenticator {
  readonly challenge: string;
  private readonly cache: TokenCache;
  private readonly passwords: TokenCache;
  private service: Promise<{ readonly token: string; readonly expiresAtMs: number }> | undefined;

  constructor(
    private readonly settings: KeystoneSettings,
    private readonly clock: Clock,
  ) {
    this.challenge = `Keystone uri='${settings.url}'`;
    this.cache = new TokenCache(clock, settings.cacheSeconds * 1000);
    this.passwords = new TokenCache(clock, settings.cacheSeconds * 1000);
  }

  async authenticate(credentials: Credentials): Promise<Caller> {
    const token = bearerToken(credentials);
    if (token !== undefined) return this.cache.callerOf(token, () => this.validate(token));
    const basic = credentials.path === BASIC_PATH ? basicOf(credentials) : undefined;
    if (basic === undefined) throw unauthenticated();
    return this.passwords.callerOf(`${basic.username}\n${basic.password}`, () => this.exchange(basic));
  }

  private async validate(token: string): Promise<Validated> {
    let reply = await this.askAbout(token);
    if (reply.status === 401) {
      // Our own token was revoked, or Keystone forgot it: once more with a new one.
      this.service = undefined;
      reply = await this.askAbout(token);
    }
    if (reply.status === 200) return this.validated(reply);
    if (reply.status === 404) throw unauthenticated('The token is not valid.');
    throw unavailable(`a validation was answered with status ${reply.status}`);
  }

  private async askAbout(token: string): Promise<IdentityReply> {
    const { token: serviceToken } = await this.serviceToken();
    const headers = {
      'X-Auth-Token': serviceToken,
      'X-Subject-Token': headerSafe(token),
      'Accept': 'application/json',
    };
    return askIdentity(`${this.settings.url}/auth/tokens?nocatalog`, { headers });
  }

  private async exchange(basic: Basic): Promise<Validated> {
    const reply = await this.logIn(basic);
    if (reply.status === 201) return this.validated(reply);
    if (reply.status === 401) throw unauthenticated();
    throw unavailable(`a log-in was answered with status ${reply.status}`);
  }

  private logIn({ username, password }: Basic): Promise<IdentityReply> {
    const { userDomainId, projectDomainId, projectName } = this.settings;
    const user = { name: username, domain: { id: userDomainId }, password };
    const body = {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: projectName, domain: { id: projectDomainId } } },
      },
    };
    return askIdentity(`${this.settings.url}/auth/tokens?nocatalog`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'Accept': 'application/json' },
    });
  }

  /** Our own token, got once and kept while it is good. */
  private async serviceToken(): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const current = await this.service?.catch(() => undefined);
    if (current !== undefined && current.expiresAtMs - RENEWED_BEFORE_MS > this.clock.nowMs()) return current;
    return (this.service = this.logInAsService());
  }

  private async logInAsService(): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const reply = await this.logIn(this.settings);
    const token = reply.headers.get('x-subject-token');
    if (reply.status !== 201 || token === null) {
      throw unavailable(`Keystone answers keystone.username with status ${reply.status}`);
    }
    return { token, expiresAtMs: this.validated(reply).expiresAtMs };
  }

  private validated({ body }: IdentityReply): Validated {
    const token = isJsonObject(body) ? body['token'] : undefined;
    if (!isJsonObject(token)) throw unavailable('Keystone answered with no token');
    const expiresAtMs = Date.parse(textOf(token['expires_at']) ?? '');
    if (Number.isNaN(expiresAtMs)) throw unavailable('Keystone answered with a token without an end');
    const user = memberOf(token, 'user');
    const project = memberOf(token, 'project');
    const roles = Array.isArray(token['roles']) ? (token['roles'] as readonly Json[]) : [];
    const caller: Caller = {
      userId: textOf(user['id']),
      userName: textOf(user['name']),
      projectId: textOf(project['id']),
      roles: roles.flatMap((role) => (isJsonObject(role) ? [textOf(role['name']) ?? ''] : [])),
      isOperator: false,
    };
    return { caller, expiresAtMs };
  }
}

interface Basic {
  readonly username: string;
  readonly password: string;
}

function basicOf({ headers }: Credentials): Basic | undefined {
  const match = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(oneHeader(headers, 'authorization') ?? '');
  const text = match === null ? '' : Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon <= 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A token goes into a header as it is; anything that no header may hold is no token. */
function headerSafe(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw unauthenticated('The token is not valid.');
}

function memberOf(token: JsonObject, name: string): JsonObject {
  const member = token[name];
  return isJsonObject(member) ? member : {};
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function unavailable(what: string): WhereforeError {
  return new WhereforeError('identity-unavailable', 'The identity service cannot be used.', {
    hint: 'The operator finds the reason in the log of this server.',
    retryable: true,
    cause: new Error(what),
  });
}
