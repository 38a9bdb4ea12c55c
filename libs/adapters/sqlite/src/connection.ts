import Database from 'libsql';
import { WhereforeError } from '@wherefore/model';

/** What SQLite stores here. Booleans and bigints are not bindable: the native binding aborts on them. */
export type Value = string | number | null | Uint8Array;
export type Row = readonly Value[];

export interface ConnectionOptions {
  /** Refuses every write on this connection. The file must exist. */
  readonly readOnly?: boolean;
  /** How long a statement waits for a lock of another connection. */
  readonly busyTimeoutMs?: number;
}

type Statement = Database.Statement;

/**
 * One connection: statements prepared once, rows as arrays, failures as `WhereforeError`. Every call
 * is synchronous and blocks its thread.
 */
export class Connection {
  private readonly database: Database.Database;
  private readonly statements = new Map<string, Statement>();
  private isSynced: boolean | undefined;

  /** Opens or creates the file. Throws `store-missing`, `store-corrupt`, `log-unavailable`. */
  constructor(
    private readonly path: string,
    options: ConnectionOptions = {},
  ) {
    const timeout = options.busyTimeoutMs ?? 5000;
    this.database = this.attempt(() => new Database(path, { timeout }));
    // Not the read-only open mode: after a crash even a reader has to recover the WAL's index, and
    // that is written beside the database.
    if (options.readOnly) this.attempt(() => this.database.pragma('query_only=1'));
  }

  run(sql: string, ...values: Value[]): { readonly changes: number; readonly rowId: number } {
    const result = this.attempt(() => this.statement(sql).run(values));
    return { changes: result.changes, rowId: Number(result.lastInsertRowid) };
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.attempt(() => this.statement(sql).all(values) as Row[]);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.attempt(() => this.statement(sql).get(values) as Row | undefined);
  }

  exec(sql: string): void {
    this.attempt(() => this.database.exec(sql));
  }

  /** Runs `body` in one transaction that writes: all of it, or nothing. */
  transaction<T>(body: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.database.inTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  /** Whether the transactions from now on are on the disk when they are committed. Not within one. */
  syncCommits(isSynced: boolean): void {
    if (this.isSynced === isSynced) return;
    this.exec(`PRAGMA synchronous=${isSynced ? 'FULL' : 'NORMAL'}`);
    this.isSynced = isSynced;
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private statement(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      if (statement.reader) statement.raw();
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private attempt<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw translate(error, this.path);
    }
  }
}

/** What a failure of SQLite means here. Anything unknown stays what it is: a defect. */
function translate(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const cause = { cause: error };
  if (/ConnectionFailed/.test(error.message)) {
    return new WhereforeError('store-missing', `${path} cannot be opened`, {
      hint: 'Check that the folder exists and may be written.',
      ...cause,
    });
  }
  const code = 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode & 0xff : 0;
  switch (code) {
    case 5: // BUSY
    case 6: // LOCKED
      return new WhereforeError('log-unavailable', `${path} is busy`, { retryable: true, ...cause });
    case 8: // READONLY
      return new WhereforeError('log-unavailable', `${path} may not be written`, {
        hint: 'Check the permissions of the folder.',
        ...cause,
      });
    case 10: // IOERR
      return new WhereforeError('log-unavailable', `${path} cannot be read or written: ${error.message}`, {
        hint: 'Check the disk.',
        retryable: true,
        ...cause,
      });
    case 11: // CORRUPT
    case 26: // NOTADB
      return new WhereforeError('store-corrupt', `${path} is damaged: ${error.message}`, {
        hint: 'Restore the folder from a backup. Do not write to it.',
        ...cause,
      });
    case 13: // FULL
      return new WhereforeError('store-full', `the disk of ${path} is full`, {
        hint: 'Free some space; sources are not acknowledged meanwhile, so nothing is lost.',
        retryable: true,
        ...cause,
      });
    default:
      return error;
  }
}
