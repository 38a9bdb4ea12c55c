import { abridged, type Json, type JsonObject } from '@wherefore/model';
import { backendOf } from '../cinder/backend';
import { pickFromEach } from './driverEvent';

/**
 * The fields of each source that matter: what `toEntityEvent` reads, for notifications and polls alike.
 * Heartbeat times are left out on purpose: they would make every row of every poll a change.
 */

export const SERVER_ROW_FIELDS = [
  'id',
  'name',
  'status',
  'tenant_id',
  'updated',
  'OS-EXT-SRV-ATTR:host',
  'OS-EXT-SRV-ATTR:instance_name',
] as const;

export const VERSIONED_SERVER_FIELDS = [
  'uuid',
  'name',
  'host_name',
  'host',
  'status',
  'state',
  'tenant_id',
  'instance_name',
  'updated_at',
] as const;

export const LEGACY_SERVER_FIELDS = [
  'instance_id',
  'name',
  'hostname',
  'host',
  'status',
  'state',
  'tenant_id',
] as const;

export const SERVICE_FIELDS = ['host', 'zone', 'binary', 'status', 'state', 'disabled_reason', 'forced_down'] as const;

export const HYPERVISOR_FIELDS = [
  'hypervisor_hostname',
  'state',
  'status',
  'host_ip',
  'hypervisor_type',
  'hypervisor_version',
] as const;

export const AGGREGATE_FIELDS = ['id', 'name', 'availability_zone', 'hosts', 'metadata'] as const;

export const MIGRATION_FIELDS = [
  'id',
  'status',
  'migration_type',
  'instance_uuid',
  'source_compute',
  'dest_compute',
  'created_at',
  'updated_at',
] as const;

export const DOMAIN_FIELDS = ['id', 'name', 'enabled', 'description'] as const;

export const PROJECT_FIELDS = [...DOMAIN_FIELDS, 'domain_id', 'parent_id'] as const;

export const USER_FIELDS = ['id', 'name', 'enabled', 'domain_id', 'default_project_id'] as const;

export const IMAGE_FIELDS = [
  'id',
  'name',
  'status',
  'owner',
  'visibility',
  'size',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'protected',
  'created_at',
  'updated_at',
] as const;

/** What Nova writes on a snapshot; among the properties of the image in a message, beside them in an answer. */
export const IMAGE_ORIGIN_FIELDS = ['image_type', 'instance_uuid', 'base_image_ref'] as const;

export const NETWORK_FIELDS = ['id', 'name', 'status', 'tenant_id', 'updated_at'] as const;

/** What a change says of an agent without its heartbeat, and without the configuration, which counts devices. */
export const AGENT_FIELDS = [
  'id',
  'binary',
  'agent_type',
  'host',
  'alive',
  'admin_state_up',
  'availability_zone',
] as const;

export const SUBNET_FIELDS = [
  'id',
  'name',
  'tenant_id',
  'network_id',
  'cidr',
  'gateway_ip',
  'ip_version',
  'enable_dhcp',
  'updated_at',
] as const;

export const ROUTER_FIELDS = [
  'id',
  'name',
  'status',
  'tenant_id',
  'admin_state_up',
  'ha',
  'distributed',
  'updated_at',
] as const;

export const FLOATING_IP_FIELDS = [
  'id',
  'status',
  'tenant_id',
  'floating_ip_address',
  'floating_network_id',
  'fixed_ip_address',
  'port_id',
  'router_id',
  'updated_at',
] as const;

export const ROUTER_INTERFACE_FIELDS = ['id', 'name', 'status', 'tenant_id', 'network_id', 'updated_at'] as const;

export const PORT_FIELDS = [
  'id',
  'name',
  'status',
  'tenant_id',
  'network_id',
  'device_id',
  'device_owner',
  'binding:host_id',
  'admin_state_up',
  'updated_at',
] as const;

export const VOLUME_ROW_FIELDS = [
  'id',
  'name',
  'status',
  'size',
  'volume_type',
  'created_at',
  'updated_at',
  'os-vol-tenant-attr:tenant_id',
] as const;

export const VOLUME_NOTICE_FIELDS = [
  'volume_id',
  'display_name',
  'status',
  'size',
  'volume_type',
  'tenant_id',
  'created_at',
] as const;

export const SNAPSHOT_ROW_FIELDS = [
  'id',
  'name',
  'status',
  'size',
  'volume_id',
  'updated_at',
  'os-extended-snapshot-attributes:project_id',
] as const;

export const SNAPSHOT_NOTICE_FIELDS = [
  'snapshot_id',
  'display_name',
  'status',
  'volume_size',
  'volume_id',
  'tenant_id',
] as const;

export const STORAGE_SERVICE_FIELDS = ['binary', 'host', 'zone', 'status', 'state', 'disabled_reason'] as const;

export const BACKEND_FIELDS = ['host', 'state', 'backend_state', 'frozen', 'replication_status'] as const;

/** Of a pool's capabilities those that do not change as it fills. */
export const POOL_FIELDS = ['volume_backend_name', 'storage_protocol', 'vendor_name', 'backend_state'] as const;

export const STACK_ROW_FIELDS = [
  'id',
  'stack_name',
  'stack_status',
  'project',
  'creation_time',
  'updated_time',
] as const;

export const STACK_NOTICE_FIELDS = ['stack_identity', 'stack_name', 'state', 'create_at', 'updated_at'] as const;

export const STACK_RESOURCE_FIELDS = ['resource_type', 'physical_resource_id'] as const;

export const ALARM_FIELDS = [
  'alarm_id',
  'name',
  'description',
  'enabled',
  'project_id',
  'repeat_actions',
  'severity',
  'state',
  'state_timestamp',
  'timestamp',
] as const;

/** The addresses of a port, and nothing else of its `fixed_ips`. */
export function fixedIps(port: JsonObject): Json | undefined {
  return addressesOnly(port['fixed_ips']);
}

/** A list of fixed IPs with nothing but the addresses; undefined when it is no list. */
export function addressesOnly(list: Json | undefined): Json | undefined {
  return pickFromEach(list, ['ip_address']);
}

/** The backend of a volume, of the place that Cinder calls its host: null for none, no field when it is not told. */
export function backendField(place: Json | undefined): JsonObject {
  return place === undefined ? {} : { backend: backendOf(place) ?? null };
}

/** Whether a stack in this state is gone: while its deletion goes on, and when it has failed, it is not. */
export function deletionOf(stackStatus: Json | undefined): JsonObject {
  const isUndecided = stackStatus === 'DELETE_IN_PROGRESS' || stackStatus === 'DELETE_FAILED';
  return isUndecided ? { is_deleted: false } : {};
}

const REASON_CHARS_MAX = 500;

/** Why a stack is in its state, in Heat's words, which may be pages of them. */
export function statusReason(reason: Json | undefined): JsonObject {
  return typeof reason === 'string' ? { status_reason: abridged(reason, REASON_CHARS_MAX) } : {};
}
