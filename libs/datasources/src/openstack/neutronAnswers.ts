import type { JsonObject } from '@wherefore/model';
import { NEUTRON_NETWORK } from '../neutron/network';
import { isComputeOwner, NEUTRON_PORT } from '../neutron/port';
import { type NamedReaders, only, reader } from './answerReader';
import { type DriverFrame, driverEvent } from './driverEvent';
import { fixedIps, NETWORK_FIELDS, PORT_FIELDS } from './sourceFields';

/** The answers of Neutron. */
export const NEUTRON_ANSWERS: readonly NamedReaders[] = [
  ['neutron-networks', [reader(NEUTRON_NETWORK, 'networks', 'id', only(NETWORK_FIELDS))]],
  ['neutron-ports', [reader(NEUTRON_PORT, 'ports', 'id', readPort)]],
];

function readPort(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (!isComputeOwner(row['device_owner'])) return undefined;
  const event = driverEvent(frame, row, PORT_FIELDS);
  const addresses = fixedIps(row);
  return addresses === undefined ? event : { ...event, fixed_ips: addresses };
}
