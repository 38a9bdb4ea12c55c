import { NEUTRON_PORT } from '../neutron/port';
import { NEUTRON_ROUTER_INTERFACE } from '../neutron/routerInterface';
import { type AnswerReader, type NamedReaders, reader } from './answerReader';
import { NEUTRON_KINDS, type NeutronKind, portRow, routerInterfaceRow } from './neutronRows';

/**
 * The answers of Neutron. That of the ports tells of the interfaces of routers as well: with a router's own
 * row comes only its gateway.
 */
export const NEUTRON_ANSWERS: readonly NamedReaders[] = [
  ['neutron-networks', [every(NEUTRON_KINDS.network, 'networks')]],
  ['neutron-subnets', [every(NEUTRON_KINDS.subnet, 'subnets')]],
  [
    'neutron-ports',
    [reader(NEUTRON_PORT, 'ports', 'id', portRow), reader(NEUTRON_ROUTER_INTERFACE, 'ports', 'id', routerInterfaceRow)],
  ],
  ['neutron-routers', [every(NEUTRON_KINDS.router, 'routers')]],
  ['neutron-floatingips', [every(NEUTRON_KINDS.floatingip, 'floatingips')]],
  ['neutron-agents', [every(NEUTRON_KINDS.agent, 'agents')]],
];

function every({ datasource, read }: NeutronKind, list: string): AnswerReader {
  return reader(datasource, list, 'id', read);
}
