import type {
  EntityEvent,
  GraphAction,
  JsonObject,
  NeighbourImage,
  NeighbourLookup,
  PropertyPatch,
} from '@wherefore/model';
import {
  image,
  isUpsert,
  namesNeighbours,
  NO_LOOKUPS,
  NO_NEIGHBOURS,
  type Sample,
  stubNeighbour,
  TOLD_BY,
} from '../reading/entity';
import { readId } from '../reading/properties';

/** What every alarm event has in common. */
export interface AlarmParts {
  readonly type: string;
  /** `ALARM:type:…`, the same for raising and clearing. */
  readonly key: string;
  /** Whether the source says that the problem holds. */
  readonly isActive: boolean;
  readonly properties: PropertyPatch;
  readonly neighbours?: readonly NeighbourImage[];
  readonly lookups?: readonly NeighbourLookup[];
}

/** The state of an alarm's vertex. */
export function alarmState(isActive: boolean): string {
  return isActive ? 'Active' : 'Inactive';
}

/**
 * The event of an alarm. One that is not active is a deletion, in a first poll as in any other: an
 * alarm in order is no alarm, and the graph ignores the deletion of what it never held.
 */
export function alarmEvent(sample: Sample, parts: AlarmParts): EntityEvent {
  const action: GraphAction = !parts.isActive && isUpsert(sample.action) ? 'delete-entity' : sample.action;
  const isNamingNeighbours = namesNeighbours(action);
  const event: EntityEvent = {
    action,
    entity: image('ALARM', parts.type, parts.key, parts.properties),
    neighbours: isNamingNeighbours ? (parts.neighbours ?? NO_NEIGHBOURS) : NO_NEIGHBOURS,
    lookups: isNamingNeighbours ? (parts.lookups ?? NO_LOOKUPS) : NO_LOOKUPS,
    sampleTimestamp: sample.timestamp,
    datasource: parts.type,
  };
  // It does not bring back what a newer message has cleared.
  return sample.event[TOLD_BY] === 'bus' ? { ...event, mayBeLate: true } : event;
}

/** Whether a deletion is asked for by the envelope itself: then the alarm is inactive, whatever it says. */
export function isRemoval(action: GraphAction): boolean {
  return action === 'delete-entity' || action === 'remove-deleted-entity';
}

/** The resource that `resource_type` and `resource_name` address: the name is its id. */
export function namedResource(event: JsonObject): readonly NeighbourImage[] {
  const type = readId(event['resource_type']);
  const name = readId(event['resource_name']);
  if (type === undefined || name === undefined) return NO_NEIGHBOURS;
  // The one cluster has an id of its own.
  const id = type === 'openstack.cluster' ? 'OpenStack Cluster' : name;
  return [stubNeighbour(type, id, 'on', 'to-neighbour')];
}

/** Whatever in the graph has this name and type: the source does not know ids. */
export function resourceByName(event: JsonObject): readonly NeighbourLookup[] {
  const type = readId(event['resource_type']);
  const name = readId(event['resource_name']);
  if (type === undefined || name === undefined) return NO_LOOKUPS;
  return [{ where: { name, vitrage_type: type }, label: 'on', direction: 'to-neighbour' }];
}

/** Whether a source's word means that nothing is wrong, in any case of letters. */
export function isOkWord(word: string): boolean {
  switch (word) {
    case 'OK':
    case 'ok':
    case 'Ok':
      return true;
    default:
      return false;
  }
}
