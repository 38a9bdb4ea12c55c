import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, readId } from '../reading/properties';
import { NEUTRON_NETWORK } from './network';
import { draftOf, readNeutronBody } from './neutronBody';

export const NEUTRON_SUBNET = 'neutron.subnet';

/** A subnet: a range of addresses of one network. It has no state of its own. */
export const convertSubnet: Converter = (sample) => {
  const { body, id, isDeletion } = readNeutronBody(sample, 'subnet');
  if (id === undefined) return missingId('id');

  const draft = draftOf(body, id, sample)
    .text('cidr', body['cidr'], 'cidr')
    .text('gateway_ip', body['gateway_ip'], 'gateway_ip')
    .scalar('ip_version', body['ip_version'], 'ip_version')
    .scalar('enable_dhcp', body['enable_dhcp'], 'enable_dhcp');
  if (draft.fault !== undefined) return draft.fault;

  const network = readId(body['network_id']);
  const neighbours =
    network === undefined ? [] : [stubNeighbour(NEUTRON_NETWORK, network, 'contains', 'from-neighbour')];
  const action = isDeletion ? 'delete-entity' : sample.action;
  return resourceEvent(sample, action, NEUTRON_SUBNET, id, draft.patch, neighbours);
};
