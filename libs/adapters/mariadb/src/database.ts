import { setTimeout as delay } from 'node:timers/promises';
import { createPool, type PoolConfig, type PoolConnection, type Pool, type UpsertResult } from 'mariadb';
import { WhereforeError } from '@wherefore/model';
import { isContention, translate } from './failures';

/** What a column holds here. */
export type Value = string | number | null | Buffer;
export type Row = readonly Value[];

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The database that is Wherefore's own. */
  readonly database: string;
  /** Connections for everything but leases. Default 8. */
  readonly connections?: number;
  /** A statement that gets no answer for so long has failed, and its connection is given up. Default 15 s. */
  readonly answerTimeoutMs?: number;
  /** How long a call waits for a connection. Default 3 s. */
  readonly connectTimeoutMs?: number;
  /** TLS to the server: `true`, or what Node's `tls` takes. Default: none. */
  readonly tls?: PoolConfig['ssl'];
}

/** Deadlocks and lock waits are tried again so often before they are the caller's. */
const CONTENTION_ATTEMPTS = 5;

/** How long it waits for the good-byes of connections. */
const CLOSE_MS = 3000;

/** Above the longest single step, during which a process that is well sends nothing. */
const IDLE_IN_TRANSACTION_SECONDS = 2;

/** Statements of one transaction, or of none. */
export interface Session {
  all(sql: string, ...values: Value[]): Promise<Row[]>;
  get(sql: string, ...values: Value[]): Promise<Row | undefined>;
  /** How many rows matched. */
  run(sql: string, ...values: Value[]): Promise<number>;
  /** One statement for many rows, in few packets. */
  runMany(sql: string, rows: readonly (readonly Value[])[]): Promise<void>;
}

/**
 * A pool of connections to one database: rows as arrays, failures as `WhereforeError`. Connections
 * that break are replaced; the call that met the break fails with `log-unavailable`.
 */
export class Database implements Session {
  private readonly pool: Pool;
  private readonly name: string;

  constructor(options: ConnectOptions) {
    this.name = `${options.database} on ${options.host}:${options.port}`;
    this.pool = createPool(poolConfig(options));
  }

  all(sql: string, ...values: Value[]): Promise<Row[]> {
    return this.withConnection((connection) => new ConnectionSession(connection).all(sql, ...values));
  }

  async get(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  run(sql: string, ...values: Value[]): Promise<number> {
    return this.withConnection((connection) => new ConnectionSession(connection).run(sql, ...values));
  }

  runMany(sql: string, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.withConnection((connection) => new ConnectionSession(connection).runMany(sql, rows));
  }

  /**
   * Runs `body` in one transaction: all of it, durable, or nothing. It may run again after a
   * deadlock, and therefore must not change anything outside. `undefined` from `body` rolls back.
   */
  async transaction<T>(body: (session: Session) => Promise<T | undefined>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.withConnection((connection) => attemptTransaction(connection, body), isContention);
      } catch (error) {
        if (!isContention(error)) throw error;
        if (attempt === CONTENTION_ATTEMPTS) throw translate(error, this.name);
      }
    }
  }

  /** One connection for as long as `body` runs: for locks that belong to a connection. */
  withSession<T>(body: (session: Session) => Promise<T>): Promise<T> {
    return this.withConnection((connection) => body(new ConnectionSession(connection)));
  }

  async close(): Promise<void> {
    // A server that is gone, or hangs, cannot say good-bye; the client would wait for it without an end.
    const patience = new AbortController();
    const { signal } = patience;
    const ended = this.pool
      .end()
      .catch(() => undefined)
      .finally(() => patience.abort());
    await Promise.race([ended, delay(CLOSE_MS, undefined, { signal }).catch(() => undefined)]);
  }

  private async withConnection<T>(
    body: (connection: PoolConnection) => Promise<T>,
    passesAsItIs: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    let connection: PoolConnection | undefined;
    try {
      if (this.pool.closed) throw new WhereforeError('log-unavailable', `${this.name} is closed`);
      connection = await this.pool.getConnection();
      return await body(connection);
    } catch (error) {
      throw passesAsItIs(error) ? error : translate(error, this.name);
    } finally {
      await connection?.release().catch(() => undefined);
    }
  }
}

class ConnectionSession implements Session {
  constructor(private readonly connection: PoolConnection) {}

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    return this.send<Row[]>(sql, values);
  }

  async get(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  async run(sql: string, ...values: Value[]): Promise<number> {
    return (await this.send<UpsertResult>(sql, values)).affectedRows;
  }

  async runMany(sql: string, rows: readonly (readonly Value[])[]): Promise<void> {
    if (rows.length > 0) await this.connection.batch(sql, rows as Value[][]);
  }

  private send<T>(sql: string, values: readonly Value[]): Promise<T> {
    // Prepared statements carry bytes as they are; texts are sent quoted.
    const isBinary = values.some((value) => value instanceof Uint8Array);
    if (isBinary) return this.connection.execute<T>(sql, values as Value[]);
    return this.connection.query<T>(sql, values as Value[]);
  }
}

async function attemptTransaction<T>(
  connection: PoolConnection,
  body: (session: Session) => Promise<T | undefined>,
): Promise<T | undefined> {
  await connection.beginTransaction();
  try {
    const result = await body(new ConnectionSession(connection));
    if (result === undefined) await connection.rollback();
    else await connection.commit();
    return result;
  } catch (error) {
    // Where that fails the connection is broken, and the server rolls back by itself.
    await connection.rollback().catch(() => connection.destroy());
    throw error;
  }
}

function poolConfig(options: ConnectOptions): PoolConfig {
  const { host, port, user, password, database, connections = 8, tls } = options;
  const { answerTimeoutMs = 15_000, connectTimeoutMs = 3000 } = options;
  return {
    host,
    port,
    user,
    password,
    database,
    ...(tls === undefined ? {} : { ssl: tls }),
    connectionLimit: connections,
    minimumIdle: 0,
    idleTimeout: 60,
    connectTimeout: connectTimeoutMs,
    acquireTimeout: connectTimeoutMs,
    initializationTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
    rowsAsArray: true,
    bigIntAsNumber: true,
    insertIdAsNumber: true,
    decimalAsNumber: true,
    checkNumberRange: true,
    charset: 'utf8mb4',
    timezone: 'Z',
    // A transaction sees what was committed before each statement: the row of a cursor, once locked,
    // is the newest. Bad values are refused, never bent. Nothing depends on the zone of the server.
    sessionVariables: {
      tx_isolation: 'READ-COMMITTED',
      sql_mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
      time_zone: '+00:00',
      // A process that hangs amid a transaction must not keep its rows from whoever takes over.
      idle_write_transaction_timeout: IDLE_IN_TRANSACTION_SECONDS,
      innodb_lock_wait_timeout: Math.max(1, Math.floor(answerTimeoutMs / 3000)),
    },
  };
}
