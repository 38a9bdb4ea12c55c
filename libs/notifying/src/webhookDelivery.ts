import { projectOf } from '@wherefore/answering';
import type { Json, JsonObject, Properties } from '@wherefore/model';
import type { Webhook } from '@wherefore/ports';
import { compileFilter } from './webhookFilter';

/** What happened to an alarm, as receivers are told. */
export interface AlarmNews {
  readonly kind: 'vitrage.alarm.activate' | 'vitrage.alarm.deactivate';
  readonly alarm: Properties;
  /** What the alarm is on, as it is now; absent when there is none. */
  readonly resource?: Properties;
}

/** What Vitrage lets out of an alarm, and of its resource. */
const RESOURCE_MEMBERS = [
  'vitrage_id',
  'id',
  'name',
  'vitrage_category',
  'update_timestamp',
  'vitrage_operational_state',
  'vitrage_type',
  'project_id',
  'vitrage_operational_severity',
];
const ALARM_MEMBERS = [...RESOURCE_MEMBERS, 'state'];

/**
 * What the webhook's receiver is sent about an alarm; `undefined` when nothing. One that a project
 * registered hears of that project's alarms only; one of an administrator of all. Every pattern of its
 * filter has to match; a property that is not there matches none. Pure.
 */
export function deliveryOf(webhook: Webhook, news: AlarmNews): JsonObject | undefined {
  if (!webhook.isAdmin && !isOf(webhook.projectId, news)) return undefined;
  if (!passes(webhook.filter, news.alarm)) return undefined;
  return { notification: news.kind, payload: payloadOf(news) };
}

/** Where the resource is known its project decides, as for lists. An alarm of nobody's is for administrators. */
function isOf(projectId: string, { alarm, resource }: AlarmNews): boolean {
  const owner = (resource === undefined ? undefined : projectOf(resource)) ?? projectOf(alarm);
  return owner !== undefined && owner === projectId;
}

function passes(filter: Webhook['filter'], alarm: Properties): boolean {
  return Object.entries(filter).every(([name, pattern]) => {
    const value = Object.hasOwn(alarm, name) ? alarm[name] : undefined;
    if (value === undefined || typeof value === 'object') return false;
    return compileFilter(pattern).matcher(String(value)).lookingAt();
  });
}

function payloadOf({ alarm, resource }: AlarmNews): JsonObject {
  const payload = chosen(alarm, ALARM_MEMBERS);
  return resource === undefined ? payload : { ...payload, resource: chosen(resource, RESOURCE_MEMBERS) };
}

function chosen(properties: Properties, names: readonly string[]): JsonObject {
  const found: { [name: string]: Json } = {};
  for (const name of names) {
    const value = properties[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
