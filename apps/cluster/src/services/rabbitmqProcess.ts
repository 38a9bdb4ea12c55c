import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './findProgram';
import { freePort } from './freePort';
import { Guardian } from './guardian';
import type { RabbitmqServer } from './servers';

const START_DEADLINE_MS = 120_000;
const PORT_ATTEMPTS = 5;

/** Debian's program on the PATH changes to a user of its own before it starts this one. */
const PLAIN_PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

interface Ports {
  readonly amqp: number;
  /** Of Erlang between nodes, and of its own name server: nothing of it is shared with another broker. */
  readonly distribution: number;
  readonly names: number;
}

/** A broker made of the programs of this machine. */
export class RabbitmqProcess implements RabbitmqServer {
  private child: ChildProcess | undefined;
  private names: ChildProcess | undefined;
  private readonly guardian: Guardian;

  private constructor(
    private readonly folder: string,
    private readonly password: string,
    private ports: Ports,
    private readonly keepFolder: boolean,
  ) {
    // What a guardian removes: the data, or, when that is to stay, only what the next start writes anew.
    this.guardian = new Guardian(keepFolder ? path.join(folder, 'plugins') : folder);
  }

  get url(): string {
    return `amqp://wherefore:${this.password}@127.0.0.1:${this.ports.amqp}`;
  }

  /** With `keepFolder` the data outlives the broker, and the next one in the folder has it. */
  static async start(folder: string, password: string, keepFolder = false): Promise<RabbitmqProcess> {
    const server = new RabbitmqProcess(folder, password, await freePorts(), keepFolder);
    for (let attempt = 1; ; attempt++) {
      try {
        await server.launch();
        return server;
      } catch (error) {
        const isTaken = /eaddrinuse|already in use/i.test(server.log());
        if (!isTaken || attempt === PORT_ATTEMPTS) {
          await server.stop();
          throw error;
        }
        server.ports = await freePorts();
      }
    }
  }

  async kill(): Promise<void> {
    await end(this.child);
    await end(this.names);
    this.child = this.names = undefined;
    // Their process ids may soon be other programs'.
    this.guardian.atEnd(':');
  }

  async restart(): Promise<void> {
    await this.launch();
  }

  pause(): void {
    if (this.child) signalGroup(this.child, 'SIGSTOP');
  }

  resume(): void {
    if (this.child) signalGroup(this.child, 'SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.keepFolder) await end(this.child, 'SIGTERM');
    await this.kill();
    await this.guardian.finish();
  }

  private async launch(): Promise<void> {
    const { folder, ports } = this;
    mkdirSync(path.join(folder, 'home'), { recursive: true });
    writeFileSync(path.join(folder, 'rabbitmq.conf'), configuration(ports, this.password), { mode: 0o600 });
    writeFileSync(path.join(folder, 'plugins'), '[].\n');
    const env = environment(folder, ports);
    const log = openSync(path.join(folder, 'log'), 'w');
    const options = { detached: true, stdio: ['ignore', log, log] as ['ignore', number, number], env };
    this.names = spawn(findProgram('epmd')!, ['-port', String(ports.names), '-address', '127.0.0.1'], options);
    const program = existsSync(PLAIN_PROGRAM) ? PLAIN_PROGRAM : findProgram('rabbitmq-server')!;
    // A shell that becomes the broker, so that the process id is the broker's.
    const child = spawn(program, [], options);
    closeSync(log);
    this.child = child;
    for (const each of [child, this.names]) each.unref();
    let failure: string | undefined;
    child.on('error', (error) => (failure = error.message));
    // The whole group: the start script may keep a shell in front of the broker.
    if (child.pid !== undefined) this.guardian.atEnd(`kill -9 -${child.pid}; kill -9 ${this.names.pid ?? ''}`);
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    while (!this.log().includes('Server startup complete')) {
      if (child.exitCode !== null || child.signalCode !== null) failure ??= 'it ended';
      if (Date.now() > deadlineMs) failure ??= `it was not ready after ${START_DEADLINE_MS} ms`;
      if (failure !== undefined) {
        await this.kill();
        throw new Error(`RabbitMQ did not start: ${failure}\n${this.log().split('\n').slice(-10).join('\n')}`);
      }
      await sleep(50);
    }
  }

  private log(): string {
    const file = path.join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}

/** Ends the process and all of its group. */
async function end(child: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.ref();
  signalGroup(child, signal);
  await gone;
}

/** The start script may keep a shell in front of the broker: what is meant for the broker goes to both. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It was gone already.
  }
}

async function freePorts(): Promise<Ports> {
  return { amqp: await freePort(), distribution: await freePort(), names: await freePort() };
}

function configuration({ amqp }: Ports, password: string): string {
  return [
    `listeners.tcp.default = 127.0.0.1:${amqp}`,
    'default_user = wherefore',
    `default_pass = ${password}`,
    'log.console = true',
    'log.file = false',
    // A machine for tests has little of either; what happens when a disk is full has a test of its own.
    'disk_free_limit.absolute = 50MB',
    '',
  ].join('\n');
}

function environment(folder: string, { distribution, names }: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: path.join(folder, 'home'),
    // The data belongs to the name. Each broker has a name server of its own, so that all may be called the same.
    RABBITMQ_NODENAME: 'wherefore@localhost',
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_MNESIA_BASE: path.join(folder, 'data'),
    RABBITMQ_LOG_BASE: path.join(folder, 'logs'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: path.join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, 'plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
}
