import { VITRAGE_VALUE_TABLES } from '@wherefore/datasources';
import { initialState, reportState, RunClock, step } from '@wherefore/engine';
import type { JsonObject, TemplateSource } from '@wherefore/model';

/** A date long before any run. */
export const LONG_AGO = '2020-01-01T00:00:00Z';

type Action = 'init_snapshot' | 'snapshot' | 'update';

function driverEvent(type: string, action: Action, fields: JsonObject): JsonObject {
  return { vitrage_entity_type: type, vitrage_datasource_action: action, vitrage_sample_date: LONG_AGO, ...fields };
}

/** The same event, late: older than all that went before. */
export const late = (event: JsonObject): JsonObject => ({ ...event, _keep_date: true });

/** What a driver sends of an entity that the last poll no longer has. */
export const gone = (event: JsonObject): JsonObject => ({ ...event, vitrage_event_type: 'delete_entity' });

export const host = (name: string, zone = 'zone-1', action: Action = 'snapshot'): JsonObject =>
  driverEvent('nova.host', action, { host: name, zone, binary: 'nova-compute', status: 'enabled', state: 'up' });

/** Each host with whether its nova-compute is available and active. */
export function zone(name: string, hosts: { readonly [host: string]: boolean }, available = true): JsonObject {
  const services = Object.entries(hosts).map(([id, up]) => [id, { 'nova-compute': { available: up, active: true } }]);
  const fields = { zoneName: name, zoneState: { available }, hosts: Object.fromEntries(services) as JsonObject };
  return driverEvent('nova.zone', 'snapshot', fields);
}

