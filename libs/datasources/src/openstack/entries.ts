import { ENTRY_VERSION, type EventEntry, type JsonObject, type NewEntry, RowDigest } from '@wherefore/model';
import type { NotificationEvents } from './notification';
import type { PollRows } from './restAnswer';

/**
 * The events of one message as entries. The ids come from the message, so that a second delivery of it
 * gives the same ones: its `message_id`, and behind it the place within the message where there are several.
 */
export function eventEntries({ id, events }: NotificationEvents, ingestedAtMs: number): EventEntry[] {
  return events.map((event, index): EventEntry => ({
    kind: 'event',
    id: events.length === 1 ? id : `${id}/${index}`,
    version: ENTRY_VERSION,
    source: datasourceOf(event),
    ingestedAtMs,
    event,
  }));
}

/**
 * One complete poll as entries: its beginning, its rows, its end. `pollId` must be unique to the poll,
 * and the same when the same answer is read again; the ids of the rows are made of it and their keys.
 */
export function pollEntries({ datasource, rows }: PollRows, pollId: string, ingestedAtMs: number): NewEntry[] {
  const base = { version: ENTRY_VERSION, source: datasource, ingestedAtMs, datasource, pollId } as const;
  const digest = new RowDigest();
  const events = rows.map(({ key, event }): EventEntry => {
    const id = `${pollId}/${key}`;
    digest.add(id);
    return { kind: 'event', id, version: ENTRY_VERSION, source: datasource, ingestedAtMs, event, pollId };
  });
  const { rowCount } = digest;
  return [
    { ...base, kind: 'poll-started', id: `${pollId}/started` },
    ...events,
    { ...base, kind: 'poll-completed', id: `${pollId}/completed`, rowCount, rowDigest: digest.toString() },
  ];
}

/** The datasource of a driver-shaped event: it vouches for the entry's id. */
function datasourceOf(event: JsonObject): string {
  return String(event['vitrage_entity_type']);
}
