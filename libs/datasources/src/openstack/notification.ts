import { BOUNDARY_LIMITS, type JsonObject, type Rejection, isJsonObject, readJson } from '@wherefore/model';
import { impossibleTime, kindOf, malformed, missingId, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { readAggregateNotice } from './aggregateNotice';
import { readAodhNotice } from './aodhNotice';
import { readIdentityNotice } from './identityNotice';
import { readImageNotice } from './imageNotice';
import { MONITOR_NOTICES, readMonitorNotice } from './monitorNotice';
import { withMigrationHint } from './migrationHint';
import { NEUTRON_NOTICES, readBindingNotice, readNeutronNotice, readRouterInterfaceNotice } from './neutronNotice';
import { readLegacyServerNotice, readTaskFailure, readVersionedServerNotice } from './novaNotice';
import { DEFAULT_READING, type ReadingOptions } from './readingOptions';
import { readServiceNotice } from './serviceNotice';
import { readSnapshotNotice, readStackNotice, readVolumeNotice } from './storageNotice';

/** A message of OpenStack's bus, as it was received. */
export interface NotificationEnvelope {
  readonly exchange: string;
  readonly routing_key: string;
  /** The AMQP body, bytes in UTF-8 or text: an oslo envelope whose `oslo.message` is JSON within the JSON. */
  readonly body: Uint8Array | string;
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
  readonly options: ReadingOptions;
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
export function fromNotification(
  envelope: NotificationEnvelope,
  options: ReadingOptions = DEFAULT_READING,
): NotificationEvents | IgnoredNotification | Rejection {
  const message = unwrap(envelope.body);
  if ('rejection' in message) return message.rejection;
  const eventType = message.content['event_type'];
  if (typeof eventType !== 'string') return malformed('event_type', `event_type is ${kindOf(eventType)}.`);
  const reader = readerOf(eventType);
  if (reader === undefined) return { ignored: `no entity hangs on ${eventType}` };

  const id = readId(message.content['message_id']);
  if (id === undefined) return missingId('message_id');
  if (id.length > BOUNDARY_LIMITS.idCharsMax) return malformed('message_id', `message_id has ${id.length} characters.`);
  const at = normaliseTimestamp(message.content['timestamp']);
  if (at === undefined) return noTime(message.content['timestamp']);
  const { payload } = message.content;
  if (!isJsonObject(payload)) return malformed('payload', `payload is ${kindOf(payload)}, not an object.`);

  const publisher = readId(message.content['publisher_id']) ?? '';
  const answer = reader({ eventType, payload, at, publisher, options });
  return 'events' in answer ? { id, ...answer } : answer;
}

type Reader = (notice: Notice) => NoticeAnswer;

const readLegacyServer = withMigrationHint(readLegacyServerNotice);
const readVersionedServer = withMigrationHint(readVersionedServerNotice);

/** Most of what Keystone tells is that somebody logged in. */
const IDENTITY = /^identity\.(domain|project|user)\./;

/** By the beginning of the event type. Cheap, because most messages of a bus are none of ours. */
function readerOf(eventType: string): Reader | undefined {
  if (eventType.startsWith('compute.instance.')) return readLegacyServer;
  if (eventType.startsWith('instance.')) return readVersionedServer;
  if (eventType.startsWith('compute_task.')) return readTaskFailure;
  if (eventType.startsWith('service.')) return readServiceNotice;
  if (eventType.startsWith('router.interface.')) return readRouterInterfaceNotice;
  if (NEUTRON_NOTICES.test(eventType)) return readNeutronNotice;
  if (eventType.startsWith('binding.')) return readBindingNotice;
  if (eventType.startsWith('volume.') || eventType === 'scheduler.create_volume') return readVolumeNotice;
  if (eventType.startsWith('snapshot.')) return readSnapshotNotice;
  if (eventType.startsWith('orchestration.stack.')) return readStackNotice;
  if (eventType.startsWith('alarm.')) return readAodhNotice;
  if (eventType.startsWith('aggregate.')) return readAggregateNotice;
  if (eventType.startsWith('image.')) return readImageNotice;
  if (IDENTITY.test(eventType)) return readIdentityNotice;
  if (MONITOR_NOTICES.test(eventType)) return readMonitorNotice;
  return undefined;
}

type Unwrapped = { readonly content: JsonObject } | { readonly rejection: Rejection };

/** Oslo's second version wraps the message as text; its first did not wrap at all. */
function unwrap(body: Uint8Array | string): Unwrapped {
  const outer = parseObject(body, 'body');
  if ('rejection' in outer) return outer;
  const inner = outer.content['oslo.message'];
  if (inner === undefined) return outer;
  return typeof inner === 'string'
    ? parseObject(inner, 'oslo.message')
    : { rejection: malformed('oslo.message', `oslo.message is ${kindOf(inner)}, not a text.`) };
}

function parseObject(input: Uint8Array | string, where: string): Unwrapped {
  const read = readJson(input, where);
  if ('code' in read) return { rejection: read };
  if (isJsonObject(read.value)) return { content: read.value };
  return { rejection: malformed(where, `${where} is not a JSON object.`) };
}

function noTime(given: unknown): Rejection {
  return impossibleTime('timestamp', given, 'YYYY-MM-DD HH:MM:SS.ffffff, in UTC, as oslo does');
}
