import { type GraphAction, type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { type Converter, type Sample, isNotification, isUpsert, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { NOVA_INSTANCE } from '../nova/names';
import { backendNeighbours, CINDER_BACKEND } from './backend';

export const CINDER_VOLUME = 'cinder.volume';

/**
 * A volume: a row of `volumes/detail` (`id`, `attachments[].server_id`), or a `volume.*` notification
 * (`volume_id`, `volume_attachment[].instance_uuid`).
 *
 * `backend`, which Vitrage's driver does not send, is the backend that holds it (`host@backend`), or null
 * while none does.
 *
 * Told by a Vitrage driver, the start of a detachment takes the edges away and the end of an attachment adds
 * them, and neither tells more: the state that they mention counts from the next event on. What we read
 * ourselves (it has `attached_servers`) is the whole volume each time.
 */
export const convertVolume: Converter = (sample) => {
  const { event } = sample;
  const isNotice = event['volume_id'] !== undefined;
  const id = readEitherId(event['volume_id'], event['id']);
  if (id === undefined) return missingId('id');

  const attached = attachedServers(event, isNotice);
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['display_name'] ?? event['name'], 'display_name')
    .text('state', event['status'], 'status')
    .text('project_id', projectOf(event), 'tenant_id')
    .scalar('size', event['size'], 'size')
    .text('volume_type', volumeType(event['volume_type']), 'volume_type')
    .set('attachments', attached)
    .set('update_timestamp', updateTime(event) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = actionOf(sample);
  const neighbours = (attached ?? []).map((server) => stubNeighbour(NOVA_INSTANCE, server, 'attached', 'to-neighbour'));
  if (!isUpsert(action)) return resourceEvent(sample, action, CINDER_VOLUME, id, draft.patch, neighbours);
  const { backend } = event;
  neighbours.push(...backendNeighbours(readId(backend)));
  const answer = resourceEvent(sample, action, CINDER_VOLUME, id, draft.patch, neighbours);
  // What we read ourselves names every server: the volume is attached to no other.
  const without = [
    ...(event['attached_servers'] === undefined ? [] : [NOVA_INSTANCE]),
    ...(backend === null ? [CINDER_BACKEND] : []),
  ];
  return without.length === 0 ? answer : { ...answer, without };
};

function actionOf({ event, action }: Sample): GraphAction {
  if (isNotification(event, 'volume.delete.end')) return 'delete-entity';
  if (isNotification(event, 'volume.detach.start')) return 'delete-relationship';
  return isNotification(event, 'volume.attach.end') ? 'update-relationship' : action;
}

/** Ids of the servers that the volume is attached to; undefined when the event does not tell. */
function attachedServers(event: JsonObject, isNotice: boolean): string[] | undefined {
  const named = event['attached_servers'];
  if (Array.isArray(named)) return uniqueIds(named as readonly Json[]);
  const attachments = isNotice ? event['volume_attachment'] : event['attachments'];
  if (!Array.isArray(attachments)) return undefined;
  return uniqueIds(
    (attachments as readonly Json[]).map((attachment) =>
      isJsonObject(attachment) ? (isNotice ? attachment['instance_uuid'] : attachment['server_id']) : undefined,
    ),
  );
}

/** A set: during a live migration one server has two attachments. */
function uniqueIds(values: readonly (Json | undefined)[]): string[] {
  const ids = new Set<string>();
  for (const value of values) {
    const id = readId(value);
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
}

function projectOf(event: JsonObject): Json | undefined {
  return event['os-vol-tenant-attr:tenant_id'] ?? event['tenant_id'] ?? event['project_id'];
}

function updateTime(event: JsonObject): string | undefined {
  return normaliseTimestamp(event['updated_at']) ?? normaliseTimestamp(event['created_at']);
}

/** A notification carries the type's uuid where the REST answer carries its name: only the name is kept. */
function volumeType(value: Json | undefined): Json | undefined {
  const isUuid =
    typeof value === 'string' && value.length === 36 && value.charAt(8) === '-' && value.charAt(23) === '-';
  return isUuid ? undefined : value;
}
