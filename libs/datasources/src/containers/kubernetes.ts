import { type Json, isJsonObject } from '@wherefore/model';
import { NOVA_INSTANCE } from '../nova/instance';
import { type Converter, namesNeighbours, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, PropertyDraft, readId } from '../reading/properties';

export const KUBERNETES = 'kubernetes';

/**
 * A Kubernetes cluster with its nodes. A node that is a server of this cloud names it in `external_id`.
 * A cluster that tells no name is called `kubernetes`: then there is one.
 */
export const convertKubernetes: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['cluster_name']) ?? readId(event['name']) ?? KUBERNETES;
  const { resources } = event;
  if (!Array.isArray(resources) && namesNeighbours(action)) {
    return malformed('resources', `resources is ${kindOf(resources)}, not a list.`);
  }
  const draft = new PropertyDraft().set('id', id).set('name', id).set('update_timestamp', sample.updateTimestamp);
  const neighbours = ((Array.isArray(resources) ? resources : []) as readonly Json[]).flatMap((node) => {
    const server = isJsonObject(node) ? readId(node['external_id']) : undefined;
    return server === undefined ? [] : [stubNeighbour(NOVA_INSTANCE, server, 'comprised', 'to-neighbour')];
  });
  return resourceEvent(sample, action, KUBERNETES, id, draft.patch, neighbours);
};
