import { type Json, type JsonObject, type NeighbourImage, isJsonObject } from '@wherefore/model';
import { NOVA_INSTANCE } from '../nova/instance';
import { type Converter, NO_NEIGHBOURS, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';

export const TROVE_INSTANCE = 'trove.instance';
export const TROVE_CLUSTER = 'trove.cluster';

/** A database of Trove, which runs on the server `server_id`. */
export const convertTroveInstance: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('state', event['status'], 'status')
    .text('project_id', event['tenant_id'], 'tenant_id')
    .set('update_timestamp', normaliseTimestamp(event['updated']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  const server = readId(event['server_id']);
  const neighbours =
    server === undefined ? NO_NEIGHBOURS : [stubNeighbour(NOVA_INSTANCE, server, 'contains', 'to-neighbour')];
  return resourceEvent(sample, action, TROVE_INSTANCE, id, draft.patch, neighbours);
};

/** A cluster of Trove's databases. Its state is the name of the task at work on it: `NONE` is none, and all is well. */
export const convertTroveCluster: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const { task } = event;
  if (task !== undefined && task !== null && !isJsonObject(task)) {
    return malformed('task', `task is ${kindOf(task)}, not an object.`);
  }
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('state', task?.['name'], 'task.name')
    .set('update_timestamp', normaliseTimestamp(event['updated']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return resourceEvent(sample, action, TROVE_CLUSTER, id, draft.patch, instancesOf(event));
};

function instancesOf(event: JsonObject): NeighbourImage[] {
  const { instances } = event;
  if (!Array.isArray(instances)) return [];
  return (instances as readonly Json[]).flatMap((instance) => {
    const id = isJsonObject(instance) ? readId(instance['id']) : undefined;
    return id === undefined ? [] : [stubNeighbour(TROVE_INSTANCE, id, 'contains', 'to-neighbour')];
  });
}
