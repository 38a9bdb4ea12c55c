import { type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { kindOf, malformed, missingId, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { readAodhNotice } from './aodhNotice';
import { readBindingNotice, readNeutronNotice } from './neutronNotice';
import { readLegacyServerNotice, readServiceNotice, readTaskFailure, readVersionedServerNotice } from './novaNotice';
import { readStackNotice, readVolumeNotice } from './storageNotice';

/** A message of OpenStack's bus, as it was received. */
export interface NotificationEnvelope {
  readonly exchange: string;
  readonly routing_key: string;
  /** The AMQP body: an oslo envelope whose `oslo.message` is JSON within the JSON. */
  readonly body: string;
  readonly received_at: string;
}

/** A message that tells of entities. */
export interface NotificationEvents {
  /** `message_id` of oslo: the same when the message is delivered again. */
  readonly id: string;
  /** Driver-shaped, at least one. */
  readonly events: readonly JsonObject[];
  /** A datasource that should be polled soon: the message told of a change, but not all of it. */
  readonly poll?: string;
}

/** A message that tells of no entity. */
export interface IgnoredNotification {
  readonly ignored: string;
  /** A datasource that should be polled soon, because of this message. */
  readonly poll?: string;
}

/** One notification, unwrapped. */
export interface Notice {
  readonly eventType: string;
  readonly payload: JsonObject;
  /** The message's own time, normalised. */
  readonly at: string;
  /** Service and host that sent it: `compute.h`, `nova-compute:h`; empty when it does not say. */
  readonly publisher: string;
}

/** What a reader makes of a notice. */
export type NoticeAnswer =
  { readonly events: readonly JsonObject[]; readonly poll?: string } | IgnoredNotification | Rejection;

/**
 * Turns one message of OpenStack's bus into driver-shaped events.
 *
 * Told by event type, not by exchange: which exchange a service publishes to is its own setting. Nova's
 * legacy and versioned notifications of one change give events that lead to the same entity. Rejections:
 * `malformed-json`, `malformed-event`, `missing-id`, `impossible-timestamp`. Never throws. O(body).
 */
export function fromNotification(envelope: NotificationEnvelope): NotificationEvents | IgnoredNotification | Rejection {
  const message = unwrap(envelope.body);
  if ('rejection' in message) return message.rejection;
  const eventType = message.content['event_type'];
  if (typeof eventType !== 'string') return malformed('event_type', `event_type is ${kindOf(eventType)}.`);
  const reader = readerOf(eventType);
  if (reader === undefined) return { ignored: `no entity hangs on ${eventType}` };

  const id = readId(message.content['message_id']);
  if (id === undefined) return missingId('message_id');
  const at = normaliseTimestamp(message.content['timestamp']);
  if (at === undefined) return impossibleTime(message.content['timestamp']);
  const { payload } = message.content;
  if (!isJsonObject(payload)) return malformed('payload', `payload is ${kindOf(payload)}, not an object.`);

  const publisher = readId(message.content['publisher_id']) ?? '';
  const answer = reader({ eventType, payload, at, publisher });
  return 'events' in answer ? { id, ...answer } : answer;
}

type Reader = (notice: Notice) => NoticeAnswer;

/** By the beginning of the event type. Cheap, because most messages of a bus are none of ours. */
function readerOf(eventType: string): Reader | undefined {
  if (eventType.startsWith('compute.instance.')) return readLegacyServerNotice;
  if (eventType.startsWith('instance.')) return readVersionedServerNotice;
  if (eventType.startsWith('compute_task.')) return readTaskFailure;
  if (eventType.startsWith('service.')) return readServiceNotice;
  if (eventType.startsWith('port.') || eventType.startsWith('network.')) return readNeutronNotice;
  if (eventType.startsWith('binding.')) return readBindingNotice;
  if (eventType.startsWith('volume.') || eventType === 'scheduler.create_volume') return readVolumeNotice;
  if (eventType.startsWith('orchestration.stack.')) return readStackNotice;
  if (eventType.startsWith('alarm.')) return readAodhNotice;
  return undefined;
}

type Unwrapped = { readonly content: JsonObject } | { readonly rejection: Rejection };

/** Oslo's second version wraps the message as text; its first did not wrap at all. */
function unwrap(body: string): Unwrapped {
  const outer = parseObject(body, 'body');
  if ('rejection' in outer) return outer;
  const inner = outer.content['oslo.message'];
  if (inner === undefined) return outer;
  return typeof inner === 'string'
    ? parseObject(inner, 'oslo.message')
    : { rejection: malformed('oslo.message', `oslo.message is ${kindOf(inner)}, not a text.`) };
}

function parseObject(text: string, where: string): Unwrapped {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const hint = 'Publish with oslo.messaging; other producers belong on a queue of their own.';
    return { rejection: { code: 'malformed-json', message: `${where} is not JSON.`, where, hint } };
  }
  if (isJsonObject(value)) return { content: value };
  return { rejection: malformed(where, `${where} is not a JSON object.`) };
}

function impossibleTime(given: unknown): Rejection {
  return {
    code: 'impossible-timestamp',
    message: `timestamp is ${typeof given === 'string' ? `"${given}"` : typeof given}, which is no time.`,
    where: 'timestamp',
    hint: 'Oslo writes it as YYYY-MM-DD HH:MM:SS.ffffff, in UTC.',
  };
}
