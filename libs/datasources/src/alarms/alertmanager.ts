import { type Json, type JsonObject, isJsonObject, type Rejection } from '@wherefore/model';
import { driverEvent } from '../openstack/driverEvent';
import type { PollRow, PollRows } from '../openstack/restAnswer';
import { impossibleTime, kindOf, malformed } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { toEntityEvent } from '../toEntityEvent';
import { PROMETHEUS } from './prometheus';

/** Of an alert what does not change while it fires: Alertmanager moves its end with each evaluation. */
const ALERT_FIELDS = ['labels', 'annotations', 'startsAt', 'generatorURL'] as const;

/**
 * The resource that an alert with these labels is on, by the first rule whose labels it bears: property of the
 * resource to value of a label. `mapping` is a file in the format of Vitrage's `prometheus_conf.yaml`. Undefined
 * when there is no rule, or a label that it wants is missing.
 */
export function alertResource(labels: JsonObject, mapping: Json | undefined): JsonObject | undefined {
  const rules = isJsonObject(mapping) ? mapping['alerts'] : undefined;
  if (!Array.isArray(rules)) return undefined;
  for (const rule of rules as readonly Json[]) {
    if (!isJsonObject(rule) || !isJsonObject(rule['key']) || !isJsonObject(rule['resource'])) continue;
    const { key, resource } = rule as { key: JsonObject; resource: JsonObject };
    if (!Object.keys(key).every((label) => labels[label] === key[label])) continue;
    const properties = Object.entries(resource).map(([property, label]) => [property, labels[String(label)]]);
    const known = properties.filter(([, value]) => typeof value === 'string');
    return known.length === properties.length ? (Object.fromEntries(known) as JsonObject) : undefined;
  }
  return undefined;
}

/**
 * What Alertmanager answers to `GET /api/v2/alerts` as a poll of `prometheus`, taken at `at`. Every alert that it lists
 * is an alarm, silenced and inhibited ones included: they are told to nobody, and true all the same. Two alerts that
 * the mapping makes one alarm are one row, the last one. Rejections as `fromRestAnswer` gives them. Never throws.
 */
export function fromAlerts(body: Json, at: string, mapping: Json | undefined): PollRows | Rejection {
  const timestamp = normaliseTimestamp(at);
  if (timestamp === undefined) return impossibleTime('at', at, 'YYYY-MM-DDTHH:MM:SSZ');
  if (!Array.isArray(body)) return malformed('body', `body is ${kindOf(body)}, not a list: is this Alertmanager?`);
  const rows = new Map<string, PollRow>();
  const rejected: Rejection[] = [];
  for (const [index, alert] of (body as readonly Json[]).entries()) {
    const row = readAlert(alert, timestamp, mapping);
    if ('code' in row) rejected.push({ ...row, where: `[${index}]${row.where === undefined ? '' : `.${row.where}`}` });
    else rows.set(row.key, row);
  }
  return { datasource: PROMETHEUS, rows: [...rows.values()], rejected };
}

function readAlert(alert: Json, at: string, mapping: Json | undefined): PollRow | Rejection {
  if (!isJsonObject(alert)) return malformed('', `It is ${kindOf(alert)}, not an object.`);
  const labels = isJsonObject(alert['labels']) ? alert['labels'] : {};
  const resource = alertResource(labels, mapping);
  const event = {
    ...driverEvent({ datasource: PROMETHEUS, action: 'snapshot', at }, alert, ALERT_FIELDS),
    status: 'firing',
    ...(resource === undefined ? {} : { vitrage_entity_unique_props: resource }),
  };
  const meaning = toEntityEvent(event);
  return 'code' in meaning ? meaning : { key: meaning.entity.key, event };
}
