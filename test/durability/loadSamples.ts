import type { NewEntry, Position } from '@wherefore/model';
import type { SnapshotHeader } from '@wherefore/ports';

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
