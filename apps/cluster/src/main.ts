import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeProcesses } from '@wherefore/answering';
import type { ProcessesAnswer } from '@wherefore/contract';
import { loadConfig, readBoard, ROLES } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { stringify } from 'yaml';
import { RoleProcess } from './roleProcess';
import { freePort } from './services/freePort';
import { projectFolder } from './services/projectFolder';
import { type ClusterServices, startServices } from './services/startServices';

const EACH = 2;
const FIRST_PORT = 8999;
const LOOK_EVERY_MS = 1000;

const HELP = `npm run cluster [-- --data DIR --port N]

Runs Wherefore as several processes on this machine, without Docker: a private RabbitMQ and a private MariaDB on free ports,
and ${EACH} each of ${ROLES.join(', ')}. Everything is kept in the data folder: logs in its folder logs, the configuration
in wherefore.yaml. A role that ends is started again. Ctrl-C ends all of it; the data stays.

  --data DIR   the data folder (default: .wherefore/cluster)
  --port N     port of the first api (default: ${FIRST_PORT}; 0 takes a free one)
`;

interface Arguments {
  readonly data?: string;
  readonly port: number;
  readonly help?: boolean;
}

/** Throws `usage`. */
function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: { data: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const { port: text = String(FIRST_PORT), ...others } = values;
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`--port takes a number up to 65535, and not "${text}"`);
    return { ...others, port };
  } catch (cause) {
    const [message] = (cause as Error).message.split('. ');
    throw new WhereforeError('usage', message!, { hint: '"npm run cluster -- --help" shows what there is.', cause });
  }
}

async function main(): Promise<number> {
  const values = readArguments();
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const data = path.resolve(values.data ?? path.join(projectFolder(), '.wherefore/cluster'));
  const stopping = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
  const screen = new Screen();
  screen.say(`Starting RabbitMQ and MariaDB on the data in ${data}`);
  const services = await startServices(data);
  const config = writeConfig(data, services);
  const roles = await startRoles(data, config, values.port, screen);
  screen.say(`Configuration ${config}, logs in ${path.join(data, 'logs')}. In another terminal:`);
  screen.say(`  npx wherefore status --config ${path.relative(process.cwd(), config)}`);
  const looking = setInterval(() => void look(config, screen), LOOK_EVERY_MS);
  await stopping;
  clearInterval(looking);
  screen.say('Ending every process');
  await Promise.all(roles.map((role) => role.stop()));
  await services.stop();
  screen.say('Ended; the data stays');
  return 0;
}

async function startRoles(data: string, config: string, port: number, screen: Screen): Promise<RoleProcess[]> {
  const logs = path.join(data, 'logs');
  mkdirSync(logs, { recursive: true });
  const started: RoleProcess[] = [];
  for (let number = 1; number <= EACH; number++) {
    for (const role of ROLES) {
      const own = number === 1 && port !== 0 ? port : await freePort();
      const env: { [name: string]: string } = role === 'api' ? { WHEREFORE_SERVER__PORT: String(own) } : {};
      const each = new RoleProcess(`${role}-${number}`, role, logs, config, env, (text) => screen.say(text));
      each.start();
      started.push(each);
    }
  }
  return started;
}

/** The one configuration of all processes; only its owner may read it, for it has the passwords. */
function writeConfig(data: string, { broker, database, databaseName }: ClusterServices): string {
  const file = path.join(data, 'wherefore.yaml');
  const { host, port, user, password } = database;
  const staticFolder = path.join(data, 'static');
  mkdirSync(staticFolder, { recursive: true });
  const content = {
    broker: { urls: [broker.url] },
    database: { host, port, user, password, name: databaseName },
    store: { folder: path.join(data, 'store') },
    log: { format: 'json' },
    // Files that an operator puts there are polled; without anything to poll a driver would end.
    driver: { staticFolder },
  };
  writeFileSync(file, `# Written at every start of "npm run cluster".\n${stringify(content)}`, { mode: 0o600 });
  return file;
}

async function look(config: string, screen: Screen): Promise<void> {
  try {
    const posted = await readBoard(loadConfig({ file: config, env: {}, cwd: process.cwd() }));
    screen.show(lineOf(describeProcesses(posted, 'distributed', Date.now())));
  } catch (error) {
    screen.show(error instanceof Error ? error.message : String(error));
  }
}

function lineOf({ processes, troubles }: ProcessesAnswer): string {
  const ready = processes.filter(({ state }) => state === 'ready');
  const leader = ready.find(({ leads }) => leads.some(({ lease }) => lease === 'leader'));
  const api = ready.find(({ role }) => role === 'api');
  const entries = Math.max(0, ...processes.map(({ ordinal }) => ordinal ?? 0));
  const parts = [
    `${ready.length} of ${ROLES.length * EACH} ready`,
    leader === undefined ? 'nobody leads' : `processor ${leader.pid} leads`,
    `${entries} entries`,
    ...(api === undefined ? [] : [api.healthUrl]),
    ...(troubles.length === 0 ? ['all is well'] : [troubles[0]!]),
  ];
  return parts.join(' · ');
}

/** Lines that stay, and below them one that is redrawn; without a window, only what changed is printed. */
class Screen {
  private shown = '';

  say(text: string): void {
    const clear = process.stdout.isTTY ? '\r\u001b[2K' : '';
    process.stdout.write(`${clear}${text}\n`);
    if (process.stdout.isTTY) this.draw();
  }

  show(text: string): void {
    if (text === this.shown) return;
    this.shown = text;
    if (process.stdout.isTTY) this.draw();
    else process.stdout.write(`${text}\n`);
  }

  private draw(): void {
    process.stdout.write(`\r\u001b[2K${this.shown.slice(0, (process.stdout.columns || 80) - 1)}`);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const text = error instanceof WhereforeError ? `${error.message}\n${error.hint ?? ''}` : String(error);
    process.stderr.write(`error: ${text}\n`);
    process.exit(error instanceof WhereforeError && error.code === 'usage' ? 2 : 1);
  },
);
