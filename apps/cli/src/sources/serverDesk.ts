import type { Answers, ProcessesAnswer } from '@wherefore/contract';
import {
  ERROR_CODES,
  type ErrorCode,
  isJsonObject,
  type Json,
  type JsonObject,
  type TemplateSource,
  WhereforeError,
} from '@wherefore/model';
import type { Desk, TemplateChange } from './desk';
import { ask, type HttpAnswer } from './httpRequest';

type Parameters = { readonly [name: string]: string | number | undefined };

/** Every answer of a Wherefore says at which place of the log it was given. */
const POSITION_HEADER = 'x-wherefore-position';

/** Past moments may take a replay of seconds. */
const ANSWER_TIMEOUT_MS = 120_000;
const HEALTH_TIMEOUT_MS = 10_000;

export interface ServerOptions {
  /** How long the server may take to say that it is there. */
  readonly timeoutMs?: number;
  /** Sent as `X-Auth-Token`. */
  readonly token?: string;
}

/** Opens a server to ask it. Rejects `server-unreachable` unless a Wherefore answers there. */
export async function openServerDesk(url: string, options: ServerOptions = {}): Promise<Desk> {
  const client = new ServerClient(baseOf(url), options.token);
  await client.greet(options.timeoutMs ?? HEALTH_TIMEOUT_MS);
  return {
    name: `the server on ${client.base}`,
    ...answersOf(client),
    ...templatesOf(client),
    close: async () => undefined,
  };
}

/** The processes that the server knows of. Rejects as `openServerDesk` does. */
export async function askProcesses(url: string, options: ServerOptions = {}): Promise<ProcessesAnswer> {
  const client = new ServerClient(baseOf(url), options.token);
  await client.greet(options.timeoutMs ?? HEALTH_TIMEOUT_MS);
  return client.get('/v1/processes', {});
}

function answersOf(client: ServerClient): Answers {
  const at = (atMs: number | undefined): string | undefined =>
    atMs === undefined ? undefined : new Date(atMs).toISOString();
  return {
    why: ({ alarm, on, atMs, limit }) => client.get('/v1/why', { alarm, on, at: at(atMs), limit }),
    alarms: ({ atMs, match }) => client.get('/v1/answers/alarms', { at: at(atMs), match }),
    resources: ({ atMs, type, id }) => client.get('/v1/answers/resources', { at: at(atMs), type, id }),
    graph: ({ atMs }) => client.get('/v1/answers/graph', { at: at(atMs) }),
    templates: ({ atMs }) => client.get('/v1/answers/templates', { at: at(atMs) }),
    rejected: ({ limit }) => client.get('/v1/rejected', { limit }),
    snapshots: () => client.get('/v1/snapshots', {}),
    diff: ({ fromMs, toMs, type, about }) =>
      client.get('/v1/answers/diff', { from: at(fromMs), to: at(toMs), type, about }),
    log: ({ atMs, aroundMs, about, limit, ticks }) =>
      client.get('/v1/answers/log', {
        at: at(atMs),
        around: `${aroundMs}ms`,
        about,
        limit,
        ticks: ticks === true ? 'true' : undefined,
      }),
    summary: ({ atMs }) => client.get('/v1/answers/summary', { at: at(atMs) }),
  };
}

function templatesOf(client: ServerClient): Pick<Desk, 'addTemplates' | 'deleteTemplates'> {
  return {
    addTemplates: async (sources, overwrite) => {
      const changes: TemplateChange[] = [];
      for (const batch of await batches(sources)) changes.push(...(await client.add(batch, overwrite)));
      return changes;
    },
    deleteTemplates: async (idsOrNames) => {
      const { templates } = await answersOf(client).templates({});
      const known = templates.filter(({ id, name }) => idsOrNames.includes(id) || idsOrNames.includes(name));
      if (known.length === 0) {
        throw new WhereforeError('unknown-template', `no template is called ${idsOrNames.join(', ')}`, {
          hint: 'See "wherefore templates list".',
        });
      }
      await client.send('DELETE', '/v1/template', { id: known.map(({ id }) => id) });
      return known.map(({ name }) => ({ name, change: 'deleted', detail: '' }));
    },
  };
}

/**
 * A request gives one type and one set of parameters to all its templates. Where these differ, each
 * template goes alone, and what others may include goes first.
 */
