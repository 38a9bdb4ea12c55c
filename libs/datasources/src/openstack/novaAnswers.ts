import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { NOVA_HOST, NOVA_ZONE } from '../nova/host';
import { NOVA_INSTANCE } from '../nova/instance';
import { type NamedReaders, only, reader } from './answerReader';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import { SERVER_ROW_FIELDS, SERVICE_FIELDS } from './sourceFields';

/** The answers of Nova. */
export const NOVA_ANSWERS: readonly NamedReaders[] = [
  ['nova-servers', [reader(NOVA_INSTANCE, 'servers', 'id', only(SERVER_ROW_FIELDS))]],
  ['nova-services', [reader(NOVA_HOST, 'services', 'host', readComputeHost)]],
  ['nova-availability-zones', [reader(NOVA_ZONE, 'availabilityZoneInfo', 'zoneName', readZone)]],
];

function readComputeHost(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  return row['binary'] === 'nova-compute' ? driverEvent(frame, row, SERVICE_FIELDS) : undefined;
}

/** The zone `internal` holds Nova's own services. */
function readZone(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (row['zoneName'] === 'internal') return undefined;
  const event = driverEvent(frame, row, ['zoneName', 'zoneState']);
  return row['hosts'] === undefined ? event : { ...event, hosts: withoutHeartbeats(row['hosts']) };
}

function withoutHeartbeats(hosts: Json): Json {
  if (!isJsonObject(hosts)) return hosts;
  const kept: Record<string, Json> = {};
  for (const host of Object.keys(hosts)) {
    const services = hosts[host];
    const compute = isJsonObject(services) ? services['nova-compute'] : undefined;
    if (isJsonObject(compute) && host !== '__proto__') {
      kept[host] = { 'nova-compute': pickFields(compute, ['available', 'active']) };
    }
  }
  return kept;
}
