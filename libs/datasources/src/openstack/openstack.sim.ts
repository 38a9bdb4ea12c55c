import type { EntityEvent, Json, JsonObject } from '@wherefore/model';
import {
  type NotificationEnvelope,
  type NotificationEvents,
  type PollRows,
  fromNotification,
  fromRestAnswer,
  toEntityEvent,
} from '../index';

/** When the samples of messages were sent, and when answers were given. */
export const AT = '2026-11-22T00:00:00.500000Z';

/** A message of the bus, wrapped as oslo does it. */
export function message(eventType: string, payload: Json, more: JsonObject = {}): NotificationEnvelope {
  const content = { message_id: 'm-1', event_type: eventType, payload, timestamp: '2026-11-22 00:00:00.5', ...more };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(content) });
  return { exchange: 'nova', routing_key: 'notifications.info', body, received_at: '2026-11-22T00:00:01Z' };
}

/** What a message amounts to; fails the test where it is ignored or refused. */
export function told(eventType: string, payload: Json): NotificationEvents {
  const answer = fromNotification(message(eventType, payload));
  if (!('events' in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

/** The fields of a versioned notification of Nova, where it has them. */
export function versioned(data: JsonObject): JsonObject {
  return { 'nova_object.data': data };
}

/** What the events of a message mean. */
export function meanings(eventType: string, payload: Json): EntityEvent[] {
  return told(eventType, payload).events.map(meaningOf);
}

/** What the rows of an answer amount to, one poll after the other. */
export function pollsOf(name: string, body: Json): readonly PollRows[] {
  const answer = fromRestAnswer(name, body, AT);
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer.polls;
}

/** What the one row of an answer's last poll means. */
export function rowMeaning(name: string, body: Json): EntityEvent {
  const { rows, rejected } = pollsOf(name, body).at(-1)!;
  if (rows.length !== 1 || rejected.length > 0) throw new Error(JSON.stringify({ rows, rejected }));
  const meaning = meaningOf(rows[0]!.event);
  if (meaning.entity.key !== rows[0]!.key) throw new Error(`${meaning.entity.key} is not ${rows[0]!.key}`);
  return meaning;
}

/** What an event means; fails the test where it is refused. */
export function meaningOf(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

/** The neighbours of an event as `label key`, the direction as an arrow. */
export function neighboursOf({ neighbours }: EntityEvent): string[] {
  return neighbours.map(({ entity, label, direction }) =>
    direction === 'to-neighbour' ? `–${label}→ ${entity.key}` : `←${label}– ${entity.key}`,
  );
}
