import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '@wherefore/model';
import { PROJECT_ROOT } from '../support/shared';
import { libraryTemplates, StoryCloud } from './storyCloud.sim';

const COMPUTE_OWNER = 'compute:az-1';

const compute = (host: string, state = 'up', status = 'enabled'): JsonObject => ({
  ...{ id: `s-${host}`, binary: 'nova-compute', host, zone: 'az-1', state, status },
  ...{ forced_down: false, disabled_reason: null, updated_at: '2027-01-15T09:59:58.000000' },
});
const agent = (host: string, alive: boolean): JsonObject => ({
  ...{ id: `a-${host}`, agent_type: 'Open vSwitch agent', binary: 'neutron-openvswitch-agent', host, alive },
  ...{ admin_state_up: true, availability_zone: null, heartbeat_timestamp: '2027-01-15 09:59:58', configurations: {} },
});
const server = (name: string, host: string | null, status = 'ACTIVE'): JsonObject => ({
  ...{ id: `id-${name}`, name, status, tenant_id: 'p-1', updated: '2027-01-15T09:00:00Z' },
  'OS-EXT-SRV-ATTR:host': host,
});
const port = (name: string, on: string): JsonObject => ({
  ...{ id: `id-${name}`, name, status: 'ACTIVE', tenant_id: 'p-1', network_id: 'net-1', fixed_ips: [] },
  ...{ device_id: `id-${on}`, device_owner: COMPUTE_OWNER, 'binding:host_id': 'compute-1' },
});
const volume = (name: string, servers: readonly string[], status = 'in-use'): JsonObject => ({
  ...{ id: `id-${name}`, name, status, size: 1, 'os-vol-tenant-attr:tenant_id': 'p-1' },
  'os-vol-host-attr:host': 'storage-1@ceph-a#ceph-a',
  'attachments': servers.map((each) => ({ server_id: `id-${each}` })),
});
const hypervisor = (host: string, state = 'up', status = 'enabled'): JsonObject => ({
  ...{ id: `h-${host}`, hypervisor_hostname: host, state, status, hypervisor_type: 'QEMU', host_ip: '10.0.0.1' },
  service: { id: `s-${host}`, host, disabled_reason: null },
});
const cinder = (binary: string, host: string, state = 'up'): JsonObject => ({
  ...{ binary, host, state, status: 'enabled', zone: 'nova', updated_at: '2027-01-15T09:59:58.000000' },
});
const zone = (hosts: { readonly [host: string]: boolean }): JsonObject => ({
  zoneName: 'az-1',
  zoneState: { available: true },
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([host, available]) => [host, { 'nova-compute': { available, active: true } }]),
  ),
});

/** Two hosts with an agent each, a server with port and volume on the first. */
function quietCloud(): StoryCloud {
  return new StoryCloud()
    .polled('nova-services', { services: [compute('compute-1'), compute('compute-2')] })
    .polled('neutron-agents', { agents: [agent('compute-1', true), agent('compute-2', true)] })
    .polled('nova-servers', { servers: [server('web', 'compute-1'), server('db', 'compute-2')] })
    .polled('neutron-networks', { networks: [{ id: 'net-1', name: 'net', status: 'ACTIVE', tenant_id: 'p-1' }] })
    .polled('neutron-ports', { ports: [port('web-port', 'web')] })
    .polled('cinder-volumes', { volumes: [volume('web-data', ['web'])] });
}

