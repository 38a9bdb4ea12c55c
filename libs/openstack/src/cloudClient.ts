import { abridged, isJsonObject, type Json, readJson, WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import type { EndpointInterface, ServiceName } from './catalogue';
import { HeldToken, type IssuedToken } from './heldToken';
import { type HttpAnswer, type HttpClient, type HttpRequest, nameOf } from './httpClient';
import { type Credentials, readToken, type TokenFacts, tokenRequest } from './identity';
import { type Patience, pauseMs, retryAfterMs } from './patience';

export interface CloudSettings {
  /** Keystone's, with its version: `https://controller:5000/v3`. */
  readonly authUrl: string;
  readonly credentials: Credentials;
  readonly interface: EndpointInterface;
  readonly patience: Patience;
  /** A server that asks us to wait longer has refused us for now. */
  readonly retryAfterMaxMs: number;
}

export interface CloudQuestion {
  readonly service: ServiceName;
  readonly region: string;
  /** Below the service's address, which ends with its version: `/servers/detail`. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  /** Another project than our own, for a service whose address ends with the project: Heat. */
  readonly project?: string;
  /** Of the service, such as `compute 2.59`. Where the cloud does not know it, the oldest one is asked. */
  readonly microversion?: string;
}

/** What happens on the way, for whoever counts. */
export interface CloudWatch {
  answered?(service: ServiceName | 'token', status: number): void;
  /** Another attempt follows. */
  retried?(service: ServiceName | 'token', why: string): void;
  loggedIn?(facts: { readonly userName: string | undefined; readonly roles: readonly string[] }): void;
}

/** An attempt that may be repeated, and how long the server asks to wait. */
interface Trouble {
  readonly trouble: WhereforeError;
  readonly askedMs: number;
}

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
const REASON_CHARS_MAX = 300;

/**
 * Asks the services of one cloud, as one user: logs in to Keystone, finds the services in its catalogue, renews the
 * token before it ends and when it is refused, and tries again what may be transient.
 */
export class CloudClient {
  private readonly token: HeldToken;

  constructor(
    private readonly http: HttpClient,
    private readonly settings: CloudSettings,
    private readonly timer: Timer,
    private readonly random: () => number,
    private readonly watch: CloudWatch = {},
  ) {
    this.token = new HeldToken(() => this.logIn(), timer);
  }

  /** The regions of the catalogue. Rejects as `get`. */
  async regions(): Promise<readonly string[]> {
    return (await this.token.current()).facts.catalogue.regions();
  }

  /** Whether the catalogue has the service in that region. Rejects as `get`. */
  async has(service: ServiceName, region: string): Promise<boolean> {
    const { facts } = await this.token.current();
    return facts.catalogue.urlOf(service, this.settings.interface, region) !== undefined;
  }

  /**
   * The JSON that a service answers with status 200 (or 203). Rejects `source-unavailable` (retryable), when attempts did not
   * help; `source-refused`, when it will not answer this user or this question; `source-unusable`, when what it
   * answers is no JSON, or too long; with the signal's reason when that aborts.
   */
  async get(question: CloudQuestion, signal?: AbortSignal): Promise<Json> {
    let isTokenNew = false;
    let { microversion } = question;
    for (;;) {
      const { token, facts } = await this.token.current();
      const url = this.addressOf(question, facts);
      const headers: Record<string, string> = { 'X-Auth-Token': token, 'Accept': 'application/json' };
      if (microversion !== undefined) headers['OpenStack-API-Version'] = microversion;
      const request: HttpRequest = { method: 'GET', url, headers };
      const answer = await this.patiently(question.service, request, signal);
      if (answer.status === 200 || answer.status === 203) return jsonOf(answer, request);
      if (answer.status === 401 && !isTokenNew) {
        // Revoked, or Keystone's keys were changed: once more with a new one.
        isTokenNew = true;
        await this.token.forget(token);
      } else if (answer.status === 406 && microversion !== undefined) microversion = undefined;
      else throw refused(request, answer);
    }
  }

  private addressOf({ service, region, path, query = {}, project }: CloudQuestion, facts: TokenFacts): string {
    const listed = facts.catalogue.urlOf(service, this.settings.interface, region);
    const own = `/${facts.projectId ?? ''}`;
    const isOwn = project !== undefined && facts.projectId !== undefined && listed?.endsWith(own) === true;
    const base = isOwn ? `${listed!.slice(0, -own.length)}/${encodeURIComponent(project)}` : listed;
    // A catalogue may list no Keystone at all: the one that issued the token is it.
    const found = base ?? (service === 'keystone' ? this.settings.authUrl : undefined);
    if (found === undefined) {
      throw new WhereforeError(
        'source-refused',
        `the catalogue has no ${this.settings.interface} endpoint of ${service} in region ${region}`,
        { hint: 'Check openstack.interface and regions, or take the source out of driver.sources.' },
      );
    }
    const search = new URLSearchParams(query).toString();
    return `${found}${path}${search === '' ? '' : `?${search}`}`;
  }

  /** Tries until an answer comes that is not transient. */
  private async patiently(
    service: ServiceName | 'token',
    request: HttpRequest,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    const { patience, retryAfterMaxMs } = this.settings;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(service, request, signal);
      if ('status' in outcome) return outcome;
      const { trouble, askedMs } = outcome;
      if (attempt >= patience.attempts || askedMs > retryAfterMaxMs) throw trouble;
      this.watch.retried?.(service, trouble.message);
      await this.timer.sleep(Math.max(pauseMs(patience, attempt, this.random), askedMs), signal);
    }
  }

  private async attempt(
    service: ServiceName | 'token',
    request: HttpRequest,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer | Trouble> {
    try {
      const answer = await this.http.ask(request, signal);
      this.watch.answered?.(service, answer.status);
      if (!TRANSIENT.has(answer.status)) return answer;
      const askedMs = retryAfterMs(answer.headers['retry-after'], this.timer.nowMs()) ?? 0;
      return { trouble: unavailable(request, answer, askedMs), askedMs };
    } catch (error) {
      if (error instanceof WhereforeError && error.retryable) return { trouble: error, askedMs: 0 };
      throw error;
    }
  }

  private async logIn(): Promise<IssuedToken> {
    const { authUrl, credentials } = this.settings;
    const headers = { 'Content-Type': 'application/json', 'Accept': 'application/json' };
    const body = JSON.stringify(tokenRequest(credentials));
    const request: HttpRequest = { method: 'POST', url: `${authUrl}/auth/tokens`, headers, body };
    const answer = await this.patiently('token', request);
    if (answer.status !== 201) throw refused(request, answer);
    const token = answer.headers['x-subject-token'];
    const facts = readToken(jsonOf(answer, request));
    if (typeof token !== 'string' || typeof facts === 'string') {
      const what = typeof facts === 'string' ? facts : 'no X-Subject-Token';
      throw new WhereforeError('source-unusable', `${nameOf(request)} was answered with ${what}`, {
        hint: 'Check that openstack.authUrl is a Keystone, with /v3 at its end.',
      });
    }
    this.watch.loggedIn?.(facts);
    return { token, facts };
  }
}

function unavailable(request: HttpRequest, answer: HttpAnswer, askedMs: number): WhereforeError {
  const wait = askedMs > 0 ? `, and asks to wait ${Math.ceil(askedMs / 1000)} s` : '';
  return new WhereforeError('source-unavailable', `${statusOf(request, answer)}${wait}`, {
    hint: 'It is tried again; look at the log of that service if it stays so.',
    retryable: true,
  });
}

function refused(request: HttpRequest, answer: HttpAnswer): WhereforeError {
  const { status } = answer;
  return new WhereforeError('source-refused', statusOf(request, answer), { hint: hintOf(status), data: { status } });
}

function hintOf(status: number): string {
  switch (status) {
    case 401:
      return 'Check the credentials below openstack.';
    case 403:
      return 'The user needs the right to list what all projects own: give it the role admin, or change the policy.';
    case 404:
      return 'Check what the catalogue says of the address of that service.';
    default:
      return 'The service does not take the question: is it of a version that nobody has tried?';
  }
}

function statusOf(request: HttpRequest, answer: HttpAnswer): string {
  const reason = reasonIn(answer);
  return `${nameOf(request)} was answered with status ${answer.status}${reason === '' ? '' : `: ${reason}`}`;
}

/** What the body of an error says; every service wraps it in another way. */
function reasonIn({ body }: HttpAnswer): string {
  const read = readJson(body, 'answer');
  if ('code' in read || !isJsonObject(read.value)) return '';
  const texts: string[] = [];
  const collect = (value: Json, depth: number): void => {
    if (!isJsonObject(value) || depth > 2) return;
    for (const name of ['message', 'faultstring', 'detail']) {
      const text = value[name];
      if (typeof text === 'string') texts.push(text);
    }
    for (const member of Object.values(value)) collect(member, depth + 1);
  };
  collect(read.value, 0);
  return abridged((texts[0] ?? '').replace(/\s+/g, ' ').trim(), REASON_CHARS_MAX);
}

/** An answer that a proxy or a crash cut short is no JSON either: it is asked for again by the next poll. */
function jsonOf(answer: HttpAnswer, request: HttpRequest): Json {
  const read = readJson(answer.body, 'answer');
  if (!('code' in read)) return read.value;
  throw new WhereforeError('source-unusable', `${nameOf(request)} was answered with what is no JSON: ${read.message}`, {
    hint: 'Is there a proxy in between?',
    retryable: true,
  });
}
