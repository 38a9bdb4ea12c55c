import { driverEvents, eventEntries, fromNotification } from '@wherefore/datasources';
import { isJsonObject, type Json, type JsonObject, type Rejection } from '@wherefore/model';

/** What the specification of Vitrage says of an event, as one reads it. */
export interface Meaning {
  readonly key: string;
  /** `-label-> key` and `<-label- key`. */
  readonly edges: readonly string[];
  /** Whatever has these properties is a neighbour too, by `on`. */
  readonly on?: { readonly [property: string]: string };
  readonly properties: JsonObject;
  readonly isDeletion?: boolean;
}

/** How a specified payload becomes events here, and what each of them means. */
export interface PayloadCase {
  /** File in `driver` or `transformer`, without its ending; a second one pins some of its fields. */
  readonly files: readonly [name: string, ...overlays: readonly string[]];
  readonly events: (payload: JsonObject) => readonly JsonObject[] | Rejection;
  readonly meanings: (payload: JsonObject) => readonly Meaning[];
  /** What is wrong with a payload that the specification allows, and that names nothing. */
  readonly refusal?: (payload: JsonObject) => Pick<Rejection, 'code' | 'where'> | undefined;
}

export const SAMPLED_AT = '2026-11-21T00:00:00Z';

/** The driver says when it looked: some of the specified times are none (`2016-08-2515:23:23`). */
function framed(payload: JsonObject, type?: string): JsonObject {
  const action = payload['vitrage_datasource_action'] ?? 'update';
  const own = type === undefined ? {} : { vitrage_entity_type: type };
  return { ...payload, vitrage_datasource_action: action, vitrage_sample_date: SAMPLED_AT, ...own };
}

const asItIs = (type?: string) => (payload: JsonObject) => [framed(payload, type)];

function posted(body: JsonObject): readonly JsonObject[] | Rejection {
  const datasources = { prometheus: { alerts: [{ key: { job: 'node' }, resource: { id: 'instance' } }] } };
  const answer = driverEvents(body, { userAgent: '', nowText: SAMPLED_AT, datasources });
  return 'code' in answer ? answer : answer.events;
}

/** The bus of Aodh: payload within a notification. */
function notified(eventType: string, payload: JsonObject): readonly JsonObject[] | Rejection {
  const content = { event_type: eventType, message_id: 'm', timestamp: '2026-11-21 00:00:00', payload };
  const body = JSON.stringify({ 'oslo.message': JSON.stringify(content) });
  const answer = fromNotification({ exchange: 'aodh', routing_key: 'alarming.info', received_at: SAMPLED_AT, body });
  if ('code' in answer) return answer;
  return eventEntries('events' in answer ? answer : { id: 'm', events: [] }, 0).flatMap((entry) =>
    entry.kind === 'event' ? [entry.event] : [],
  );
}

const text = (value: Json | undefined): string => String(value);
const on = (type: Json | undefined, name: Json | undefined) => [`-on-> RESOURCE:${text(type)}:${text(name)}`];

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

function instance(id: Json | undefined, host: Json | undefined, properties: JsonObject, isDeletion = false): Meaning {
  const edges = isDeletion ? [] : [`<-contains- RESOURCE:nova.host:${text(host)}`];
  return { key: `RESOURCE:nova.instance:${text(id)}`, edges, properties, isDeletion };
}

function isDeletion(payload: JsonObject): boolean {
  return text(payload['vitrage_event_type']).endsWith('.delete.end');
}

const ENTITY_TYPES: { readonly [type: string]: string } = {
  'OS::Nova::Server': 'nova.instance',
  'OS::Cinder::Volume': 'cinder.volume',
};

function stack(id: Json | undefined, payload: JsonObject, properties: JsonObject): Meaning {
  const edges = objects(payload['resources']).flatMap((resource) => {
    const type = ENTITY_TYPES[text(resource['resource_type'])];
    return type === undefined ? [] : [`-comprised-> RESOURCE:${type}:${text(resource['physical_resource_id'])}`];
  });
  return { key: `RESOURCE:heat.stack:${text(id)}`, edges, properties };
}

