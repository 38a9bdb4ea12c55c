import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, SAMPLED_AT as AT } from '../reading/reading.sim';

function volume(fields: JsonObject, action = 'snapshot'): JsonObject {
  const frame = { vitrage_entity_type: 'cinder.volume', vitrage_datasource_action: action, vitrage_sample_date: AT };
  return { ...frame, ...fields };
}

describe('a volume', () => {
  const row = {
    'id': 'vol-1',
    'name': 'data',
    'status': 'in-use',
    'size': 6,
    'volume_type': 'ceph',
    'created_at': '2026-11-20T12:46:41.000000',
    'os-vol-tenant-attr:tenant_id': 'p',
    'attachments': [{ server_id: 'vm-1' }, { server_id: 'vm-1' }, { server_id: 'vm-2' }, 3],
  };

  it('is attached to each of its servers once', () => {
    const event = converted(volume(row));
    expect(event.entity.properties).toEqual({
      id: 'vol-1',
      name: 'data',
      state: 'in-use',
      project_id: 'p',
      size: 6,
      volume_type: 'ceph',
      attachments: ['vm-1', 'vm-2'],
      update_timestamp: '2026-11-20T12:46:41.000000Z',
    });
    expect(event.neighbours).toMatchObject([
      {
        entity: { key: 'RESOURCE:nova.instance:vm-1', isPlaceholder: true },
        label: 'attached',
        direction: 'to-neighbour',
      },
      { entity: { key: 'RESOURCE:nova.instance:vm-2' } },
    ]);
  });

  it.each([
    ['volume.attach.start', 'update-entity'],
    ['volume.attach.end', 'update-relationship'],
    ['volume.detach.start', 'delete-relationship'],
    ['volume.detach.end', 'update-entity'],
  ])('%s asks for %s, of the servers that it names', (type, action) => {
    const attachments = [{ instance_uuid: 'vm-1' }, { instance_uuid: 'vm-2' }];
    const fields = { volume_id: 'vol-1', volume_attachment: attachments, vitrage_event_type: type };
    const event = converted(volume(fields, 'update'));
    expect([event.action, event.neighbours.length]).toEqual([action, 2]);
  });

  it('takes the name of its type, not the uuid that notifications carry', () => {
    const uuid = '465a6229-9269-4a40-be61-3ae5b6b5d4e1';
    const { properties } = converted(volume({ volume_id: 'vol-1', volume_type: uuid }, 'update')).entity;
    expect(properties).toEqual({ id: 'vol-1', update_timestamp: AT });
  });

  it('is deleted by the end of its deletion, not by the start', () => {
    const notice = (type: string) => volume({ volume_id: 'v', status: 'deleting', vitrage_event_type: type }, 'update');
    expect(converted(notice('volume.delete.start')).action).toBe('update-entity');
    expect(converted(notice('volume.delete.end')).action).toBe('delete-entity');
  });

  it.each([
    [{ display_name: 'x' }, 'missing-id', 'id'],
    [{ id: 'v', size: {} }, 'malformed-event', 'size'],
    [{ volume_id: 'v', status: [] }, 'malformed-event', 'status'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(volume(fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
