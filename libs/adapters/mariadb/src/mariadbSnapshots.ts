import { createHash } from 'node:crypto';
import { WhereforeError, assert, formatPosition, type Position } from '@wherefore/model';
import {
  SNAPSHOT_CHUNK_BYTES,
  type PruneOptions,
  type SnapshotBounds,
  type SnapshotHeader,
  snapshotsToPrune,
  type SnapshotStore,
} from '@wherefore/ports';
import type { Database, Row, Session } from './database';
import { positionOf, positionText } from './positionColumn';

/** A save that wrote nothing for so long is taken to have been interrupted: prune sweeps it up. */
const ABANDONED_AFTER_SECONDS = 600;

const HEADER_COLUMNS = `id, position, ordinal, log_time_ms, state_hash, behaviour, format_version, byte_count,
  created_at_ms, content_hash`;

/** Whole, and no further than the archive: what lies beyond may be lost with the log. */
const IS_VISIBLE = 'visible = 1 AND position <= (SELECT position FROM archive_cursor)';

interface Stored {
  readonly id: number;
  readonly header: SnapshotHeader;
  readonly contentHash: string;
}

/** Snapshots in pieces of 1 MiB; a row that says so makes them visible together. */
export class MariadbSnapshotStore implements SnapshotStore {
  constructor(private readonly database: Database) {}

  async list(): Promise<readonly SnapshotHeader[]> {
    return (await this.stored()).map(({ header }) => header);
  }

  async newest({ atOrBefore, before, logTimeAtOrBeforeMs }: SnapshotBounds = {}): Promise<SnapshotHeader | undefined> {
    const bounds: (readonly [condition: string, value: string | number])[] = [];
    if (atOrBefore !== undefined) bounds.push(['position <= ?', positionText(atOrBefore)]);
    if (before !== undefined) bounds.push(['position < ?', positionText(before)]);
    if (logTimeAtOrBeforeMs !== undefined) bounds.push(['log_time_ms <= ?', logTimeAtOrBeforeMs]);
    const conditions = [IS_VISIBLE, ...bounds.map(([condition]) => condition)].join(' AND ');
    const row = await this.database.get(
      `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE ${conditions} ORDER BY position DESC LIMIT 1`,
      ...bounds.map(([, value]) => value),
    );
    return row === undefined ? undefined : toStored(row).header;
  }

