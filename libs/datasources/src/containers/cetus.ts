import { type Json, type JsonObject, type NeighbourImage, isJsonObject } from '@wherefore/model';
import { NOVA_INSTANCE } from '../nova/instance';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';

export const CETUS_CLUSTER = 'cetus.cluster';
export const CETUS_POD = 'cetus.pod';

/** A cluster that Cetus manages, on the servers of its nodes (`nodes`, or one `node`). */
export const convertCetusCluster: Converter = (sample) => {
  const { nodes } = sample.event;
  const list = Array.isArray(nodes) ? (nodes as readonly Json[]) : [sample.event['node']];
  const neighbours = list.flatMap((node): NeighbourImage[] => {
    const server = serverOf(node);
    return server === undefined ? [] : [stubNeighbour(NOVA_INSTANCE, server, 'contains', 'to-neighbour')];
  });
  return convert(sample, CETUS_CLUSTER, neighbours);
};

/** A pod of such a cluster, on the server of its node. */
export const convertCetusPod: Converter = (sample) => {
  const server = serverOf(sample.event['node'] ?? sample.event['node_id']);
  const neighbours = server === undefined ? [] : [stubNeighbour(NOVA_INSTANCE, server, 'contains', 'from-neighbour')];
  return convert(sample, CETUS_POD, neighbours);
};

function convert(
  sample: Parameters<Converter>[0],
  type: string,
  neighbours: readonly NeighbourImage[],
): ReturnType<Converter> {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('state', stateOf(event), 'state')
    .set('update_timestamp', sample.updateTimestamp);
  return draft.fault ?? resourceEvent(sample, action, type, id, draft.patch, neighbours);
}

function stateOf(event: JsonObject): Json | undefined {
  return event['state'] ?? event['status'];
}

/** A node is named by the id of its server, alone or within an object. */
function serverOf(node: Json | undefined): string | undefined {
  return isJsonObject(node) ? readEitherId(node['id'], node['instance_id']) : readId(node);
}
