import type { Json, JsonObject } from '@wherefore/model';
import { CINDER_VOLUME } from '../cinder/volume';
import { NOVA_INSTANCE } from '../nova/instance';
import { serverStatus } from '../nova/serverStatus';
import { missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { hostOf, SETTLED_BY_CINDER, tidingsOf } from './serverTidings';
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
  const told = {
    ...payload,
    ...asRestTells(payload['state'], payload['state_description'], payload['display_name']),
    ...arrivalOf(notice),
  };
  const event = driverEvent(serverFrame(notice, payload['state']), told, LEGACY_SERVER_FIELDS);
  return withPoll(notice, { ...event, ...tidingsOf(notice, payload) });
}

/** `instance.*`: Nova's versioned layout, below `nova_object.data`. */
export function readVersionedServerNotice(notice: Notice): NoticeAnswer {
  const data = versionedData(notice.payload);
  if (data === undefined) return noVersionedData(notice.payload);
  if (readId(data['uuid']) === undefined) return missingId(`payload.${VERSIONED_DATA}.uuid`);
  if (FAREWELLS.has(notice.eventType)) return farewell(notice.eventType);
  if (data['state'] === undefined) return { ignored: `${notice.eventType} carries no state` };
  const told = {
    ...data,
    ...asRestTells(data['state'], data['task_state'], data['display_name']),
    ...arrivalOf(notice),
  };
  const fields = pickFields(told, VERSIONED_SERVER_FIELDS);
  const event = driverEvent(serverFrame(notice, data['state']), { [VERSIONED_DATA]: fields }, [VERSIONED_DATA]);
  return withPoll(notice, { ...event, ...tidingsOf(notice, data) });
}

/**
 * `compute_task.*`, in the versioned layout `compute_task.*.error`: the conductor found no host, or gave up.
 * It has set the vm_state that it tells and ended the task. It does not tell the name.
 */
export function readTaskFailure(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  const data = versionedData(payload) ?? payload;
  const id = readId(data['instance_uuid']) ?? readId(data['instance_id']);
  if (id === undefined) return missingId('payload.instance_id');
  const status = serverStatus(data['state'], null);
  if (status === undefined) return { ignored: `${eventType} carries no state` };
  const request = readObject(data, 'request_spec') ?? {};
  const wanted = versionedData(request) ?? readObject(request, 'instance_properties') ?? {};
  const project = wanted['project_id'];
  const fields = {
    instance_id: id,
    state: data['state']!,
    status,
    ...(project === undefined ? {} : { tenant_id: project }),
  };
  const event = driverEvent(serverFrame(notice, data['state']), fields, LEGACY_SERVER_FIELDS);
  return { events: [{ ...event, in_passing: true }], poll: NOVA_INSTANCE };
}

/** An evacuated server is where its rebuilding ended: Nova writes that down right after it has told it. */
function arrivalOf({ eventType, publisher }: Notice): JsonObject {
  const host = eventType.endsWith('instance.rebuild.end') ? hostOf(publisher) : undefined;
  return host === undefined ? {} : { host };
}

/** What failed may yet be tried elsewhere, or given up: only with notifications of state changes that is told. */
function withPoll({ eventType }: Notice, event: JsonObject): NoticeAnswer {
  if (SETTLED_BY_CINDER.has(eventType)) return { events: [event], poll: CINDER_VOLUME };
  return eventType.endsWith('.error') ? { events: [event], poll: NOVA_INSTANCE } : { events: [event] };
}

/** A server whose vm_state is `deleted` is gone, whichever notification says so. */
function serverFrame({ at, eventType }: Notice, vmState: Json | undefined): DriverFrame {
  const isTrailing = vmState === 'deleted' && !eventType.endsWith('.delete.end');
  const shown = isTrailing ? 'delete_entity' : eventType;
  return { datasource: NOVA_INSTANCE, action: 'update', at, eventType: shown };
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