  async load(position: Position): Promise<Uint8Array> {
    const row = await this.database.get(
      `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE ${IS_VISIBLE} AND position = ?`,
      positionText(position),
    );
    if (!row) throw missing(position);
    const { id, header, contentHash } = toStored(row);
    const bytes = new Uint8Array(header.byteCount);
    const hash = createHash('sha256');
    let filled = 0;
    for (let number = 0; filled < bytes.length; number++) {
      const chunk = await this.chunk(id, number);
      if (!chunk || filled + chunk.length > bytes.length) throw await this.unreadable(id, position);
      hash.update(chunk);
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (hash.digest('hex') !== contentHash) throw corrupt(position);
    return bytes;
  }

  async save(header: SnapshotHeader, bytes: Uint8Array): Promise<void> {
    assert(header.byteCount === bytes.length, `${header.byteCount} bytes announced, ${bytes.length} given`);
    const id = await this.begin(header);
    const hash = createHash('sha256');
    let chunks = 0;
    for (let start = 0; start < bytes.length; start += SNAPSHOT_CHUNK_BYTES) {
      const chunk = Buffer.from(bytes.subarray(start, start + SNAPSHOT_CHUNK_BYTES));
      hash.update(chunk);
      await this.writeChunk(id, chunks++, chunk, header.position);
    }
    const contentHash = hash.digest('hex');
    const done = await this.database.transaction((session) => finish(session, { id, header, contentHash }, chunks));
    if (!done) throw swept(header.position);
  }

  async prune(options: PruneOptions): Promise<readonly Position[]> {
    const stored = await this.stored();
    const headers = stored.map(({ header }) => header);
    const dropped = await snapshotsToPrune(headers, options, (position) => this.isWhole(position));
    await this.remove(dropped.map((header) => header.position));
    await this.sweep();
    return dropped.map((header) => header.position);
  }

  /** Removes these, each in a transaction of its own: the pieces are many bytes. */
  async remove(positions: readonly Position[]): Promise<void> {
    for (const position of positions) {
      const rows = await this.database.all(
        'SELECT id FROM snapshots WHERE visible = 1 AND position = ?',
        positionText(position),
      );
      for (const [id] of rows) await this.database.transaction((session) => removeOne(session, Number(id)));
    }
  }

  /** Whether the bytes are what was saved. Reads all of them. */
  async isWhole(position: Position): Promise<boolean> {
    try {
      await this.load(position);
      return true;
    } catch (error) {
      if (error instanceof WhereforeError && error.code === 'snapshot-corrupt') return false;
      if (error instanceof WhereforeError && error.code === 'snapshot-missing') return false;
      throw error;
    }
  }

  private async sweep(): Promise<void> {
    const left = await this.database.all(
      `SELECT id FROM snapshots WHERE visible = 0 AND touched_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND`,
      ABANDONED_AFTER_SECONDS,
    );
    for (const [id] of left) await this.database.transaction((session) => removeOne(session, Number(id)));
  }

  private async stored(): Promise<Stored[]> {
    const sql = `SELECT ${HEADER_COLUMNS} FROM snapshots WHERE ${IS_VISIBLE} ORDER BY position`;
    return (await this.database.all(sql)).map(toStored);
  }

  private async begin({ position, ...header }: SnapshotHeader): Promise<number> {
    const id = await this.database.transaction(async (session) => {
      await session.run(
        `INSERT INTO snapshots (position, ordinal, log_time_ms, state_hash, behaviour, format_version, byte_count,
           created_at_ms, content_hash, visible, touched_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, UTC_TIMESTAMP(3))`,
        positionText(position),
        header.ordinal,
        header.logTimeMs,
        header.stateHash,
        header.behaviour,
        header.formatVersion,
        header.byteCount,
        header.createdAtMs,
      );
      return Number((await session.get('SELECT LAST_INSERT_ID()'))![0]);
    });
    return id!;
  }

  private async writeChunk(id: number, number: number, bytes: Buffer, position: Position): Promise<void> {
    const written = await this.database.transaction(async (session) => {
      // A save that slept so long that it was swept up must not leave pieces behind.
      const touched = await session.run(
        'UPDATE snapshots SET touched_at = UTC_TIMESTAMP(3) WHERE id = ? AND visible = 0',
        id,
      );
      if (touched === 0) return undefined;
      return session.run(
        'INSERT INTO snapshot_chunks (snapshot_id, number, bytes) VALUES (?, ?, ?)',
        id,
        number,
        bytes,
      );
    });
    if (written === undefined) throw swept(position);
  }

  private async chunk(id: number, number: number): Promise<Buffer | undefined> {
    const row = await this.database.get(
      'SELECT bytes FROM snapshot_chunks WHERE snapshot_id = ? AND number = ?',
      id,
      number,
    );
    return row?.[0] as Buffer | undefined;
  }

  /** A piece is missing: lost, or the whole snapshot was removed while it was read. */
  private async unreadable(id: number, position: Position): Promise<WhereforeError> {
    const row = await this.database.get('SELECT id FROM snapshots WHERE id = ?', id);
    return row ? corrupt(position) : missing(position);
  }
}

/** Makes it visible, in place of an earlier one at that position. `undefined` when it is not whole. */
async function finish(
  session: Session,
  { id, header, contentHash }: Stored,
  chunks: number,
): Promise<true | undefined> {
  // Their lengths would have the database read all of them again; the hash tells of every byte to whoever does.
  const stored = await session.get('SELECT COUNT(*) FROM snapshot_chunks WHERE snapshot_id = ?', id);
  if (Number(stored![0]) !== chunks) return undefined;
  const replaced = await session.all(
    'SELECT id FROM snapshots WHERE visible = 1 AND position = ? FOR UPDATE',
    positionText(header.position),
  );
  const shown = await session.run(
    'UPDATE snapshots SET visible = 1, content_hash = ? WHERE id = ? AND visible = 0',
    contentHash,
    id,
  );
  if (shown === 0) return undefined;
  for (const [old] of replaced) await removeOne(session, Number(old));
  return true;
}

async function removeOne(session: Session, id: number): Promise<true> {
  await session.run('DELETE FROM snapshot_chunks WHERE snapshot_id = ?', id);
  await session.run('DELETE FROM snapshots WHERE id = ?', id);
  return true;
}

function toStored(row: Row): Stored {
  const header: SnapshotHeader = {
    position: positionOf(row[1]),
    ordinal: Number(row[2]),
    logTimeMs: Number(row[3]),
    stateHash: String(row[4]),
    behaviour: Number(row[5]),
    formatVersion: Number(row[6]),
    byteCount: Number(row[7]),
    createdAtMs: Number(row[8]),
  };
  return { id: Number(row[0]), header, contentHash: String(row[9]) };
}

function missing(position: Position): WhereforeError {
  return new WhereforeError('snapshot-missing', `there is no snapshot at ${formatPosition(position)}`, {
    hint: 'It may have been pruned; list them again.',
  });
}

function corrupt(position: Position): WhereforeError {
  return new WhereforeError('snapshot-corrupt', `the snapshot at ${formatPosition(position)} does not match its hash`, {
    hint: 'An older one is used instead; check the disk of the database.',
  });
}

function swept(position: Position): WhereforeError {
  return new WhereforeError('log-unavailable', `the save of a snapshot at ${formatPosition(position)} took too long`, {
    hint: 'What there was of it has been removed; it is taken again later.',
    retryable: true,
  });
}
