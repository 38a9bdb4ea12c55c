import type { Position } from '@wherefore/model';

/** Bytes of one stored piece of a snapshot. Databases refuse or suffer from larger values. */
export const SNAPSHOT_CHUNK_BYTES = 1024 * 1024;

/** What is known of a snapshot without reading it. Its identity is its position. */
export interface SnapshotHeader {
  /** The last entry that the state contains. */
  readonly position: Position;
  /** How many entries the state contains. */
  readonly ordinal: number;
  readonly logTimeMs: number;
  /** The engine's hash of the state. */
  readonly stateHash: string;
  readonly behaviour: number;
  /** Version of what the bytes are: encoding and compression. */
  readonly formatVersion: number;
  readonly byteCount: number;
  readonly createdAtMs: number;
}

/** Bounds, all of which must hold. Without any, the newest snapshot of all. */
export interface SnapshotBounds {
  readonly atOrBefore?: Position;
  readonly before?: Position;
  /** Log time of the snapshot at or before this. */
  readonly logTimeAtOrBeforeMs?: number;
}

/** The reading half: all that a second process gets. */
export interface SnapshotReader {
  /** All visible snapshots, oldest position first. */
  list(): Promise<readonly SnapshotHeader[]>;

  /** The visible snapshot with the greatest position within the bounds. */
  newest(bounds?: SnapshotBounds): Promise<SnapshotHeader | undefined>;

  /**
   * The bytes that were saved, checked against the hash taken when they were.
   * Rejects `snapshot-missing`, or `snapshot-corrupt` when a piece is missing or altered.
   */
  load(position: Position): Promise<Uint8Array>;
}

export interface PruneOptions {
  readonly nowMs: number;
  /** Cursors of the roles: the newest valid snapshot at or before each of them is kept. */
  readonly cursors?: readonly Position[];
}

/** Keeps snapshots of the state: a header, and bytes that mean nothing here. */
export interface SnapshotStore extends SnapshotReader {
  /**
   * Stores the bytes in pieces of `SNAPSHOT_CHUNK_BYTES`, with a hash over all. Settles when the
   * snapshot is durable; it is visible only then, and never half. One that exists at that position
   * is replaced. `header.byteCount` must be the length of `bytes`.
   */
  save(header: SnapshotHeader, bytes: Uint8Array): Promise<void>;

  /**
   * Removes what `chooseSnapshotsToDrop` gives up, and what interrupted saves left behind. The
   * newest snapshot whose bytes are whole always stays. Gives the positions removed. Cost: reads at
   * least one snapshot, to know that it is whole.
   */
  prune(options: PruneOptions): Promise<readonly Position[]>;
}
