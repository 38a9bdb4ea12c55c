import { resolve } from 'node:path';
import { runServer, startEmbeddedServer } from '@wherefore/api';
import { type Config, isDistributed, loadConfig, openLog } from '@wherefore/host';
import { type JsonObject, WhereforeError } from '@wherefore/model';
import { type ExampleStore, prepareExample } from '../serving/exampleStore';
import { defaultFolder, exampleFolder } from '../sources/chooseDesk';
import type { Terminal } from '../terminal/terminal';
import { formatNumber } from '../terminal/text';
import { formatInstant } from '../time/formatTime';

export interface ServeOptions {
  readonly config?: string;
  readonly example?: boolean;
  readonly fresh?: boolean;
  readonly store?: string;
  readonly port?: number;
}

/** The address that the suggestions of the example are written for, and that commands try by themselves. */
const USUAL_URL = 'http://127.0.0.1:8999';

/** `wherefore serve`: serves until SIGTERM or Ctrl-C. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  if (options.fresh === true && options.example !== true) {
    throw new WhereforeError('usage', '--fresh makes the example anew, and needs --example', {
      hint: 'Stores of your own are never made anew.',
    });
  }
  const config = await configure(options, terminal);
  const example =
    options.example === true ? await prepareExample(config.store.folder, options.fresh === true, terminal) : undefined;
  const log = openLog(config.log);
  const server = await startEmbeddedServer({
    config,
    log,
    onProgress: ({ applied, total }) =>
      terminal.progress(() => `applying entry ${formatNumber(applied)} of ${formatNumber(total)}`),
  });
  // It hears signals from here on; whoever reads the address may send one at once.
  const ended = runServer(server, log);
  // Spares whoever asks next the replay from the first entry; a server of one's own takes them as it goes.
  if (example !== undefined)
    server.node.takeSnapshot().catch((error: unknown) => log.warn({ err: error }, 'no snapshot'));
  // Where both go to one place, what was logged first stands first.
  log.flush();
  const { paint } = terminal;
  const banner = `Wherefore answers on ${paint.bold(server.url)}, from the store in ${config.store.folder}`;
  terminal.data(example === undefined ? banner : `${banner}\n${describeExample(example, server.url, terminal)}`);
  terminal.exitCode = await ended;
}

async function configure({ config: file, port, store, example }: ServeOptions, terminal: Terminal): Promise<Config> {
  const { env, cwd } = terminal.surroundings;
  const folder =
    store !== undefined
      ? resolve(cwd, store)
      : example === true
        ? exampleFolder(await defaultFolder(terminal))
        : undefined;
  const overrides: JsonObject = {
    ...(port === undefined ? {} : { server: { port } }),
    ...(folder === undefined ? {} : { store: { folder } }),
  };
  const config = loadConfig({ env, cwd, overrides, ...(file === undefined ? {} : { file }) });
  if (!isDistributed(config)) return config;
  throw new WhereforeError('invalid-config', 'broker.urls is set, and "serve" keeps all in the folder of a store', {
    hint: 'Start the roles one by one: wherefore processor, persister, api, …; or remove the sections broker and database.',
  });
}

function describeExample({ failureAtMs, suggestions }: ExampleStore, url: string, { paint }: Terminal): string {
  const lines = ['', `The example: a recorded OpenStack one of whose hosts failed at ${formatInstant(failureAtMs)}.`];
  lines.push('Ask it, in another terminal:', '');
  for (const { command, shows } of suggestions) {
    lines.push(`  ${paint.dim(`# ${shows}`)}`, `  ${paint.cyan(addressed(command, url))}`);
  }
  return [...lines, '', 'Ctrl-C ends the server; the example stays, and is made anew tomorrow.'].join('\n');
}

/** A suggestion for a server that is not where commands look by themselves. */
function addressed(command: string, url: string): string {
  if (url === USUAL_URL) return command;
  if (command.includes(USUAL_URL)) return command.replace(USUAL_URL, url);
  return command.includes('wherefore ') ? `${command} --url ${url}` : command;
}
