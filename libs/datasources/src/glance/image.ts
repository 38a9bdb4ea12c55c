import type { Json, JsonObject } from '@wherefore/model';
import { type Converter, resourceEvent } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';

export const GLANCE_IMAGE = 'glance.image';

/**
 * An image: a row of `v2/images`, or an `image.*` notification, which has the same fields. Of a snapshot,
 * `instance_id` is the server that it was taken of and `base_image_id` what that was made from.
 */
export const convertImage: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('state', event['status'], 'status')
    .text('project_id', event['owner'], 'owner')
    .text('visibility', event['visibility'], 'visibility')
    .scalar('size', event['size'], 'size')
    .text('disk_format', event['disk_format'], 'disk_format')
    .text('container_format', event['container_format'], 'container_format')
    .scalar('min_disk', event['min_disk'], 'min_disk')
    .scalar('min_ram', event['min_ram'], 'min_ram')
    .scalar('protected', event['protected'], 'protected')
    .text('image_type', event['image_type'], 'image_type')
    .text('instance_id', event['instance_uuid'], 'instance_uuid')
    .text('base_image_id', event['base_image_ref'], 'base_image_ref')
    .set('update_timestamp', timeOf(event) ?? sample.updateTimestamp);
  return draft.fault ?? resourceEvent(sample, action, GLANCE_IMAGE, id, draft.patch, []);
};

function timeOf(event: JsonObject): Json | undefined {
  return normaliseTimestamp(event['updated_at']) ?? normaliseTimestamp(event['created_at']);
}
