import { type Converter, isNotification, resourceEvent } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';

export const NEUTRON_NETWORK = 'neutron.network';

/**
 * A network: a row of `networks`, or the same layout from a `network.*.end` notification, flat or below
 * `network`. A deletion may carry nothing but `network_id`.
 */
export const convertNetwork: Converter = (sample) => {
  const { event } = sample;
  const body = readObject(event, 'network') ?? event;
  const id = readEitherId(body['id'], event['network_id']);
  if (id === undefined) return missingId('id');

  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', body['name'], 'name')
    .text('state', body['status'], 'status')
    .text('project_id', body['tenant_id'] ?? body['project_id'], 'tenant_id')
    .set('update_timestamp', normaliseTimestamp(body['updated_at']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = isNotification(event, 'network.delete.end') ? 'delete-entity' : sample.action;
  return resourceEvent(sample, action, NEUTRON_NETWORK, id, draft.patch, []);
};
