import { join } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { Connection } from './connection';

/**
 * Keeps a second writer away from a store, in this process or another.
 *
 * The lock is an open write transaction on a small database of its own. The operating system holds
 * it, so it ends with the process however that ends, and nothing stale is ever left to judge: a pid
 * in a file may have been given to another program since. The pid is written into the database first,
 * for the message only; a reserved lock still lets others read it.
 */
export class StoreLock {
  private constructor(private readonly connection: Connection) {}

  /** Throws `store-locked`. */
  static take(folder: string): StoreLock {
    const connection = new Connection(join(folder, 'lock'), { busyTimeoutMs: 0 });
    try {
      begin(connection, folder);
      // From here on only someone reading the pid can be in the way, for an instant.
      connection.get('PRAGMA busy_timeout=2000');
      connection.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)');
      connection.run('DELETE FROM holder');
      connection.run('INSERT INTO holder VALUES (?)', process.pid);
      connection.exec('COMMIT');
      connection.get('PRAGMA busy_timeout=0');
      begin(connection, folder);
      return new StoreLock(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  release(): void {
    this.connection.exec('ROLLBACK');
    this.connection.close();
  }
}

function begin(connection: Connection, folder: string): void {
  try {
    connection.exec('BEGIN IMMEDIATE');
  } catch (error) {
    if (!(error instanceof WhereforeError) || error.code !== 'log-unavailable') throw error;
    throw new WhereforeError('store-locked', `process ${holderOf(connection)} writes the store in ${folder}`, {
      hint: 'Stop that process, or ask its server instead.',
      cause: error,
    });
  }
}

function holderOf(connection: Connection): string {
  try {
    return String(connection.get('SELECT pid FROM holder')?.[0] ?? 'unknown');
  } catch {
    return 'unknown';
  }
}
