import { createConnection, type Connection } from 'mariadb';
import { WhereforeError } from '@wherefore/model';
import type { Presence, ShownPresence } from '@wherefore/ports';
import type { ConnectOptions } from './database';
import { translate } from './failures';

/** Locks of this kind are the server's; two databases on it must not meet. At most 64 characters. */
const LOCK = `CONCAT('wherefore alive ', SHA1(CONCAT(DATABASE(), '/', ?)))`;

/** How often the sign shows that it is still given. */
const PING_EVERY_MS = 2000;
/** No answer for so long means that the connection is lost. */
const PING_TIMEOUT_MS = 4000;
/** The server ends the connection of a machine that vanished without a word. */
const IDLE_TIMEOUT_SECONDS = 20;
/** One that watches holds the lock for a moment when its holder is gone. */
const TAKE_WITHIN_SECONDS = 2;
const WATCH_SECONDS = 30;

/**
 * Signs of life as named locks. A lock is its connection's: the server frees it when the process that holds it
 * dies. Each sign, and each watch, has a connection of its own.
 */
export class MariadbPresence implements Presence {
  private readonly open = new Set<Connection>();
  /** Ends each sign that is given. */
  private readonly signs = new Set<() => void>();
  private readonly name: string;

  constructor(private readonly options: ConnectOptions) {
    this.name = `${options.database} on ${options.host}:${options.port}`;
  }

  async show(holder: string): Promise<ShownPresence> {
    const connection = await this.connect();
    try {
      await connection.query(`SET SESSION wait_timeout = ${IDLE_TIMEOUT_SECONDS}`);
      const taken = await valueOf(connection, `SELECT GET_LOCK(${LOCK}, ${TAKE_WITHIN_SECONDS})`, holder);
      if (taken !== 1) throw this.unavailable('the lock that is its sign of life is held by another connection');
    } catch (error) {
      this.drop(connection);
      throw translate(error, this.name);
    }
    return this.keep(connection);
  }

  async untilGone(holder: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const connection = await this.connect();
    const stop = () => this.drop(connection);
    signal.addEventListener('abort', stop, { once: true });
    try {
      if ((await valueOf(connection, `SELECT IS_USED_LOCK(${LOCK})`, holder)) === null) return false;
      for (;;) {
        signal.throwIfAborted();
        if ((await valueOf(connection, `SELECT GET_LOCK(${LOCK}, ${WATCH_SECONDS})`, holder)) !== 1) continue;
        await valueOf(connection, `SELECT RELEASE_LOCK(${LOCK})`, holder);
        return true;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw translate(error, this.name);
    } finally {
      signal.removeEventListener('abort', stop);
      this.drop(connection);
    }
  }

  /** Ends all signs and watches. */
  close(): void {
    for (const lose of [...this.signs]) lose();
    for (const connection of [...this.open]) this.drop(connection);
  }

  private keep(connection: Connection): ShownPresence {
    const control = new AbortController();
    const lose = () => {
      clearInterval(pinging);
      this.signs.delete(lose);
      this.drop(connection);
      control.abort();
    };
    let isPinging = false;
    const pinging = setInterval(() => {
      if (isPinging) return;
      isPinging = true;
      const late = setTimeout(lose, PING_TIMEOUT_MS);
      connection
        .query('DO 1')
        .catch(lose)
        .finally(() => {
          isPinging = false;
          clearTimeout(late);
        });
    }, PING_EVERY_MS);
    this.signs.add(lose);
    connection.on('error', lose);
    connection.on('end', lose);
    return { lost: control.signal, hide: async () => lose() };
  }

  private async connect(): Promise<Connection> {
    const { host, port, user, password, database, connectTimeoutMs = 3000, tls } = this.options;
    try {
      const connection = await createConnection({
        ...{ host, port, user, password, database, connectTimeout: connectTimeoutMs },
        ...{ rowsAsArray: true, bigIntAsNumber: true },
        ...(tls === undefined ? {} : { ssl: tls }),
      });
      // Whoever uses it hears of it by the call that fails; without a listener it would be thrown.
      connection.on('error', () => undefined);
      this.open.add(connection);
      return connection;
    } catch (error) {
      throw translate(error, this.name);
    }
  }

  private drop(connection: Connection): void {
    if (this.open.delete(connection)) connection.destroy();
  }

  private unavailable(why: string): WhereforeError {
    return new WhereforeError('log-unavailable', `${this.name}: ${why}`, { retryable: true });
  }
}

async function valueOf(connection: Connection, sql: string, holder: string): Promise<unknown> {
  const rows: unknown[][] = await connection.query(sql, [holder]);
  return rows[0]![0];
}
