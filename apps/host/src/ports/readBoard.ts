import { createRequire } from 'node:module';
import type * as Mariadb from '@wherefore/mariadb';
import type { PostedReport } from '@wherefore/ports';
import type { Config } from '../config';
import type * as Distributed from './distributedPorts';

/** What processes have reported to the configured database. Changes nothing in it. Rejects as a database does. */
export async function readBoard(config: Config): Promise<readonly PostedReport[]> {
  const load = createRequire(__filename);
  const { openBoard } = load('@wherefore/mariadb') as typeof Mariadb;
  const { databaseOptions } = load('./distributedPorts') as typeof Distributed;
  const board = await openBoard(databaseOptions(config));
  try {
    return await board.list();
  } finally {
    await board.close();
  }
}
