import { type Json, type JsonObject, type NeighbourImage, isJsonObject } from '@wherefore/model';
import { type Converter, isNotification, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { CINDER_VOLUME } from '../cinder/volume';
import { NEUTRON_FLOATING_IP } from '../neutron/floatingIp';
import { NEUTRON_NETWORK } from '../neutron/network';
import { NEUTRON_PORT } from '../neutron/port';
import { NEUTRON_ROUTER } from '../neutron/router';
import { NEUTRON_SUBNET } from '../neutron/subnet';
import { NOVA_INSTANCE } from '../nova/instance';

export const HEAT_STACK = 'heat.stack';

/** Heat's resource types that are entities, and of which datasource. */
const ENTITY_TYPES: ReadonlyMap<string, string> = new Map([
  ['OS::Nova::Server', NOVA_INSTANCE],
  ['OS::Cinder::Volume', CINDER_VOLUME],
  ['OS::Neutron::Net', NEUTRON_NETWORK],
  ['OS::Neutron::Port', NEUTRON_PORT],
  ['OS::Neutron::ProviderNet', NEUTRON_NETWORK],
  ['OS::Neutron::Subnet', NEUTRON_SUBNET],
  ['OS::Neutron::Router', NEUTRON_ROUTER],
  ['OS::Neutron::FloatingIP', NEUTRON_FLOATING_IP],
]);

/** The entity type that a resource type of Heat stands for, if it stands for one. */
export function entityTypeOf(resourceType: Json | undefined): string | undefined {
  return typeof resourceType === 'string' ? ENTITY_TYPES.get(resourceType) : undefined;
}

/**
 * A stack: a row of `stacks` with its `resources`, or an `orchestration.stack.*` notification.
 *
 * A stack is gone once it is being deleted, as in Vitrage, whatever its state says from then on: unless
 * `is_deleted` says that it is not, which what comes from Heat itself does (Vitrage's driver does not), for
 * a deletion may fail and leave the stack there.
 */
export const convertStack: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['id']) ?? lastPart(readId(event['stack_identity']));
  if (id === undefined) return missingId('id');

  const state = event['stack_status'] ?? event['state'];
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['stack_name'], 'stack_name')
    .text('state', state, 'stack_status')
    .text('status_reason', event['status_reason'], 'status_reason')
    .text('project_id', event['project'] ?? event['tenant_id'], 'project')
    .set('update_timestamp', updateTime(event) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const isDeleting = typeof state === 'string' && state.startsWith('DELETE_');
  const isGone =
    event['is_deleted'] !== false && (isDeleting || isNotification(event, 'orchestration.stack.delete.end'));
  const action = isGone ? 'delete-entity' : sample.action;
  return resourceEvent(sample, action, HEAT_STACK, id, draft.patch, resourcesOf(event));
};

function resourcesOf(event: JsonObject): NeighbourImage[] {
  const resources = event['resources'];
  const neighbours: NeighbourImage[] = [];
  if (!Array.isArray(resources)) return neighbours;
  for (const resource of resources as readonly Json[]) {
    if (!isJsonObject(resource)) continue;
    const type = entityTypeOf(resource['resource_type']);
    // A resource that could not be created has no physical id.
    const id = readId(resource['physical_resource_id']);
    if (type !== undefined && id !== undefined) {
      neighbours.push(stubNeighbour(type, id, 'comprised', 'to-neighbour'));
    }
  }
  return neighbours;
}

function updateTime(event: JsonObject): string | undefined {
  return (
    normaliseTimestamp(event['updated_time'] ?? event['updated_at']) ??
    normaliseTimestamp(event['creation_time'] ?? event['create_at'])
  );
}

/** Heat once named stacks by path (`arn:…:stacks/name/uuid`); the id is its last part. */
function lastPart(identity: string | undefined): string | undefined {
  return identity === undefined ? undefined : identity.slice(identity.lastIndexOf('/') + 1) || undefined;
}
