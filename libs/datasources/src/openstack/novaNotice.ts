import type { Json, JsonObject } from '@wherefore/model';
import { NOVA_INSTANCE } from '../nova/instance';
import { serverStatus } from '../nova/serverStatus';
import { missingId, readId } from '../reading/properties';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { LEGACY_SERVER_FIELDS, VERSIONED_SERVER_FIELDS } from './sourceFields';
import { noVersionedData, VERSIONED_DATA, versionedData } from './versionedData';

/**
 * Sent by the host that a server has left, after the host that it moved to has told of its arrival. It
 * still describes the server as it was here, and would move it back until the next poll.
 */
const FAREWELLS: ReadonlySet<string> = new Set([
  'compute.instance.live_migration._post.end',
  'instance.live_migration_post.end',
]);

/** `compute.instance.*`: Nova's older layout, flat. */
export function readLegacyServerNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  if (readId(payload['instance_id']) === undefined) return missingId('payload.instance_id');
  if (FAREWELLS.has(eventType)) return farewell(eventType);
  if (payload['state'] === undefined) return { ignored: `${eventType} carries no state` };
  const told = { ...payload, ...asRestTells(payload['state'], payload['state_description'], payload['display_name']) };
  return { events: [driverEvent(serverFrame(notice, payload['state']), told, LEGACY_SERVER_FIELDS)] };
}

/** `instance.*`: Nova's versioned layout, below `nova_object.data`. */
export function readVersionedServerNotice(notice: Notice): NoticeAnswer {
  const data = versionedData(notice.payload);
  if (data === undefined) return noVersionedData(notice.payload);
  if (readId(data['uuid']) === undefined) return missingId(`payload.${VERSIONED_DATA}.uuid`);
  if (FAREWELLS.has(notice.eventType)) return farewell(notice.eventType);
  if (data['state'] === undefined) return { ignored: `${notice.eventType} carries no state` };
  const told = { ...data, ...asRestTells(data['state'], data['task_state'], data['display_name']) };
  const fields = pickFields(told, VERSIONED_SERVER_FIELDS);
  return { events: [driverEvent(serverFrame(notice, data['state']), { [VERSIONED_DATA]: fields }, [VERSIONED_DATA])] };
}

/** A server whose vm_state is `deleted` is gone, whichever notification says so. */
function serverFrame({ at, eventType }: Notice, vmState: Json | undefined): DriverFrame {
  const isTrailing = vmState === 'deleted' && !eventType.endsWith('.delete.end');
  return { datasource: NOVA_INSTANCE, action: 'update', at, eventType: isTrailing ? 'delete_entity' : eventType };
}

/**
 * What the REST API would show in the same moment, so that a poll and a notification agree: its status,
 * and the display name, which is what it calls the name. The host name is derived from that.
 */
function asRestTells(vmState: Json | undefined, taskState: Json | undefined, name: Json | undefined): JsonObject {
  const status = serverStatus(vmState, taskState);
  return { ...(status === undefined ? {} : { status }), ...(name === undefined ? {} : { name }) };
}

function farewell(eventType: string): NoticeAnswer {
  return { ignored: `${eventType} describes the server as it was before it moved` };
}
