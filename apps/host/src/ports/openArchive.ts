import { createRequire } from 'node:module';
import type * as Mariadb from '@wherefore/mariadb';
import type { MariadbReader } from '@wherefore/mariadb';
import type { Config } from '../config';
import type * as Distributed from './distributedPorts';

/** The archive of several processes, to be read, and how to tell whether somebody else's log is the one it is a copy of. */
export interface OpenedArchive extends Pick<MariadbReader, 'archive' | 'snapshots'> {
  /**
   * Whether a mark that `publish` sends elsewhere comes by in the log of this archive. Rejects `log-unavailable`
   * (retryable) when this log's broker cannot be asked.
   */
  logReceives(markId: string, publish: () => Promise<void>): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the configured database to read. Changes nothing in it. Rejects as a database does. */
export async function openArchive(config: Config): Promise<OpenedArchive> {
  const load = createRequire(__filename);
  const { openReader } = load('@wherefore/mariadb') as typeof Mariadb;
  const { databaseOptions, openStreamLog } = load('./distributedPorts') as typeof Distributed;
  const reader = await openReader({ ...databaseOptions(config), connections: 2 });
  return {
    archive: reader.archive,
    snapshots: reader.snapshots,
    logReceives: async (markId, publish) => {
      const log = openStreamLog(config, reader, 'wherefore replay');
      try {
        return await log.receives(markId, publish);
      } finally {
        await log.close();
      }
    },
    close: () => reader.close(),
  };
}
