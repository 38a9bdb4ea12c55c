import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, edgesOf, sampleOf } from '../reading/reading.sim';

describe('a subnet', () => {
  const subnet = {
    id: 's-1',
    name: 'shop-subnet',
    tenant_id: 'p',
    network_id: 'net-1',
    cidr: '10.30.0.0/24',
    gateway_ip: '10.30.0.1',
    ip_version: 4,
    enable_dhcp: false,
    updated_at: '2026-11-21T23:56:23Z',
  };

  it('is a part of its network, and has no state', () => {
    const event = converted(sampleOf('neutron.subnet', subnet));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:neutron.subnet:s-1',
      properties: {
        id: 's-1',
        name: 'shop-subnet',
        project_id: 'p',
        cidr: '10.30.0.0/24',
        gateway_ip: '10.30.0.1',
        ip_version: 4,
        enable_dhcp: false,
        update_timestamp: '2026-11-21T23:56:23Z',
      },
    });
    expect(event.entity.properties).not.toHaveProperty('state');
    expect(edgesOf(event)).toEqual(['neutron.network:net-1 -contains-> it']);
  });

  it('is deleted by its deletion, even if that carries only the id', () => {
    const event = sampleOf('neutron.subnet', { subnet_id: 's', vitrage_event_type: 'subnet.delete.end' }, 'update');
    expect(converted(event)).toMatchObject({ action: 'delete-entity', entity: { key: 'RESOURCE:neutron.subnet:s' } });
  });
});

describe('a router', () => {
  const router = {
    id: 'r-1',
    name: 'shop-router',
    status: 'ACTIVE',
    tenant_id: 'p',
    admin_state_up: true,
    ha: false,
    external_gateway_info: { network_id: 'public', external_fixed_ips: [{ ip_address: '198.51.100.133' }] },
  };

  it('is attached to the network that is its gateway', () => {
    const event = converted(sampleOf('neutron.router', router));
    expect(event.entity.properties).toMatchObject({
      state: 'ACTIVE',
      admin_state_up: true,
      ha: false,
      external_ips: ['198.51.100.133'],
    });
    expect(edgesOf(event)).toEqual(['it -attached-> neutron.network:public']);
    expect(event.without).toBeUndefined();
  });

  it.each([null, {}])('with the gateway %j is attached to no network', (gateway) => {
    const event = converted(sampleOf('neutron.router', { ...router, external_gateway_info: gateway }));
    expect(event).toMatchObject({ neighbours: [], without: ['neutron.network'] });
    expect(event.entity.properties['external_ips']).toEqual([]);
  });

  it('of whose gateway nothing is said keeps the one that it has', () => {
    const event = converted(sampleOf('neutron.router', { id: 'r-1' }));
    expect([event.neighbours, event.without]).toEqual([[], undefined]);
    expect(event.entity.properties).not.toHaveProperty('external_ips');
  });

  it('goes with its deletion', () => {
    const event = sampleOf('neutron.router', { ...router, vitrage_event_type: 'router.delete.end' }, 'update');
    expect(converted(event)).toMatchObject({ action: 'delete-entity', neighbours: [] });
  });
});

describe('an interface of a router', () => {
  it('is attached to its router, and a part of the network and the subnets that it serves', () => {
    const event = converted(
      sampleOf('neutron.router_interface', {
        id: 'port-1',
        router_id: 'r-1',
        network_id: 'net-1',
        subnet_ids: ['s-1', 's-1', 's-2', null],
        status: 'DOWN',
        fixed_ips: [{ ip_address: '10.30.0.1' }],
      }),
    );
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:neutron.router_interface:port-1',
      properties: { state: 'DOWN', ip_addresses: ['10.30.0.1'] },
    });
    expect(edgesOf(event)).toEqual([
      'it -attached-> neutron.router:r-1',
      'neutron.network:net-1 -contains-> it',
      'neutron.subnet:s-1 -contains-> it',
      'neutron.subnet:s-2 -contains-> it',
    ]);
  });
});

describe('a floating IP', () => {
  const floatingIp = {
    id: 'f-1',
    status: 'ACTIVE',
    tenant_id: 'p',
    floating_ip_address: '198.51.100.235',
    floating_network_id: 'public',
    fixed_ip_address: '10.30.0.89',
    port_id: 'port-1',
    router_id: 'r-1',
  };

  it('is called by its address, and attached to the port and the router', () => {
    const event = converted(sampleOf('neutron.floatingip', floatingIp));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:neutron.floatingip:f-1',
      properties: {
        name: '198.51.100.235',
        floating_ip_address: '198.51.100.235',
        fixed_ip_address: '10.30.0.89',
        state: 'ACTIVE',
        project_id: 'p',
      },
    });
    expect(edgesOf(event)).toEqual([
      'neutron.network:public -contains-> it',
      'it -attached-> neutron.port:port-1',
      'it -attached-> neutron.router:r-1',
    ]);
    expect(event.without).toBeUndefined();
  });

  it('that is taken off its port is attached to nothing', () => {
    const free = { ...floatingIp, port_id: null, router_id: null, fixed_ip_address: null };
    const event = converted(sampleOf('neutron.floatingip', free));
    expect(edgesOf(event)).toEqual(['neutron.network:public -contains-> it']);
    expect(event.without).toEqual(['neutron.port', 'neutron.router']);
    const deletion = { ...free, vitrage_event_type: 'floatingip.delete.end' };
    expect(converted(sampleOf('neutron.floatingip', deletion, 'update'))).not.toHaveProperty('without');
  });
});

describe('what is wrong with them', () => {
  it.each([
    ['neutron.subnet', {}, 'missing-id', 'id'],
    ['neutron.subnet', { id: 's', cidr: [] }, 'malformed-event', 'cidr'],
    ['neutron.router', { router: {} }, 'missing-id', 'id'],
    ['neutron.router', { id: 'r', external_gateway_info: 'net' }, 'malformed-event', 'external_gateway_info'],
    ['neutron.router', { id: 'r', admin_state_up: {} }, 'malformed-event', 'admin_state_up'],
    ['neutron.router_interface', { router_id: 'r' }, 'missing-id', 'id'],
    ['neutron.router_interface', { id: 'p', subnet_ids: 's' }, 'malformed-event', 'subnet_ids'],
    ['neutron.floatingip', { id: '' }, 'missing-id', 'id'],
    ['neutron.floatingip', { id: 'f', floating_ip_address: {} }, 'malformed-event', 'floating_ip_address'],
  ])('of %s, %j, is rejected', (datasource, fields, code, where) => {
    expect(toEntityEvent(sampleOf(datasource, fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
