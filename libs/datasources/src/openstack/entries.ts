import {
  ENTRY_VERSION,
  type EventEntry,
  type JsonObject,
  type NewEntry,
  oversize,
  refusedInput,
  type RejectedInputEntry,
  type Rejection,
  RowDigest,
} from '@wherefore/model';
import { toEntityEvent } from '../toEntityEvent';
import type { NotificationEvents } from './notification';
import type { PollRows } from './restAnswer';

/** Of the rows of a poll that are refused, so many are kept to be seen: one tells what is wrong with a thousand. */
const REFUSED_ROWS_MAX = 20;

/**
 * The events of one message as entries. The ids come from the message, so that a second delivery of it
 * gives the same ones: its `message_id`, and behind it the place within the message where there are several.
 *
 * An event that means nothing, or is too large for the log, is replaced by the entry of its refusal, under an
 * id of its own: the id of the message stays free for a message that can be read.
 */
export function eventEntries(
  { id, events }: NotificationEvents,
  ingestedAtMs: number,
): (EventEntry | RejectedInputEntry)[] {
  return events.map((event, index) => {
    const entry: EventEntry = {
      kind: 'event',
      id: events.length === 1 ? id : `${id}/${index}`,
      version: ENTRY_VERSION,
      source: datasourceOf(event),
      ingestedAtMs,
      event,
    };
    const fault = faultOf(entry);
    return fault === undefined ? entry : refused(fault, entry);
  });
}

/**
 * One poll as entries: its beginning, its rows, its end. `pollId` must be unique to the poll, and the same
 * when the same answer is read again; the ids of the rows are made of it and their keys.
 *
 * The poll is complete, and what it does not contain is gone, only if every row of the answer could be
 * read. Else it ends as failed: it deletes nothing, and entries of the refusals tell why.
 */
export function pollEntries(
  { datasource, rows, rejected }: PollRows,
  pollId: string,
  ingestedAtMs: number,
): NewEntry[] {
  const base = { version: ENTRY_VERSION, source: datasource, ingestedAtMs, datasource, pollId } as const;
  const digest = new RowDigest();
  const events: NewEntry[] = [];
  const refusals = rejected.map((rejection, index) =>
    refusedInput(rejection, '', { id: `${pollId}/refused/${index}`, source: datasource, ingestedAtMs }),
  );
  for (const { key, event } of rows) {
    const id = `${pollId}/${key}`;
    const entry: EventEntry = {
      kind: 'event',
      id,
      version: ENTRY_VERSION,
      source: datasource,
      ingestedAtMs,
      event,
      pollId,
    };
    const fault = faultOf(entry);
    if (fault === undefined) {
      digest.add(id);
      events.push(entry);
    } else refusals.push(refused(fault, entry));
  }
  const started: NewEntry = { ...base, kind: 'poll-started', id: `${pollId}/started` };
  if (refusals.length > 0) {
    const reason = `${refusals.length} of its rows could not be read`;
    const failed: NewEntry = { ...base, kind: 'poll-failed', id: `${pollId}/failed`, reason };
    return [started, ...events, ...refusals.slice(0, REFUSED_ROWS_MAX), failed];
  }
  const { rowCount } = digest;
  const rowDigest = digest.toString();
  return [started, ...events, { ...base, kind: 'poll-completed', id: `${pollId}/completed`, rowCount, rowDigest }];
}

/** Why the entry must not go into the log: the engine would refuse it, or it is too large. */
function faultOf(entry: EventEntry): Rejection | undefined {
  const meaning = toEntityEvent(entry.event);
  return 'code' in meaning ? meaning : oversize(entry, JSON.stringify(entry));
}

function refused(rejection: Rejection, { id, source, ingestedAtMs, event }: EventEntry): RejectedInputEntry {
  return refusedInput(rejection, JSON.stringify(event), { id: `${id}/refused`, source, ingestedAtMs });
}

/** The datasource of a driver-shaped event: it vouches for the entry's id. */
function datasourceOf(event: JsonObject): string {
  return String(event['vitrage_entity_type']);
}
