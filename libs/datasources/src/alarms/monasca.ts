import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { type Converter, NO_NEIGHBOURS, stubNeighbour } from '../reading/entity';
import { malformed, missingId, PropertyDraft, readId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { alarmEvent, alarmState, isOkWord, isRemoval } from './alarmEvent';

export const MONASCA = 'monasca';

/**
 * An alarm of Monasca. Its severity is its state (`ALARM`, `UNDETERMINED`), as in Vitrage; `OK` clears it.
 * The resource is the one that the dimensions of its first metric name, by type and id.
 */
export const convertMonasca: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const state = readId(event['state']);
  if (state === undefined && !isRemoval(sample.action)) return malformed('state', 'The event has no state.');

  const isActive = state !== undefined && !isOkWord(state) && !isRemoval(sample.action);
  const definition = readObject(event, 'alarm_definition') ?? {};
  const type = resourceField(event, 'resource_type');
  const resource = resourceField(event, 'resource_id');
  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', definition['name'], 'alarm_definition.name')
    .set('state', alarmState(isActive))
    .set('severity', isActive ? state : undefined)
    .set('resource_id', resource)
    .set(
      'update_timestamp',
      normaliseTimestamp(event['state_updated_timestamp']) ??
        normaliseTimestamp(event['updated_timestamp']) ??
        sample.updateTimestamp,
    );
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: MONASCA,
    key: `ALARM:monasca:${id}`,
    isActive,
    properties: draft.patch,
    neighbours:
      type === undefined || resource === undefined
        ? NO_NEIGHBOURS
        : [stubNeighbour(type, resource, 'on', 'to-neighbour')],
  });
};

/** As the driver has put it beside the alarm, or as the first metric tells it. */
function resourceField(event: JsonObject, field: string): string | undefined {
  const { metrics } = event;
  const first = Array.isArray(metrics) ? (metrics as readonly Json[])[0] : undefined;
  const dimensions = isJsonObject(first) ? readObject(first, 'dimensions') : undefined;
  return readId(event[field]) ?? readId(dimensions?.[field]);
}
