import type { EntityEvent, JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';

/** When every sample of the specs was taken, unless it says otherwise. */
export const SAMPLED_AT = '2026-11-22T00:00:00Z';

/** A driver-shaped event, as specs write it. */
export function sampleOf(
  datasource: string,
  fields: JsonObject,
  action = 'snapshot',
  sampledAt = SAMPLED_AT,
): JsonObject {
  return {
    vitrage_entity_type: datasource,
    vitrage_datasource_action: action,
    vitrage_sample_date: sampledAt,
    ...fields,
  };
}

/** What a driver-shaped event means; throws where that is a rejection. */
export function converted(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

/** The edges of an event as text, the entity itself written as `it`. */
export function edgesOf({ neighbours }: EntityEvent): string[] {
  return neighbours.map(({ entity, label, direction }) => {
    const other = entity.key.replace('RESOURCE:', '');
    return direction === 'to-neighbour' ? `it -${label}-> ${other}` : `${other} -${label}-> it`;
  });
}
