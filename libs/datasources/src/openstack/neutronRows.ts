import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { NEUTRON_AGENT } from '../neutron/agent';
import { NEUTRON_FLOATING_IP } from '../neutron/floatingIp';
import { NEUTRON_NETWORK } from '../neutron/network';
import { isComputeOwner } from '../neutron/port';
import { NEUTRON_ROUTER } from '../neutron/router';
import { isInterfaceOwner } from '../neutron/routerInterface';
import { NEUTRON_SUBNET } from '../neutron/subnet';
import { readId } from '../reading/properties';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import type { ReadingOptions } from './readingOptions';
import * as fields from './sourceFields';

/** How Neutron shows one kind of resource, in its answers and in its notifications alike. */
export interface NeutronKind {
  readonly datasource: string;
  readonly read: (frame: DriverFrame, body: JsonObject) => JsonObject;
}

/** By the word that Neutron's notifications begin with. Ports are not among them: they have owners. */
export const NEUTRON_KINDS = {
  agent: { datasource: NEUTRON_AGENT, read: copying(fields.AGENT_FIELDS) },
  floatingip: { datasource: NEUTRON_FLOATING_IP, read: copying(fields.FLOATING_IP_FIELDS) },
  network: { datasource: NEUTRON_NETWORK, read: copying(fields.NETWORK_FIELDS) },
  router: { datasource: NEUTRON_ROUTER, read: routerRow },
  subnet: { datasource: NEUTRON_SUBNET, read: copying(fields.SUBNET_FIELDS) },
} as const satisfies Record<string, NeutronKind>;

/** A router with what matters of its gateway. */
function routerRow(frame: DriverFrame, router: JsonObject): JsonObject {
  const event = driverEvent(frame, router, fields.ROUTER_FIELDS);
  const gateway = router['external_gateway_info'];
  if (gateway === undefined) return event;
  if (!isJsonObject(gateway)) return { ...event, external_gateway_info: gateway };
  const addresses = fields.addressesOnly(gateway['external_fixed_ips']);
  const kept = pickFields(gateway, ['network_id']);
  return {
    ...event,
    external_gateway_info: addresses === undefined ? kept : { ...kept, external_fixed_ips: addresses },
  };
}

/** A port, if its owner is one of those that are wanted. */
export function portRow(frame: DriverFrame, port: JsonObject, { portOwners }: ReadingOptions): JsonObject | undefined {
  if (portOwners === 'compute' && !isComputeOwner(port['device_owner'])) return undefined;
  // Neutron writes the host of a port that is bound to none as an empty text.
  const isUnbound = port['binding:host_id'] === '';
  const event = driverEvent(frame, isUnbound ? { ...port, 'binding:host_id': null } : port, fields.PORT_FIELDS);
  const addresses = fields.fixedIps(port);
  return addresses === undefined ? event : { ...event, fixed_ips: addresses };
}

/** A port as the interface of a router, if it is one: in the layout of `router.interface.create`. */
export function routerInterfaceRow(frame: DriverFrame, port: JsonObject): JsonObject | undefined {
  if (!isInterfaceOwner(port['device_owner'])) return undefined;
  const event: Record<string, Json> = { ...driverEvent(frame, port, fields.ROUTER_INTERFACE_FIELDS) };
  if (port['device_id'] !== undefined) event['router_id'] = port['device_id'];
  const addresses = fields.fixedIps(port);
  if (addresses === undefined) return event;
  event['fixed_ips'] = addresses;
  event['subnet_ids'] = subnetsOf(port['fixed_ips']);
  return event;
}

function subnetsOf(fixedIps: Json | undefined): string[] {
  const subnets = new Set<string>();
  if (!Array.isArray(fixedIps)) return [];
  for (const fixedIp of fixedIps as readonly Json[]) {
    const subnet = isJsonObject(fixedIp) ? readId(fixedIp['subnet_id']) : undefined;
    if (subnet !== undefined) subnets.add(subnet);
  }
  return [...subnets];
}

function copying(names: readonly string[]): NeutronKind['read'] {
  return (frame, body) => driverEvent(frame, body, names);
}
