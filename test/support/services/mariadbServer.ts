import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MariadbContainer } from './mariadbContainer';
import { MariadbProcess } from '../../../apps/cluster/src/services/mariadbProcess';
import { MARIADB_PROGRAMS } from '../../../apps/cluster/src/services/sources';
import type { MariadbAddress, MariadbServer } from '../../../apps/cluster/src/services/servers';
import { locateService, serviceNeed, type ServiceSource } from './service';

/** How MariaDB is to be had. */
export const MARIADB: ServiceSource & { readonly image: string } = { ...MARIADB_PROGRAMS, image: 'mariadb:10.11' };

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

export type { MariadbAddress, MariadbServer };

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
