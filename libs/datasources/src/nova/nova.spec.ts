import type { Json, JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, SAMPLED_AT as AT, sampleOf } from '../reading/reading.sim';

describe('a compute host', () => {
  const row = { host: 'host-1', zone: 'zone-1', binary: 'nova-compute', status: 'enabled', state: 'up' };

  it('is known by its name, hangs below its zone, and leaves its state to the zone', () => {
    expect(converted(sampleOf('nova.host', { ...row, forced_down: false, disabled_reason: null }))).toEqual({
      action: 'update-entity',
      entity: {
        key: 'RESOURCE:nova.host:host-1',
        category: 'RESOURCE',
        type: 'nova.host',
        isPlaceholder: false,
        properties: {
          id: 'host-1',
          name: 'host-1',
          update_timestamp: AT,
          service_state: 'up',
          forced_down: false,
          disabled: false,
          disabled_reason: null,
        },
      },
      neighbours: [
        {
          entity: {
            key: 'RESOURCE:nova.zone:zone-1',
            category: 'RESOURCE',
            type: 'nova.zone',
            isPlaceholder: true,
            properties: { id: 'zone-1' },
          },
          label: 'contains',
          direction: 'from-neighbour',
        },
      ],
      lookups: [],
      sampleTimestamp: AT,
      datasource: 'nova.host',
    });
  });

  it('says only what its event says', () => {
    const { properties } = converted(sampleOf('nova.host', { host_name: 'host-1' })).entity;
    expect(properties).toEqual({ id: 'host-1', name: 'host-1', update_timestamp: AT });
  });

  it('is down from the moment it is forced down', () => {
    const event = sampleOf('nova.host', { host: 'h', forced_down: true, status: 'disabled' }, 'update');
    expect(converted(event).entity.properties).toMatchObject({
      service_state: 'down',
      forced_down: true,
      disabled: true,
    });
  });

  it.each([
    [{ zone: 'z' }, 'missing-id', 'host'],
    [{ host: '' }, 'missing-id', 'host'],
    [{ host: 'h', state: {} }, 'malformed-event', 'state'],
    [{ host: 'h', forced_down: [] }, 'malformed-event', 'forced_down'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(sampleOf('nova.host', fields as JsonObject))).toMatchObject({ code, where });
  });
});

describe('an availability zone', () => {
  const compute = (available: boolean, active: boolean) => ({ 'nova-compute': { available, active } });
  const hosts = { 'h-up': compute(true, true), 'h-dead': compute(false, true), 'h-off': compute(true, false) };

  it('brings the cluster and its hosts with it, none of them stubs', () => {
    const event = converted(sampleOf('nova.zone', { zoneName: 'z', zoneState: { available: true }, hosts }));
    expect(event.entity).toMatchObject({ key: 'RESOURCE:nova.zone:z', properties: { id: 'z', state: 'available' } });
    expect(event.neighbours.map(({ entity, direction }) => [entity.key, entity.isPlaceholder, direction])).toEqual([
      ['RESOURCE:openstack.cluster:OpenStack Cluster', false, 'from-neighbour'],
      ['RESOURCE:nova.host:h-up', false, 'to-neighbour'],
      ['RESOURCE:nova.host:h-dead', false, 'to-neighbour'],
      ['RESOURCE:nova.host:h-off', false, 'to-neighbour'],
    ]);
    expect(event.neighbours[0]?.entity.properties).toEqual({
      id: 'OpenStack Cluster',
      name: 'openstack.cluster',
      state: 'available',
    });
  });

  it('gives a host the state available only while its service is both heard of and enabled', () => {
    const event = converted(sampleOf('nova.zone', { zoneName: 'z', zoneState: { available: 'True' }, hosts }));
    const states = event.neighbours
      .slice(1)
      .map(({ entity: { properties } }) => [properties['state'], properties['service_state'], properties['disabled']]);
    expect(states).toEqual([
      ['available', 'up', false],
      ['unavailable', 'down', false],
      ['unavailable', 'up', true],
    ]);
  });

  it('may have no hosts, and hosts without nova-compute do not count', () => {
    for (const none of [null, {}, { ctl: { 'nova-scheduler': { available: true, active: true } } }] as Json[]) {
      const event = converted(sampleOf('nova.zone', { zoneName: 'z', zoneState: { available: false }, hosts: none }));
      expect([event.neighbours.length, event.entity.properties['state']]).toEqual([1, 'unavailable']);
    }
  });

  it.each([
    [{}, 'missing-id', 'zoneName'],
    [{ zoneName: 'z', zoneState: 'up' }, 'malformed-event', 'zoneState'],
    [{ zoneName: 'z', hosts: [] }, 'malformed-event', 'hosts'],
    [{ zoneName: 'z', hosts: { h: 1 } }, 'malformed-event', 'hosts.h'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(sampleOf('nova.zone', fields as JsonObject))).toMatchObject({ code, where });
  });
});

