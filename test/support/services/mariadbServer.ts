import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MariadbContainer } from './mariadbContainer';
import { MariadbProcess } from './mariadbProcess';
import { locateService, serviceNeed, type ServiceSource } from './service';

/** How MariaDB is to be had. */
export const MARIADB: ServiceSource & { readonly image: string } = {
  name: 'MariaDB',
  programs: [['mariadbd', 'mysqld'], ['mariadb-install-db', 'mysql_install_db'], ['my_print_defaults']],
  image: 'mariadb:10.11',
  // Only the programs: the package that makes a service of them is another one.
  packages: [
    ['mariadb-server-core', 'mariadb-server-core-10.6', 'mariadb-server-core-10.5'],
    ['mariadb-client-core', 'mariadb-client-core-10.6', 'mariadb-client-core-10.5'],
  ],
};

/** `describeWithService('…', mariadbNeed, () => { … })`. */
export const mariadbNeed = serviceNeed(MARIADB);

export interface MariadbOptions {
  /** Sync every commit to the disk, as operators should. Default: no. */
  readonly synced?: boolean;
  /** Further options of mariadbd. */
  readonly options?: readonly string[];
  /** Where the data is kept; it stays there. Default: a temporary folder, which goes at the end. */
  readonly folder?: string;
}

/**
 * Written, but not synced to the disk: what does not survive the loss of power does survive `kill -9`,
 * because the operating system has it, and more no test can tell apart.
 */
const UNSYNCED_OPTIONS = ['--innodb-flush-method=nosync', '--innodb-flush-log-at-trx-commit=2'];

const SMALL_OPTIONS = [
  '--innodb-buffer-pool-size=64M',
  '--innodb-buffer-pool-dump-at-shutdown=OFF',
  '--innodb-fast-shutdown=1',
  '--performance-schema=OFF',
  '--skip-name-resolve',
  '--max-connections=200',
];

/** What a client needs to reach the server. */
export interface MariadbAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** One private instance on loopback, on a port of its own. */
export interface MariadbServer extends MariadbAddress {
  /** Ends it without warning (`kill -9`). Settles when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill` or `shutDown`. Other options may be given. */
  restart(options?: readonly string[]): Promise<void>;
  /** Ends it in good order; the data stays. */
  shutDown(): Promise<void>;
  /** It stops answering, but its connections stay (`SIGSTOP`). */
  pause(): void;
  resume(): void;
  /** Ends it, and removes its data unless a folder was given. */
  stop(): Promise<void>;
}

/**
 * Starts a private MariaDB: own data, loopback only, a free port. It ends with this process, however
 * that ends. Takes 0.3 s, the first time on a machine 4 s. Rejects where MariaDB is not to be had.
 */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
  const located = locateService(MARIADB);
  if ('missing' in located) throw new Error(`MariaDB cannot be started: ${located.missing}`);
  const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'wherefore-mariadb-'));
  const password = randomBytes(12).toString('hex');
  const syncing = options.synced ? ['--innodb-flush-log-at-trx-commit=1'] : UNSYNCED_OPTIONS;
  const serverOptions = [...SMALL_OPTIONS, ...syncing, ...(options.options ?? [])];
  const parts = { folder, password, options: serverOptions, keepFolder: options.folder !== undefined };
  try {
    if (located.origin === 'docker') return await MariadbContainer.start(MARIADB.image, parts);
    return await MariadbProcess.start(parts);
  } catch (error) {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
