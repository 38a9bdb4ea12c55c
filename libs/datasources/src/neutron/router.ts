import { type Json, isJsonObject } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, readId } from '../reading/properties';
import { NEUTRON_NETWORK } from './network';
import { addressesOf, draftOf, readNeutronBody } from './neutronBody';

export const NEUTRON_ROUTER = 'neutron.router';

const ROUTER_OWNER = /^network:(ha_)?router_/;

/** Whether a port belongs to a router: an interface, its gateway, or one that Neutron made for it. */
export function isRouterOwner(deviceOwner: Json | undefined): boolean {
  return typeof deviceOwner === 'string' && ROUTER_OWNER.test(deviceOwner);
}

/**
 * A router, attached to the external network that is its gateway. To which subnets its other side leads,
 * a router's own row does not tell: that is what its interfaces are for.
 */
export const convertRouter: Converter = (sample) => {
  const { body, id, isDeletion } = readNeutronBody(sample, 'router');
  if (id === undefined) return missingId('id');
  const gateway = body['external_gateway_info'];
  if (gateway !== undefined && gateway !== null && !isJsonObject(gateway)) {
    return malformed('external_gateway_info', `external_gateway_info is ${kindOf(gateway)}, not an object.`);
  }

  const draft = draftOf(body, id, sample)
    .scalar('admin_state_up', body['admin_state_up'], 'admin_state_up')
    .scalar('ha', body['ha'], 'ha')
    .scalar('distributed', body['distributed'], 'distributed')
    .set('external_ips', gateway === undefined ? undefined : (addressesOf(gateway?.['external_fixed_ips']) ?? []));
  if (draft.fault !== undefined) return draft.fault;

  const network = gateway === undefined || gateway === null ? undefined : readId(gateway['network_id']);
  const neighbours = network === undefined ? [] : [stubNeighbour(NEUTRON_NETWORK, network, 'attached', 'to-neighbour')];
  const action = isDeletion ? 'delete-entity' : sample.action;
  const event = resourceEvent(sample, action, NEUTRON_ROUTER, id, draft.patch, neighbours);
  const isCutOff = gateway !== undefined && network === undefined;
  return isCutOff && !isDeletion ? { ...event, without: [NEUTRON_NETWORK] } : event;
};