describe('a server', () => {
  const rest = {
    'id': 'vm-1',
    'name': 'web',
    'status': 'ACTIVE',
    'tenant_id': 'p',
    'updated': '2026-11-20T12:46:41Z',
    'OS-EXT-SRV-ATTR:host': 'host-1',
    'OS-EXT-SRV-ATTR:instance_name': 'instance-1',
  };
  const versioned = (data: JsonObject, type = 'instance.update') =>
    sampleOf('nova.instance', { 'vitrage_event_type': type, 'nova_object.data': { uuid: 'vm-1', ...data } }, 'update');
  const legacy = (fields: JsonObject, type = 'compute.instance.update') =>
    sampleOf('nova.instance', { vitrage_event_type: type, instance_id: 'vm-1', ...fields }, 'update');

  it('of a REST answer has its properties, and a stub of its host', () => {
    const event = converted(sampleOf('nova.instance', rest, 'init_snapshot'));
    expect([event.action, event.entity.key, event.entity.properties]).toEqual([
      'create-entity',
      'RESOURCE:nova.instance:vm-1',
      {
        id: 'vm-1',
        name: 'web',
        state: 'ACTIVE',
        project_id: 'p',
        host_id: 'host-1',
        instance_name: 'instance-1',
        update_timestamp: '2026-11-20T12:46:41Z',
      },
    ]);
    expect(event.neighbours).toMatchObject([
      { entity: { key: 'RESOURCE:nova.host:host-1', isPlaceholder: true }, direction: 'from-neighbour' },
    ]);
  });

  it('without a host names none, and takes the old one off', () => {
    const event = converted(sampleOf('nova.instance', { ...rest, 'OS-EXT-SRV-ATTR:host': null }));
    expect([event.neighbours, event.entity.properties['host_id'], event.without]).toEqual([[], null, ['nova.host']]);
  });

  it('comes out the same of a versioned and of a legacy notification', () => {
    const data = { name: 'web', status: 'SHUTOFF', state: 'stopped', tenant_id: 'p', host: 'host-1' };
    const a = converted(versioned({ ...data, host_name: 'web-host' }));
    const b = converted(legacy({ ...data, hostname: 'web-host' }));
    expect(b.entity).toEqual(a.entity);
    expect(b.neighbours).toEqual(a.neighbours);
    expect(a.entity.properties).toEqual({
      id: 'vm-1',
      name: 'web',
      state: 'SHUTOFF',
      project_id: 'p',
      host_id: 'host-1',
      update_timestamp: AT,
    });
  });

  it('as a driver of Vitrage tells of it has the vm_state and the host name', () => {
    const { properties } = converted(versioned({ display_name: 'Web', host_name: 'web', state: 'stopped' })).entity;
    expect([properties['name'], properties['state']]).toEqual(['web', 'stopped']);
  });

  it('keeps what a partial notification does not mention', () => {
    expect(converted(versioned({ state: 'paused' })).entity.properties).toEqual({
      id: 'vm-1',
      state: 'paused',
      update_timestamp: AT,
    });
  });

  it('does not let a legacy notification push the time to and fro while the state stays', () => {
    expect(converted(legacy({ state: 'active' })).keep).toEqual({
      property: 'update_timestamp',
      whileUnchanged: 'state',
    });
    expect(converted(versioned({ state: 'active' })).keep).toBeUndefined();
  });

  it.each([
    versioned({ state: 'deleted' }, 'instance.delete.end'),
    versioned({ state: 'active' }, 'instance.delete.end'),
    legacy({ state: 'deleted' }, 'compute.instance.delete.end'),
  ])('is gone when its deletion ends (%#)', (event) => {
    expect(converted(event)).toMatchObject({ action: 'delete-entity', neighbours: [] });
  });

  it('that is soft-deleted can come back, and stays', () => {
    const event = converted(versioned({ state: 'soft-delete' }, 'instance.soft_delete.end'));
    expect([event.action, event.entity.properties['state']]).toEqual(['update-entity', 'soft-delete']);
  });

  it.each([
    [{ 'name': 'x' }, 'missing-id', 'id'],
    [{ 'nova_object.data': [] }, 'malformed-event', 'nova_object.data'],
    [{ 'nova_object.data': {} }, 'missing-id', 'nova_object.data.uuid'],
    [{ 'instance_id': {} }, 'missing-id', 'instance_id'],
    [{ 'id': 'x', 'status': ['ACTIVE'] }, 'malformed-event', 'state'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(sampleOf('nova.instance', fields as JsonObject))).toMatchObject({ code, where });
  });
});
