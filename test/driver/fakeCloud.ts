import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { isJsonObject, type Json, type JsonObject } from '@wherefore/model';

/** What goes wrong with one request. */
export type Fault =
  | { readonly status: number; readonly headers?: { readonly [name: string]: string } }
  | 'cut'
  | 'reset'
  | { readonly slowMs: number };

/** One request to a service, as the cloud saw it. */
export interface CloudRequest {
  /** The recorded port and the path: `/18774/v2.1/servers/detail`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

interface IndexItem {
  readonly name: string;
  readonly url: string;
  readonly status: number;
}

/**
 * A cloud that answers as a recorded one did at a moment: Keystone with its catalogue, and every list that was
 * recorded, at the paths that were asked then, in pages where a limit is given.
 */
export class FakeCloud {
  readonly seen: CloudRequest[] = [];
  /** Asked before each request to a service. */
  fault: (request: CloudRequest) => Fault | undefined = () => undefined;
  logIns = 0;
  private readonly tokens = new Set<string>();
  private answers = new Map<string, Json>();
  private required = new Map<string, URLSearchParams>();

  private constructor(
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  /** `folder` is a recording: `api/<moment>/index.json`, `auth/project-scoped-admin.json`. */
  static async start(folder: string): Promise<FakeCloud> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cloud = new FakeCloud(folder, server);
    server.on('request', (request, response) => void cloud.serve(request, response));
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Keystone's. */
  get authUrl(): string {
    return `${this.url}/15000/v3`;
  }

  /** From now on it answers as the cloud did then. Heat's resources are those that were recorded last. */
  show(moment: string): void {
    const folder = path.join(this.folder, 'api', moment);
    const read = (name: string) => JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Json;
    this.answers = new Map();
    this.required = new Map();
    for (const { name, url, status } of read('index') as unknown as IndexItem[]) {
      const { port, pathname, searchParams } = new URL(url);
      if (status !== 200 || /-v2\.1$/.test(name)) continue;
      this.answers.set(`/${port}${pathname}`, read(name));
      this.required.set(`/${port}${pathname}`, searchParams);
    }
    const heat = '/18004/v1/0c621c280cd34b6a9c5b8acd4f822cf0/stacks';
    if (!this.answers.has(heat)) this.answers.set(heat, { stacks: [] });
    const aodh = '/18042/v2/alarms';
    if (!this.answers.has(aodh)) this.answers.set(aodh, []);
    this.showResources(this.answers.get(heat) as JsonObject, folder, new Set(readdirSync(folder)));
  }

  /** Replaces one list, by the end of its path. */
  put(end: string, body: Json): void {
    for (const place of this.answers.keys()) if (place.endsWith(end)) this.answers.set(place, body);
  }

  /** Every token that was issued is no longer good. */
  revoke(): void {
    this.tokens.clear();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private showResources({ stacks }: JsonObject, folder: string, files: ReadonlySet<string>): void {
    for (const stack of stacks as readonly JsonObject[]) {
      const file = `heat-resources-${String(stack['stack_name'])}.json`;
      const body = files.has(file)
        ? (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Json)
        : { resources: [] };
      const place = [stack['project'], 'stacks', stack['stack_name'], stack['id'], 'resources'].join('/');
      this.answers.set(`/18004/v1/${place}`, body);
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '', this.url);
    const body = await text(request);
    if (request.method === 'POST') return this.logIn(JSON.parse(body) as JsonObject, response);
    const one = { path: pathname, query };
    this.seen.push(one);
    const fault = this.fault(one);
    if (fault !== undefined && fault !== 'cut') {
      if (fault === 'reset') return void request.socket.destroy();
      if ('status' in fault) return reply(response, fault.status, { message: 'a fault' }, fault.headers);
      await delay(fault.slowMs);
      if (response.destroyed) return;
    }
    if (!this.tokens.has(String(request.headers['x-auth-token'])))
      return reply(response, 401, { error: { message: 'no' } });
    const answer = this.answers.get(pathname);
    if (answer === undefined) return reply(response, 404, { error: { message: `nothing at ${pathname}` } });
    for (const [name, value] of this.required.get(pathname) ?? []) {
      // Without it the service would have listed less.
      if (query.get(name) !== value) return reply(response, 400, { error: { message: `${name} is not ${value}` } });
    }
    const page = pageOf(answer, query, `${this.url}${pathname}`);
    if (fault === 'cut') return cut(response, page);
    reply(response, 200, page);
  }

  private logIn(body: JsonObject, response: ServerResponse): void {
    if (!JSON.stringify(body).includes('"password":"secret"'))
      return reply(response, 401, { error: { message: 'no' } });
    this.logIns += 1;
    const token = `token-${this.logIns}`;
    this.tokens.add(token);
    const file = path.join(this.folder, 'auth/project-scoped-admin.json');
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as { response: { body: Json } };
    const own = JSON.stringify(recorded.response.body)
      .replace(/http:\/\/127\.0\.0\.1:(\d+)/g, `${this.url}/$1`)
      .replace(/"expires_at":"[^"]*"/, '"expires_at":"2099-01-01T00:00:00.000000Z"');
    response.writeHead(201, { 'Content-Type': 'application/json', 'X-Subject-Token': token }).end(own);
  }
}

function reply(
  response: ServerResponse,
  status: number,
  body: Json,
  headers: { readonly [name: string]: string } = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function cut(response: ServerResponse, body: Json): void {
  const bytes = JSON.stringify(body);
  response.writeHead(200, { 'Content-Length': String(bytes.length) }).write(bytes.slice(0, bytes.length / 2));
  setImmediate(() => response.destroy());
}

/** So much of a list as is asked for, with a link to the rest in the words of its service. */
function pageOf(answer: Json, query: URLSearchParams, address: string): Json {
  const limit = Number(query.get('limit') ?? Infinity);
  const [list, rows] = isJsonObject(answer)
    ? (Object.entries(answer).find(([, value]) => Array.isArray(value)) ?? ['', []])
    : ['', answer];
  if (!Array.isArray(rows) || !isJsonObject(answer)) return answer;
  const marker = query.get('marker');
  const idOf = (row: Json): string => String((row as JsonObject)['id'] ?? '');
  const start = marker === null ? 0 : (rows as Json[]).findIndex((row) => idOf(row) === marker) + 1;
  const page = (rows as Json[]).slice(start, start + limit);
  const body: Record<string, Json> = { ...answer, [list]: page };
  if (page.length < limit) return body;
  const next = new URLSearchParams(query);
  next.set('marker', idOf(page.at(-1)!));
  // As services behind a proxy do: the address is not the one that was asked.
  const href = `http://10.0.0.1:1${new URL(address).pathname}?${next.toString()}`;
  if (list === 'images') body['next'] = href.replace('http://10.0.0.1:1', '');
  else body[list === 'stacks' ? 'links' : `${list}_links`] = [{ rel: 'next', href }];
  return body;
}