function volume(id: Json | undefined, servers: readonly (Json | undefined)[], payload: JsonObject): Meaning {
  const { display_name: name, status: state, size, volume_type } = payload as { [name: string]: Json };
  return {
    key: `RESOURCE:cinder.volume:${text(id)}`,
    edges: servers.map((server) => `-attached-> RESOURCE:nova.instance:${text(server)}`),
    properties: { name: name!, state: state!, size: size!, volume_type: volume_type!, attachments: servers as Json },
  };
}

function doctor(payload: JsonObject): Meaning {
  const details = object(payload['details']);
  const { type } = payload;
  return {
    key: `ALARM:doctor:${text(type)}:${text(details['hostname'])}`,
    edges: on('nova.host', details['hostname']),
    properties: { name: type!, severity: details['severity']!, cause: details['cause']!, state: 'Active' },
  };
}

function collectd(payload: JsonObject): Meaning {
  const { message, severity, id } = payload as { [name: string]: Json };
  return {
    key: `ALARM:collectd:compute-1:${text(id)}`,
    edges: [],
    on: { name: 'compute-1', vitrage_type: 'nova.host' },
    properties: { name: message!, rawtext: message!, severity: severity!, resource_name: 'compute-1' },
  };
}

function kapacitor(payload: JsonObject): Meaning {
  const { message, priority, details, id } = payload as { [name: string]: Json };
  return {
    key: `ALARM:kapacitor:compute-1:${text(id)}`,
    edges: [],
    on: { name: 'compute-1', vitrage_type: 'nova.host' },
    properties: { name: message!, rawtext: details!, severity: priority!, state: 'Active' },
  };
}

function prometheus(alert: JsonObject): Meaning {
  const labels = object(alert['labels']);
  const isMapped = labels['job'] === 'node' && alert['vitrage_entity_unique_props'] === undefined;
  const unique: JsonObject = isMapped ? { id: labels['instance']! } : labels;
  const sorted = Object.fromEntries(Object.entries(unique).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    key: `ALARM:prometheus:${text(labels['alertname'])}:${JSON.stringify(sorted)}`,
    edges: [],
    ...(isMapped ? { on: { id: text(labels['instance']) } } : {}),
    properties: { name: labels['alertname']!, severity: labels['severity']!, status: 'firing', state: 'Active' },
  };
}

function aodh(payload: JsonObject): Meaning {
  const { alarm_id: id, name, severity, description, resource_id: resource } = payload as { [name: string]: Json };
  return {
    key: `ALARM:aodh:${text(id)}`,
    edges: [],
    on: { id: text(resource) },
    properties: { id: id!, name: name!, severity: severity!, description: description!, state: 'Active' },
  };
}

const ON_COMPUTE_1 = { resource_type: 'nova.host', resource_name: 'compute-1' };

