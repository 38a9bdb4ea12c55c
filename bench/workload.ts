import { ENTRY_VERSION, type JsonObject, type LogEntry, type NewEntry, type TemplateSource } from '@wherefore/model';

/** How large a cloud is: each host runs 20 instances, each zone holds 48 hosts. */
export interface CloudSize {
  readonly name: string;
  readonly hosts: number;
}

const INSTANCES_PER_HOST = 20;
const HOSTS_PER_ZONE = 48;
const LATE_SECONDS = 3600;
const START_MS = Date.UTC(2026, 0, 1);

/** One entity a host, one an instance, and a zone for every 48 hosts. */
export function entitiesOf({ hosts }: CloudSize): number {
  return hosts * (1 + INSTANCES_PER_HOST) + Math.ceil(hosts / HOSTS_PER_ZONE);
}

/** Numbers entries and moves the clock on, as a log would. */
export class EntryMill {
  private ordinal = 0;

  entry(event: JsonObject): LogEntry {
    const date = new Date(START_MS + (this.ordinal + 1) * 1000).toISOString();
    return this.place('event', { event: { ...event, vitrage_sample_date: `${date.slice(0, 19)}Z` } });
  }

  templates(templates: readonly TemplateSource[]): LogEntry {
    return this.place('template-add', { templates });
  }

  withoutTemplates(templates: readonly string[]): LogEntry {
    return this.place('template-delete', { templates });
  }

  tick(): LogEntry {
    return this.place('tick', { atMs: START_MS + this.ordinal * 1000 });
  }

  /** A tick after all deletion marks have had their time; what comes after it is later still. */
  lateTick(): LogEntry {
    this.ordinal += LATE_SECONDS;
    return this.tick();
  }

  /** A complete poll of a datasource that has nothing any more. */
  emptyPoll(datasource: string): [started: LogEntry, completed: LogEntry] {
    const poll = { datasource, pollId: `${datasource} ${this.ordinal}` };
    return [this.place('poll-started', poll), this.place('poll-completed', { ...poll, rowCount: 0, rowDigest: '' })];
  }

  private place(kind: NewEntry['kind'], body: object): LogEntry {
    this.ordinal += 1;
    const base = { id: `bench-${this.ordinal}`, version: ENTRY_VERSION, source: 'bench' };
    const entry = { kind, ...base, ingestedAtMs: START_MS + this.ordinal * 1000, ...body };
    // As a log gives it. An event put together by `...` has a hidden class of its own, which no parsed one has.
    return {
      position: { epoch: 1, offset: this.ordinal, index: 0 },
      entry: JSON.parse(JSON.stringify(entry)) as NewEntry,
    };
  }
}

/** Templates as an entry outside the order of a mill. */
export function templatesEntry(templates: readonly TemplateSource[], ingestedAtMs: number): NewEntry {
  const base = { id: 'bench-templates', version: ENTRY_VERSION, source: 'bench', ingestedAtMs } as const;
  return { ...base, kind: 'template-add', templates };
}

/** Zones, hosts and instances as their drivers report them. */
export function topologyEvents({ hosts }: CloudSize): JsonObject[] {
  const events: JsonObject[] = [];
  for (let first = 0; first < hosts; first += HOSTS_PER_ZONE) {
    const members = Array.from({ length: Math.min(HOSTS_PER_ZONE, hosts - first) }, (_, i) => hostName(first + i));
    events.push({
      vitrage_entity_type: 'nova.zone',
      vitrage_datasource_action: 'init_snapshot',
      zoneName: `zone-${first / HOSTS_PER_ZONE}`,
      zoneState: { available: true },
      hosts: Object.fromEntries(members.map((host) => [host, { 'nova-compute': { available: true, active: true } }])),
    });
  }
  for (let host = 0; host < hosts; host++) {
    events.push({
      vitrage_entity_type: 'nova.host',
      vitrage_datasource_action: 'init_snapshot',
      id: `service-${host}`,
      binary: 'nova-compute',
      host: hostName(host),
      zone: `zone-${Math.floor(host / HOSTS_PER_ZONE)}`,
      status: 'enabled',
      state: 'up',
      forced_down: false,
    });
  }
  for (let instance = 0; instance < hosts * INSTANCES_PER_HOST; instance++) events.push(instanceEvent(instance));
  return events;
}

function instanceEvent(instance: number): JsonObject {
  const host = hostName(Math.floor(instance / INSTANCES_PER_HOST));
  return {
    vitrage_entity_type: 'nova.instance',
    vitrage_datasource_action: 'init_snapshot',
    id: `${instance.toString(16).padStart(8, '0')}-7a11-4c0f-9b1d-3f2e1d0c9b8a`,
    name: `vm-${instance}`,
    status: 'ACTIVE',
    tenant_id: `${(instance % 64).toString(16).padStart(2, '0')}3449097b475875aee6039d40916a`,
    user_id: 'f6ab073fc15f44888e8d23497d476270',
    'OS-EXT-STS:task_state': null,
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:power_state': 1,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${instance.toString(16).padStart(8, '0')}`,
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': host,
    'OS-EXT-AZ:availability_zone': 'zone-0',
    created: '2025-12-31T14:18:07Z',
    updated: '2025-12-31T14:18:41Z',
    addresses: { private: [{ version: 4, addr: '10.0.0.2', 'OS-EXT-IPS:type': 'fixed' }] },
    flavor: { id: '42' },
    metadata: {},
  };
}

/** The alarm of a monitoring system on a host. */
export function hostAlarm(host: number, service: string, status: string): JsonObject {
  return {
    vitrage_entity_type: 'nagios',
    vitrage_datasource_action: 'snapshot',
    resource_type: 'nova.host',
    resource_name: hostName(host),
    service,
    status,
    last_check: '2026-01-01 00:00:00',
    status_info: `${status} - ${service}`,
  };
}

function hostName(host: number): string {
  return `compute-${host.toString().padStart(5, '0')}`;
}

/** Templates that match the cloud: a degraded host, a host that is down. */
export const MATCHING_TEMPLATES: readonly TemplateSource[] = [
  {
    path: 'degraded.yaml',
    text: `
metadata: { version: 3, name: degraded, type: standard }
entities:
  load: { category: ALARM, type: nagios, name: CPU load }
  host: { type: nova.host }
  instance: { type: nova.instance }
scenarios:
  - condition: load [on] host
    actions:
      - set_state: { target: host, state: SUBOPTIMAL }
  - condition: load [on] host AND host [contains] instance
    actions:
      - raise_alarm: { target: instance, alarm_name: Degraded, severity: WARNING, causing_alarm: load }
      - set_state: { target: instance, state: SUBOPTIMAL }
`,
  },
  {
    path: 'down.yaml',
    text: `
metadata: { version: 3, name: down, type: standard }
entities:
  down: { category: ALARM, type: nagios, name: Host down }
  gone: { category: ALARM, type: vitrage, name: Instance down }
  host: { type: nova.host }
  instance: { type: nova.instance }
scenarios:
  - condition: down [on] host
    actions:
      - set_state: { target: host, state: ERROR }
      - mark_down: { target: host }
  - condition: down [on] host AND host [contains] instance
    actions:
      - raise_alarm: { target: instance, alarm_name: Instance down, severity: CRITICAL }
  - condition: down [on] host AND host [contains] instance AND gone [on] instance
    actions:
      - add_causal_relationship: { source: down, target: gone }
      - mark_down: { target: instance }
`,
  },
];
