import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { NOVA_AGGREGATE } from '../nova/aggregate';
import { NOVA_HOST, NOVA_ZONE } from '../nova/host';
import { NOVA_HYPERVISOR } from '../nova/hypervisor';
import { NOVA_INSTANCE } from '../nova/instance';
import { NOVA_MIGRATION } from '../nova/migration';
import { NOVA_COMPUTE, NOVA_SERVICE } from '../nova/service';
import { readObject } from '../reading/properties';
import { type NamedReaders, only, reader } from './answerReader';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import {
  AGGREGATE_FIELDS,
  HYPERVISOR_FIELDS,
  MIGRATION_FIELDS,
  SERVER_ROW_FIELDS,
  SERVICE_FIELDS,
} from './sourceFields';

/** The answers of Nova. */
export const NOVA_ANSWERS: readonly NamedReaders[] = [
  ['nova-servers', [reader(NOVA_INSTANCE, 'servers', 'id', only(SERVER_ROW_FIELDS))]],
  [
    'nova-services',
    [
      reader(NOVA_HOST, 'services', 'host', readComputeHost),
      reader(NOVA_SERVICE, 'services', ['binary', 'host'], only(SERVICE_FIELDS)),
    ],
  ],
  ['nova-availability-zones', [reader(NOVA_ZONE, 'availabilityZoneInfo', 'zoneName', readZone)]],
  ['nova-hypervisors', [reader(NOVA_HYPERVISOR, 'hypervisors', 'hypervisor_hostname', readHypervisor)]],
  ['nova-aggregates', [reader(NOVA_AGGREGATE, 'aggregates', 'id', only(AGGREGATE_FIELDS))]],
  ['nova-migrations', [reader(NOVA_MIGRATION, 'migrations', 'id', only(MIGRATION_FIELDS))]],
];

function readComputeHost(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  return row['binary'] === NOVA_COMPUTE ? driverEvent(frame, row, SERVICE_FIELDS) : undefined;
}

function readHypervisor(frame: DriverFrame, row: JsonObject): JsonObject {
  const service = pickFields(readObject(row, 'service') ?? {}, ['host', 'disabled_reason']);
  return { ...driverEvent(frame, row, HYPERVISOR_FIELDS), ...service };
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
