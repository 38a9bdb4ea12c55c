import { type Json, type NeighbourImage, isJsonObject } from '@wherefore/model';
import { type Converter, namesNeighbours, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { NOVA_HOST } from './host';

export const NOVA_AGGREGATE = 'nova.aggregate';

/**
 * A host aggregate with its hosts: a row of `os-aggregates`, or what an `aggregate.*` notification tells.
 * The key is the number: the only name that every format and microversion has. `hosts` is the whole list,
 * unless the event changes relationships only.
 */
export const convertAggregate: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const { hosts, metadata } = event;
  if (metadata !== undefined && metadata !== null && !isJsonObject(metadata)) {
    return malformed('metadata', `metadata is ${kindOf(metadata)}, not an object.`);
  }
  if (hosts !== undefined && hosts !== null && !Array.isArray(hosts)) {
    return malformed('hosts', `hosts is ${kindOf(hosts)}, not a list.`);
  }

  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('availability_zone', event['availability_zone'], 'availability_zone')
    .set('metadata', metadata)
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const neighbours = Array.isArray(hosts) ? hostsOf(hosts as readonly Json[]) : [];
  const converted = resourceEvent(sample, action, NOVA_AGGREGATE, id, draft.patch, neighbours);
  // An empty list says that it has none, which is not to say nothing.
  const isEmptied = Array.isArray(hosts) && neighbours.length === 0 && namesNeighbours(action);
  return isEmptied ? { ...converted, without: [NOVA_HOST] } : converted;
};

function hostsOf(hosts: readonly Json[]): NeighbourImage[] {
  const names = hosts.map((host) => readId(host)).filter((name) => name !== undefined);
  return [...new Set(names)].map((host) => stubNeighbour(NOVA_HOST, host, 'contains', 'to-neighbour'));
}
