/** What `trim.mjs` keeps: which messages and answers, and of each which fields. */

/** From the first call of the story to just after the last look at the recovered cloud. */
export const STORY = { from: '2026-11-21T23:56:11', to: '2026-11-22T00:00:36.1' };

/** While the stack was created. */
export const STACK_STORY = { from: '2026-11-22T00:03:46', to: '2026-11-22T00:03:59' };

/** Answers of the API, and the field of each that holds the list. */
export const KEPT_ANSWERS = {
  'nova-services': 'services',
  'nova-availability-zones': 'availabilityZoneInfo',
  'neutron-agents': 'agents',
  'nova-servers': 'servers',
  'neutron-networks': 'networks',
  'neutron-ports': 'ports',
  'cinder-volumes': 'volumes',
  'heat-stacks': 'stacks',
};

const SERVER = ['id', 'name', 'status', 'tenant_id', 'updated'];
const PORT = [
  ...['id', 'name', 'status', 'admin_state_up', 'tenant_id', 'network_id', 'device_id', 'device_owner'],
  'binding:host_id',
];
const NETWORK = ['id', 'name', 'status', 'tenant_id', 'updated_at'];
const VOLUME = ['status', 'size', 'volume_type', 'created_at', 'updated_at'];

const ROW_FIELDS = {
  'nova-services': ['host', 'zone', 'binary', 'status', 'state', 'disabled_reason', 'forced_down'],
  'nova-availability-zones': ['zoneName', 'zoneState', 'hosts'],
  'neutron-agents': ['id', 'agent_type', 'binary', 'host', 'alive', 'admin_state_up'],
  'nova-servers': [...SERVER, 'OS-EXT-SRV-ATTR:host', 'OS-EXT-SRV-ATTR:instance_name'],
  'neutron-networks': NETWORK,
  'neutron-ports': [...PORT, 'updated_at', 'fixed_ips'],
  'cinder-volumes': ['id', 'name', ...VOLUME, 'os-vol-tenant-attr:tenant_id', 'attachments'],
  'heat-stacks': [
    'id',
    'stack_name',
    'stack_status',
    'project',
    'parent',
    'creation_time',
    'updated_time',
    'resources',
  ],
};

const LEGACY_SERVER = ['instance_id', 'display_name', 'hostname', 'host', 'state', 'state_description', 'tenant_id'];
const VERSIONED_SERVER = [
  ...['uuid', 'display_name', 'host_name', 'host', 'state', 'task_state', 'power_state', 'volume_id'],
  'tenant_id',
  'instance_name',
  'updated_at',
];
const SERVICE = ['host', 'binary', 'disabled', 'disabled_reason', 'forced_down'];
const VOLUME_NOTICE = ['volume_id', 'display_name', ...VOLUME, 'tenant_id', 'volume_attachment'];
const STACK_NOTICE = ['stack_identity', 'stack_name', 'state', 'tenant_id', 'create_at', 'updated_at'];

/** Lists within a row or payload: the fields of their items. */
const ITEM_FIELDS = {
  fixed_ips: ['ip_address'],
  attachments: ['server_id'],
  volume_attachment: ['instance_uuid', 'attach_status', 'deleted'],
  resources: ['resource_type', 'physical_resource_id'],
};

/** A row of an answer; undefined for one that is of no interest. */
export function trimmedRow(name, row) {
  if (name === 'nova-services' && row.binary !== 'nova-compute') return undefined;
  if (name === 'neutron-ports' && !row.device_owner.includes('compute')) return undefined;
  if (name === 'nova-availability-zones' && row.zoneName === 'internal') return undefined;
  const kept = pick(row, ROW_FIELDS[name]);
  if (kept.hosts) kept.hosts = withoutHeartbeats(kept.hosts);
  return kept;
}

function withoutHeartbeats(hosts) {
  return Object.fromEntries(
    Object.entries(hosts).map(([host, services]) => [
      host,
      { 'nova-compute': pick(services['nova-compute'], ['available', 'active']) },
    ]),
  );
}

/** Whether a message tells of a server, a compute service, a port, network, volume or stack. */
export function readableMessage({ event_type: type, payload }) {
  if (type.startsWith('service.')) return payload['nova_object.data'].binary === 'nova-compute';
  if (type.startsWith('port.') || type.startsWith('network.')) return type.endsWith('.end');
  return /^(compute\.instance|instance|volume|orchestration\.stack)\.|^scheduler\.create_volume$/.test(type);
}

/** Whether a message is about one of these entities. */
export function isStackMessage({ payload }, ids) {
  const data = payload['nova_object.data'] ?? payload;
  const { port, network, volume_id, stack_identity } = payload;
  return [data.uuid, data.instance_id, port?.id, network?.id, volume_id, stack_identity].some((id) => ids.has(id));
}

/** The part of a payload that matters. */
export function trimPayload(type, payload) {
  if (type.startsWith('compute.instance.')) return pick(payload, LEGACY_SERVER);
  if (type.startsWith('instance.')) return versioned(payload, VERSIONED_SERVER);
  if (type.startsWith('service.')) return versioned(payload, SERVICE);
  if (type.startsWith('volume.')) return pick(payload, VOLUME_NOTICE);
  if (type.startsWith('orchestration.stack.')) return pick(payload, STACK_NOTICE);
  if (type === 'scheduler.create_volume') return schedulerPayload(payload);
  return neutronPayload(payload);
}

function versioned(payload, fields) {
  return { 'nova_object.data': pick(payload['nova_object.data'], fields) };
}

function schedulerPayload(payload) {
  const wanted = pick(payload.volume_properties, ['display_name', 'size', 'project_id']);
  return { ...pick(payload, ['state', 'volume_id']), volume_properties: wanted };
}

function neutronPayload({ port, network, ports, networks, port_id, network_id }) {
  const kept = {};
  if (port) kept.port = pick(port, [...PORT, 'updated_at', 'fixed_ips']);
  if (ports) kept.ports = ports.map((each) => pick(each, [...PORT, 'updated_at', 'fixed_ips']));
  if (network) kept.network = pick(network, NETWORK);
  if (networks) kept.networks = networks.map((each) => pick(each, NETWORK));
  if (port_id) kept.port_id = port_id;
  if (network_id) kept.network_id = network_id;
  return kept;
}

function pick(source, fields) {
  const kept = {};
  for (const field of fields) {
    const value = source[field];
    if (value === undefined) continue;
    const items = ITEM_FIELDS[field];
    kept[field] = items !== undefined && Array.isArray(value) ? value.map((item) => pick(item, items)) : value;
  }
  return kept;
}
