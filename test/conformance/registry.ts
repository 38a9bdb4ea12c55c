import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Position } from '@wherefore/model';
import {
  MemoryArchive,
  MemoryEpochBook,
  MemoryEventLog,
  MemoryHistory,
  MemoryLeaderLease,
  MemoryOutbox,
  MemoryPollRequests,
  MemoryProcessBoard,
  MemoryPresence,
  MemorySnapshotStore,
  type Archive,
  type ArchiveWriter,
  type EpochBook,
  type EventLog,
  type History,
  type LeaderLease,
  type Outbox,
  type PollRequests,
  type ProcessBoard,
  type SnapshotStore,
  type Webhooks,
} from '@wherefore/ports';
import { openStore as openMariadbStore } from '@wherefore/mariadb';
import { openStore } from '@wherefore/sqlite';
import { tick } from '../../libs/ports/src/conformance/eventLog.conformance';
import type { PresenceUnderTest } from '../../libs/ports/src/conformance/presence.conformance';
import { mariadbNeed } from '../support/services/mariadbServer';
import type { ServiceNeed } from '../support/shared';
import { rabbitmqNeed } from '../support/services/rabbitmqServer';
import { freshDatabase } from './mariadbDatabases';
import { openArchivedLog } from './rabbitmqLogs';
import { MariadbPresence } from '../../libs/adapters/mariadb/src/mariadbPresence';
import { Connection } from '../../libs/adapters/sqlite/src/connection';

/** What every adapter but that of a bare log has, empty, with what the suites need to trouble it. */
export interface StorePorts {
  readonly archive: Archive;
  readonly snapshots: SnapshotStore;
  readonly history: History;
  readonly lease: LeaderLease;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  damage(position: Position): Promise<void>;
  advanceMs(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** An adapter whose log is its own archive. */
export interface LogPorts extends StorePorts {
  readonly log: EventLog;
}

/** An adapter whose archive is a copy of a log elsewhere. */
export interface ArchivePorts extends StorePorts {
  readonly archiveWriter: ArchiveWriter;
  readonly epochs: EpochBook;
  readonly board: ProcessBoard;
  readonly polls: PollRequests;
  readonly presence: Omit<PresenceUnderTest, 'close'>;
  archiveTo(position: Position): Promise<void>;
}

/** An adapter that is a log and nothing else; its archive is another's. */
export interface BareLogPorts {
  readonly log: EventLog;
  readonly archive: Archive;
  close(): Promise<void>;
}

/** An adapter, and the suites that apply to it: those of its ports. */
export type Adapter = (
  | { readonly kind: 'bare log'; readonly open: () => Promise<BareLogPorts> }
  | { readonly kind: 'log'; readonly open: () => Promise<LogPorts> }
  | { readonly kind: 'archive'; readonly open: () => Promise<ArchivePorts> }
) & {
  /** The service that it needs. */
  readonly need?: ServiceNeed;
};

/** Every adapter, by the name of its folder in libs/adapters; and the fakes of libs/ports. */
const ADAPTERS: { readonly [name: string]: Adapter } = {
  'memory': { kind: 'log', open: () => openMemory() },
  'memory archive': { kind: 'archive', open: openMemoryArchive },
  'sqlite': { kind: 'log', open: openSqlite },
  'mariadb': { kind: 'archive', open: openMariadb, need: mariadbNeed },
  'rabbitmq': { kind: 'bare log', open: openArchivedLog, need: rabbitmqNeed },
};

export const ADAPTER_NAMES = Object.keys(ADAPTERS);

/** The adapter of that name. An unknown one throws, so that no run selects nothing by mistake. */
export function adapter(name: string): Adapter {
  const found = Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
  if (!found) throw new Error(`"${name}" is no adapter; there are: ${ADAPTER_NAMES.join(', ')}`);
  return found;
}

/** The adapters to test: all, or those that WHEREFORE_ADAPTERS names, separated by commas. */
export function selectedAdapters(selection = process.env['WHEREFORE_ADAPTERS']): readonly string[] {
  if (selection === undefined) return ADAPTER_NAMES;
  const names = selection.split(',');
  for (const name of names) adapter(name);
  return names;
}

function movableClock() {
  let nowMs = 1_764_000_000_000;
  return {
    nowMs: () => nowMs,
    advanceMs: async (ms: number) => {
      nowMs += ms;
    },
  };
}

async function openMemory(clock = movableClock()): Promise<LogPorts> {
  const log = new MemoryEventLog();
  const snapshots = new MemorySnapshotStore();
  const outbox = new MemoryOutbox();
  return {
    log,
    archive: log,
    snapshots,
    history: new MemoryHistory(),
    lease: new MemoryLeaderLease(clock),
    outbox,
    webhooks: outbox,
    damage: async (position) => snapshots.damage(position),
    advanceMs: clock.advanceMs,
    close: async () => undefined,
  };
}

async function openMemoryArchive(): Promise<ArchivePorts> {
  const clock = movableClock();
  const { log: _, ...ports } = await openMemory(clock);
  const archive = new MemoryArchive();
  const presence = new MemoryPresence();
  const snapshots = new MemorySnapshotStore(archive);
  return {
    ...ports,
    archive,
    archiveWriter: archive,
    epochs: new MemoryEpochBook(),
    board: new MemoryProcessBoard(clock),
    polls: new MemoryPollRequests(),
    snapshots,
    presence: { presence, other: presence, die: async () => presence.die('a') },
    damage: async (position) => snapshots.damage(position),
    archiveTo: (position) => archiveTo({ archive, archiveWriter: archive }, position),
  };
}

async function openMariadb(): Promise<ArchivePorts> {
  const database = await freshDatabase();
  const { leases: lease, presence: other, close, ...ports } = await openMariadbStore(database.options);
  const presence = new MariadbPresence(database.options);
  return {
    ...ports,
    lease,
    presence: { presence, other, die: async () => presence.close() },
    damage: (position) => database.damageSnapshot(position),
    advanceMs: (ms) => database.advanceClockMs(ms),
    archiveTo: (position) => archiveTo(ports, position),
    close: async () => {
      presence.close();
      await close();
      await database.release();
    },
  };
}

async function archiveTo(
  { archive, archiveWriter }: Pick<ArchivePorts, 'archive' | 'archiveWriter'>,
  position: Position,
): Promise<void> {
  const entries = [{ position, entry: tick('as far as here') }];
  await archiveWriter.append({ expected: await archive.cursor(), epoch: 0, entries });
}

async function openSqlite(): Promise<LogPorts> {
  const clock = movableClock();
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-conformance-'));
  const { leases: lease, close, ...ports } = await openStore({ folder, create: true, clock, writer: 'inline' });
  return {
    ...ports,
    lease,
    damage: async (position) => damageSnapshot(join(folder, 'store.db'), position),
    advanceMs: clock.advanceMs,
    close: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
}

function damageSnapshot(path: string, position: Position): void {
  const connection = new Connection(path);
  const [id, bytes] = connection.get(
    `SELECT snapshot_id, bytes FROM snapshot_chunks JOIN snapshots ON snapshots.id = snapshot_id
     WHERE offset = ? AND number = 0`,
    position.offset,
  ) as [number, Uint8Array];
  const altered = Uint8Array.from(bytes);
  altered[0]! ^= 0xff;
  connection.run('UPDATE snapshot_chunks SET bytes = ? WHERE snapshot_id = ? AND number = 0', altered, id);
  connection.close();
}
