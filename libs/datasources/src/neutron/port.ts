import type { Json, JsonObject, NeighbourImage } from '@wherefore/model';
import { type Converter, isNotification, namesNeighbours, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { NOVA_INSTANCE } from '../nova/names';
import { NEUTRON_NETWORK } from './network';
import { addressesOf } from './neutronBody';
import { isRouterOwner, NEUTRON_ROUTER } from './router';

export const NEUTRON_PORT = 'neutron.port';

/** Whether a port belongs to a server: the only ports that are entities, unless more are asked for. */
export function isComputeOwner(deviceOwner: Json | undefined): boolean {
  return typeof deviceOwner === 'string' && deviceOwner.includes('compute');
}

/**
 * A port: a row of `ports`, or the same layout from a `port.*.end` notification, flat or below `port`. A
 * deletion may carry nothing but `port_id`. It is attached to the server or the router that is its device;
 * of an owner that is no server the name is kept, as `device_owner`.
 */
export const convertPort: Converter = (sample) => {
  const { event } = sample;
  const body = readObject(event, 'port') ?? event;
  const id = readEitherId(body['id'], event['port_id']);
  if (id === undefined) return missingId('id');

  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', body['name'], 'name')
    .text('state', body['status'], 'status')
    .text('project_id', body['tenant_id'] ?? body['project_id'], 'tenant_id')
    .text('host_id', body['binding:host_id'], 'binding:host_id')
    .scalar('admin_state_up', body['admin_state_up'], 'admin_state_up')
    .set('ip_addresses', addressesOf(body['fixed_ips']))
    .text('device_owner', isComputeOwner(body['device_owner']) ? undefined : body['device_owner'], 'device_owner')
    .set('update_timestamp', normaliseTimestamp(body['updated_at']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = isNotification(event, 'port.delete.end') ? 'delete-entity' : sample.action;
  const answer = resourceEvent(sample, action, NEUTRON_PORT, id, draft.patch, neighboursOf(body));
  // A port that was taken off its device is on none. Unless all ports are entities, such a port is gone.
  const isLoose = body['device_id'] === '' && namesNeighbours(action);
  return isLoose ? { ...answer, without: [NOVA_INSTANCE, NEUTRON_ROUTER] } : answer;
};

function neighboursOf(body: JsonObject): NeighbourImage[] {
  const neighbours: NeighbourImage[] = [];
  const network = readId(body['network_id']);
  if (network !== undefined) neighbours.push(stubNeighbour(NEUTRON_NETWORK, network, 'contains', 'from-neighbour'));
  const device = readId(body['device_id']);
  const owner = body['device_owner'];
  if (device !== undefined && (owner === undefined || isComputeOwner(owner))) {
    neighbours.push(stubNeighbour(NOVA_INSTANCE, device, 'attached', 'to-neighbour'));
  } else if (device !== undefined && isRouterOwner(owner)) {
    neighbours.push(stubNeighbour(NEUTRON_ROUTER, device, 'attached', 'to-neighbour'));
  }
  return neighbours;
}
