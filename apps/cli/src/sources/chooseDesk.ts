import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import type { Terminal } from '../terminal/terminal';
import type { Desk, DeskOptions } from './desk';

export const DEFAULT_URL = 'http://127.0.0.1:8999';

/** How long the default server may take to say that it is there. */
const PROBE_TIMEOUT_MS = 700;

/** Opens whoever is to answer, lets it, closes it, and says on stderr who it was. */
export async function withDesk(
  options: DeskOptions,
  terminal: Terminal,
  use: (desk: Desk) => Promise<void>,
): Promise<void> {
  const { desk, why } = await chooseDesk(options, terminal);
  terminal.aside(`answered by ${desk.name}${why === undefined ? '' : ` (${why})`}`);
  try {
    await use(desk);
  } finally {
    await desk.close();
  }
}

interface Choice {
  readonly desk: Desk;
  /** Why it was not somebody else. */
  readonly why?: string;
}

/** The server or store that was named; else the default server, the default store, the example's store. */
async function chooseDesk({ url, store }: DeskOptions, terminal: Terminal): Promise<Choice> {
  const { WHEREFORE_TOKEN: named } = terminal.surroundings.env;
  if (url !== undefined) return { desk: await openServer(url, named) };
  if (store !== undefined) return { desk: await openStore(resolve(terminal.surroundings.cwd, store), terminal) };
  const config = await configuration(terminal);
  const defaultUrl = config?.url ?? DEFAULT_URL;
  // The token of a store goes to the server of that store, and to no address that somebody names.
  const token = named ?? (config === undefined ? undefined : readToken(config.folder));
  const server = await openServer(defaultUrl, token, PROBE_TIMEOUT_MS).catch(absent);
  if (server !== undefined) return { desk: server };
  const folder = await existingFolder(terminal);
  if (isStore(folder)) return { desk: await openStore(folder, terminal), why: `no server on ${defaultUrl}` };
  throw new WhereforeError('store-missing', `no server answers on ${defaultUrl}, and there is no store in ${folder}`, {
    hint: 'Start a server with "wherefore serve", or the example cloud with "wherefore serve --example"; or name one with --url or --store.',
  });
}

/** What a configuration says of server and store. Without one there is no need to load what reads it. */
async function configuration({
  surroundings: { env, cwd },
}: Terminal): Promise<{ url: string; folder: string } | undefined> {
  const isThere =
    existsSync(join(cwd, 'wherefore.yaml')) || Object.keys(env).some((name) => /^WHEREFORE_[A-Z_]+__/.test(name));
  if (!isThere) return undefined;
  const { loadConfig } = await import('@wherefore/host');
  const { server, store } = loadConfig({ env, cwd });
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return { url: `http://${host}:${server.port}`, folder: store.folder };
}

/** The folder of the store that a command means without saying so. */
export async function defaultFolder(terminal: Terminal): Promise<string> {
  const config = await configuration(terminal);
  if (config !== undefined) return config.folder;
  const { defaultStoreFolder } = await import('@wherefore/host');
  const { env, cwd } = terminal.surroundings;
  return defaultStoreFolder(env, cwd);
}

/** The default store; the example's where there is only that. */
export async function existingFolder(terminal: Terminal): Promise<string> {
  const folder = await defaultFolder(terminal);
  return !isStore(folder) && isStore(exampleFolder(folder)) ? exampleFolder(folder) : folder;
}

/** The example cloud has a store of its own, within the default one's folder. */
export function exampleFolder(folder: string): string {
  return join(folder, 'example');
}

function isStore(folder: string): boolean {
  return existsSync(join(folder, 'store.db'));
}

async function openServer(url: string, token: string | undefined, timeoutMs?: number): Promise<Desk> {
  const { openServerDesk } = await import('./serverDesk.js');
  return openServerDesk(url, {
    ...(token === undefined ? {} : { token }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

/** What a server that others can reach wants to see. */
export function readToken(storeFolder: string): string | undefined {
  const file = join(storeFolder, 'api-token');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

async function openStore(folder: string, terminal: Terminal): Promise<Desk> {
  const { openStoreDesk } = await import('./storeDesk.js');
  return openStoreDesk(folder, terminal);
}

/** Nothing answers at the default address, or something else does. */
function absent(error: unknown): undefined {
  if (error instanceof WhereforeError && error.code === 'server-unreachable') return undefined;
  throw error;
}
