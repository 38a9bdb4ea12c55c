import { type Json, type JsonObject, type NeighbourImage, isJsonObject } from '@wherefore/model';
import { type Converter, isNotification, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { NOVA_INSTANCE } from '../nova/names';
import { NEUTRON_NETWORK } from './network';

export const NEUTRON_PORT = 'neutron.port';

/** Whether a port belongs to a server: the only ports that are entities. */
export function isComputeOwner(deviceOwner: Json | undefined): boolean {
  return typeof deviceOwner === 'string' && deviceOwner.includes('compute');
}

/**
 * A port of a server: a row of `ports`, or the same layout from a `port.*.end` notification, flat or
 * below `port`. A deletion may carry nothing but `port_id`.
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
    .set('ip_addresses', ipAddresses(body['fixed_ips']))
    .set('update_timestamp', normaliseTimestamp(body['updated_at']) ?? sample.timestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = isNotification(event, 'port.delete.end') ? 'delete-entity' : sample.action;
  return resourceEvent(sample, action, NEUTRON_PORT, id, draft.patch, neighboursOf(body));
};

function neighboursOf(body: JsonObject): NeighbourImage[] {
  const neighbours: NeighbourImage[] = [];
  const network = readId(body['network_id']);
  if (network !== undefined) neighbours.push(stubNeighbour(NEUTRON_NETWORK, network, 'contains', 'from-neighbour'));
  const device = readId(body['device_id']);
  const owner = body['device_owner'];
  if (device !== undefined && (owner === undefined || isComputeOwner(owner))) {
    neighbours.push(stubNeighbour(NOVA_INSTANCE, device, 'attached', 'to-neighbour'));
  }
  return neighbours;
}

function ipAddresses(fixedIps: Json | undefined): Json | undefined {
  if (!Array.isArray(fixedIps)) return undefined;
  const addresses: string[] = [];
  for (const fixedIp of fixedIps as readonly Json[]) {
    const address = isJsonObject(fixedIp) ? fixedIp['ip_address'] : undefined;
    if (typeof address === 'string') addresses.push(address);
  }
  return addresses;
}
