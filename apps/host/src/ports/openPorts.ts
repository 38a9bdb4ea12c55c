import { createRequire } from 'node:module';
import type {
  Archive,
  ArchiveWriter,
  EpochBook,
  EventLog,
  History,
  LeaderLease,
  LinkHealth,
  Outbox,
  Presence,
  PollRequests,
  ProcessBoard,
  SnapshotStore,
  Timer,
  Webhooks,
} from '@wherefore/ports';
import type { Expired, ExpireOptions } from '@wherefore/mariadb';
import type { RabbitEventLog } from '@wherefore/rabbitmq';
import type { ReplayParts } from '@wherefore/runtime';
import { type Config, isDistributed } from '../config';
import type { Log } from '../log';
import type * as Distributed from './distributedPorts';
import type * as Embedded from './embeddedPorts';

/** What every role stands on, whatever is behind it. */
export interface CommonPorts {
  readonly log: EventLog;
  readonly archive: Archive;
  readonly snapshots: SnapshotStore;
  readonly history: History;
  readonly leases: LeaderLease;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  readonly board: ProcessBoard;
  /** How a thread that replays opens the same archive and snapshots. */
  readonly replaySource: ReplayParts['source'];
  /** What is known of the broker and the database; `null` where there is none. */
  links(): { readonly broker: LinkHealth | null; readonly database: LinkHealth | null };
  /** Hears how a call to the database went: `undefined`, or what it rejected with. */
  sawDatabase(trouble: unknown): void;
  /** Settles when everything submitted is durable and nothing is open. */
  close(): Promise<void>;
}

/** One process over SQLite: the log is its own archive. */
export interface EmbeddedPorts extends CommonPorts {
  readonly kind: 'embedded';
}

/** One of several processes over RabbitMQ and MariaDB. */
export interface DistributedPorts extends CommonPorts {
  readonly kind: 'distributed';
  /** The same as `log`, with what only a stream has: epochs, and the tail that readers hold. */
  readonly streamLog: RabbitEventLog;
  readonly archiveWriter: ArchiveWriter;
  readonly epochs: EpochBook;
  /** Signs of life: a leader that was killed is replaced at once. */
  readonly presence: Presence;
  /** Where listeners ask for polls, and drivers find what to poll. */
  readonly polls: PollRequests;
  /** Lets go of what is older than `database.historyDays` and `database.archiveDays`. */
  expire(options: ExpireOptions): Promise<Expired>;
}

export type Ports = EmbeddedPorts | DistributedPorts;

export interface OpenPortsOptions {
  readonly log: Log;
  readonly timer: Timer;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  /** Hears what is being waited for. */
  readonly waits: (reason: string) => void;
}

/**
 * Opens what the configuration names: the store's folder, or broker and database. The latter are waited for as long as
 * they cannot be reached, which is logged. Rejects as the adapters do when waiting would not help (`store-locked`,
 * `store-refused`, `store-newer`, …), and with the signal's reason on abort.
 */
export async function openPorts(config: Config, options: OpenPortsOptions): Promise<Ports> {
  // Loaded as needed: neither shape loads the clients of the other.
  const load = createRequire(__filename);
  if (!isDistributed(config)) {
    const { openEmbeddedPorts } = load('./embeddedPorts') as typeof Embedded;
    return openEmbeddedPorts(config, options);
  }
  const { openDistributedPorts } = load('./distributedPorts') as typeof Distributed;
  return openDistributedPorts(config, options);
}
