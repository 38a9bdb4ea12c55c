import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { WhereforeError, isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import { parseDocument } from 'yaml';
import type * as ReadSettings from './readSettings';
import type { Settings } from './settings/settings';
import { defaultStoreFolder, type Environment } from './storeFolder';

/** The configuration of a process, complete and checked; all paths absolute. The same for every role. */
export type Config = { readonly [Section in Exclude<keyof Settings, 'store'>]: Readonly<Settings[Section]> } & {
  readonly store: { readonly folder: string };
};

/** Where a configuration comes from. */
export interface ConfigSources {
  /** The file of `--config`; it must exist. Without it `./wherefore.yaml` counts, if it is there. */
  readonly file?: string;
  readonly env: Environment;
  readonly cwd: string;
  /** What the command line says, as in a file; it wins over everything. */
  readonly overrides?: JsonObject;
}

const DEFAULT_FILE = 'wherefore.yaml';

/**
 * Reads file, environment (`WHEREFORE_SERVER__PORT`) and overrides, the later ones winning.
 * Throws `invalid-config`, `file-unreadable`; the message names key, value, and what is allowed.
 */
export function loadConfig({ file, env, cwd, overrides = {} }: ConfigSources): Config {
  const path = file === undefined ? defaultFile(cwd) : resolve(cwd, file);
  const fromFile = path === undefined ? {} : readConfigFile(path);
  // Loaded when it is needed: most commands never read a configuration.
  const { readSettings } = createRequire(__filename)('./readSettings') as typeof ReadSettings;
  const settings = readSettings([
    { content: fromFile, name: path ?? '', folder: path === undefined ? cwd : dirname(path) },
    { content: env, folder: cwd },
    { content: overrides, name: 'the command line', folder: cwd },
  ]);
  const { store, ...others } = settings;
  checkTogether(others);
  return { ...others, store: { folder: store.folder ?? defaultStoreFolder(env, cwd) } };
}

/** What no key is wrong about by itself. */
function checkTogether({ auth, keystone, broker, database }: Omit<Config, 'store'>): void {
  if (auth.mode === 'keystone' && keystone.password === '') {
    throw new WhereforeError('invalid-config', 'auth.mode is keystone, and keystone.password is missing', {
      hint: 'Set keystone.username and keystone.password to the account that this server asks Keystone as.',
    });
  }
  const hasBroker = broker.urls.length > 0;
  const hasDatabase = database.host !== undefined;
  if (hasBroker === hasDatabase) return;
  const [there, missing] = hasBroker ? ['broker.urls', 'database.host'] : ['database.host', 'broker.urls'];
  throw new WhereforeError('invalid-config', `${there} is set, and ${missing} is missing`, {
    hint: 'Several processes need both a RabbitMQ and a MariaDB. With neither, one process keeps all in store.folder.',
  });
}

/** Whether every role is a process of its own, over a broker and a database. */
export function isDistributed({ broker }: Config): boolean {
  return broker.urls.length > 0;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(host);
}

function defaultFile(cwd: string): string | undefined {
  const path = resolve(cwd, DEFAULT_FILE);
  return existsSync(path) ? path : undefined;
}

function readConfigFile(path: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new WhereforeError('file-unreadable', `the configuration ${path} cannot be read`, {
      hint: 'Check the path that --config gives.',
      cause,
    });
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault) throw new WhereforeError('invalid-config', `${path} is not YAML: ${fault.message.split('\n')[0]}`);
  const content = document.toJS({ maxAliasCount: 100 }) as Json | undefined;
  if (content === null || content === undefined) return {};
  if (isJsonObject(content)) return content;
  throw new WhereforeError('invalid-config', `${path} is no mapping of sections`, {
    hint: 'A section is a line such as "server:", with indented keys below.',
  });
}
