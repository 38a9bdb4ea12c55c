import type { Json, NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { CINDER_SERVICE, CINDER_VOLUME_BINARY } from './service';

export const CINDER_BACKEND = 'cinder.backend';
export const CINDER_POOL = 'cinder.pool';

/** What follows `#` in a place of Cinder (`host@backend#pool`) is the pool within the backend. */
export function backendOf(place: Json | undefined): string | undefined {
  const id = readId(place);
  return id === undefined ? undefined : readId(id.split('#', 1)[0]);
}

/**
 * A storage backend, `host@backend`: what `os-services` says of the cinder-volume service that manages it.
 *
 * It is `down` when its service is, for then nobody can reach it by way of Cinder; else it is what its
 * driver reports (`backend_state`), or up where the driver reports nothing. No message tells it: only polls.
 */
export const convertBackend: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['host']);
  if (id === undefined) return missingId('host');

  const draft = new PropertyDraft().set('id', id).set('name', id);
  draft
    .text('state', event['state'] === 'up' ? (event['backend_state'] ?? 'up') : event['state'], 'state')
    .scalar('frozen', event['frozen'], 'frozen')
    .text('replication_status', event['replication_status'], 'replication_status')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const service = `${CINDER_VOLUME_BINARY}@${id}`;
  const neighbours = [stubNeighbour(CINDER_SERVICE, service, 'managed_by', 'to-neighbour')];
  return resourceEvent(sample, action, CINDER_BACKEND, id, draft.patch, neighbours);
};

/**
 * A pool of a backend, `host@backend#pool`. The scheduler lists those that it has heard of lately: with
 * the service of a backend its pools go, and come back as new ones. How full a pool is changes with
 * every reading, and is left to monitoring.
 */
export const convertPool: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['name']);
  if (id === undefined) return missingId('name');

  const draft = new PropertyDraft()
    .set('id', id)
    .set('name', id)
    .text('state', event['backend_state'], 'backend_state')
    .text('volume_backend_name', event['volume_backend_name'], 'volume_backend_name')
    .text('storage_protocol', event['storage_protocol'], 'storage_protocol')
    .text('vendor_name', event['vendor_name'], 'vendor_name')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const neighbours = backendNeighbours(backendOf(id));
  return resourceEvent(sample, action, CINDER_POOL, id, draft.patch, neighbours);
};

/** The backend that contains what an event is about, if it is known. */
export function backendNeighbours(backend: string | undefined): NeighbourImage[] {
  return backend === undefined ? [] : [stubNeighbour(CINDER_BACKEND, backend, 'contains', 'from-neighbour')];
}
