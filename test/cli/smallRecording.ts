import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json, JsonObject } from '@wherefore/model';

export const SERVER_ID = 'aaaaaaaa-0000-4000-8000-000000000001';
export const LATE_SERVER_ID = 'aaaaaaaa-0000-4000-8000-000000000002';
export const VOLUME_ID = 'bbbbbbbb-0000-4000-8000-000000000001';
export const PORT_ID = 'cccccccc-0000-4000-8000-000000000001';
const PROJECT = 'shop';

/** A time of the recorded day: `10:00:05.250000`. */
export function at(clock: string): string {
  return `2026-03-14T${clock}Z`;
}

/** An oslo message as the bus carries it, in a line of a recording. */
export function messageLine(id: string, clock: string, eventType: string, payload: JsonObject): string {
  const message = {
    message_id: id,
    publisher_id: 'test',
    event_type: eventType,
    priority: 'INFO',
    timestamp: at(clock).replace('T', ' ').replace('Z', ''),
    payload,
  };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
  return JSON.stringify({ received_at: at(clock), exchange: 'nova', routing_key: 'notifications.info', body });
}

/** A legacy notification of a server. */
export function serverLine(id: string, clock: string, eventType: string, server: JsonObject): string {
  return messageLine(id, clock, eventType, {
    instance_id: SERVER_ID,
    display_name: 'web-1',
    tenant_id: PROJECT,
    host: 'compute-01',
    state: 'active',
    state_description: '',
    ...server,
  });
}

/** A server as `servers/detail` shows it. */
export function serverRow(id: string, name: string, host: string, status = 'ACTIVE'): JsonObject {
  return {
    id,
    name,
    status,
    tenant_id: PROJECT,
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${name}`,
    updated: at('10:00:00'),
  };
}

/** The messages of the day, in order: a server is built, moves, and another is built and deleted. */
export function dayOfMessages(): string[] {
  const late = { instance_id: LATE_SERVER_ID, display_name: 'web-2', host: 'compute-02' };
  return [
    serverLine('m-1', '10:00:05.250000', 'compute.instance.create.end', {}),
    messageLine('m-2', '10:00:06.000000', 'identity.authenticate', { outcome: 'success' }),
    serverLine('m-3', '10:01:30.000100', 'compute.instance.create.end', late),
    serverLine('m-4', '10:02:40.000000', 'compute.instance.update', { state: 'error' }),
    serverLine('m-5', '10:03:10.500000', 'compute.instance.delete.end', { ...late, state: 'deleted' }),
  ];
}

export interface SmallAnswer {
  readonly name: string;
  readonly clock: string;
  readonly status?: number;
  readonly ms?: number;
  readonly body?: Json;
}

/** The services and zones that make two hosts. */
export function hostAnswers(clock: string): SmallAnswer[] {
  const hosts = ['compute-01', 'compute-02'];
  const service = (host: string): JsonObject => ({
    binary: 'nova-compute',
    host,
    zone: 'zone-1',
    status: 'enabled',
    state: 'up',
  });
  const compute = { 'nova-compute': { available: true, active: true, updated_at: at(clock) } };
  const zone = {
    zoneName: 'zone-1',
    zoneState: { available: true },
    hosts: Object.fromEntries(hosts.map((host) => [host, compute])),
  };
  return [
    { name: 'nova-services', clock, body: { services: hosts.map(service) } },
    { name: 'nova-availability-zones', clock, body: { availabilityZoneInfo: [zone] } },
  ];
}

/** Writes one moment: an index, and a file for each answer that has a body. */
export function writeMoment(folder: string, answers: readonly SmallAnswer[]): void {
  mkdirSync(folder, { recursive: true });
  const index = answers.map(({ name, clock, status = 200, ms = 10 }) => ({ name, status, at: at(clock), ms }));
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index));
  for (const { name, body } of answers) {
    if (body !== undefined) writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(body));
  }
}

/** Paths of a recording, as they are given to `wherefore import`. */
export interface SmallRecording {
  readonly notifications: string;
  readonly api: string;
}

/**
 * Writes the day: messages from 10:00:05 to 10:03:10; at 10:00:20 all is polled; at 10:02:00 both servers
 * are there, in two microversions; at 10:02:50 Nova answers with an error.
 */
export function writeRecording(folder: string): SmallRecording {
  mkdirSync(folder, { recursive: true });
  const notifications = path.join(folder, 'notifications.ndjson');
  writeFileSync(notifications, `${dayOfMessages().join('\n')}\n`);
  const api = path.join(folder, 'api');
  const first = serverRow(SERVER_ID, 'web-1', 'compute-01');
  const both = { servers: [first, serverRow(LATE_SERVER_ID, 'web-2', 'compute-02')] };
  const volume = {
    id: VOLUME_ID,
    name: 'data',
    status: 'in-use',
    size: 5,
    'os-vol-tenant-attr:tenant_id': PROJECT,
    attachments: [{ server_id: SERVER_ID }],
  };
  const port = {
    id: PORT_ID,
    name: 'eth0',
    status: 'ACTIVE',
    tenant_id: PROJECT,
    device_owner: 'compute:zone-1',
    device_id: SERVER_ID,
    network_id: 'net-1',
    'binding:host_id': 'compute-01',
    fixed_ips: [{ ip_address: '10.0.0.5', subnet_id: 's' }],
  };
  writeMoment(path.join(api, '1-begin'), [
    ...hostAnswers('10:00:20.000000'),
    { name: 'nova-servers', clock: '10:00:20.100000', body: { servers: [first] } },
    { name: 'cinder-volumes', clock: '10:00:20.200000', body: { volumes: [volume] } },
    { name: 'neutron-ports', clock: '10:00:20.300000', body: { ports: [port] } },
    { name: 'nova-flavors', clock: '10:00:20.400000', body: { flavors: [] } },
  ]);
  writeFileSync(path.join(api, '1-begin', 'nova-servers-old.json'), JSON.stringify({ servers: [] }));
  writeMoment(path.join(api, '2-both'), [
    { name: 'nova-servers', clock: '10:02:00.000000', body: both },
    { name: 'nova-servers-v2.1', clock: '10:02:00.100000', body: both },
  ]);
  writeMoment(path.join(api, '3-error'), [
    { name: 'nova-servers', clock: '10:02:50.000000', status: 503, body: { computeFault: { code: 503 } } },
  ]);
  return { notifications, api };
}
