import type { Json, JsonObject } from '@wherefore/model';
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

export const NETWORK_FIELDS = ['id', 'name', 'status', 'tenant_id', 'updated_at'] as const;

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

export const STACK_ROW_FIELDS = [
  'id',
  'stack_name',
  'stack_status',
  'project',
  'creation_time',
  'updated_time',
] as const;

export const STACK_NOTICE_FIELDS = [
  'stack_identity',
  'stack_name',
  'state',
  'tenant_id',
  'create_at',
  'updated_at',
] as const;

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
  return pickFromEach(port['fixed_ips'], ['ip_address']);
}
