import { type EntityEvent, type Json, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { type Converter, type Sample, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { NOVA_HOST } from './host';
import { serverStatus } from './serverStatus';

export const NOVA_INSTANCE = 'nova.instance';

/** A server as one of Nova's three layouts tells of it, brought to one. */
interface Server {
  readonly id: string | undefined;
  readonly idField: string;
  readonly name: Json | undefined;
  readonly vmState: Json | undefined;
  readonly taskState: Json | undefined;
  /** Nova's own status, where the layout carries it. */
  readonly status: Json | undefined;
  readonly host: Json | undefined;
  readonly project: Json | undefined;
  readonly instanceName: Json | undefined;
  readonly updatedAt: Json | undefined;
}

/**
 * A server: a row of `servers/detail`, a versioned notification (fields below `nova_object.data`), or a
 * legacy one (`compute.instance.*`). All three lead to the same entity; `state` is Nova's REST status.
 * A server whose vm_state is `deleted` is gone, whichever notification says so.
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
    vmState: undefined,
    taskState: undefined,
    status: event['status'],
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
    // The display name is what the REST API calls the name; the host name is derived from it.
    name: data['display_name'] ?? data['host_name'],
    vmState: data['state'],
    taskState: data['task_state'],
    status: undefined,
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
    name: event['display_name'] ?? event['hostname'],
    vmState: event['state'],
    taskState: event['state_description'],
    status: undefined,
    host: event['host'],
    project: event['tenant_id'],
    instanceName: event['instance_name'],
    updatedAt: undefined,
  };
}

function toEvent(sample: Sample, server: Server, isLegacy: boolean): EntityEvent | Rejection {
  const { id } = server;
  if (id === undefined) return missingId(server.idField);
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', server.name, 'name')
    .text('state', server.status ?? serverStatus(server.vmState, server.taskState) ?? server.vmState, 'state')
    .text('project_id', server.project, 'tenant_id')
    .text('host_id', server.host, 'host')
    .text('instance_name', server.instanceName, 'instance_name')
    .set('update_timestamp', normaliseTimestamp(server.updatedAt) ?? sample.timestamp);
  if (draft.fault !== undefined) return draft.fault;

  const host = readId(server.host);
  const neighbours = host === undefined ? [] : [stubNeighbour(NOVA_HOST, host, 'contains', 'from-neighbour')];
  const action = isGone(sample, server) ? 'delete-entity' : sample.action;
  const event = resourceEvent(sample, action, NOVA_INSTANCE, id, draft.patch, neighbours);
  // A legacy notification does not tell when the server changed. Its own time stands in only for a new
  // state, so that the two notifications of one change do not push the time to and fro.
  return isLegacy ? { ...event, keep: { property: 'update_timestamp', whileUnchanged: 'state' } } : event;
}

function isGone(sample: Sample, server: Server): boolean {
  if (sample.event['vitrage_datasource_action'] !== 'update') return false;
  const eventType = sample.event['vitrage_event_type'];
  return (
    eventType === 'instance.delete.end' ||
    eventType === 'compute.instance.delete.end' ||
    (sample.action === 'update-entity' && server.vmState === 'deleted')
  );
}
