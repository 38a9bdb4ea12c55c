import { type Json, type NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, readId } from '../reading/properties';
import { NEUTRON_NETWORK } from './network';
import { addressesOf, draftOf } from './neutronBody';
import { NEUTRON_ROUTER } from './router';
import { NEUTRON_SUBNET } from './subnet';

export const NEUTRON_ROUTER_INTERFACE = 'neutron.router_interface';

/** Owners of the ports by which the three kinds of routers (plain, distributed, highly available) reach a subnet. */
const INTERFACE_OWNERS: ReadonlySet<Json | undefined> = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
]);

/** Whether a port with this owner is the interface of a router. */
export function isInterfaceOwner(deviceOwner: Json | undefined): boolean {
  return INTERFACE_OWNERS.has(deviceOwner);
}

/**
 * An interface of a router: the port by which it reaches a network, and those of its subnets that it
 * serves. Its id is that of the port. It is an entity whichever ports are, since a router's own row does
 * not tell what lies behind it.
 *
 * `id`, `router_id`, `network_id` and `subnet_ids` as in `router.interface.create`; the answer of the ports
 * adds `name`, `status`, `tenant_id`, `fixed_ips`, `updated_at`.
 */
export const convertRouterInterface: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const { subnet_ids: subnets } = event;
  if (subnets !== undefined && !Array.isArray(subnets)) {
    return malformed('subnet_ids', `subnet_ids is ${kindOf(subnets)}, not a list.`);
  }
  const draft = draftOf(event, id, sample).set('ip_addresses', addressesOf(event['fixed_ips']));
  if (draft.fault !== undefined) return draft.fault;

  const neighbours: NeighbourImage[] = [];
  const router = readId(event['router_id']);
  if (router !== undefined) neighbours.push(stubNeighbour(NEUTRON_ROUTER, router, 'attached', 'to-neighbour'));
  const network = readId(event['network_id']);
  if (network !== undefined) neighbours.push(stubNeighbour(NEUTRON_NETWORK, network, 'contains', 'from-neighbour'));
  for (const subnet of new Set((subnets ?? []) as readonly Json[])) {
    const subnetId = readId(subnet);
    if (subnetId !== undefined) {
      neighbours.push(stubNeighbour(NEUTRON_SUBNET, subnetId, 'contains', 'from-neighbour'));
    }
  }
  return resourceEvent(sample, sample.action, NEUTRON_ROUTER_INTERFACE, id, draft.patch, neighbours);
};
