import type { Json, JsonObject } from '@wherefore/model';
import { type Converter, isNotification, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { CINDER_VOLUME } from './volume';

export const CINDER_SNAPSHOT = 'cinder.snapshot';

/** A snapshot of a volume: a row of `snapshots/detail` (`id`), or a `snapshot.*` notification (`snapshot_id`). */
export const convertSnapshot: Converter = (sample) => {
  const { event } = sample;
  const id = readEitherId(event['snapshot_id'], event['id']);
  if (id === undefined) return missingId('id');

  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['display_name'] ?? event['name'], 'display_name')
    .text('state', event['status'], 'status')
    .text('project_id', projectOf(event), 'tenant_id')
    .scalar('size', event['volume_size'] ?? event['size'], 'size')
    .set('update_timestamp', normaliseTimestamp(event['updated_at']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = isNotification(event, 'snapshot.delete.end') ? 'delete-entity' : sample.action;
  const volume = readId(event['volume_id']);
  const neighbours = volume === undefined ? [] : [stubNeighbour(CINDER_VOLUME, volume, 'contains', 'from-neighbour')];
  return resourceEvent(sample, action, CINDER_SNAPSHOT, id, draft.patch, neighbours);
};

function projectOf(event: JsonObject): Json | undefined {
  return event['os-extended-snapshot-attributes:project_id'] ?? event['tenant_id'] ?? event['project_id'];
}
