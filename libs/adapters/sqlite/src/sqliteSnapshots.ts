import { createHash } from 'node:crypto';
import { WhereforeError, assert, formatPosition, type Position } from '@wherefore/model';
import {
  SNAPSHOT_CHUNK_BYTES,
  type PruneOptions,
  type SnapshotBounds,
  type SnapshotHeader,
  type SnapshotReader,
  snapshotsToPrune,
  type SnapshotStore,
} from '@wherefore/ports';
import type { Connection, Row } from './connection';
import type { Writer } from './writer';

/** A chunk is worth this many rows in a batch: appends shall not wait for several. */
const CHUNK_WEIGHT = 500;

const HEADER_COLUMNS = `id, epoch, offset, idx, ordinal, log_time_ms, state_hash, behaviour, format_version,
  byte_count, created_at_ms, content_hash`;

/** After every position there is. */
const BEYOND: Position = { epoch: Number.MAX_SAFE_INTEGER, offset: 0, index: 0 };

interface Stored {
  readonly id: number;
  readonly header: SnapshotHeader;
  readonly contentHash: string;
}

/** Snapshots of a store, read only. */
export class SqliteSnapshotReader implements SnapshotReader {
  constructor(protected readonly connection: Connection) {}

  async list(): Promise<readonly SnapshotHeader[]> {
    return this.stored().map(({ header }) => header);
  }

  async newest({ atOrBefore, before, logTimeAtOrBeforeMs }: SnapshotBounds = {}): Promise<SnapshotHeader | undefined> {
    const [atMost, below] = [atOrBefore ?? BEYOND, before ?? BEYOND];
    const row = this.connection.get(
      `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE visible = 1 AND log_time_ms <= ?
         AND (epoch, offset, idx) <= (?, ?, ?) AND (epoch, offset, idx) < (?, ?, ?)
         ORDER BY epoch DESC, offset DESC, idx DESC LIMIT 1`,
      logTimeAtOrBeforeMs ?? Number.MAX_SAFE_INTEGER,
      ...valuesOf(atMost),
      ...valuesOf(below),
    );
    return row === undefined ? undefined : toStored(row).header;
  }

  async load(position: Position): Promise<Uint8Array> {
    const row = this.connection.get(
      `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE visible = 1 AND (epoch, offset, idx) = (?, ?, ?)`,
      ...valuesOf(position),
    );
    const found = row === undefined ? undefined : toStored(row);
    if (!found) {
      throw new WhereforeError('snapshot-missing', `there is no snapshot at ${formatPosition(position)}`, {
        hint: 'It may have been pruned; list them again.',
      });
    }
    const bytes = new Uint8Array(found.header.byteCount);
    const hash = createHash('sha256');
    let filled = 0;
    for (let number = 0; filled < bytes.length; number++) {
      const chunk = this.chunk(found.id, number);
      if (!chunk || filled + chunk.length > bytes.length) throw corrupt(position);
      hash.update(chunk);
      bytes.set(chunk, filled);
      filled += chunk.length;
      // Others in this thread get their turn between two pieces.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (hash.digest('hex') !== found.contentHash) throw corrupt(position);
    return bytes;
  }

  protected stored(): Stored[] {
    const rows = this.connection.all(
      `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE visible = 1 ORDER BY epoch, offset, idx`,
    );
    return rows.map(toStored);
  }

  private chunk(id: number, number: number): Uint8Array | undefined {
    const row = this.connection.get(
      'SELECT bytes FROM snapshot_chunks WHERE snapshot_id = ? AND number = ?',
      id,
      number,
    );
    return row?.[0] as Uint8Array | undefined;
  }
}

/** Snapshots of a store that this process writes. */
export class SqliteSnapshotStore extends SqliteSnapshotReader implements SnapshotStore {
  /** Saves under way in this process; what else is invisible was left behind by a crash. */
  private readonly unfinished = new Set<number>();

  constructor(
    connection: Connection,
    private readonly writer: Writer,
  ) {
    super(connection);
  }

  async save(header: SnapshotHeader, bytes: Uint8Array): Promise<void> {
    assert(header.byteCount === bytes.length, `${header.byteCount} bytes announced, ${bytes.length} given`);
    const snapshotId = await this.writer.submit('beginSnapshot', header);
    this.unfinished.add(snapshotId);
    try {
      const hash = createHash('sha256');
      for (let number = 0; number * SNAPSHOT_CHUNK_BYTES < bytes.length; number++) {
        const start = number * SNAPSHOT_CHUNK_BYTES;
        const chunk = bytes.slice(start, start + SNAPSHOT_CHUNK_BYTES);
        hash.update(chunk);
        await this.writer.submit('writeChunk', { snapshotId, number, bytes: chunk }, CHUNK_WEIGHT);
      }
      await this.writer.submit('finishSnapshot', { snapshotId, contentHash: hash.digest('hex') });
    } finally {
      this.unfinished.delete(snapshotId);
    }
  }

  async prune(options: PruneOptions): Promise<readonly Position[]> {
    const stored = this.stored();
    const headers = stored.map(({ header }) => header);
    const dropped = await snapshotsToPrune(headers, options, (position) => this.isWhole(position));
    const ids = stored.filter(({ header }) => dropped.includes(header)).map(({ id }) => id);
    const left = this.connection.all('SELECT id FROM snapshots WHERE visible = 0').map(([id]) => id as number);
    await this.writer.submit('removeSnapshots', [...ids, ...left.filter((id) => !this.unfinished.has(id))]);
    return dropped.map((header) => header.position);
  }

  private async isWhole(position: Position): Promise<boolean> {
    try {
      await this.load(position);
      return true;
    } catch (error) {
      if (error instanceof WhereforeError && error.code === 'snapshot-corrupt') return false;
      throw error;
    }
  }
}

function valuesOf({ epoch, offset, index }: Position): [number, number, number] {
  return [epoch, offset, index];
}

function toStored(row: Row): Stored {
  const [id, epoch, offset, index, ordinal, logTimeMs] = row as number[];
  const header: SnapshotHeader = {
    position: { epoch: epoch!, offset: offset!, index: index! },
    ordinal: ordinal!,
    logTimeMs: logTimeMs!,
    stateHash: row[6] as string,
    behaviour: row[7] as number,
    formatVersion: row[8] as number,
    byteCount: row[9] as number,
    createdAtMs: row[10] as number,
  };
  return { id: id!, header, contentHash: row[11] as string };
}

function corrupt(position: Position): WhereforeError {
  return new WhereforeError('snapshot-corrupt', `the snapshot at ${formatPosition(position)} does not match its hash`, {
    hint: 'An older one is used instead; check the disk.',
  });
}