export const server = (
  id: string,
  hostName: string | null,
  status = 'ACTIVE',
  action: Action = 'snapshot',
): JsonObject =>
  driverEvent('nova.instance', action, {
    id,
    'name': id,
    status,
    'tenant_id': 'p',
    'OS-EXT-SRV-ATTR:host': hostName,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${id}`,
  });

export function serverNotice(id: string, hostName: string | null, state = 'active', type = 'instance.update') {
  const data = { uuid: id, host_name: id, host: hostName, state, tenant_id: 'p', task_state: null };
  return driverEvent('nova.instance', 'update', { 'vitrage_event_type': type, 'nova_object.data': data });
}

export const volume = (id: string, servers: readonly string[], status = 'in-use'): JsonObject =>
  driverEvent('cinder.volume', 'snapshot', {
    id,
    display_name: id,
    status,
    attachments: servers.map((server_id) => ({ server_id })),
  });

export const volumeNotice = (type: string, id: string, servers: readonly string[], status = 'in-use'): JsonObject =>
  driverEvent('cinder.volume', 'update', {
    vitrage_event_type: type,
    volume_id: id,
    display_name: id,
    status,
    volume_attachment: servers.map((instance_uuid) => ({ instance_uuid })),
  });

export const network = (id: string, status = 'ACTIVE'): JsonObject =>
  driverEvent('neutron.network', 'snapshot', { id, name: id, status, tenant_id: 'p', updated_at: LONG_AGO });

const portFields = (id: string, net: string, device: string, status: string) => ({
  id,
  name: id,
  status,
  network_id: net,
  device_id: device,
  device_owner: 'compute:nova',
  fixed_ips: [{ ip_address: '10.0.0.1' }],
});

export const port = (id: string, net: string, device: string, status = 'ACTIVE'): JsonObject =>
  driverEvent('neutron.port', 'snapshot', portFields(id, net, device, status));

export function portNotice(type: string, id: string, net: string, device: string, status = 'ACTIVE'): JsonObject {
  const more = type === 'port.delete.end' ? { port_id: id } : {};
  const fields = { vitrage_event_type: type, port: portFields(id, net, device, status), ...more };
  return driverEvent('neutron.port', 'update', fields);
}

const HEAT_TYPES: { readonly [prefix: string]: string } = {
  vm: 'OS::Nova::Server',
  vol: 'OS::Cinder::Volume',
  net: 'OS::Neutron::Net',
  port: 'OS::Neutron::Port',
};

const resourcesOf = (ids: readonly string[]) =>
  ids.map((id) => ({ resource_type: HEAT_TYPES[id.split('-')[0]!]!, physical_resource_id: id }));

/** Its resources are told apart by the beginnings of their ids: vm-, vol-, net-, port-. */
export const stack = (id: string, resources: readonly string[], status = 'CREATE_COMPLETE'): JsonObject =>
  driverEvent('heat.stack', 'snapshot', {
    id,
    stack_name: id,
    stack_status: status,
    resources: resourcesOf(resources),
  });

export const stackNotice = (type: string, id: string, resources: readonly string[], state: string): JsonObject =>
  driverEvent('heat.stack', 'update', {
    vitrage_event_type: type,
    stack_identity: id,
    stack_name: id,
    state,
    resources: resourcesOf(resources),
  });

/** `links` are [label, type, id] of entities that this one is the source of. */
export const fromFile = (
  type: string,
  id: string,
  links: readonly (readonly [string, string, string])[] = [],
  state = 'available',
): JsonObject =>
  driverEvent('static', 'snapshot', {
    static_id: id,
    type,
    id,
    name: id,
    state,
    metadata: { name: id, state },
    relationships: links.map(([relationship_type, otherType, other]) => ({
      source: id,
      relationship_type,
      target: { static_id: other, type: otherType, id: other, name: other, state, metadata: {}, relationships: [] },
    })),
  });

export const nagios = (on: string, service: string, status: string, type = 'nova.host'): JsonObject =>
  driverEvent('nagios', 'snapshot', {
    resource_type: type,
    resource_name: on,
    service,
    status,
    last_check: '2026-11-21 00:00:00',
    status_info: status,
  });

export const zabbix = (on: string, description: string, priority: string, value: string, calledAs = on): JsonObject =>
  driverEvent('zabbix', 'update', {
    vitrage_event_type: value === '0' ? 'zabbix.alarm.ok' : 'zabbix.alarm.problem',
    zabbix_resource_name: calledAs,
    resource_name: on,
    resource_type: 'nova.host',
    description,
    rawtext: description,
    triggerid: `t-${description}`,
    lastchange: '1763683200',
    status: '0',
    value,
    priority,
  });

export const doctor = (hostname: string, status: string, severity?: string, type = 'compute.host.down'): JsonObject =>
  driverEvent('doctor', 'update', {
    vitrage_event_type: `vitrage.custom.event.${status}`,
    time: '2026-11-21T00:00:00Z',
    type,
    details: { hostname, status, source: 's', cause: 'c', ...(severity === undefined ? {} : { severity }) },
  });

export const prometheus = (
  alertname: string,
  on: JsonObject | null,
  severity?: string,
  status = 'firing',
): JsonObject =>
  driverEvent('prometheus', 'update', {
    vitrage_event_type: 'prometheus.alarm',
    vitrage_entity_unique_props: on,
    status,
    labels: { alertname, ...(severity === undefined ? {} : { severity }) },
    startsAt: '2026-11-21T00:00:00.9Z',
    endsAt: '0001-01-01T00:00:00Z',
  });

export const aodh = (id: string, on: string, state: string, severity = 'critical', type = 'alarm.state_transition') =>
  driverEvent('aodh', 'update', {
    vitrage_event_type: type,
    alarm_id: id,
    name: id,
    state,
    severity,
    resource_id: on,
    description: 'd',
    enabled: true,
    repeat_actions: false,
    type: 'threshold',
    state_timestamp: '2026-11-21T00:00:00.0',
    timestamp: '2026-11-21T00:00:00.0',
  });

export const collectd = (on: string, type: string, message: string, severity: string): JsonObject =>
  driverEvent('collectd', 'update', {
    vitrage_event_type: `collectd.alarm.${severity.toLowerCase()}`,
    id: `${on}/cpu`,
    host: on,
    plugin: 'cpu',
    resource_name: on,
    resource_type: type,
    message,
    severity,
    time: '1482409029.06',
  });

export const kapacitor = (on: string, type: string, message: string, priority: string): JsonObject =>
  driverEvent('kapacitor', 'update', {
    vitrage_event_type: `kapacitor.alarm.${priority.toLowerCase()}`,
    id: 'cpu',
    host: on,
    resource_name: on,
    resource_type: type,
    message,
    priority,
    details: 'd',
    time: '2026-11-21T00:00:00Z',
  });

/** Where the same lines in another order are the same. */
export type Lines = readonly string[];

/** An engine that reads states and severities as Vitrage does, as `wherefore run` starts it. */
export class Cloud {
  private readonly state = initialState(VITRAGE_VALUE_TABLES);
  private readonly clock = new RunClock(Date.parse('2026-11-21T00:00:00Z'));

  constructor(...templates: readonly string[]) {
    const sources = templates.map((text, at): TemplateSource => {
      const type = text.includes('equivalences:') ? 'equivalence' : 'standard';
      return { path: `${at}.yaml`, text, ...(/type: (standard|definition)/.test(text) ? {} : { type }) };
    });
    if (sources.length === 0) return;
    expect(step(this.state, this.clock.templates(sources)).outcome).toEqual({ kind: 'applied' });
  }

  feed(...events: readonly JsonObject[]): this {
    for (const event of events) {
      const { outcome } = step(this.state, this.clock.event(event));
      expect(['applied', 'outdated']).toContain(outcome.kind);
    }
    return this;
  }

  /** `type/name SEVERITY/OPERATIONAL type:id`, and `Inactive` where it is not active. */
  alarms(): Lines {
    return reportState(this.state).live_alarms.map((alarm) => {
      const { type, name, severity, operational_severity, resource, state } = alarm;
      const place = resource === null ? '-' : `${resource.type}:${resource.id}`;
      return `${type}/${name} ${severity}/${operational_severity} ${place}${state === 'Active' ? '' : ` ${state}`}`;
    });
  }

  causes(): Lines {
    return reportState(this.state).causes.map(([from, to]) => `${from} > ${to}`);
  }

  /** `type:id AGGREGATED/OPERATIONAL`, then `stub` and `down` where they hold; no cluster, unless asked for. */
  resources(...types: readonly string[]): Lines {
    const { resources } = reportState(this.state);
    const isWanted = (type: string) => (types.length === 0 ? type !== 'openstack.cluster' : types.includes(type));
    return resources
      .filter(({ type }) => isWanted(type))
      .map(
        ({ type, id, aggregated_state, operational_state, placeholder, is_marked_down }) =>
          `${type}:${id} ${aggregated_state}/${operational_state}` +
          `${placeholder ? ' stub' : ''}${is_marked_down ? ' down' : ''}`,
      );
  }
}
