import type {
  Archive,
  ArchiveWriter,
  EpochBook,
  History,
  LeaderLease,
  Outbox,
  PollRequests,
  Presence,
  ProcessBoard,
  SnapshotReader,
  SnapshotStore,
  Webhooks,
} from '@wherefore/ports';
import { Database, type ConnectOptions } from './database';
import { MariadbArchive } from './mariadbArchive';
import { MariadbArchiveWriter } from './mariadbArchiveWriter';
import { MariadbEpochBook } from './mariadbEpochBook';
import { MariadbHistory } from './mariadbHistory';
import { MariadbLeaderLease } from './mariadbLeaderLease';
import { MariadbOutbox } from './mariadbOutbox';
import { MariadbPollRequests } from './mariadbPollRequests';
import { MariadbPresence } from './mariadbPresence';
import { MariadbProcessBoard } from './mariadbProcessBoard';
import { MariadbSnapshotStore } from './mariadbSnapshots';
import { Retention, type Expired, type ExpireOptions, type RetentionSettings } from './retention';
import { migrate } from './schema';

export interface OpenOptions extends ConnectOptions {
  /**
   * A lease that is not answered for in this time is not held: its calls fail sooner than others, and
   * have connections of their own, so that no large write keeps them waiting. Default 2 s.
   */
  readonly leaseTimeoutMs?: number;
  /** How long what is past is kept. */
  readonly retention?: RetentionSettings;
}

/** Every port of the distributed shape but the log, over one database. */
export interface MariadbStore {
  readonly archive: Pick<MariadbArchive, keyof Archive | 'positionBefore'>;
  readonly archiveWriter: ArchiveWriter;
  readonly snapshots: SnapshotStore;
  readonly history: History;
  readonly leases: LeaderLease;
  /** Signs of life: a leader that was killed is replaced before its lease runs out. */
  readonly presence: Presence;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  /** Which stream the log lives in. */
  readonly epochs: EpochBook;
  readonly board: ProcessBoard;
  readonly polls: PollRequests;
  /** Lets go of what is older than the retention; for whoever holds the lease, now and then. */
  expire(options: ExpireOptions): Promise<Expired>;
  /** Settles when nothing is under way, and all connections are closed. */
  close(): Promise<void>;
}

const LEASE_CONNECTIONS = 2;
const LEASE_TIMEOUT_MS = 2000;
/** An index over a history of many millions takes minutes; a server that hangs is noticed before. */
const MIGRATION_TIMEOUT_MS = 3_600_000;

/**
 * Connects to the database, and brings its tables to the version of this program. Any number of
 * processes may do so at the same time.
 * Rejects `log-unavailable`, `store-missing`, `store-refused`, `store-newer`.
 */
export async function openStore({
  leaseTimeoutMs = LEASE_TIMEOUT_MS,
  retention: settings = {},
  ...options
}: OpenOptions): Promise<MariadbStore> {
  const database = new Database(options);
  const forLeases = new Database({
    ...options,
    connections: LEASE_CONNECTIONS,
    answerTimeoutMs: leaseTimeoutMs,
    connectTimeoutMs: leaseTimeoutMs,
  });
  const presence = new MariadbPresence(options);
  const closeBoth = async () => {
    presence.close();
    await Promise.all([database.close(), forLeases.close()]);
  };
  const patient = new Database({ ...options, connections: 1, answerTimeoutMs: MIGRATION_TIMEOUT_MS });
  try {
    await migrate(database, patient);
  } catch (error) {
    await closeBoth();
    throw error;
  } finally {
    await patient.close();
  }
  const archive = new MariadbArchive(database);
  const archiveWriter = new MariadbArchiveWriter(database);
  const snapshots = new MariadbSnapshotStore(database);
  const history = new MariadbHistory(database);
  const outbox = new MariadbOutbox(database);
  const retention = new Retention({ archive, archiveWriter, snapshots, history, outbox }, settings);
  let closing: Promise<void> | undefined;
  return {
    archive,
    archiveWriter,
    snapshots,
    history,
    leases: new MariadbLeaderLease(forLeases),
    presence,
    outbox,
    webhooks: outbox,
    epochs: new MariadbEpochBook(database),
    // With the leases: a large write must not make a process look silent.
    board: new MariadbProcessBoard(forLeases),
    polls: new MariadbPollRequests(database),
    expire: (expiry) => retention.expire(expiry),
    close: () => (closing ??= archiveWriter.close().then(closeBoth)),
  };
}

/** What a replay needs. */
export interface MariadbReader {
  readonly archive: Archive;
  readonly snapshots: SnapshotReader;
  readonly epochs: EpochBook;
  close(): Promise<void>;
}

/** Connects to read, as in a thread that replays. Nothing is migrated: whoever started the thread has done so. */
export async function openReader(options: ConnectOptions): Promise<MariadbReader> {
  const database = new Database(options);
  return {
    archive: new MariadbArchive(database),
    snapshots: new MariadbSnapshotStore(database),
    epochs: new MariadbEpochBook(database),
    close: () => database.close(),
  };
}

/**
 * The board alone, for whoever wants to see it: nothing is migrated, and nothing else is opened. A database that no
 * process has ever used has nobody on it.
 */
export async function openBoard(
  options: ConnectOptions,
): Promise<Pick<ProcessBoard, 'list'> & { close(): Promise<void> }> {
  const database = new Database({ ...options, connections: 1 });
  const board = new MariadbProcessBoard(database);
  return {
    list: async () => {
      const [found] =
        (await database.get(
          `SELECT COUNT(*) FROM information_schema.tables
           WHERE table_schema = DATABASE() AND table_name = 'processes'`,
        )) ?? [];
      return found === 0 ? [] : board.list();
    },
    close: () => database.close(),
  };
}