/** What drivers hand on, or are told by those that notify them: every file but the one that pins fields alone. */
export const DRIVER_CASES: readonly PayloadCase[] = [
  {
    // A notification: what the alarm is, stands in its detail, which is empty here.
    files: ['driver_aodh_update_dynamic'],
    events: (payload) => notified('alarm.deletion', payload),
    meanings: ({ alarm_id: id }) => [
      { key: `ALARM:aodh:${text(id)}`, edges: [], properties: { id: id! }, isDeletion: true },
    ],
  },
  {
    files: ['driver_collectd_update_dynamic'],
    events: (payload) => posted({ type: 'collectd.alarm.warning', details: { ...payload, ...ON_COMPUTE_1 } }),
    meanings: (payload) => [collectd(payload)],
  },
  { files: ['driver_doctor_update_dynamic'], events: posted, meanings: (payload) => [doctor(payload)] },
  {
    files: ['driver_host_snapshot_dynamic'],
    events: asItIs(),
    meanings: ({ host, zone }) => [
      {
        key: `RESOURCE:nova.host:${text(host)}`,
        edges: [`<-contains- RESOURCE:nova.zone:${text(zone)}`],
        properties: { id: host!, name: host! },
      },
    ],
  },
  {
    files: ['driver_inst_snapshot_dynamic', 'driver_inst_snapshot_static'],
    events: asItIs(),
    meanings: (payload) => [
      instance(payload['id'], payload['OS-EXT-SRV-ATTR:host'], {
        ...{ name: payload['name']!, state: payload['status']!, project_id: payload['tenant_id']! },
        instance_name: payload['OS-EXT-SRV-ATTR:instance_name']!,
      }),
    ],
  },
  {
    files: ['driver_inst_update_legacy_dynamic'],
    events: asItIs('nova.instance'),
    meanings: (payload) => [
      instance(
        payload['instance_id'],
        payload['host'],
        { name: payload['hostname']!, state: payload['state']!, project_id: payload['tenant_id']! },
        isDeletion(payload),
      ),
    ],
  },
  {
    files: ['driver_inst_update_versioned_dynamic'],
    events: asItIs('nova.instance'),
    meanings: (payload) => {
      const data = object(payload['nova_object.data']);
      const properties = { name: data['host_name']!, state: data['state']!, project_id: data['tenant_id']! };
      return [instance(data['uuid'], data['host'], properties, isDeletion(payload))];
    },
  },
  {
    files: ['driver_kapacitor_update_dynamic'],
    events: (payload) => posted({ type: 'kapacitor.alarm.critical', details: { ...payload, ...ON_COMPUTE_1 } }),
    meanings: (payload) => [kapacitor(payload)],
  },
  {
    // The file calls it a nova.instance, which is what its nodes are.
    files: ['driver_kubernetes_snapshot_dynamic'],
    events: asItIs('kubernetes'),
    meanings: (payload) => [
      {
        key: 'RESOURCE:kubernetes:kubernetes',
        edges: objects(payload['resources']).map(
          (node) => `-comprised-> RESOURCE:nova.instance:${text(node['external_id'])}`,
        ),
        properties: { name: 'kubernetes' },
      },
    ],
  },
  {
    files: ['driver_nagios_snapshot_dynamic'],
    events: asItIs(),
    meanings: ({ resource_type: type, resource_name: name, service, status, status_info: info }) => [
      {
        key: `ALARM:nagios:${text(name)}:${text(service)}`,
        edges: on(type, name),
        properties: { name: service!, severity: status!, info: info!, resource_id: name! },
      },
    ],
  },
  {
    files: ['driver_nagios_snapshot_dynamic', 'driver_nagios_snapshot_static'],
    events: asItIs(),
    meanings: ({ resource_name: name, service }) => [
      { key: `ALARM:nagios:${text(name)}:${text(service)}`, edges: [], properties: {}, isDeletion: true },
    ],
  },
  {
    files: ['driver_prometheus_update_dynamic'],
    events: ({ details }) => posted({ type: 'prometheus.alarm', details: details! }),
    meanings: ({ details }) => objects(object(details)['alerts']).map(prometheus),
  },
  {
    files: ['driver_stack_snapshot_dynamic'],
    events: asItIs(),
    meanings: (payload) => [
      stack(payload['id'], payload, { name: payload['stack_name']!, state: payload['stack_status']! }),
    ],
  },
  {
    files: ['driver_stack_update_dynamic'],
    events: asItIs(),
    meanings: (payload) => [
      stack(payload['stack_identity'], payload, {
        ...{ name: payload['stack_name']!, state: payload['state']!, project_id: payload['tenant_id']! },
      }),
    ],
  },
  {
    files: ['driver_static_snapshot_dynamic', 'driver_static_snapshot_static'],
    events: asItIs('static'),
    meanings: ({ vitrage_type: type, id, name }) => [
      {
        key: `RESOURCE:${text(type)}:${text(id)}`,
        edges: [],
        properties: { id: id!, name: name!, state: 'available' },
      },
    ],
  },
  {
    files: ['driver_trove_cluster_snapshot_dynamic'],
    events: asItIs(),
    meanings: (payload) => [
      {
        key: `RESOURCE:trove.cluster:${text(payload['id'])}`,
        edges: objects(payload['instances']).map(({ id }) => `-contains-> RESOURCE:trove.instance:${text(id)}`),
        properties: { name: payload['name']!, state: object(payload['task'])['name']! },
      },
    ],
  },
  {
    files: ['driver_trove_instance_snapshot_dynamic'],
    events: asItIs(),
    meanings: ({ id, name, status, tenant_id: project, server_id: server }) => [
      {
        key: `RESOURCE:trove.instance:${text(id)}`,
        edges: [`-contains-> RESOURCE:nova.instance:${text(server)}`],
        properties: { name: name!, state: status!, project_id: project! },
      },
    ],
  },
  {
    files: ['driver_volume_snapshot_dynamic'],
    events: asItIs(),
    meanings: (payload) => {
      const servers = objects(payload['attachments']).map((each) => each['server_id']);
      return [volume(payload['id'], servers, payload)];
    },
  },
  {
    files: ['driver_volume_update_dynamic'],
    events: asItIs(),
    meanings: (payload) => {
      const servers = objects(payload['volume_attachment']).map((each) => each['instance_uuid']);
      return [volume(payload['volume_id'], servers, payload)];
    },
  },
  {
    // The id of a trigger may be no digit at all.
    files: ['driver_zabbix_snapshot_dynamic'],
    events: asItIs(),
    refusal: ({ triggerid }) => (triggerid === '' ? { code: 'missing-id', where: 'triggerid' } : undefined),
    meanings: ({ resource_type: type, resource_name: name, triggerid, description, rawtext }) => [
      {
        key: `ALARM:zabbix:${text(name)}:${text(triggerid)}`,
        edges: on(type, name),
        properties: { name: description!, severity: 'INFORMATION', rawtext: rawtext!, resource_id: name! },
      },
    ],
  },
  {
    files: ['driver_zone_snapshot_dynamic'],
    events: asItIs(),
    meanings: ({ zoneName }) => [
      {
        key: `RESOURCE:nova.zone:${text(zoneName)}`,
        edges: ['<-contains- RESOURCE:openstack.cluster:OpenStack Cluster'],
        properties: { id: zoneName!, name: zoneName!, state: 'available' },
      },
    ],
  },
];

