import type { JsonObject } from '@wherefore/model';
import type { Converter } from '../reading/entity';
import { malformed, missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';
import { normaliseTimestamp, timestampOfEpoch } from '../reading/timestamp';
import { alarmEvent, alarmState, isOkWord, isRemoval, resourceByName } from './alarmEvent';

export const COLLECTD = 'collectd';
export const KAPACITOR = 'kapacitor';

/**
 * A notification of collectd on a resource that the driver's configuration names by type and name.
 * The alarm is identified by collectd's `id`, which is the same for all severities of one check.
 */
export const convertCollectd: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['id']) ?? checkName(event);
  if (id === undefined) return missingId('id');
  const severity = readId(event['severity']);
  if (severity === undefined && !isRemoval(sample.action)) return malformed('severity', 'The event has no severity.');

  const isActive = severity !== undefined && !isOkWord(severity) && !isRemoval(sample.action);
  const resource = readEitherId(event['resource_name'], event['host']);
  const draft = new PropertyDraft()
    .text('name', event['message'], 'message')
    .set('state', alarmState(isActive))
    .set('severity', isActive ? severity : undefined)
    .text('rawtext', event['message'], 'message')
    .set('resource_name', resource)
    .set(
      'update_timestamp',
      timestampOfEpoch(event['time']) ?? normaliseTimestamp(event['time']) ?? sample.updateTimestamp,
    );
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: COLLECTD,
    key: `ALARM:collectd:${resource ?? ''}:${id}`,
    isActive,
    properties: draft.patch,
    lookups: resourceByName(event),
  });
};

/** What collectd itself makes the id from. */
function checkName(event: JsonObject): string | undefined {
  const host = readId(event['host']);
  const plugin = readId(event['plugin']);
  if (host === undefined || plugin === undefined) return undefined;
  const more = ['plugin_instance', 'type', 'type_instance'].map((field) => readId(event[field]) ?? '');
  return [host, plugin, ...more].join('/');
}

/**
 * An alert of Kapacitor on a resource that the driver's configuration names by type and name. The
 * severity is the event's `priority`, the name its `message`, and the raw text its `details`.
 */
export const convertKapacitor: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const severity = readEitherId(event['priority'], event['level']);
  if (severity === undefined && !isRemoval(sample.action)) return malformed('priority', 'The event has no priority.');

  const isActive = severity !== undefined && !isOkWord(severity) && !isRemoval(sample.action);
  const resource = readEitherId(event['resource_name'], event['host']);
  const draft = new PropertyDraft()
    .text('name', event['message'], 'message')
    .set('state', alarmState(isActive))
    .set('severity', isActive ? severity : undefined)
    .text('rawtext', event['details'], 'details')
    .set('resource_name', resource)
    .set('update_timestamp', normaliseTimestamp(event['time']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: KAPACITOR,
    key: `ALARM:kapacitor:${resource ?? ''}:${id}`,
    isActive,
    properties: draft.patch,
    lookups: resourceByName(event),
  });
};
