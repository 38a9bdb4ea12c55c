import {
  canonicalJson,
  type Json,
  type JsonObject,
  type NeighbourLookup,
  type Rejection,
  isJsonObject,
} from '@wherefore/model';
import { type Converter, NO_LOOKUPS } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { alarmEvent, alarmState, isRemoval } from './alarmEvent';

export const PROMETHEUS = 'prometheus';

/** What Alertmanager writes for "not known". */
const NO_TIME = '0001-01-01T00:00:00Z';

/**
 * One alert of Alertmanager. `vitrage_entity_unique_props`, which the driver makes from the labels,
 * tells its resources apart from others': every entity with these properties. `resolved` clears it.
 */
export const convertPrometheus: Converter = (sample) => {
  const { event } = sample;
  const { labels } = event;
  if (!isJsonObject(labels)) return malformed('labels', `labels is ${kindOf(labels)}, not an object.`);
  const name = readId(labels['alertname']);
  if (name === undefined) return missingId('labels.alertname');
  const status = event['status'];
  if (typeof status !== 'string' && !isRemoval(sample.action)) {
    return malformed('status', `status is ${kindOf(status)}, not a text.`);
  }
  const uniqueProps = readUniqueProps(event['vitrage_entity_unique_props']);
  if (uniqueProps !== undefined && 'code' in uniqueProps) return uniqueProps;

  const isActive = status !== 'resolved' && !isRemoval(sample.action);
  const draft = new PropertyDraft()
    .set('name', name)
    .set('state', alarmState(isActive))
    .text('severity', labels['severity'], 'labels.severity')
    .text('status', status, 'status')
    .set('update_timestamp', updateTime(event, isActive) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: PROMETHEUS,
    key: `ALARM:prometheus:${name}:${canonicalJson(uniqueProps?.where ?? unmapped(event, labels))}`,
    isActive,
    properties: draft.patch,
    lookups: uniqueProps === undefined ? NO_LOOKUPS : [uniqueProps],
  });
};

/**
 * What tells alerts of one name apart that are mapped to nothing: their labels, unless a driver has found
 * that it has no mapping for them. Then the name alone does, as in Vitrage, whatever the labels become.
 */
function unmapped(event: JsonObject, labels: JsonObject): JsonObject | null {
  return event['vitrage_entity_unique_props'] === null ? null : labels;
}

/** Property names and values as a look-up; undefined when the alert is mapped to nothing. */
function readUniqueProps(value: Json | undefined): NeighbourLookup | Rejection | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const field = 'vitrage_entity_unique_props';
  if (!isJsonObject(value)) return malformed(field, `${field} is ${kindOf(value)}, not an object.`);
  const where: Record<string, string> = {};
  let count = 0;
  for (const name of Object.keys(value)) {
    const wanted = readId(value[name]);
    if (wanted === undefined || name === '__proto__') return malformed(`${field}.${name}`, `${name} is not a text.`);
    where[name] = wanted;
    count += 1;
  }
  return count === 0 ? undefined : { where, label: 'on', direction: 'to-neighbour' };
}

/** When it began to fire, or when it was resolved. */
function updateTime(event: JsonObject, isActive: boolean): string | undefined {
  const time = event[isActive ? 'startsAt' : 'endsAt'];
  return time === NO_TIME ? undefined : normaliseTimestamp(time);
}
