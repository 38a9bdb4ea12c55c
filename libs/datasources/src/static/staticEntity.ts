import {
  type Category,
  type EdgeDirection,
  type EntityEvent,
  type EntityImage,
  type GraphAction,
  type Json,
  type JsonObject,
  type NeighbourImage,
  type Rejection,
  isJsonObject,
} from '@wherefore/model';
import { type Converter, type Sample, namesNeighbours, NO_LOOKUPS, NO_NEIGHBOURS } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';

export const STATIC = 'static';

/** Vouches for entities of other datasources' types: the file knows that they exist, and no more. */
const NOBODY = '';

/** How to tell the types that another datasource vouches for. */
export type IsForeignType = (type: string) => boolean;

interface Identity {
  readonly key: string;
  readonly category: Category;
  readonly type: string;
  readonly id: string;
}

/**
 * An entity of a hand-written file, with its relationships to others of the file.
 *
 * An entity of a type that another datasource vouches for is only a stub here: the file says that the
 * host is wired to the switch, not what state the host is in. Nor can the file delete it: taking it out
 * of the file takes the edges with it, and no more.
 */
export function staticConverter(isForeignType: IsForeignType): Converter {
  return (sample) => {
    const { event } = sample;
    const identity = identify(event, '');
    if ('code' in identity) return identity;
    const isForeign = isForeignType(identity.type);
    const entity = isForeign ? foreignStub(identity) : ownEntity(identity, sample);
    if ('code' in entity) return entity;

    const neighbours = relationships(event, identity);
    if ('code' in neighbours) return neighbours;
    if (!isForeign) return toEvent(sample, sample.action, entity, neighbours, STATIC);
    return toEvent(sample, foreignAction(sample.action), entity, neighbours, NOBODY);
  };
}

function toEvent(
  sample: Sample,
  action: GraphAction,
  entity: EntityImage,
  neighbours: readonly NeighbourImage[],
  datasource: string,
): EntityEvent {
  return {
    action,
    entity,
    neighbours: namesNeighbours(action) ? neighbours : NO_NEIGHBOURS,
    lookups: NO_LOOKUPS,
    sampleTimestamp: sample.timestamp,
    datasource,
  };
}

/** A stub is neither created over what is known, nor deleted. */
function foreignAction(action: GraphAction): GraphAction {
  return action === 'update-relationship' || action === 'delete-relationship' ? action : 'update-entity';
}

function identify(fields: JsonObject, path: string): Identity | Rejection {
  const type = readEitherId(fields['type'], fields['vitrage_type']);
  if (type === undefined) return malformed(`${path}type`, `${path}type is ${kindOf(fields['type'])}, not a text.`);
  const id = readId(fields['id']);
  if (id === undefined) return missingId(`${path}id`);
  const category: Category = fields['category'] === 'ALARM' ? 'ALARM' : 'RESOURCE';
  return { key: `${category}:${type}:${id}`, category, type, id };
}

function ownEntity(identity: Identity, sample: Sample): EntityImage | Rejection {
  const { event } = sample;
  const draft = new PropertyDraft()
    // The metadata first: what the file says in so many words wins.
    .others(event['metadata'], 'metadata')
    .set('id', identity.id)
    .text('name', event['name'], 'name')
    .text('state', event['state'], 'state')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  const { key, category, type } = identity;
  return { key, category, type, isPlaceholder: false, properties: draft.patch };
}

/** That it exists, and its id: all that the file may say of what another datasource describes. */
function foreignStub({ key, category, type, id }: Identity): EntityImage {
  return { key, category, type, isPlaceholder: false, properties: { id } };
}

/** An entity that has a line of its own in the file, and is described there. */
function placeholder(identity: Identity, fields: JsonObject): EntityImage {
  const { key, category, type, id } = identity;
  const name = fields['name'];
  const properties = typeof name === 'string' ? { id, name } : { id };
  return { key, category, type, isPlaceholder: true, properties };
}

/** Each relationship names this entity by its `static_id`, and describes the other one in full. */
function relationships(event: JsonObject, identity: Identity): NeighbourImage[] | Rejection {
  const list = event['relationships'];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return malformed('relationships', `relationships is ${kindOf(list)}, not a list.`);
  const neighbours: NeighbourImage[] = [];
  for (const [index, relationship] of (list as readonly Json[]).entries()) {
    const path = `relationships[${index}]`;
    if (!isJsonObject(relationship)) return malformed(path, `${path} is ${kindOf(relationship)}, not an object.`);
    const neighbour = relationshipNeighbour(relationship, event, identity, path);
    if (neighbour === undefined) continue;
    if ('code' in neighbour) return neighbour;
    neighbours.push(neighbour);
  }
  return neighbours;
}

function relationshipNeighbour(
  relationship: JsonObject,
  event: JsonObject,
  identity: Identity,
  path: string,
): NeighbourImage | Rejection | undefined {
  const label = readId(relationship['relationship_type']);
  if (label === undefined) return malformed(`${path}.relationship_type`, `${path} has no relationship_type.`);
  const { source, target } = relationship;
  const isOutward = isOther(target, event);
  const other = isOutward ? target : isOther(source, event) ? source : undefined;
  if (other === undefined) {
    // Both ends are this entity, or ids alone: nothing to be learnt, unless an end is not even that.
    return isEnd(source) && isEnd(target)
      ? undefined
      : malformed(path, `${path} describes neither its source nor its target.`);
  }
  const named = identify(other, `${path}.${isOutward ? 'target' : 'source'}.`);
  if ('code' in named) return named;
  const direction: EdgeDirection = isOutward ? 'to-neighbour' : 'from-neighbour';
  if (named.key === identity.key) return undefined;
  return { entity: placeholder(named, other), label, direction };
}

function isEnd(end: Json | undefined): boolean {
  return isJsonObject(end) || readId(end) !== undefined;
}

/** Whether an end of a relationship describes an entity, and not the one that the event is about. */
function isOther(end: Json | undefined, event: JsonObject): end is JsonObject {
  return isJsonObject(end) && (end['static_id'] === undefined || end['static_id'] !== event['static_id']);
}
