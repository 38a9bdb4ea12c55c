import { ENTRY_VERSION, type JsonObject, type NewEntry } from '@wherefore/model';
import { openStore } from '@wherefore/sqlite';
import { serveCli } from './cliProcess';

/** Two instances on a host, and what its network card does to them on a day of the past. */
export const NETWORK_TEMPLATE = `metadata:
  version: 3
  name: host_network
  type: standard
  description: a network card takes the instances of its host away
entities:
  nic:
    category: ALARM
    type: nagios
    name: NIC failure
  host:
    category: RESOURCE
    type: nova.host
  instance:
    category: RESOURCE
    type: nova.instance
scenarios:
- condition: nic [on] host AND host [contains] instance
  actions:
  - raise_alarm:
      target: instance
      alarm_name: Instance unreachable
      severity: WARNING
      causing_alarm: nic
  - set_state:
      target: instance
      state: ERROR
`;

export const INSTANCE_IDS = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;

/** A driver event that nagios would send; `status` OK ends the alarm. */
export function nagiosEvent(service: string, status: string, sampled: string, lastCheck = sampled): JsonObject {
  return {
    vitrage_entity_type: 'nagios',
    vitrage_datasource_action: 'update',
    vitrage_sample_date: sampled,
    resource_type: 'nova.host',
    resource_name: 'host-1',
    service,
    status,
    last_check: lastCheck.replace('T', ' ').replace('Z', ''),
  };
}

/** The driver events of the cloud itself. */
export function topologyEvents(sampled: string): JsonObject[] {
  const base = { vitrage_datasource_action: 'snapshot', vitrage_sample_date: sampled };
  const hosts = { 'host-1': { 'nova-compute': { available: true, active: true, updated_at: sampled } } };
  return [
    { ...base, vitrage_entity_type: 'nova.zone', zoneName: 'zone-1', zoneState: { available: true }, hosts },
    {
      ...base,
      vitrage_entity_type: 'nova.host',
      host: 'host-1',
      zone: 'zone-1',
      binary: 'nova-compute',
      status: 'enabled',
      state: 'up',
    },
    ...INSTANCE_IDS.map((id, i) => ({
      ...base,
      vitrage_entity_type: 'nova.instance',
      id,
      name: `web-${i + 1}`,
      status: 'ACTIVE',
      'OS-EXT-SRV-ATTR:host': 'host-1',
      tenant_id: 'shop',
    })),
  ];
}

/**
 * The day: begun at 10:00, network card fails at 10:05 and is well again at 10:15; a disk fails at
 * 10:08, which is known at 10:20 only; an event that is none arrives at 10:30. All UTC.
 */
export function dayOfEntries(): NewEntry[] {
  let number = 0;
  const base = (clock: string): Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'> => ({
    id: `entry-${(number += 1)}`,
    version: ENTRY_VERSION,
    source: 'test',
    ingestedAtMs: Date.parse(`2026-11-20T${clock}Z`),
  });
  const at = (clock: string, event: JsonObject): NewEntry => ({ kind: 'event', ...base(clock), event });
  return [
    { kind: 'template-add', ...base('10:00:00'), templates: [{ path: 'host_network.yaml', text: NETWORK_TEMPLATE }] },
    ...topologyEvents('2026-11-20T10:00:01Z').map((event) => at('10:00:01', event)),
    at('10:05:00', nagiosEvent('NIC failure', 'CRITICAL', '2026-11-20T10:05:00Z')),
    at('10:15:00', nagiosEvent('NIC failure', 'OK', '2026-11-20T10:15:00Z')),
    at('10:20:00', nagiosEvent('Disk failure', 'WARNING', '2026-11-20T10:20:00Z', '2026-11-20T10:08:00Z')),
    at('10:30:00', { vitrage_entity_type: 'sorcery', vitrage_sample_date: '2026-11-20T10:30:00Z' }),
  ];
}

/** Makes a store of that day, and lets a server write its history and snapshots. */
export async function makeStore(folder: string): Promise<void> {
  const store = await openStore({ folder, create: true, writer: 'inline' });
  await store.log.append(dayOfEntries());
  await store.close();
  const server = await serveCli(['--store', folder], { env: { WHEREFORE_SNAPSHOTS__EVERY_ENTRIES: '2' } });
  const { code, stderr } = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}: ${stderr}`);
}
