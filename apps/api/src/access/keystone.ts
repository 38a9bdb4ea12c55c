import { WhereforeError } from '@wherefore/model';
import { HeldToken, type IssuedToken, readToken, type TokenFacts, tokenRequest } from '@wherefore/openstack';
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

/** Where a name and a password do as well, as in Vitrage: exactly this, without a slash at its end. */
const BASIC_PATH = '/v1/event';

/** Validates tokens of Keystone (v3), without their catalogs. */
export class Keystone implements Authenticator {
  readonly challenge: string;
  private readonly cache: TokenCache;
  private readonly passwords: TokenCache;
  /** Our own. */
  private readonly service: HeldToken;

  constructor(
    private readonly settings: KeystoneSettings,
    clock: Clock,
  ) {
    this.challenge = `Keystone uri='${settings.url}'`;
    this.cache = new TokenCache(clock, settings.cacheSeconds * 1000);
    this.passwords = new TokenCache(clock, settings.cacheSeconds * 1000);
    this.service = new HeldToken(() => this.logInAsService(), clock);
  }

  async authenticate(credentials: Credentials): Promise<Caller> {
    const token = bearerToken(credentials);
    if (token !== undefined) return this.cache.callerOf(token, () => this.validate(headerSafe(token)));
    const basic = credentials.path === BASIC_PATH ? basicOf(credentials) : undefined;
    if (basic === undefined) throw unauthenticated();
    return this.passwords.callerOf(`${basic.username}\n${basic.password}`, () => this.exchange(basic));
  }

  private async validate(token: string): Promise<Validated> {
    let service = await this.service.current();
    let reply = await this.askAbout(token, service.token);
    if (reply.status === 401) {
      // Our own token was revoked, or Keystone forgot it: once more with a new one.
      await this.service.forget(service.token);
      service = await this.service.current();
      reply = await this.askAbout(token, service.token);
    }
    if (reply.status === 200) return validated(reply);
    if (reply.status === 404) throw unauthenticated('The token is not valid.');
    throw unavailable(`a validation was answered with status ${reply.status}`);
  }

  private askAbout(token: string, serviceToken: string): Promise<IdentityReply> {
    const headers = {
      'X-Auth-Token': serviceToken,
      'X-Subject-Token': token,
      'Accept': 'application/json',
    };
    return askIdentity(`${this.settings.url}/auth/tokens?nocatalog`, { headers });
  }

  private async exchange(basic: Basic): Promise<Validated> {
    const reply = await this.logIn(basic);
    if (reply.status === 201) return validated(reply);
    if (reply.status === 401) throw unauthenticated();
    throw unavailable(`a log-in was answered with status ${reply.status}`);
  }

  private logIn({ username, password }: Basic): Promise<IdentityReply> {
    const { userDomainId, projectDomainId, projectName } = this.settings;
    const body = tokenRequest({
      kind: 'password',
      user: { name: username, domainId: userDomainId },
      password,
      project: { name: projectName, domainId: projectDomainId },
    });
    return askIdentity(`${this.settings.url}/auth/tokens?nocatalog`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'Accept': 'application/json' },
    });
  }

  private async logInAsService(): Promise<IssuedToken> {
    const reply = await this.logIn(this.settings);
    const token = reply.headers.get('x-subject-token');
    if (reply.status !== 201 || token === null) {
      throw unavailable(`Keystone answers keystone.username with status ${reply.status}`);
    }
    return { token, facts: factsIn(reply) };
  }
}

function validated(reply: IdentityReply): Validated {
  const { userId, userName, projectId, roles, expiresAtMs } = factsIn(reply);
  return { caller: { userId, userName, projectId, roles, isOperator: false }, expiresAtMs };
}

function factsIn({ body }: IdentityReply): TokenFacts {
  const facts = readToken(body);
  if (typeof facts === 'string') throw unavailable(`Keystone answered with ${facts}`);
  return facts;
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

function unavailable(what: string): WhereforeError {
  return new WhereforeError('identity-unavailable', 'The identity service cannot be used.', {
    hint: 'The operator finds the reason in the log of this server.',
    retryable: true,
    cause: new Error(what),
  });
}
