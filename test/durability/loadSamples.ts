import type { LogEntry, NewEntry, Position } from '@wherefore/model';
import type { PlacedEffect, SnapshotHeader } from '@wherefore/ports';

/** An entry of about the size of a real one, known by its id. */
export function entryOf(id: string): NewEntry {
  const event = { vitrage_entity_type: 'nova.host', id, filling: 'x'.repeat(400) };
  return { kind: 'event', id, version: 1, source: 'load', ingestedAtMs: 1_764_000_000_000, event };
}

/** What a step would have made of the entry: one alarm, named after it. */
export function effectOf({ position, entry }: LogEntry): PlacedEffect {
  const properties = { name: entry.id };
  return {
    position,
    logTimeMs: position.offset,
    effect: { kind: 'alarm-raised', entityId: entry.id, properties, changes: {} },
  };
}

/** A snapshot of several pieces. */
export function snapshotAt(position: Position): { header: SnapshotHeader; bytes: Uint8Array } {
  const bytes = new Uint8Array(2_500_000).fill(position.offset & 0xff);
  const header = {
    position,
    ordinal: position.offset,
    logTimeMs: position.offset,
    stateHash: String(position.offset),
    behaviour: 1,
    formatVersion: 1,
    byteCount: bytes.length,
    createdAtMs: position.offset,
  };
  return { header, bytes };
}
