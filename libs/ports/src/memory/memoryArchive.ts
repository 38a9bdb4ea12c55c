import { ORIGIN, comparePositions, type NewEntry, type Position } from '@wherefore/model';
import type { Archive, ArchiveBatch, ArchiveResult, ArchiveWriter, ArchivedEntry } from '../archive';
import { assertInOrder, forgottenAfter } from '../archiveOrder';
import { encodeEntry } from '../entryBytes';

/** An archive beside a log, in memory. A piece of its storage is one entry. */
export class MemoryArchive implements Archive, ArchiveWriter {
  private kept: ArchivedEntry[] = [];
  private forgotten: Position = ORIGIN;
  private epoch = 0;

  async cursor(): Promise<Position> {
    return this.newest();
  }

  async count(): Promise<number> {
    return this.kept.at(-1)?.ordinal ?? 0;
  }

  async horizon(): Promise<Position> {
    return this.forgotten;
  }

  async readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]> {
    if (comparePositions(after, this.forgotten) < 0) throw forgottenAfter(after, this.forgotten);
    const start = this.kept.findIndex((entry) => comparePositions(entry.position, after) > 0);
    return start < 0 ? [] : this.kept.slice(start, start + limit);
  }

  async lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]> {
    const wanted = new Set(ordinals);
    return this.kept.filter((entry) => wanted.has(entry.ordinal));
  }

  async append({ expected, epoch, entries }: ArchiveBatch): Promise<ArchiveResult> {
    assertInOrder(expected, entries);
    const texts = entries.map(({ entry }) => encodeEntry(entry));
    await Promise.resolve();
    if (epoch < this.epoch) return { kind: 'stale-epoch', cursor: this.newest() };
    if (comparePositions(expected, this.newest()) !== 0) return { kind: 'cursor-moved', cursor: this.newest() };
    this.epoch = epoch;
    for (const [i, { position }] of entries.entries()) {
      const ordinal = (this.kept.at(-1)?.ordinal ?? 0) + 1;
      this.kept.push({ ordinal, position, entry: JSON.parse(texts[i]!) as NewEntry });
    }
    return { kind: 'written', cursor: this.newest() };
  }

  async forget(position: Position, epoch: number): Promise<ArchiveResult> {
    if (epoch < this.epoch) return { kind: 'stale-epoch', cursor: this.newest() };
    this.epoch = epoch;
    const newest = this.newest();
    const goes = (entry: ArchivedEntry) =>
      comparePositions(entry.position, position) <= 0 && comparePositions(entry.position, newest) < 0;
    this.forgotten = this.kept.filter(goes).at(-1)?.position ?? this.forgotten;
    this.kept = this.kept.filter((entry) => !goes(entry));
    return { kind: 'written', cursor: newest };
  }

  private newest(): Position {
    return this.kept.at(-1)?.position ?? ORIGIN;
  }
}
