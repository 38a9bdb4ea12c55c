import { type Json, type JsonObject, isJsonObject, readJson } from '@wherefore/model';
import { AODH } from '../alarms/aodh';
import { missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { ALARM_FIELDS } from './sourceFields';

/**
 * `alarm.creation`, `.state_transition`, `.rule_change`, `.deletion`.
 *
 * Only a creation carries the alarm. A transition tells the new state and not the name, a rule change
 * tells what changed and not the state: these ask for a poll of Aodh as well. `project_id` is whoever made
 * the change, Aodh itself where it evaluated the alarm; the alarm is of the project `on_behalf_of`.
 */
export function readAodhNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  const id = readId(payload['alarm_id']);
  if (id === undefined) return missingId('payload.alarm_id');
  const detail = readDetail(payload);
  const frame: DriverFrame = { datasource: AODH, action: 'update', at: notice.at, eventType };
  if (eventType === 'alarm.deletion') return { events: [driverEvent(frame, { alarm_id: id }, ['alarm_id'])] };
  if (eventType === 'alarm.creation') return { events: [alarmRow(frame, { ...detail, alarm_id: id })] };
  if (typeof detail['state'] !== 'string') {
    return { ignored: `${eventType} does not tell whether the alarm is active`, poll: AODH };
  }
  const event: Record<string, Json> = { ...driverEvent(frame, payload, ['alarm_id']) };
  const project = payload['on_behalf_of'] ?? payload['project_id'];
  if (project !== undefined) event['project_id'] = project;
  // The evaluator tells the severity of the alarm, the API null.
  if (typeof payload['severity'] === 'string') event['severity'] = payload['severity'];
  event['state'] = detail['state'];
  if (payload['timestamp'] !== undefined) event['state_timestamp'] = payload['timestamp'];
  return { events: [event], poll: AODH };
}

/** An object in what Aodh's API sends, the text of one in what its evaluator sends. */
function readDetail(payload: JsonObject): JsonObject {
  const { detail } = payload;
  if (typeof detail !== 'string') return readObject(payload, 'detail') ?? {};
  const read = readJson(detail, 'payload.detail');
  return 'value' in read && isJsonObject(read.value) ? read.value : {};
}

/** A whole alarm as Aodh's API shows it, with what its rule says of the resource. */
export function alarmRow(frame: DriverFrame, alarm: JsonObject): JsonObject {
  const event: Record<string, Json> = { ...driverEvent(frame, alarm, ALARM_FIELDS) };
  if (typeof alarm['type'] === 'string') event['alarm_type'] = alarm['type'];
  const rule = readRule(alarm);
  if (rule === undefined) return event;
  const resource = readId(rule['resource_id']) ?? queried(rule, ['resource_id', 'instance_id']);
  if (resource !== undefined) event['resource_id'] = resource;
  const vitrageId = readId(rule['vitrage_id']) ?? queried(rule, ['vitrage_id']);
  if (vitrageId !== undefined) event['vitrage_id'] = vitrageId;
  if (typeof rule['event_type'] === 'string') event['event_type'] = rule['event_type'];
  return event;
}

/** `rule` for event alarms; `<type>_rule` in older answers. */
function readRule(alarm: JsonObject): JsonObject | undefined {
  const type = alarm['type'];
  return readObject(alarm, 'rule') ?? (typeof type === 'string' ? readObject(alarm, `${type}_rule`) : undefined);
}

/** The value that the rule's query wants one of the fields (or traits) to equal. */
function queried(rule: JsonObject, names: readonly string[]): string | undefined {
  const { query } = rule;
  if (!Array.isArray(query)) return undefined;
  for (const name of names) {
    for (const condition of query as readonly Json[]) {
      if (!isJsonObject(condition) || (condition['op'] !== undefined && condition['op'] !== 'eq')) continue;
      if (condition['field'] === name || condition['field'] === `traits.${name}`) return readId(condition['value']);
    }
  }
  return undefined;
}
