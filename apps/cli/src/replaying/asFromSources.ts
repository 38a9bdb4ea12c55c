import { type NewEntry, RowDigest } from '@wherefore/model';
import type { PeriodEntry } from './period';
import { shiftedEvent } from './shiftedTimes';

/** Why an entry of the period is not replayed. */
export type LeftOut = 'tick' | 'epoch' | 'behaviour' | 'replaced-leader' | 'templates-and-configuration';

export interface CarryOptions {
  /** Whole seconds by which all times are moved; 0 keeps times and ids. */
  readonly shiftSeconds: number;
  /** Leaves out what operators did: templates and configuration. */
  readonly eventsOnly: boolean;
}

/** The entry as its source would append it to the other log, or why it does not go there. */
export function asFromSource(from: PeriodEntry, options: CarryOptions): NewEntry | LeftOut {
  const { entry, outcome } = from;
  switch (entry.kind) {
    // The other log has a leader with a clock of its own, epochs of its own, and programs that know their rules.
    case 'tick':
      return 'tick';
    case 'epoch-opened':
      return 'epoch';
    case 'behaviour-set':
      return 'behaviour';
    case 'template-add':
    case 'template-delete':
    case 'config-set':
      if (options.eventsOnly) return 'templates-and-configuration';
      break;
    default:
  }
  // It changed nothing; without its fence it would.
  if (outcome.kind === 'stale-epoch') return 'replaced-leader';
  return moved(from, withoutFence(entry), options.shiftSeconds);
}

/** A fence is of a lease over there. Here it would shut out whoever holds the lease of that name. */
function withoutFence(entry: NewEntry): NewEntry {
  if (entry.fence === undefined) return entry;
  const { fence: _, ...rest } = entry;
  return rest as NewEntry;
}

/**
 * What is told for another time is another entry: it has another id, so that the same period can be replayed again
 * tomorrow, and the same id for the same shift, so that a replay that goes on changes nothing twice.
 */
function moved({ rowIds = [] }: PeriodEntry, entry: NewEntry, shiftSeconds: number): NewEntry {
  if (shiftSeconds === 0) return entry;
  const id = movedId(entry.id, shiftSeconds);
  const ingestedAtMs = Math.max(0, entry.ingestedAtMs + shiftSeconds * 1000);
  if (entry.kind === 'event') return { ...entry, id, ingestedAtMs, event: shiftedEvent(entry.event, shiftSeconds) };
  if (entry.kind !== 'poll-completed') return { ...entry, id, ingestedAtMs };
  const seen = new RowDigest();
  const told = new RowDigest();
  for (const rowId of rowIds) {
    seen.add(rowId);
    told.add(movedId(rowId, shiftSeconds));
  }
  // A poll that was not complete at its source stays so.
  const isComplete = seen.rowCount === entry.rowCount && seen.toString() === entry.rowDigest;
  return { ...entry, id, ingestedAtMs, ...(isComplete ? { rowDigest: told.toString() } : {}) };
}

function movedId(id: string, shiftSeconds: number): string {
  return `${id}+${shiftSeconds}s`;
}
