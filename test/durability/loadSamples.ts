import type { LogEntry, NewEntry, Position } from '@wherefore/model';
import type { PlacedEffect, SnapshotHeader } from '@wherefore/ports';

/** An entry of about the size of a real one, known by its id. The counting machine raises an alarm of it. */
export function entryOf(id: string): NewEntry {
  const event = { vitrage_entity_type: 'nova.host', id, filling: 'x'.repeat(400) };
  return { kind: 'event', id, version: 1, source: 'load', ingestedAtMs: 1_764_000_000_000, event };
}

/** A format that no program reads. */
export const FOREIGN_FORMAT = 9999;

/** A snapshot of several pieces, recognisable when a piece is missing, and of no use to anybody. */
export function largeSnapshotAt(position: Position): { header: SnapshotHeader; bytes: Uint8Array } {
  const bytes = new Uint8Array(2_500_000).fill(position.offset & 0xff);
  const header = {
    position,
    ordinal: position.offset,
    logTimeMs: position.offset,
    stateHash: String(position.offset),
    behaviour: 1,
    formatVersion: FOREIGN_FORMAT,
    byteCount: bytes.length,
    createdAtMs: position.offset,
  };
  return { header, bytes };
}

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

/** The next entries of a log that anybody can compute: at offset n is the entry with the id n. */
export function entriesAfter({ offset }: Position, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    position: at(offset + 1 + i),
    entry: entryOf(String(offset + 1 + i)),
  }));
}

/** What such entries amount to: an alarm each. */
export function raisedAfter({ offset }: Position, count: number): PlacedEffect[] {
  return Array.from({ length: count }, (_, i) => {
    const id = String(offset + 1 + i);
    const effect = { kind: 'alarm-raised', entityId: id, properties: { name: 'load' }, changes: {} } as const;
    return { position: at(offset + 1 + i), logTimeMs: offset + 1 + i, effect };
  });
}
