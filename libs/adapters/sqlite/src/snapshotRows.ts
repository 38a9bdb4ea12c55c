import type { SnapshotHeader } from '@wherefore/ports';
import type { Connection } from './connection';

export interface ChunkToWrite {
  readonly snapshotId: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface SnapshotToFinish {
  readonly snapshotId: number;
  readonly contentHash: string;
}

/**
 * Operations of the writer on snapshots. A snapshot is written by several of them, so that appends
 * get their turn in between; it is invisible until the last.
 */
export const snapshotOperations = {
  /** Gives the id under which the chunks are to be written. */
  beginSnapshot(connection: Connection, header: SnapshotHeader): number {
    const { position } = header;
    return connection.run(
      `INSERT INTO snapshots (epoch, offset, idx, ordinal, log_time_ms, state_hash, behaviour, format_version,
         byte_count, created_at_ms, content_hash, visible) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)`,
      position.epoch,
      position.offset,
      position.index,
      header.ordinal,
      header.logTimeMs,
      header.stateHash,
      header.behaviour,
      header.formatVersion,
      header.byteCount,
      header.createdAtMs,
    ).rowId;
  },

  writeChunk(connection: Connection, { snapshotId, number, bytes }: ChunkToWrite): void {
    connection.run('INSERT INTO snapshot_chunks VALUES (?, ?, ?)', snapshotId, number, bytes);
  },

  /** Makes it visible, in place of an earlier one at that position. */
  finishSnapshot(connection: Connection, { snapshotId, contentHash }: SnapshotToFinish): void {
    const replaced = connection.all(
      `SELECT old.id FROM snapshots old JOIN snapshots new USING (epoch, offset, idx)
       WHERE new.id = ? AND old.visible = 1`,
      snapshotId,
    );
    for (const [id] of replaced) removeSnapshot(connection, id as number);
    connection.run('UPDATE snapshots SET visible = 1, content_hash = ? WHERE id = ?', contentHash, snapshotId);
  },

  removeSnapshots(connection: Connection, ids: readonly number[]): void {
    for (const id of ids) removeSnapshot(connection, id);
  },
};

function removeSnapshot(connection: Connection, id: number): void {
  connection.run('DELETE FROM snapshot_chunks WHERE snapshot_id = ?', id);
  connection.run('DELETE FROM snapshots WHERE id = ?', id);
}
