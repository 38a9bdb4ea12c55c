import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig, silentLog } from '@wherefore/host';
import type { Json, JsonObject } from '@wherefore/model';
import { WhereforeNode } from '../node';
import { startEmbeddedServer, type EmbeddedServer } from '../embeddedServer';

/** What came back over HTTP. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly position: string | null;
  readonly headers: Headers;
}

/** A server on a free port with a store of its own, and a clock that the test moves. */
export interface Rig {
  readonly server: EmbeddedServer;
  readonly config: Config;
  readonly clock: { nowMs(): number; set(ms: number): void; pass(ms: number): void };
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Reply>;
  send(method: string, path: string, body: unknown, headers?: { readonly [name: string]: string }): Promise<Reply>;
  /** Moves the clock, lets the node tick, and posts. */
  close(): Promise<void>;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-api-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const START_MS = Date.parse('2026-11-21T17:00:00.000Z');

/** `overrides` as in a configuration file. */
export async function startRig(overrides: JsonObject = {}, startMs = START_MS): Promise<Rig> {
  const { folder, remove } = temporaryFolder();
  let nowMs = startMs;
  const clock = {
    nowMs: () => nowMs,
    set: (ms: number) => void (nowMs = ms),
    pass: (ms: number) => void (nowMs += ms),
  };
  const sections = { server: { port: 0 }, store: { folder }, ...overrides };
  const config = loadConfig({ env: {}, cwd: folder, overrides: sections });
  const node = await WhereforeNode.open(config, { clock });
  const server = await startEmbeddedServer({ config, node, log: silentLog });
  const request = async (method: string, path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(server.url + path, { method, ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body = isJson ? (JSON.parse(text) as Json) : text;
    return {
      status: response.status,
      body,
      position: response.headers.get('x-wherefore-position'),
      headers: response.headers,
    };
  };
  return {
    server,
    config,
    clock,
    get: (path, headers = {}) => request('GET', path, { headers }),
    send: (method, path, body, headers = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return request(method, path, { body: text, headers: { 'content-type': 'application/json', ...headers } });
    },
    close: async () => {
      await server.close();
      remove();
    },
  };
}
