import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { isDisabled } from '../nova/host';
import { CLUSTER_ID, CLUSTER_TYPE } from '../nova/zone';

export const CINDER_SERVICE = 'cinder.service';

/** The service that manages a backend. */
export const CINDER_VOLUME_BINARY = 'cinder-volume';

/**
 * One of Cinder's services, as Cinder's `os-services` lists it. It is named `<binary>@<host>`, since a row
 * has no id. That it fell silent (`state` is `down`) is announced nowhere; only polls show it.
 *
 * Its `host` is a word of Cinder's configuration, often with a backend behind it, and need not be a
 * compute host: the service belongs to the cluster.
 */
export const convertStorageService: Converter = (sample) => {
  const { event, action } = sample;
  const binary = readId(event['binary']);
  if (binary === undefined) return missingId('binary');
  const host = readId(event['host']);
  if (host === undefined) return missingId('host');

  const id = `${binary}@${host}`;
  const draft = new PropertyDraft().set('id', id).set('name', id).set('binary', binary).set('host_id', host);
  draft
    .text('state', event['state'], 'state')
    .text('zone', event['zone'], 'zone')
    .set('disabled', isDisabled(event['status']))
    .text('disabled_reason', event['disabled_reason'], 'disabled_reason')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  const neighbours = [stubNeighbour(CLUSTER_TYPE, CLUSTER_ID, 'contains', 'from-neighbour')];
  return resourceEvent(sample, action, CINDER_SERVICE, id, draft.patch, neighbours);
};
