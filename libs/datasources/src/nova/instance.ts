import {
  type Amendment,
  type EntityEvent,
  type Json,
  type JsonObject,
  type Rejection,
  isJsonObject,
} from '@wherefore/model';
import {
  type Converter,
  type Sample,
  isNotification,
  NO_NEIGHBOURS,
  resourceEvent,
  resourceKey,
  SharedStubs,
} from '../reading/entity';
import { type Drafted, kindOf, malformed, missingId, PropertyDraft, readId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { CINDER_VOLUME } from '../cinder/volume';
import { NEUTRON_PORT } from '../neutron/port';
import { NOVA_HOST } from './host';
import { NOVA_INSTANCE } from './names';

export { NOVA_INSTANCE } from './names';

/** A server as one of Nova's three layouts tells of it, brought to one. */
interface Server {
  readonly id: string | undefined;
  readonly idField: string;
  readonly name: Json | undefined;
  readonly state: Json | undefined;
  readonly host: Json | undefined;
  readonly project: Json | undefined;
  readonly instanceName: Json | undefined;
  readonly updatedAt: Json | undefined;
}

/**
 * A server: a row of `servers/detail`, a versioned notification (fields below `nova_object.data`), or a
 * legacy one (`compute.instance.*`). All three lead to the same entity. `state` is Nova's REST status
 * where the event has one, else the vm_state, as in Vitrage: what comes from the bus has been given one
 * (`openstack/novaNotice.ts`), what comes from a Vitrage driver has none.
 */
export const convertInstance: Converter = (sample) => {
  const { event } = sample;
  if ('nova_object.data' in event) {
    const data = event['nova_object.data'];
    if (!isJsonObject(data)) return malformed('nova_object.data', `nova_object.data is ${kindOf(data)}.`);
    return toEvent(sample, versionedServer(data), false);
  }
  return event['instance_id'] !== undefined
    ? toEvent(sample, legacyServer(event), true)
    : toEvent(sample, restServer(event), false);
};

function restServer(event: JsonObject): Server {
  return {
    id: readId(event['id']),
    idField: 'id',
    name: event['name'],
    state: event['status'],
    host: event['OS-EXT-SRV-ATTR:host'],
    project: event['tenant_id'],
    instanceName: event['OS-EXT-SRV-ATTR:instance_name'],
    updatedAt: event['updated'],
  };
}

function versionedServer(data: JsonObject): Server {
  return {
    id: readId(data['uuid']),
    idField: 'nova_object.data.uuid',
    name: data['name'] ?? data['host_name'],
    state: data['status'] ?? data['state'],
    host: data['host'],
    project: data['tenant_id'],
    instanceName: data['instance_name'],
    updatedAt: data['updated_at'],
  };
}

function legacyServer(event: JsonObject): Server {
  return {
    id: readId(event['instance_id']),
    idField: 'instance_id',
    name: event['name'] ?? event['hostname'],
    state: event['status'] ?? event['state'],
    host: event['host'],
    project: event['tenant_id'],
    instanceName: event['instance_name'],
    updatedAt: undefined,
  };
}

function toEvent(sample: Sample, server: Server, isLegacy: boolean): EntityEvent | Rejection {
  const { id } = server;
  if (id === undefined) return missingId(server.idField);
  const draft = draftOf(sample, server, id);
  if (draft.fault !== undefined) return draft.fault;

  const host = readId(server.host);
  const neighbours = host === undefined ? NO_NEIGHBOURS : HOSTS.of(host);
  const action = isGone(sample) ? 'delete-entity' : sample.action;
  const placed = resourceEvent(sample, action, NOVA_INSTANCE, id, draft.patch, neighbours);
  // A server that is shelved, or that no host could take, is on none.
  const hosted = server.host === null ? { ...placed, without: [NOVA_HOST] } : placed;
  const amends = amendmentsOf(sample.event);
  const told = amends.length === 0 ? hosted : { ...hosted, amends };
  const event = sample.event['in_passing'] === true ? { ...told, inPassing: true as const } : told;
  // A legacy notification does not tell when the server changed. Its own time stands in only for a new
  // state, so that the two notifications of one change do not push the time to and fro.
  return isLegacy ? { ...event, keep: { property: 'update_timestamp', whileUnchanged: 'state' } } : event;
}

function draftOf(sample: Sample, server: Server, id: string): Drafted {
  const { name, state, project, host, instanceName } = server;
  const updateTimestamp = normaliseTimestamp(server.updatedAt) ?? sample.updateTimestamp;
  if (
    typeof name === 'string' &&
    typeof state === 'string' &&
    typeof project === 'string' &&
    typeof host === 'string' &&
    typeof instanceName === 'string'
  ) {
    // Nearly every server. Made at once, it takes half the room, and a third of the time, of what is put together.
    const patch = {
      id,
      name,
      state,
      project_id: project,
      host_id: host,
      instance_name: instanceName,
      update_timestamp: updateTimestamp,
    };
    return { patch, fault: undefined };
  }
  return new PropertyDraft()
    .set('id', id)
    .text('name', name, 'name')
    .text('state', state, 'state')
    .text('project_id', project, 'tenant_id')
    .text('host_id', host, 'host')
    .text('instance_name', instanceName, 'instance_name')
    .set('update_timestamp', updateTimestamp);
}

const HOSTS = new SharedStubs(NOVA_HOST, 'contains', 'from-neighbour');

const NO_AMENDMENTS: readonly Amendment[] = Object.freeze([]);

/** What the event tells of the server's ports and of a volume: fields that only messages of the bus are given. */
function amendmentsOf(event: JsonObject): readonly Amendment[] {
  const ports = readObject(event, 'ports');
  const volume = readObject(event, 'volume');
  if (ports === undefined && volume === undefined) return NO_AMENDMENTS;
  const amends: Amendment[] = [];
  const of = { type: NEUTRON_PORT, label: 'attached' };
  if (typeof ports?.['host'] === 'string') amends.push({ of, properties: { host_id: ports['host'] } });
  if (typeof ports?.['status'] === 'string') {
    // A port that its owner has switched off is not brought up.
    const unless = { property: 'admin_state_up', value: false };
    amends.push({ of, properties: { state: ports['status'] }, unless });
  }
  const volumeId = readId(volume?.['id']);
  const status = volume?.['status'];
  if (volumeId !== undefined && typeof status === 'string') {
    amends.push({ of: { key: resourceKey(CINDER_VOLUME, volumeId) }, properties: { state: status } });
  }
  return amends;
}

function isGone({ event }: Sample): boolean {
  return isNotification(event, 'instance.delete.end') || isNotification(event, 'compute.instance.delete.end');
}
