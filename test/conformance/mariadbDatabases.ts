import { createConnection, type Connection } from 'mariadb';
import type { Position } from '@wherefore/model';
import type { OpenOptions } from '@wherefore/mariadb';
import { positionText } from '../../libs/adapters/mariadb/src/positionColumn';
import { startMariadb, type MariadbServer } from '../support/services/mariadbServer';

/** A database of its own on a private server, and what a test does to it behind the adapter's back. */
export interface TestDatabase {
  readonly options: OpenOptions;
  run(sql: string, ...values: unknown[]): Promise<unknown>;
  damageSnapshot(position: Position): Promise<void>;
  /** The database judges leases and reports by its own clock: it is they that are moved. */
  advanceClockMs(ms: number): Promise<void>;
  /** Empties it, so that it may serve again. Nothing to do on a server of the caller's own. */
  release(): Promise<void>;
}

let shared: Promise<MariadbServer> | undefined;
let count = 0;
/** Databases of the shared server that are free again: making twelve tables takes longer than emptying them. */
const idle: string[] = [];

/** One server for all databases of a spec; it ends with `stopSharedServer`. */
export function sharedServer(): Promise<MariadbServer> {
  return (shared ??= startMariadb());
}

export async function stopSharedServer(): Promise<void> {
  const server = await shared;
  shared = undefined;
  idle.length = 0;
  await server?.stop();
}

/** An empty database, on the shared server unless another is given. */
export async function freshDatabase(on?: MariadbServer): Promise<TestDatabase> {
  const { host, port, user, password } = on ?? (await sharedServer());
  const used = on ? undefined : idle.pop();
  const name = used ?? `wherefore_${++count}`;
  const once = async <T>(body: (connection: Connection) => Promise<T>, database?: string): Promise<T> => {
    const address = { host, port, user, password, ...(database === undefined ? {} : { database }) };
    const connection = await createConnection({ ...address, connectTimeout: 5000 });
    try {
      return await body(connection);
    } finally {
      await connection.end().catch(() => undefined);
    }
  };
  if (!used) await once((connection) => connection.query(`CREATE DATABASE ${name}`));
  const run = (sql: string, ...values: unknown[]): Promise<unknown> =>
    once((connection) => connection.query({ sql, rowsAsArray: true, bigIntAsNumber: true }, values), name);
  return {
    options: { host, port, user, password, database: name },
    run,
    damageSnapshot: async (position) => {
      await run(
        `UPDATE snapshot_chunks JOIN snapshots ON snapshots.id = snapshot_id
         SET bytes = CONCAT(CHAR(ASCII(bytes) ^ 255), SUBSTRING(bytes, 2)) WHERE position = ? AND number = 0`,
        positionText(position),
      );
    },
    advanceClockMs: async (ms) => {
      await run('UPDATE leases SET expires_at_ms = expires_at_ms - ?', ms);
      await run('UPDATE processes SET reported_at = reported_at - INTERVAL ? MICROSECOND', ms * 1000);
    },
    release: async () => {
      if (on) return;
      await once(empty, name);
      idle.push(name);
    },
  };
}

/** Without its version it is migrated again, which puts the rows in that every database begins with. */
async function empty(connection: Connection): Promise<void> {
  const tables: { table_name: string }[] = await connection.query(
    'SELECT table_name AS table_name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  for (const { table_name: table } of tables) await connection.query(`DELETE FROM ${table}`);
}
