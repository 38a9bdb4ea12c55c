import {
  ENTRY_VERSION,
  type EventEntry,
  type JsonObject,
  type NewEntry,
  type RejectedInputEntry,
} from '@wherefore/model';
import type { NotificationEvents } from './notification';
import { faultOf, PollTelling, refusedRow } from './pollTelling';
import type { PollRows } from './restAnswer';

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
    return fault === undefined ? entry : refusedRow(fault, entry);
  });
}

/** One poll whose rows are all there, as `PollTelling` tells it. */
export function pollEntries(poll: PollRows, pollId: string, ingestedAtMs: number): NewEntry[] {
  const telling = new PollTelling(poll.datasource, pollId);
  const rows = telling.rows(poll, ingestedAtMs);
  return [telling.begin(ingestedAtMs), ...rows, telling.end(ingestedAtMs)];
}

/** The datasource of a driver-shaped event: it vouches for the entry's id. */
function datasourceOf(event: JsonObject): string {
  return String(event['vitrage_entity_type']);
}
