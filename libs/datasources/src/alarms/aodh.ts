import type { EntityEvent, JsonObject, NeighbourLookup } from '@wherefore/model';
import { type Converter, isNotification, namesNeighbours, NO_LOOKUPS, type Sample } from '../reading/entity';
import { malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { alarmEvent, alarmState, isRemoval } from './alarmEvent';

export const AODH = 'aodh';

/**
 * An alarm of Aodh. Only the state `alarm` is an active one; `ok` and `insufficient data` clear it. It
 * is on every entity whose id is its `resource_id`.
 *
 * An Aodh alarm whose rule names a `vitrage_id` was made from an alarm that Wherefore raised: it adds
 * its own id and description to that one, and never takes it away.
 */
export const convertAodh: Converter = (sample) => {
  const { event } = sample;
  const id = readId(event['alarm_id']);
  if (id === undefined) return missingId('alarm_id');
  const { state } = event;
  const isDeleted = isNotification(event, 'alarm.deletion') || isRemoval(sample.action);
  if (typeof state !== 'string' && !isDeleted) return malformed('state', 'The event has no state.');

  const vitrageId = readId(event['vitrage_id']);
  if (vitrageId !== undefined) return deducedAlarm(sample, id, vitrageId);

  const isActive = state === 'alarm' && !isDeleted;
  const draft = describe(event, id)
    .text('name', event['name'], 'name')
    .set('state', alarmState(isActive))
    .text('severity', event['severity'] ?? undefined, 'severity')
    .set('update_timestamp', updateTime(event) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: AODH,
    key: `ALARM:aodh:${id}`,
    isActive,
    properties: draft.patch,
    lookups: resourceById(event),
  });
};

function describe(event: JsonObject, id: string): PropertyDraft {
  return (
    new PropertyDraft()
      .set('id', id)
      .text('project_id', event['project_id'], 'project_id')
      .text('description', event['description'], 'description')
      .scalar('enabled', event['enabled'], 'enabled')
      .scalar('repeat_actions', event['repeat_actions'], 'repeat_actions')
      .text('resource_id', event['resource_id'], 'resource_id')
      .text('event_type', event['event_type'], 'event_type')
      .text('state_timestamp', event['state_timestamp'], 'state_timestamp')
      // In a notification `type` may be the kind of change; only an alarm's own type is a property.
      .text('alarm_type', alarmType(event), 'type')
  );
}

function alarmType(event: JsonObject): string | undefined {
  const type = event['alarm_type'] ?? event['type'];
  switch (type) {
    case 'creation':
    case 'deletion':
    case 'rule change':
    case 'state transition':
    case '':
      return undefined;
    default:
      return typeof type === 'string' ? type : undefined;
  }
}

function deducedAlarm(sample: Sample, id: string, vitrageId: string): EntityEvent | ReturnType<typeof malformed> {
  const { event } = sample;
  const draft = new PropertyDraft()
    .set('id', id)
    .text('project_id', event['project_id'], 'project_id')
    .text('description', event['description'], 'description');
  if (draft.fault !== undefined) return draft.fault;
  const base = alarmEvent(sample, { type: AODH, key: `ALARM:aodh:${id}`, isActive: true, properties: draft.patch });
  const action = namesNeighbours(base.action) ? base.action : 'update-entity';
  return {
    ...base,
    action: action === 'create-entity' ? 'update-entity' : action,
    entity: { ...base.entity, vitrageId },
  };
}

function resourceById(event: JsonObject): readonly NeighbourLookup[] {
  const id = readId(event['resource_id']);
  return id === undefined ? NO_LOOKUPS : [{ where: { id }, label: 'on', direction: 'to-neighbour' }];
}

function updateTime(event: JsonObject): string | undefined {
  return normaliseTimestamp(event['state_timestamp']) ?? normaliseTimestamp(event['timestamp']);
}