async function batches(sources: readonly TemplateSource[]): Promise<(readonly TemplateSource[])[]> {
  const settings = new Set(sources.map(({ type, parameters }) => JSON.stringify([type, parameters])));
  if (settings.size <= 1) return [sources];
  // Loaded when needed: most questions to a server read no template.
  const { typeOf } = await import('../run/templateFiles.js');
  const rank = (source: TemplateSource): number => LOADING_RANKS[typeOf(source)] ?? 2;
  return [...sources].sort((a, b) => rank(a) - rank(b)).map((source) => [source]);
}

const LOADING_RANKS: { readonly [type: string]: number } = { definition: 0, equivalence: 1 };

function baseOf(url: string): string {
  const text = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`;
  try {
    const { protocol, origin, pathname } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') return `${origin}${pathname}`.replace(/\/+$/, '');
  } catch {
    // Told below, as any other text that is no address.
  }
  throw new WhereforeError('usage', `"${url}" is not the address of a server`, {
    hint: 'Write for instance --url http://127.0.0.1:8999.',
  });
}

/** Speaks HTTP with one server, and turns what goes wrong into errors that can be told. */
class ServerClient {
  constructor(
    readonly base: string,
    private readonly token: string | undefined,
  ) {}

  /** Makes sure that a Wherefore is there, and not another program or a Vitrage. */
  async greet(timeoutMs: number): Promise<void> {
    const { headers } = await this.ask('GET', '/healthcheck', undefined, timeoutMs);
    if (headers[POSITION_HEADER] !== undefined) return;
    throw this.notOurs(headers.location === undefined ? 'it states no position' : `it sends on to ${headers.location}`);
  }

  /** Adds templates, and tells what became of each. */
  async add(sources: readonly TemplateSource[], overwrite: boolean): Promise<TemplateChange[]> {
    const [first] = sources;
    const rows = await this.send<readonly JsonObject[]>('PUT', '/v1/template', {
      templates: sources.map(({ path, text }) => [path, text]),
      template_type: first?.type ?? null,
      params: { ...first?.parameters },
      overwrite,
    });
    return rows.map((row) => {
      const isAdded = row['status'] !== 'ERROR';
      const detail = isAdded ? '' : String(row['status details']);
      return { name: String(row['name']), change: isAdded ? 'added' : 'refused', detail };
    });
  }

  async get<T>(path: string, parameters: Parameters): Promise<T> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
    return this.send<T>('GET', query.size === 0 ? path : `${path}?${query.toString()}`);
  }

  async send<T>(method: string, path: string, body?: Json, timeoutMs = ANSWER_TIMEOUT_MS): Promise<T> {
    const { status, text } = await this.ask(method, path, body, timeoutMs);
    const content = parse(text);
    if (status < 200 || status > 299) throw failureOf(status, content, `${method} ${this.base}${path}`);
    if (content === undefined) throw this.notOurs(`${path} is not JSON`);
    return content as T;
  }

  private async ask(method: string, path: string, body: Json | undefined, timeoutMs: number): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers: Record<string, string> = this.token === undefined ? {} : { 'x-auth-token': this.token };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      return await ask(`${this.base}${path}`, { method, headers, body: text, signal });
    } catch (cause) {
      const why = signal.aborted ? `does not answer within ${timeoutMs / 1_000} s` : 'does not answer';
      throw new WhereforeError('server-unreachable', `the server on ${this.base} ${why}`, {
        hint: 'Start one with "wherefore serve", or ask a store with --store.',
        cause,
      });
    }
  }

  private notOurs(why: string): WhereforeError {
    return new WhereforeError('server-unreachable', `what answers on ${this.base} is not Wherefore: ${why}`, {
      hint: 'Name the right address with --url.',
    });
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The server's errors are ours: code, message, hint and data cross the wire. */
function failureOf(status: number, content: Json | undefined, what: string): WhereforeError {
  if (status === 401) {
    return new WhereforeError('unauthenticated', `${what} needs a token, or another one`, {
      hint: 'Put it into WHEREFORE_TOKEN: of Keystone or Keycloak, or what the file api-token of the store holds.',
    });
  }
  const error = isJsonObject(content) && isJsonObject(content['error']) ? content['error'] : undefined;
  const code = error?.['code'];
  const message = error?.['message'];
  if (error === undefined || typeof code !== 'string' || !(code in ERROR_CODES) || typeof message !== 'string') {
    return new WhereforeError('server-failed', `${what} was answered with status ${status}`, {
      hint: "Read the server's log.",
    });
  }
  const { hint, data } = error;
  return new WhereforeError(code as ErrorCode, message, {
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(isJsonObject(data) ? { data: data as JsonObject } : {}),
  });
}
