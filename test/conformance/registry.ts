import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Position } from '@wherefore/model';
import {
  MemoryEventLog,
  MemoryHistory,
  MemoryLeaderLease,
  MemoryOutbox,
  MemorySnapshotStore,
  type Archive,
  type EventLog,
  type History,
  type LeaderLease,
  type Outbox,
  type SnapshotStore,
  type Webhooks,
} from '@wherefore/ports';
import { openStore } from '@wherefore/sqlite';
import { Connection } from '../../libs/adapters/sqlite/src/connection';

/** The ports of one adapter, empty, with what the suites need to trouble them. */
export interface Ports {
  readonly log: EventLog;
  readonly archive: Archive;
  readonly snapshots: SnapshotStore;
  readonly history: History;
  readonly lease: LeaderLease;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  damage(position: Position): Promise<void>;
  advanceMs(ms: number): void;
  close(): Promise<void>;
}

/** Every adapter, by the name of its folder in libs/adapters; and the fakes of libs/ports. */
const ADAPTERS: { readonly [name: string]: () => Promise<Ports> } = {
  memory: openMemory,
  sqlite: openSqlite,
};

export const ADAPTER_NAMES = Object.keys(ADAPTERS);

/** Opens the ports of an adapter. An unknown name throws, so that no run selects nothing by mistake. */
export function adapter(name: string): () => Promise<Ports> {
  const open = Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
  if (!open) throw new Error(`"${name}" is no adapter; there are: ${ADAPTER_NAMES.join(', ')}`);
  return open;
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
    advanceMs: (ms: number) => {
      nowMs += ms;
    },
  };
}

async function openMemory(): Promise<Ports> {
  const clock = movableClock();
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

async function openSqlite(): Promise<Ports> {
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