describe('the template library', () => {
  it('says nothing about a cloud in which all is well', () => {
    expect(quietCloud().alarms()).toEqual([]);
  });

  it('has every template in the table of its README, and no other', () => {
    const readme = readFileSync(path.join(PROJECT_ROOT, 'templates', 'README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => `${name!}.yaml`);
    expect(listed.sort()).toEqual(libraryTemplates().map(({ path: file }) => file));
  });
});

describe('a host whose compute service and network agent both fall silent', () => {
  const bothSilent = (): StoryCloud =>
    quietCloud()
      .polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2')] })
      .polled('neutron-agents', { agents: [agent('compute-1', false), agent('compute-2', true)] });

  it('is down, and so is what is on it', () => {
    expect(bothSilent().alarms()).toEqual([
      'Compute service down on compute-1 (SEVERE)',
      'Host down on compute-1 (CRITICAL)',
      'Instance down on web (CRITICAL)',
      'Network agent down on neutron-openvswitch-agent@compute-1 (SEVERE)',
      'Port down on web-port (SEVERE)',
      'Volume at risk on web-data (WARNING)',
    ]);
  });

  it('is the root of all of it', () => {
    expect(bothSilent().causes()).toEqual([
      'Host down on compute-1 → Compute service down on compute-1',
      'Host down on compute-1 → Instance down on web',
      'Host down on compute-1 → Network agent down on neutron-openvswitch-agent@compute-1',
      'Instance down on web → Port down on web-port',
      'Instance down on web → Volume at risk on web-data',
    ]);
  });

  it('is marked down, with its servers, and nothing else is', () => {
    const cloud = bothSilent();
    expect(cloud.stateOf('nova.host', 'compute-1')).toBe('ERROR, marked down');
    expect(cloud.stateOf('nova.instance', 'web')).toBe('ERROR, marked down');
    expect(cloud.stateOf('cinder.volume', 'web-data')).toBe('SUBOPTIMAL');
    expect(cloud.stateOf('neutron.network', 'net')).toBe('SUBOPTIMAL');
    expect(cloud.stateOf('nova.host', 'compute-2')).not.toContain('marked down');
    expect(cloud.stateOf('nova.instance', 'db')).toBe('OK');
  });

  it('leaves nothing behind when it is heard of again', () => {
    const cloud = bothSilent()
      .polled('nova-services', { services: [compute('compute-1'), compute('compute-2')] })
      .polled('neutron-agents', { agents: [agent('compute-1', true), agent('compute-2', true)] });
    expect(cloud.alarms()).toEqual([]);
    expect(cloud.stateOf('nova.instance', 'web')).toBe('OK');
  });

  it('is down without any agent as well, where the cloud has none', () => {
    const cloud = new StoryCloud()
      .polled('nova-services', { services: [compute('compute-1')] })
      .polled('nova-services', { services: [compute('compute-1', 'down')] });
    expect(cloud.alarms()).toContain('Host down on compute-1 (CRITICAL)');
  });
});

describe('a compute service that fails alone', () => {
  const cloud = quietCloud().polled('nova-services', {
    services: [compute('compute-1', 'down'), compute('compute-2')],
  });

  it('is no host down: its network agent is heard of', () => {
    expect(cloud.alarms()).toEqual(['Compute service down on compute-1 (SEVERE)']);
    expect(cloud.stateOf('nova.host', 'compute-1')).toBe('SUBOPTIMAL');
    expect(cloud.stateOf('nova.instance', 'web')).toBe('OK');
  });
});

describe('a network agent that fails alone', () => {
  const cloud = quietCloud().polled('neutron-agents', {
    agents: [agent('compute-1', false), agent('compute-2', true)],
  });

  it('leaves the ports of its host out of control, and everything up', () => {
    expect(cloud.alarms()).toEqual([
      'Network agent down on neutron-openvswitch-agent@compute-1 (SEVERE)',
      'Port out of control on web-port (WARNING)',
    ]);
    expect(cloud.causes()).toEqual([
      'Network agent down on neutron-openvswitch-agent@compute-1 → Port out of control on web-port',
    ]);
    expect(cloud.stateOf('nova.host', 'compute-1')).toBe('SUBOPTIMAL');
    expect(cloud.stateOf('nova.instance', 'web')).toBe('OK');
  });
});

describe('a volume backend', () => {
  const services = (backend: string): JsonObject => ({
    services: [cinder('cinder-scheduler', 'storage-1'), cinder('cinder-volume', 'storage-1@ceph-a', backend)],
  });

  it('that is silent leaves its volumes out of control, and the servers that use them suboptimal', () => {
    const cloud = quietCloud().polled('cinder-services', services('up')).polled('cinder-services', services('down'));
    expect(cloud.alarms()).toEqual([
      'Volume backend down on storage-1@ceph-a (CRITICAL)',
      'Volume out of control on web-data (WARNING)',
    ]);
    expect(cloud.causes()).toEqual(['Volume backend down on storage-1@ceph-a → Volume out of control on web-data']);
    expect(cloud.stateOf('nova.instance', 'web')).toBe('SUBOPTIMAL');
    cloud.polled('cinder-services', services('up'));
    expect(cloud.alarms()).toEqual([]);
    expect(cloud.stateOf('nova.instance', 'web')).toBe('OK');
  });

  it('that is silent explains a volume in error', () => {
    const cloud = quietCloud()
      .polled('cinder-services', services('down'))
      .polled('cinder-volumes', { volumes: [volume('web-data', ['web'], 'error_detaching')] });
    expect(cloud.alarms()).toContain('Volume in error on web-data (WARNING)');
    expect(cloud.causes()).toContain('Volume backend down on storage-1@ceph-a → Volume in error on web-data');
  });
});

describe('a volume in error', () => {
  it('has an alarm of its own while it is', () => {
    const cloud = quietCloud().polled('cinder-volumes', { volumes: [volume('web-data', ['web'], 'error')] });
    expect(cloud.alarms()).toEqual(['Volume in error on web-data (WARNING)']);
    expect(cloud.polled('cinder-volumes', { volumes: [volume('web-data', ['web'])] }).alarms()).toEqual([]);
  });
});

describe('a zone', () => {
  const zones = (hosts: { readonly [host: string]: boolean }): JsonObject => ({ availabilityZoneInfo: [zone(hosts)] });

  it('is degraded while one of its hosts is down, and down with the last of them', () => {
    const cloud = new StoryCloud()
      .polled('nova-services', { services: [compute('compute-1'), compute('compute-2')] })
      .polled('nova-availability-zones', zones({ 'compute-1': true, 'compute-2': true }));
    expect(cloud.alarms()).toEqual([]);
    cloud.polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2')] });
    expect(cloud.alarms()).toContain('Zone degraded on az-1 (WARNING)');
    expect(cloud.causes()).toContain('Host down on compute-1 → Zone degraded on az-1');
    expect(cloud.stateOf('nova.zone', 'az-1')).toBe('SUBOPTIMAL');
    cloud.polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2', 'down')] });
    expect(cloud.alarms()).toContain('Zone down on az-1 (CRITICAL)');
    expect(cloud.alarms()).not.toContain('Zone degraded on az-1 (WARNING)');
    expect(cloud.stateOf('nova.zone', 'az-1')).toBe('ERROR');
  });
});

describe('a hypervisor', () => {
  it('that is disabled with servers on it is told of, until the last server is gone', () => {
    const cloud = quietCloud().polled('nova-hypervisors', {
      hypervisors: [hypervisor('compute-1', 'up', 'disabled'), hypervisor('compute-2')],
    });
    expect(cloud.alarms()).toEqual(['Hypervisor disabled with servers on it on compute-1 (WARNING)']);
    cloud.polled('nova-servers', { servers: [server('web', 'compute-2'), server('db', 'compute-2')] });
    expect(cloud.alarms()).toEqual([]);
  });

  it('that is down is explained by its compute service, and by its host when that is down', () => {
    const cloud = quietCloud()
      .polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2')] })
      .polled('nova-hypervisors', { hypervisors: [hypervisor('compute-1', 'down'), hypervisor('compute-2')] });
    expect(cloud.causes()).toEqual(['Compute service down on compute-1 → Hypervisor down on compute-1']);
    cloud.polled('neutron-agents', { agents: [agent('compute-1', false), agent('compute-2', true)] });
    expect(cloud.causes()).toContain('Host down on compute-1 → Hypervisor down on compute-1');
  });
});

describe('a control service', () => {
  it('that is silent has an alarm and takes nothing else down', () => {
    const conductor = (state: string): JsonObject => ({
      ...{ id: 'c-1', binary: 'nova-conductor', host: 'controller', zone: 'internal', state, status: 'enabled' },
      ...{ forced_down: false, disabled_reason: null },
    });
    const cloud = quietCloud().polled('nova-services', {
      services: [compute('compute-1'), compute('compute-2'), conductor('down')],
    });
    expect(cloud.alarms()).toEqual(['Control service down on nova-conductor@controller (SEVERE)']);
    cloud.polled('cinder-services', { services: [cinder('cinder-scheduler', 'storage-1', 'down')] });
    expect(cloud.alarms()).toEqual([
      'Control service down on cinder-scheduler@storage-1 (SEVERE)',
      'Control service down on nova-conductor@controller (SEVERE)',
    ]);
  });
});

describe('a server in error', () => {
  it('has an alarm, explained by its host if that took it down first', () => {
    const cloud = quietCloud()
      .polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2')] })
      .polled('neutron-agents', { agents: [agent('compute-1', false), agent('compute-2', true)] })
      .polled('nova-servers', { servers: [server('web', 'compute-1', 'ERROR'), server('db', 'compute-2')] });
    expect(cloud.causes()).toContain('Instance down on web → Instance in error on web');
  });
});

describe('a stack', () => {
  const stack = (status: string): JsonObject => ({
    ...{ id: 'id-shop', stack_name: 'shop', stack_status: status, project: 'p-1', parent: null },
    ...{ creation_time: '2027-01-15T09:00:00Z', updated_time: null },
    resources: [{ resource_type: 'OS::Nova::Server', physical_resource_id: 'id-web' }],
  });

  it('is degraded while one of its servers is down', () => {
    const cloud = quietCloud()
      .polled('heat-stacks', { stacks: [stack('CREATE_COMPLETE')] })
      .polled('nova-services', { services: [compute('compute-1', 'down'), compute('compute-2')] })
      .polled('neutron-agents', { agents: [agent('compute-1', false), agent('compute-2', true)] });
    expect(cloud.causes()).toContain('Instance down on web → Stack degraded on shop');
    expect(cloud.stateOf('heat.stack', 'shop')).toBe('SUBOPTIMAL');
  });

  it('that failed has an alarm, explained by a server of it in error', () => {
    const cloud = quietCloud()
      .polled('nova-servers', { servers: [server('web', null, 'ERROR'), server('db', 'compute-2')] })
      .polled('heat-stacks', { stacks: [stack('CREATE_FAILED')] });
    expect(cloud.causes()).toEqual(['Instance in error on web → Stack failed on shop']);
    cloud.polled('heat-stacks', { stacks: [stack('UPDATE_COMPLETE')] });
    expect(cloud.alarms()).toEqual(['Instance in error on web (WARNING)']);
  });
});
