import type { Json, NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, readId } from '../reading/properties';
import { NEUTRON_NETWORK } from './network';
import { draftOf, readNeutronBody } from './neutronBody';
import { NEUTRON_PORT } from './port';
import { NEUTRON_ROUTER } from './router';

export const NEUTRON_FLOATING_IP = 'neutron.floatingip';

/**
 * A floating IP: an address of an external network, attached to the port that it leads to and to the
 * router that translates it; to neither while it is not in use. It has no name in Neutron and is called
 * by its address.
 */
export const convertFloatingIp: Converter = (sample) => {
  const { body, id, isDeletion } = readNeutronBody(sample, 'floatingip');
  if (id === undefined) return missingId('id');

  const draft = draftOf(body, id, sample)
    .text('name', body['floating_ip_address'], 'floating_ip_address')
    .text('floating_ip_address', body['floating_ip_address'], 'floating_ip_address')
    .text('fixed_ip_address', body['fixed_ip_address'], 'fixed_ip_address');
  if (draft.fault !== undefined) return draft.fault;

  const neighbours: NeighbourImage[] = [];
  const without: string[] = [];
  const network = readId(body['floating_network_id']);
  if (network !== undefined) neighbours.push(stubNeighbour(NEUTRON_NETWORK, network, 'contains', 'from-neighbour'));
  attach(NEUTRON_PORT, body['port_id']);
  attach(NEUTRON_ROUTER, body['router_id']);
  const action = isDeletion ? 'delete-entity' : sample.action;
  const event = resourceEvent(sample, action, NEUTRON_FLOATING_IP, id, draft.patch, neighbours);
  return without.length === 0 || isDeletion ? event : { ...event, without };

  function attach(type: string, reference: Json | undefined): void {
    const other = readId(reference);
    if (other !== undefined) neighbours.push(stubNeighbour(type, other, 'attached', 'to-neighbour'));
    else if (reference !== undefined) without.push(type);
  }
};
