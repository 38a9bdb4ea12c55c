import { WhereforeError, assert, comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { Archive } from '../archive';
import type { PruneOptions, SnapshotBounds, SnapshotHeader, SnapshotStore } from '../snapshotStore';
import { newestWithin, snapshotsToPrune } from '../thinning';

interface Kept {
  readonly header: SnapshotHeader;
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/** Snapshots in memory. `damage` stands for a disk that decays. */
export class MemorySnapshotStore implements SnapshotStore {
  private kept: Kept[] = [];

  /** With an archive beside the log, what lies beyond it is hidden. */
  constructor(private readonly archive?: Pick<Archive, 'cursor'>) {}

  /** Alters one stored byte. */
  damage(position: Position): void {
    const found = this.find(position);
    assert(found && found.bytes.length > 0, `no snapshot to damage at ${formatPosition(position)}`);
    found.bytes[0]! ^= 0xff;
  }

  async save(header: SnapshotHeader, bytes: Uint8Array): Promise<void> {
    assert(header.byteCount === bytes.length, `${header.byteCount} bytes announced, ${bytes.length} given`);
    const copy = Uint8Array.from(bytes);
    const others = this.kept.filter((kept) => comparePositions(kept.header.position, header.position) !== 0);
    this.kept = [...others, { header, bytes: copy, checksum: checksum(copy) }].sort((a, b) =>
      comparePositions(a.header.position, b.header.position),
    );
  }

  async list(): Promise<readonly SnapshotHeader[]> {
    const reached = await this.archive?.cursor();
    const headers = this.kept.map((kept) => kept.header);
    return reached ? headers.filter((header) => comparePositions(header.position, reached) <= 0) : headers;
  }

  async newest(bounds: SnapshotBounds = {}): Promise<SnapshotHeader | undefined> {
    return newestWithin(await this.list(), bounds);
  }

  async load(position: Position): Promise<Uint8Array> {
    const found = this.find(position);
    const reached = await this.archive?.cursor();
    if (!found || (reached && comparePositions(position, reached) > 0)) {
      throw new WhereforeError('snapshot-missing', `there is no snapshot at ${formatPosition(position)}`);
    }
    if (checksum(found.bytes) !== found.checksum) {
      throw new WhereforeError('snapshot-corrupt', `the snapshot at ${formatPosition(position)} was altered`);
    }
    return Uint8Array.from(found.bytes);
  }

  async prune(options: PruneOptions): Promise<readonly Position[]> {
    const headers = await this.list();
    const dropped = await snapshotsToPrune(headers, options, (position) => this.isWhole(position));
    this.kept = this.kept.filter((kept) => !dropped.includes(kept.header));
    return dropped.map((header) => header.position);
  }

  private async isWhole(position: Position): Promise<boolean> {
    return this.load(position).then(
      () => true,
      () => false,
    );
  }

  private find(position: Position): Kept | undefined {
    return this.kept.find((kept) => comparePositions(kept.header.position, position) === 0);
  }
}

function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum;
}
