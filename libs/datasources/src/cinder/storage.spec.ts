import type { JsonObject } from '@wherefore/model';
import { compileValueTables, DEFAULT_VALUE_TABLES, toEntityEvent } from '../index';
import { converted, edgesOf, SAMPLED_AT as AT, sampleOf } from '../reading/reading.sim';

describe('a service of Cinder', () => {
  const row = {
    binary: 'cinder-volume',
    host: 'storage-01@ceph-a',
    zone: 'nova',
    status: 'disabled',
    state: 'down',
    disabled_reason: 'maintenance',
  };

  it('is named by its binary and its host, and belongs to the cluster', () => {
    const event = converted(sampleOf('cinder.service', row));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:cinder.service:cinder-volume@storage-01@ceph-a',
      properties: {
        id: 'cinder-volume@storage-01@ceph-a',
        name: 'cinder-volume@storage-01@ceph-a',
        binary: 'cinder-volume',
        host_id: 'storage-01@ceph-a',
        zone: 'nova',
        state: 'down',
        disabled: true,
        disabled_reason: 'maintenance',
        update_timestamp: AT,
      },
    });
    expect(edgesOf(event)).toEqual(['openstack.cluster:OpenStack Cluster -contains-> it']);
  });
});

describe('a backend', () => {
  const stateOf = (fields: JsonObject) =>
    converted(sampleOf('cinder.backend', { host: 'storage-01@ceph-a', ...fields })).entity.properties['state'];

  it('is managed by its service', () => {
    const event = converted(sampleOf('cinder.backend', { host: 'storage-01@ceph-a', state: 'up', frozen: false }));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:cinder.backend:storage-01@ceph-a',
      properties: { id: 'storage-01@ceph-a', name: 'storage-01@ceph-a', frozen: false },
    });
    expect(edgesOf(event)).toEqual(['it -managed_by-> cinder.service:cinder-volume@storage-01@ceph-a']);
  });

  it('is down when its service is, and when its driver says so', () => {
    expect(stateOf({ state: 'up', backend_state: 'up' })).toBe('up');
    expect(stateOf({ state: 'up', backend_state: 'down' })).toBe('down');
    expect(stateOf({ state: 'up', backend_state: null })).toBe('up');
    expect(stateOf({ state: 'up' })).toBe('up');
    expect(stateOf({ state: 'down', backend_state: null })).toBe('down');
    expect(stateOf({ state: 'down', backend_state: 'up' })).toBe('down');
    expect(stateOf({})).toBeUndefined();
  });

  it('contains its pools', () => {
    const pool = { name: 'storage-01@ceph-a#gold', volume_backend_name: 'ceph-a', storage_protocol: 'ceph' };
    const event = converted(sampleOf('cinder.pool', pool));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:cinder.pool:storage-01@ceph-a#gold',
      properties: { name: 'storage-01@ceph-a#gold', volume_backend_name: 'ceph-a', storage_protocol: 'ceph' },
    });
    expect(edgesOf(event)).toEqual(['cinder.backend:storage-01@ceph-a -contains-> it']);
  });

  it('contains its volumes, unless none has been found for them yet', () => {
    const volume = (fields: JsonObject, action?: string) => converted(sampleOf('cinder.volume', fields, action));
    const held = { id: 'v', status: 'in-use', backend: 'storage-01@ceph-a', attachments: [{ server_id: 'vm-1' }] };
    expect(edgesOf(volume(held))).toEqual([
      'it -attached-> nova.instance:vm-1',
      'cinder.backend:storage-01@ceph-a -contains-> it',
    ]);
    expect(volume(held).without).toBeUndefined();
    expect(volume({ id: 'v', backend: null })).toMatchObject({ neighbours: [], without: ['cinder.backend'] });
    expect(volume({ id: 'v' })).not.toHaveProperty('without');
  });

  it('keeps a volume of which only the server is taken away', () => {
    const detached = {
      volume_id: 'v',
      backend: 'storage-01@ceph-a',
      volume_attachment: [{ instance_uuid: 'vm-1' }],
      vitrage_event_type: 'volume.detach.start',
    };
    const event = converted(sampleOf('cinder.volume', detached, 'update'));
    expect(event.action).toBe('delete-relationship');
    expect(edgesOf(event)).toEqual(['it -attached-> nova.instance:vm-1']);
  });
});

describe('a snapshot', () => {
  const row = {
    'id': 's-1',
    'name': 'db-nightly',
    'status': 'available',
    'size': 5,
    'volume_id': 'v-1',
    'os-extended-snapshot-attributes:project_id': 'p',
    'updated_at': '2026-11-21T23:57:53.000000',
  };
  const notice = {
    snapshot_id: 's-1',
    display_name: 'db-nightly',
    status: 'available',
    volume_size: 5,
    volume_id: 'v-1',
    tenant_id: 'p',
  };

  it('is a part of its volume, and the same from the API and from the bus', () => {
    const polled = converted(sampleOf('cinder.snapshot', row));
    const told = converted(sampleOf('cinder.snapshot', notice, 'update'));
    const properties = { id: 's-1', name: 'db-nightly', state: 'available', size: 5, project_id: 'p' };
    expect(polled.entity.properties).toEqual({ ...properties, update_timestamp: '2026-11-21T23:57:53.000000Z' });
    expect(told.entity.properties).toEqual({ ...properties, update_timestamp: AT });
    expect(told.entity.key).toBe(polled.entity.key);
    expect([edgesOf(polled), edgesOf(told)]).toEqual([
      ['cinder.volume:v-1 -contains-> it'],
      ['cinder.volume:v-1 -contains-> it'],
    ]);
  });

  it('goes when its deletion has come to its end', () => {
    const actionOf = (vitrage_event_type: string) =>
      converted(sampleOf('cinder.snapshot', { ...notice, vitrage_event_type }, 'update')).action;
    expect(actionOf('snapshot.delete.start')).toBe('update-entity');
    expect(actionOf('snapshot.delete.end')).toBe('delete-entity');
  });
});

describe('the states of storage', () => {
  it.each([
    ['cinder.backend', 'down', 'ERROR'],
    ['cinder.service', 'up', 'OK'],
    ['cinder.snapshot', 'error_deleting', 'ERROR'],
    ['cinder.snapshot', 'backing-up', 'TRANSIENT'],
    ['cinder.pool', 'up', 'OK'],
  ])('of %s, %s, mean %s', (type, state, operational) => {
    expect(compileValueTables(DEFAULT_VALUE_TABLES).lookup(type, state).operational).toBe(operational);
  });

  it.each([
    ['cinder.service', { host: 'h' }, 'missing-id', 'binary'],
    ['cinder.service', { binary: 'b' }, 'missing-id', 'host'],
    ['cinder.service', { binary: 'b', host: 'h', state: [] }, 'malformed-event', 'state'],
    ['cinder.backend', {}, 'missing-id', 'host'],
    ['cinder.backend', { host: 'h', frozen: {} }, 'malformed-event', 'frozen'],
    ['cinder.pool', {}, 'missing-id', 'name'],
    ['cinder.pool', { name: 'n', vendor_name: {} }, 'malformed-event', 'vendor_name'],
    ['cinder.snapshot', { name: 'x' }, 'missing-id', 'id'],
    ['cinder.snapshot', { id: 's', size: [] }, 'malformed-event', 'size'],
  ])('of %s, %j, are rejected', (datasource, fields, code, where) => {
    expect(toEntityEvent(sampleOf(datasource, fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