/** What drivers hand on after they have looked resources up. */
export const TRANSFORMER_CASES: readonly PayloadCase[] = [
  { files: ['transformer_aodh_snapshot_dynamic'], events: asItIs(), meanings: (payload) => [aodh(payload)] },
  { files: ['transformer_aodh_update_dynamic'], events: asItIs(), meanings: (payload) => [aodh(payload)] },
  { files: ['transformer_collectd_update_dynamic'], events: asItIs(), meanings: (payload) => [collectd(payload)] },
  { files: ['transformer_doctor_update_dynamic'], events: asItIs(), meanings: (payload) => [doctor(payload)] },
  {
    files: ['transformer_inst_snapshot_dynamic', 'transformer_inst_snapshot_static'],
    events: asItIs('nova.instance'),
    meanings: (payload) => [
      instance(payload['id'], payload['OS-EXT-SRV-ATTR:host'], { name: payload['name']!, state: payload['status']! }),
    ],
  },
  { files: ['transformer_kapacitor_update_dynamic'], events: asItIs(), meanings: (payload) => [kapacitor(payload)] },
  { files: ['transformer_prometheus_update_dynamic'], events: asItIs(), meanings: (payload) => [prometheus(payload)] },
  {
    // A host as it will be in the graph; as a row, its name is in `host`, and where it is in `zone`.
    files: ['transformer_host_snapshot_static', 'transformer_host_snapshot_dynamic'],
    events: ({ id, zone_id: zone }) => [framed({ host: id!, zone: zone! }, 'nova.host')],
    meanings: ({ id, zone_id: zone }) => [
      {
        key: `RESOURCE:nova.host:${text(id)}`,
        edges: [`<-contains- RESOURCE:nova.zone:${text(zone)}`],
        properties: { id: id!, name: id! },
      },
    ],
  },
  {
    files: ['transformer_zone_snapshot_static', 'transformer_zone_snapshot_dynamic'],
    events: ({ id }) => [framed({ zoneName: id!, zoneState: { available: true } }, 'nova.zone')],
    meanings: ({ id }) => [
      {
        key: `RESOURCE:nova.zone:${text(id)}`,
        edges: ['<-contains- RESOURCE:openstack.cluster:OpenStack Cluster'],
        properties: { id: id!, name: id!, state: 'available' },
      },
    ],
  },
];
