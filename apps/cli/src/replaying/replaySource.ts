import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, isDistributed, loadConfig, openArchive } from '@wherefore/host';
import type { ReplaySource } from '@wherefore/runtime';
import { openReader } from '@wherefore/sqlite';
import { existingFolder } from '../sources/chooseDesk';
import type { Terminal } from '../terminal/terminal';

/** What is replayed: a store, or the archive of several processes. */
export interface Replayed extends ReplaySource {
  /** As messages name it. */
  readonly name: string;
  /** The broker that its log lives on; a store has none. */
  readonly log?: {
    readonly urls: readonly string[];
    readonly exchange: string;
    receives(markId: string, publish: () => Promise<void>): Promise<boolean>;
  };
}

export interface SourceOptions {
  readonly store?: string;
  readonly config?: string;
}

/** The store that was named; else the database of the configuration, where it has one; else the default store. */
export async function openReplayed({ store, config: file }: SourceOptions, terminal: Terminal): Promise<Replayed> {
  const { env, cwd } = terminal.surroundings;
  if (store !== undefined) return openStore(resolve(cwd, store));
  const isConfigured = file !== undefined || existsSync(join(cwd, 'wherefore.yaml')) || isInEnvironment(env);
  if (!isConfigured) return openStore(await existingFolder(terminal));
  const config = loadConfig({ env, cwd, ...(file === undefined ? {} : { file }) });
  return isDistributed(config) ? openConfigured(config) : openStore(config.store.folder);
}

async function openStore(folder: string): Promise<Replayed> {
  const { archive, snapshots, close } = await openReader({ folder });
  return { name: `the store in ${folder}`, archive, snapshots, close };
}

async function openConfigured(config: Config): Promise<Replayed> {
  const { archive, snapshots, logReceives, close } = await openArchive(config);
  const { urls, exchange } = config.broker;
  const { host, port, name } = config.database;
  return {
    ...{ name: `the archive in the database ${name} on ${host}:${port}`, archive, snapshots, close },
    log: { urls, exchange, receives: logReceives },
  };
}

function isInEnvironment(env: Terminal['surroundings']['env']): boolean {
  return Object.keys(env).some((name) => /^WHEREFORE_[A-Z_]+__/.test(name));
}
