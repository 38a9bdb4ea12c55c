import {
  type ConfigSetEntry,
  ENTRY_VERSION,
  type EventEntry,
  type JsonObject,
  type LogEntry,
  type NewEntry,
  RowDigest,
  type TemplateSource,
} from '@wherefore/model';

/** Where the logs of the tests begin. */
export const START_MS = Date.parse('2026-11-21T00:00:00Z');

type Base = 'id' | 'version' | 'source' | 'ingestedAtMs';
type Draft = { [Kind in NewEntry['kind']]: Omit<Extract<NewEntry, { kind: Kind }>, Base> }[NewEntry['kind']];

/**
 * Writes a log by hand: each call makes the next entry, a second after the one before. Ids and
 * positions follow from the count, so the same calls make the same log.
 */
export class LogScript {
  private count = 0;
  nowMs = START_MS;

  /** Any entry; `base` overrides its id, source or time. */
  entry(draft: Draft & Partial<Pick<NewEntry, Base>>): LogEntry {
    this.count += 1;
    this.nowMs += 1_000;
    const base = { id: `e${this.count}`, version: ENTRY_VERSION, source: 'test', ingestedAtMs: this.nowMs };
    return { position: { epoch: 1, offset: this.count, index: 0 }, entry: { ...base, ...draft } as NewEntry };
  }

  /** A driver event, sampled now, or some seconds earlier than that. */
  event(event: JsonObject, more: Partial<EventEntry> & { readonly ageS?: number } = {}): LogEntry {
    const { ageS = 0, ...rest } = more;
    const sampledMs = this.nowMs + 1_000 - ageS * 1_000;
    const sampled = { vitrage_sample_date: `${new Date(sampledMs).toISOString().slice(0, 19)}Z`, ...event };
    return this.entry({ kind: 'event', event: sampled, ...rest });
  }

  template(name: string, text: string, more: Partial<TemplateSource> = {}): LogEntry {
    return this.entry({ kind: 'template-add', templates: [{ path: `${name}.yaml`, text, ...more }] });
  }

  withoutTemplate(...templates: string[]): LogEntry {
    return this.entry({ kind: 'template-delete', templates });
  }

  tick(atMs = this.nowMs + 1_000): LogEntry {
    return this.entry({ kind: 'tick', atMs });
  }

  config(section: ConfigSetEntry['section'], value: JsonObject): LogEntry {
    return this.entry({ kind: 'config-set', section, value });
  }

  /** A whole poll: its start, its rows, and its completion as the driver would announce it. */
  poll(datasource: string, pollId: string, rows: readonly JsonObject[]): LogEntry[] {
    const digest = new RowDigest();
    const started = this.entry({ kind: 'poll-started', datasource, pollId });
    const entries = rows.map((row) => this.event(row, { pollId }));
    for (const { entry } of entries) digest.add(entry.id);
    const end = { rowCount: rows.length, rowDigest: digest.toString() };
    return [started, ...entries, this.entry({ kind: 'poll-completed', datasource, pollId, ...end })];
  }
}

const UPDATE = { vitrage_datasource_action: 'update' } as const;

/** A zone that says of each of its hosts whether it is available. */
export function zone(name: string, hosts: { readonly [host: string]: boolean } = {}, available = true): JsonObject {
  const services = Object.entries(hosts).map(([host, isUp]) => [
    host,
    { 'nova-compute': { available: isUp, active: true } },
  ]);
  return {
    ...UPDATE,
    vitrage_entity_type: 'nova.zone',
    zoneName: name,
    zoneState: { available },
    hosts: Object.fromEntries(services) as JsonObject,
  };
}

export function host(name: string, inZone: string, serviceState = 'up'): JsonObject {
  return { ...UPDATE, vitrage_entity_type: 'nova.host', host: name, zone: inZone, state: serviceState };
}

export function instance(id: string, onHost: string, status = 'ACTIVE', project = 'p1'): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'nova.instance',
    id,
    name: `name of ${id}`,
    status,
    'OS-EXT-SRV-ATTR:host': onHost,
    tenant_id: project,
  };
}

export function network(id: string, status = 'ACTIVE'): JsonObject {
  return { ...UPDATE, vitrage_entity_type: 'neutron.network', id, name: `name of ${id}`, status };
}

export function port(id: string, ofNetwork: string, onInstance: string, status = 'ACTIVE'): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'neutron.port',
    id,
    name: `name of ${id}`,
    status,
    network_id: ofNetwork,
    device_id: onInstance,
    device_owner: 'compute:nova',
  };
}

export function volume(id: string, onInstances: readonly string[], status = 'in-use'): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'cinder.volume',
    id,
    name: `name of ${id}`,
    status,
    attachments: onInstances.map((server) => ({ server_id: server })),
  };
}

/** The same event as a deletion, whatever it is about. */
export function gone(event: JsonObject): JsonObject {
  return { ...event, vitrage_event_type: 'delete_entity' };
}

/** A service of Nagios: `OK` clears it. */
export function nagios(service: string, onType: string, onId: string, status: string): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'nagios',
    resource_type: onType,
    resource_name: onId,
    service,
    status,
    status_info: `${service} is ${status}`,
  };
}

/** A trigger of Zabbix of some priority, 0 to 5; `undefined` clears it. */
export function zabbix(description: string, onType: string, onId: string, priority: number | undefined): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'zabbix',
    resource_type: onType,
    resource_name: onId,
    triggerid: `t-${description}`,
    description,
    status: '0',
    value: priority === undefined ? '0' : '1',
    priority: String(priority ?? 0),
  };
}

/** An alert of Prometheus on whatever has this id; `firing` or `resolved`. */
export function prometheus(
  name: string,
  unique: { readonly [property: string]: string },
  severity: string,
  isFiring = true,
): JsonObject {
  return {
    ...UPDATE,
    vitrage_entity_type: 'prometheus',
    labels: { alertname: name, severity },
    status: isFiring ? 'firing' : 'resolved',
    vitrage_entity_unique_props: unique,
  };
}
