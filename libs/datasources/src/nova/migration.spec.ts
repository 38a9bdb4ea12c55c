import type { JsonObject } from '@wherefore/model';
import { fromNotification, toEntityEvent } from '../index';
import { AT, message, neighboursOf, rowMeaning, told, versioned } from '../openstack/openstack.sim';

const row: JsonObject = {
  id: 7,
  uuid: '7a9617a2-dd7b-4dd4-891f-4f1311262e13',
  source_compute: 'compute-03',
  dest_compute: 'compute-01',
  instance_uuid: 'vm-1',
  status: 'running',
  migration_type: 'live-migration',
  project_id: 'admin',
  created_at: '2026-11-21T23:59:38.000000',
  updated_at: '2026-11-21T23:59:42.000000',
};

describe('a migration', () => {
  it('under way hangs together with its server and both hosts, and belongs to no project', () => {
    const event = rowMeaning('nova-migrations', { migrations: [row] });
    expect([event.entity.key, event.entity.properties]).toEqual([
      'RESOURCE:nova.migration:7',
      {
        id: '7',
        name: 'live-migration 7',
        state: 'running',
        migration_type: 'live-migration',
        server_id: 'vm-1',
        source_host: 'compute-03',
        dest_host: 'compute-01',
        update_timestamp: '2026-11-21T23:59:42.000000Z',
      },
    ]);
    expect(neighboursOf(event)).toEqual([
      '–attached→ RESOURCE:nova.instance:vm-1',
      '–from→ RESOURCE:nova.host:compute-03',
      '–to→ RESOURCE:nova.host:compute-01',
    ]);
    expect(event.without).toBeUndefined();
  });

  it.each(['cancelled', 'completed', 'confirmed', 'done', 'error', 'failed', 'reverted'])(
    'that is %s lets the hosts go and keeps the server',
    (status) => {
      const event = rowMeaning('nova-migrations', { migrations: [{ ...row, status }] });
      expect(neighboursOf(event)).toEqual(['–attached→ RESOURCE:nova.instance:vm-1']);
      expect(event.without).toEqual(['nova.host']);
      expect(event.entity.properties).toMatchObject({ source_host: 'compute-03', dest_host: 'compute-01' });
    },
  );

  it('for which no host was found yet has only the one that it leaves', () => {
    const event = rowMeaning('nova-migrations', { migrations: [{ ...row, status: 'accepted', dest_compute: null }] });
    expect(neighboursOf(event)).toEqual([
      '–attached→ RESOURCE:nova.instance:vm-1',
      '–from→ RESOURCE:nova.host:compute-03',
    ]);
  });

  it('of an old row without times is as old as the poll', () => {
    const { created_at: _created, updated_at: _updated, ...rest } = row;
    const { properties } = rowMeaning('nova-migrations', { migrations: [rest] }).entity;
    expect(properties['update_timestamp']).toBe(AT);
  });

  it.each([
    [{ status: 'x' }, 'missing-id', 'id'],
    [{ id: 1, status: {} }, 'malformed-event', 'status'],
    [{ id: 1, migration_type: [] }, 'malformed-event', 'migration_type'],
    [{ id: 1, source_compute: {} }, 'malformed-event', 'source_compute'],
  ])('%j is refused', (fields, code, where) => {
    const frame = { vitrage_entity_type: 'nova.migration', vitrage_datasource_action: 'snapshot' };
    expect(toEntityEvent({ ...frame, vitrage_sample_date: AT, ...fields } as JsonObject)).toMatchObject({
      code,
      where,
    });
  });
});

describe('messages of a server that moves', () => {
  const server = { uuid: 'vm', state: 'active' };

  it.each([
    ...['instance.live_migration_pre.start', 'instance.live_migration_post_dest.end', 'instance.resize_prep.end'],
    ...['instance.resize_confirm.end', 'instance.evacuate', 'instance.rebuild.end'],
  ])('such as %s ask for a poll of the migrations', (type) => {
    expect(told(type, versioned(server)).poll).toBe('nova.migration');
  });

  it.each(['compute.instance.live_migration.pre.start', 'compute.instance.finish_resize.end'])(
    'in the older format, such as %s, do so too',
    (type) => {
      expect(told(type, { instance_id: 'vm', state: 'active' }).poll).toBe('nova.migration');
    },
  );

  it('do so even if they say nothing of the server, and no other message does', () => {
    expect(fromNotification(message('instance.live_migration_post.end', versioned(server)))).toMatchObject({
      ignored: expect.any(String) as string,
      poll: 'nova.migration',
    });
    expect(told('instance.update', versioned(server)).poll).toBeUndefined();
    expect(fromNotification(message('instance.resize.end', {}))).toMatchObject({ code: 'malformed-event' });
  });
});
