import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import type {
  Archive,
  Clock,
  EventLog,
  History,
  HistoryQueries,
  LeaderLease,
  LogReader,
  Outbox,
  SnapshotReader,
  SnapshotStore,
  Webhooks,
} from '@wherefore/ports';
import { EntryRows } from './entryRows';
import { connectReader, prepareStore } from './schema';
import { SqliteHistory, SqliteHistoryReader } from './sqliteHistory';
import { SqliteLeaderLease } from './sqliteLeaderLease';
import { SqliteEventLog, SqliteLogReader } from './sqliteLog';
import { SqliteOutbox } from './sqliteOutbox';
import { SqliteSnapshotReader, SqliteSnapshotStore } from './sqliteSnapshots';
import { StoreLock } from './storeLock';
import { Writer, type WriterMode } from './writer';

/** Rows kept parsed, in characters. Who follows reads a row once a poll, who replays many times a second. */
const LIVE_CACHE_CHARS = 4_000_000;
const REPLAY_CACHE_CHARS = 48_000_000;

export interface OpenOptions {
  /** The folder that is the store. */
  readonly folder: string;
  /** Make the folder and the tables when there are none. Default: no, `store-missing`. */
  readonly create?: boolean;
  /** Default: `thread` when the program was compiled, `inline` when it runs from sources. */
  readonly writer?: WriterMode;
  /** For leases. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** Every port of the embedded default, over one folder. */
export interface SqliteStore {
  readonly log: EventLog;
  readonly archive: Archive;
  readonly snapshots: SnapshotStore;
  readonly history: History;
  readonly leases: LeaderLease;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  /** Settles when everything submitted is durable, and another process may open the store. */
  close(): Promise<void>;
}

/** What can be read while another process, or thread, writes. */
export interface SqliteReader {
  readonly log: LogReader;
  readonly archive: Archive;
  readonly snapshots: SnapshotReader;
  readonly history: HistoryQueries & Pick<History, 'cursor'>;
  close(): Promise<void>;
}

/**
 * Opens a store for writing: one at a time.
 * Rejects `store-locked`, `store-missing`, `store-newer`, `store-corrupt`, `store-full`.
 */
export async function openStore(options: OpenOptions): Promise<SqliteStore> {
  const { folder, create = false, clock = { nowMs: () => Date.now() } } = options;
  if (create) makeFolder(folder);
  // The lock would create its file beside nothing.
  else if (!existsSync(folder)) prepareStore(folder, false);
  const lock = StoreLock.take(folder);
  try {
    prepareStore(folder, create);
    const writer = await Writer.open(folder, options.writer);
    const connection = connectReader(folder);
    const log = new SqliteEventLog(new EntryRows(connection, folder, LIVE_CACHE_CHARS), writer);
    const outbox = new SqliteOutbox(connection, writer);
    return {
      log,
      archive: log,
      snapshots: new SqliteSnapshotStore(connection, writer),
      history: new SqliteHistory(connection, writer),
      leases: new SqliteLeaderLease(connection, writer, clock),
      outbox,
      webhooks: outbox,
      close: once(async () => {
        await writer.close();
        log.close();
        // The readers that were woken look once more, and must not find a closed connection.
        await new Promise((resolve) => setImmediate(resolve));
        connection.close();
        lock.release();
      }),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Opens a store for reading, beside a writer or without one. It never blocks the writer.
 * `pollMs` is how often a waiting reader of the log looks for more.
 * Rejects `store-missing`, `store-newer`, `store-corrupt`.
 */
export async function openReader({ folder, pollMs = 50 }: { folder: string; pollMs?: number }): Promise<SqliteReader> {
  const connection = connectReader(folder);
  const log = new SqliteLogReader(new EntryRows(connection, folder, REPLAY_CACHE_CHARS), pollMs);
  return {
    log,
    archive: log,
    snapshots: new SqliteSnapshotReader(connection),
    history: new SqliteHistoryReader(connection),
    close: once(async () => {
      log.close();
      await new Promise((resolve) => setImmediate(resolve));
      connection.close();
    }),
  };
}

/** How another thread opens the same store for reading: what to load, and what to call it with. */
export function readerModule(folder: string): { path: string; exportName: string; argument: { folder: string } } {
  return { path: __filename, exportName: openReader.name, argument: { folder } };
}

const FOLDER_FAULTS: { readonly [code: string]: string } = {
  EEXIST: 'it is a file',
  ENOTDIR: 'what it should be in is a file',
  EACCES: 'permission is denied',
  EROFS: 'the disk is for reading only',
  ENOENT: 'nothing can be made there',
};

function makeFolder(folder: string): void {
  try {
    makeWithParents(folder);
  } catch (cause) {
    const reason = FOLDER_FAULTS[(cause as { code?: string }).code ?? ''];
    const because = reason === undefined ? '' : `: ${reason}`;
    throw new WhereforeError('store-missing', `the folder ${folder} cannot be made${because}`, {
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}

/** Like `recursive` of `mkdirSync`, which never returns where a folder takes no folders, as /proc does. */
function makeWithParents(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeWithParents(parent);
  try {
    mkdirSync(folder);
  } catch (cause) {
    // Somebody else may have made it in between.
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw cause;
  }
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}
