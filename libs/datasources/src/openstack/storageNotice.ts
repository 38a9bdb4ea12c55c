import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { CINDER_SNAPSHOT } from '../cinder/snapshot';
import { CINDER_VOLUME } from '../cinder/volume';
import { HEAT_STACK } from '../heat/stack';
import { missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import {
  backendField,
  deletionOf,
  SNAPSHOT_NOTICE_FIELDS,
  STACK_NOTICE_FIELDS,
  statusReason,
  VOLUME_NOTICE_FIELDS,
} from './sourceFields';

/**
 * `volume.*`, each of which carries the whole volume, and the scheduler's report that no backend took a
 * new one: Cinder then sets the volume to error, and says so nowhere else.
 */
export function readVolumeNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  if (readId(payload['volume_id']) === undefined) return missingId('payload.volume_id');
  const frame: DriverFrame = { datasource: CINDER_VOLUME, action: 'update', at: notice.at, eventType };
  if (eventType === 'scheduler.create_volume') return schedulerFailure(frame, payload);
  // volume.usage, for one, measures and tells no status.
  if (payload['status'] === undefined) return { ignored: `${eventType} carries no status` };
  const event = driverEvent(
    // The whole volume counts at once, not only its edges, as it does when a Vitrage driver tells of these.
    CHANGE_EDGES_IN_VITRAGE.has(eventType) ? { ...frame, eventType: 'update_entity' } : frame,
    payload,
    VOLUME_NOTICE_FIELDS,
  );
  const servers = attachedServers(payload['volume_attachment']);
  const told = { ...event, event_type: eventType, ...backendField(payload['host']), ...transferred(notice) };
  const events = [servers === undefined ? told : { ...told, attached_servers: servers }];
  // The snapshots of a volume are offered with it and go with it, and nobody tells of them.
  return TRANSFERRED.test(eventType) ? { events, poll: CINDER_SNAPSHOT } : { events };
}

const TRANSFERRED = /^volume\.transfer\.(create|delete|accept)\.end$/;

/**
 * Cinder reads a volume, offers it to others or takes the offer back, which changes its status, and then
 * tells what it has read: the end of both carries the status from before. An acceptance tells the new one,
 * and the new project.
 */
function transferred({ eventType, payload }: Notice): JsonObject {
  const { status } = payload;
  if (eventType === 'volume.transfer.create.end' && status === 'available') return { status: 'awaiting-transfer' };
  if (eventType === 'volume.transfer.delete.end' && status === 'awaiting-transfer') return { status: 'available' };
  return {};
}

/** `snapshot.*`, each of which carries the whole snapshot. */
export function readSnapshotNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  if (readId(payload['snapshot_id']) === undefined) return missingId('payload.snapshot_id');
  if (payload['status'] === undefined) return { ignored: `${eventType} carries no status` };
  const frame: DriverFrame = { datasource: CINDER_SNAPSHOT, action: 'update', at: notice.at, eventType };
  return { events: [driverEvent(frame, payload, SNAPSHOT_NOTICE_FIELDS)] };
}

const CHANGE_EDGES_IN_VITRAGE: ReadonlySet<string> = new Set(['volume.attach.end', 'volume.detach.start']);

/**
 * As in the REST answer: a volume that is merely reserved for a server, or being attached to it, is not
 * attached.
 */
function attachedServers(attachments: Json | undefined): Json | undefined {
  if (!Array.isArray(attachments)) return undefined;
  return (attachments as readonly Json[]).flatMap((attachment) => {
    if (!isJsonObject(attachment) || attachment['deleted'] === true) return [];
    const server = readId(attachment['instance_uuid']);
    return server !== undefined && (attachment['attach_status'] ?? 'attached') === 'attached' ? [server] : [];
  });
}

function schedulerFailure(frame: DriverFrame, payload: JsonObject): NoticeAnswer {
  if (payload['state'] !== 'error') return { ignored: 'the scheduler reports no failed volume' };
  const fields: Record<string, Json> = { status: 'error', attached_servers: [], backend: null };
  const wanted = readObject(payload, 'volume_properties') ?? {};
  copy(payload['volume_id'], 'volume_id');
  copy(wanted['display_name'], 'display_name');
  copy(wanted['size'], 'size');
  copy(wanted['project_id'], 'tenant_id');
  return { events: [driverEvent(frame, fields, Object.keys(fields))] };

  function copy(value: Json | undefined, field: string): void {
    if (value !== undefined) fields[field] = value;
  }
}

/**
 * `orchestration.stack.*`: the stack's state, without its resources. `tenant_id` is the project of whoever
 * acts on the stack; only when the stack is created is it the stack's own.
 */
export function readStackNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  if (readId(payload['stack_identity']) === undefined) return missingId('payload.stack_identity');
  const frame: DriverFrame = { datasource: HEAT_STACK, action: 'update', at: notice.at, eventType };
  const isOwn = eventType.startsWith('orchestration.stack.create.');
  const told = driverEvent(frame, payload, isOwn ? [...STACK_NOTICE_FIELDS, 'tenant_id'] : STACK_NOTICE_FIELDS);
  const events = [{ ...told, ...statusReason(payload['state_reason']), ...deletionOf(payload['state']) }];
  // Which resources it has now, only the API tells.
  const mayHaveNewResources = eventType.endsWith('.end') && eventType !== 'orchestration.stack.delete.end';
  return mayHaveNewResources ? { events, poll: HEAT_STACK } : { events };
}
