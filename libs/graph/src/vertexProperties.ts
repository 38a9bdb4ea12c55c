import type { Json } from '@wherefore/model';
import type { PropertyBag, Vertex } from './elements';

/** A property by its name. What every object inherits (`constructor`, `toString`, …) is none. */
export function ownValue(bag: PropertyBag, name: string): Exclude<Json, null> | undefined {
  const value = bag[name];
  return typeof (value as unknown) === 'function' ? undefined : value;
}

/** Live and no placeholder: what templates match. */
export function isMatchable(vertex: Vertex): boolean {
  return vertex.isMatchable;
}

/**
 * Reads one property by the name it has outside, bookkeeping included; `undefined` where absent.
 * Templates, queries and answers all read through here. O(1).
 */
export function readProperty(vertex: Vertex, name: string): Exclude<Json, null> | undefined {
  switch (name) {
    case 'vitrage_id':
      return vertex.id;
    case 'vitrage_category':
      return vertex.category;
    case 'vitrage_type':
      return vertex.type;
    case 'vitrage_is_placeholder':
      return vertex.isPlaceholder;
    case 'vitrage_is_deleted':
      return vertex.isDeleted;
    case 'is_real_vitrage_id':
      return true;
    case 'vitrage_sample_timestamp':
      return vertex.sampleTimestamp;
    case 'vitrage_datasource_name':
      return vertex.datasource;
    case 'vitrage_state':
      return vertex.vitrageState;
    case 'is_marked_down':
      return vertex.isMarkedDown ? true : undefined;
    case 'vitrage_aggregated_state':
      return vertex.category === 'RESOURCE' ? vertex.aggregated : undefined;
    case 'vitrage_operational_state':
      return vertex.category === 'RESOURCE' ? vertex.operational : undefined;
    case 'vitrage_aggregated_severity':
      return vertex.category === 'ALARM' ? vertex.aggregated : undefined;
    case 'vitrage_operational_severity':
      return vertex.category === 'ALARM' ? vertex.operational : undefined;
    default:
      return ownValue(vertex.properties, name);
  }
}

const BOOKKEEPING = [
  'vitrage_id',
  'vitrage_category',
  'vitrage_type',
  'vitrage_is_placeholder',
  'vitrage_is_deleted',
  'is_real_vitrage_id',
  'vitrage_sample_timestamp',
  'vitrage_datasource_name',
  'vitrage_state',
  'is_marked_down',
  'vitrage_aggregated_state',
  'vitrage_operational_state',
  'vitrage_aggregated_severity',
  'vitrage_operational_severity',
] as const;

/** All properties by their outside names, as a new object. O(properties). */
export function describeVertex(vertex: Vertex): { [name: string]: Exclude<Json, null> } {
  const described: { [name: string]: Exclude<Json, null> } = {};
  for (const name of BOOKKEEPING) {
    const value = readProperty(vertex, name);
    if (value !== undefined) described[name] = value;
  }
  for (const name in vertex.properties) described[name] = vertex.properties[name]!;
  return described;
}

/** Whether two values are the same, member by member. */
export function sameJson(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
