import { type Json, type NeighbourImage, type Rejection, isJsonObject } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';

export const TMFAPI639 = 'tmfapi639';

/**
 * A resource of an inventory that speaks TM Forum's API 639. An inventory knows what there is, not how it
 * is: everything in it is `available`. Edges have the type of the relationship as their label.
 */
export const convertTmf639: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .set('state', 'available')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  const neighbours = relatedTo(id, event['resourceRelationship']);
  return 'code' in neighbours ? neighbours : resourceEvent(sample, action, TMFAPI639, id, draft.patch, neighbours);
};

function relatedTo(id: string, relationships: Json | undefined): NeighbourImage[] | Rejection {
  if (relationships === undefined || relationships === null) return [];
  const field = 'resourceRelationship';
  if (!Array.isArray(relationships)) return malformed(field, `${field} is ${kindOf(relationships)}, not a list.`);
  const neighbours: NeighbourImage[] = [];
  for (const [index, relationship] of (relationships as readonly Json[]).entries()) {
    const path = `${field}[${index}]`;
    if (!isJsonObject(relationship)) return malformed(path, `${path} is ${kindOf(relationship)}, not an object.`);
    const label = readId(relationship['type']) ?? readId(relationship['relationshipType']);
    if (label === undefined) return malformed(`${path}.type`, `${path} has no type.`);
    const { resource } = relationship;
    const other = isJsonObject(resource) ? readId(resource['id']) : undefined;
    if (other === undefined) return missingId(`${path}.resource.id`);
    if (other !== id) neighbours.push(stubNeighbour(TMFAPI639, other, label, 'to-neighbour'));
  }
  return neighbours;
}
