import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './findProgram';
import { freePort } from './freePort';
import { Guardian } from './guardian';
import { projectFolder } from './projectFolder';
import type { MariadbServer } from './servers';

const START_DEADLINE_MS = 60_000;
const PORT_ATTEMPTS = 5;

/** Decide the size of the files of a fresh data folder, and therefore are the same at every start. */
const LAYOUT_OPTIONS = ['--innodb-log-file-size=16M', '--innodb-data-file-path=ibdata1:10M:autoextend'];

/** Where fresh data folders are kept to be copied: making one takes ten times as long as a start. */
const CACHE = path.join(projectFolder(), 'node_modules/.cache/wherefore-mariadb');

export interface ProcessParts {
  readonly folder: string;
  readonly password: string;
  readonly options: readonly string[];
  /** The data outlives the instance. */
  readonly keepFolder: boolean;
}

/** An instance made of the programs of this machine. */
export class MariadbProcess implements MariadbServer {
  readonly host = '127.0.0.1';
  readonly user = 'wherefore';
  readonly password: string;
  private child: ChildProcess | undefined;
  private readonly guardian: Guardian;

  private constructor(
    private readonly parts: ProcessParts,
    public port: number,
  ) {
    this.password = parts.password;
    // What a guardian removes: the data, or, when that is to stay, only the socket.
    this.guardian = new Guardian(parts.keepFolder ? path.join(parts.folder, 'socket') : parts.folder);
  }

  static async start(parts: ProcessParts): Promise<MariadbProcess> {
    mkdirSync(parts.folder, { recursive: true });
    const data = path.join(parts.folder, 'data');
    if (!existsSync(data)) cpSync(freshData(), data, { recursive: true });
    const server = new MariadbProcess(parts, await freePort());
    for (let attempt = 1; ; attempt++) {
      try {
        await server.launch(parts.options);
        return server;
      } catch (error) {
        const isTaken = /Bind on TCP\/IP port/.test(server.log());
        if (!isTaken || attempt === PORT_ATTEMPTS) {
          await server.guardian.finish();
          throw error;
        }
        server.port = await freePort();
      }
    }
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async shutDown(): Promise<void> {
    this.resume();
    await this.end('SIGTERM');
  }

  restart(options: readonly string[] = []): Promise<void> {
    return this.launch([...this.parts.options, ...options]);
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.parts.keepFolder) await this.shutDown();
    else await this.kill();
    await this.guardian.finish();
  }

  private async launch(options: readonly string[]): Promise<void> {
    const { folder } = this.parts;
    const log = openSync(path.join(folder, 'log'), 'w');
    const program = findProgram('mariadbd', 'mysqld')!;
    const child = spawn(program, [...ownOptions(folder, this.port, this.parts.password), ...options], {
      // Ctrl-C is for the tests; they end the server themselves.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    this.child = child;
    let failure: string | undefined;
    child.on('error', (error) => (failure = error.message));
    if (child.pid !== undefined) this.guardian.atEnd(`kill -9 ${child.pid}`);
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    while (!this.log().includes('ready for connections')) {
      if (child.exitCode !== null || child.signalCode !== null) failure ??= 'it ended';
      if (Date.now() > deadlineMs) failure ??= `it was not ready after ${START_DEADLINE_MS} ms`;
      if (failure !== undefined) {
        await this.kill();
        throw new Error(`mariadbd did not start: ${failure}\n${this.log().split('\n').slice(-10).join('\n')}`);
      }
      await sleep(20);
    }
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child) return;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.ref();
      child.kill(signal);
      await gone;
    }
    this.child = undefined;
    // Its process id may soon be another program's.
    this.guardian.atEnd(':');
  }

  private log(): string {
    return readFileSync(path.join(this.parts.folder, 'log'), 'utf8');
  }
}

function ownOptions(folder: string, port: number, password: string): string[] {
  const initFile = path.join(folder, 'init.sql');
  // One that starts clears away the temporary tables that it finds, and those of another server may be in use.
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  writeFileSync(
    initFile,
    `CREATE USER IF NOT EXISTS wherefore@'127.0.0.1';\n` +
      `ALTER USER wherefore@'127.0.0.1' IDENTIFIED BY '${password}';\n` +
      `GRANT ALL PRIVILEGES ON *.* TO wherefore@'127.0.0.1' WITH GRANT OPTION;\n`,
    { mode: 0o600 },
  );
  return [
    '--no-defaults',
    ...asRoot(),
    ...LAYOUT_OPTIONS,
    `--datadir=${path.join(folder, 'data')}`,
    `--tmpdir=${temporary}`,
    `--socket=${path.join(folder, 'socket')}`,
    `--pid-file=${path.join(folder, 'pid')}`,
    `--init-file=${initFile}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
  ];
}

/** mariadbd refuses to run as root unless told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** A data folder of this version that nobody has used, to be copied. */
function freshData(): string {
  const program = findProgram('mariadbd', 'mysqld')!;
  const version = execFileSync(program, ['--no-defaults', ...asRoot(), '--version'], { encoding: 'utf8' });
  const key = createHash('sha256')
    .update(`${version} ${LAYOUT_OPTIONS.join(' ')}`)
    .digest('hex')
    .slice(0, 16);
  const kept = path.join(CACHE, key);
  if (existsSync(kept)) return kept;
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(path.join(CACHE, 'new-'));
  const options = [`--datadir=${made}`, '--auth-root-authentication-method=socket', '--skip-test-db'];
  const install = findProgram('mariadb-install-db', 'mysql_install_db')!;
  execFileSync(install, ['--no-defaults', ...options, ...asRoot(), '--skip-name-resolve', ...LAYOUT_OPTIONS], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    renameSync(made, kept);
  } catch {
    // Another worker was faster.
    rmSync(made, { recursive: true, force: true });
  }
  return kept;
}
