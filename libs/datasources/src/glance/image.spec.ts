import type { JsonObject } from '@wherefore/model';
import { fromNotification, toEntityEvent } from '../index';
import { AT, meanings, message, rowMeaning } from '../openstack/openstack.sim';

const origin = { image_type: 'snapshot', instance_uuid: 'vm-1', base_image_ref: 'i-0' };
const image: JsonObject = {
  id: 'i-1',
  name: 'web-snap',
  status: 'active',
  owner: 'p-1',
  visibility: 'private',
  size: 4096,
  virtual_size: 4096,
  disk_format: 'raw',
  container_format: 'bare',
  min_disk: 10,
  min_ram: 0,
  protected: false,
  checksum: '20439f79e4e9dc95be34b21029221f80',
  tags: [],
  created_at: '2026-11-21T23:58:09Z',
  updated_at: '2026-11-21T23:58:10Z',
};

describe('an image', () => {
  const event = rowMeaning('glance-images', { images: [{ ...image, ...origin }], first: '/v2/images' });

  it('belongs to its owner, and a snapshot tells what it was taken of', () => {
    expect([event.entity.key, event.entity.properties, event.neighbours]).toEqual([
      'RESOURCE:glance.image:i-1',
      {
        id: 'i-1',
        name: 'web-snap',
        state: 'active',
        project_id: 'p-1',
        visibility: 'private',
        size: 4096,
        disk_format: 'raw',
        container_format: 'bare',
        min_disk: 10,
        min_ram: 0,
        protected: false,
        image_type: 'snapshot',
        instance_id: 'vm-1',
        base_image_id: 'i-0',
        update_timestamp: '2026-11-21T23:58:10Z',
      },
      [],
    ]);
  });

  it.each(['create', 'prepare', 'upload', 'activate', 'update', 'deactivate', 'reactivate'])(
    'is the same of the message image.%s',
    (what) => {
      const payload = { ...image, properties: { ...origin, os_distro: 'debian' }, deleted: false, is_public: false };
      expect(meanings(`image.${what}`, payload)).toEqual([{ ...event, mayBeLate: true }]);
    },
  );

  it('is gone when it is deleted, even if its data still waits to be', () => {
    const payload = { ...image, status: 'pending_delete' };
    for (const [type, more] of [
      ['image.delete', {}],
      ['image.update', { deleted: true }],
    ] as const) {
      const [gone] = meanings(type, { ...payload, ...more });
      expect([gone!.action, gone!.entity.key]).toEqual(['delete-entity', 'RESOURCE:glance.image:i-1']);
    }
  });

  it('is not what messages of downloads and of members tell of', () => {
    for (const type of ['image.send', 'image.member.create', 'image.exists']) {
      const answer = fromNotification(message(type, { image_id: 'i-1', member_id: 'p-2', status: 'pending' }));
      expect(answer).toEqual({ ignored: `no entity hangs on ${type}` });
    }
  });

  it('without an id, or with odd fields, is refused', () => {
    expect(fromNotification(message('image.update', {}))).toMatchObject({ code: 'missing-id', where: 'payload.id' });
    const frame = { vitrage_entity_type: 'glance.image', vitrage_datasource_action: 'update', vitrage_sample_date: AT };
    expect(toEntityEvent({ ...frame, name: 'x' })).toMatchObject({ code: 'missing-id', where: 'id' });
    expect(toEntityEvent({ ...frame, id: 'x', size: [] })).toMatchObject({ code: 'malformed-event', where: 'size' });
  });
});
