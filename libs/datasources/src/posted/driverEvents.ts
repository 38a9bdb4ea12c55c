import { abridged, isJsonObject, type Json, type JsonObject, type Rejection } from '@wherefore/model';
import { alertResource } from '../alarms/alertmanager';
import { normaliseTimestamp } from '../reading/timestamp';

/** What an event post comes to: driver-shaped events, or why it is none. */
export type PostedEvents = { readonly events: readonly JsonObject[] } | Rejection;

const PROMETHEUS_TYPE = 'prometheus.alarm';
const SHOWN_CHARS_MAX = 200;
const DRIVER_TYPES = ['zabbix', 'collectd', 'kapacitor'];

/** What is known of a post beside its body. */
export interface PostContext {
  /** `User-Agent` of the request; empty when absent. */
  readonly userAgent: string;
  /** Now, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly nowText: string;
  /** Configuration of the datasources, as the log holds it. */
  readonly datasources: JsonObject;
}

/**
 * Turns the body of an event post into driver-shaped events. Takes Vitrage's `{type, time, details}`,
 * a bare body of Alertmanager, and driver-shaped events, one or a list.
 */
export function driverEvents(body: Json | undefined, context: PostContext): PostedEvents {
  const items = Array.isArray(body) ? (body as readonly Json[]) : undefined;
  if (items !== undefined) return driverList(items, context);
  if (!isJsonObject(body)) return malformed('body', 'the body is no JSON object');
  if ('vitrage_entity_type' in body) return { events: [complete(body, context)] };
  const isAlertmanager = context.userAgent.startsWith('Alertmanager');
  const type = body['type'] ?? (isAlertmanager ? PROMETHEUS_TYPE : undefined);
  if (typeof type !== 'string' || type === '') {
    return malformed('type', `type is ${shown(type)}, not a text`);
  }
  const details = body['details'] ?? body;
  if (!isJsonObject(details)) return malformed('details', 'details is no JSON object');
  const time = body['time'];
  if (time !== undefined && time !== null && typeof time !== 'string') {
    return {
      code: 'impossible-timestamp',
      message: `time is ${shown(time)}, not a text`,
      where: 'time',
      hint: 'Write it as YYYY-MM-DDTHH:MM:SSZ, or leave it out.',
    };
  }
  return typedEvents(type, details, time ?? undefined, context);
}

function driverList(items: readonly Json[], context: PostContext): PostedEvents {
  const stranger = items.findIndex((item) => !isJsonObject(item) || !('vitrage_entity_type' in item));
  if (items.length === 0 || stranger >= 0) {
    return malformed(items.length === 0 ? 'body' : `[${stranger}]`, 'a list holds driver-shaped events, at least one');
  }
  return { events: items.map((item) => complete(item as JsonObject, context)) };
}

function complete(event: JsonObject, { nowText }: PostContext): JsonObject {
  return { vitrage_datasource_action: 'update', vitrage_sample_date: nowText, ...event };
}

function typedEvents(type: string, details: JsonObject, time: string | undefined, context: PostContext): PostedEvents {
  const sampled = time ?? context.nowText;
  const frame = { vitrage_datasource_action: 'update', vitrage_sample_date: sampled };
  if (type === PROMETHEUS_TYPE) return alerts(details, { ...frame, vitrage_event_type: type }, context.datasources);
  const { status } = details;
  if (status === 'up' || status === 'down' || /^compute\.host\.(down|up)$/.test(type)) {
    const eventType = `vitrage.custom.event.${String(status)}`;
    // Vitrage shows the time of the post, to the second, among what the monitor said.
    const normalised = normaliseTimestamp(sampled);
    const stamped = normalised === undefined ? details : { ...details, time: `${normalised.slice(0, 19)}Z` };
    const own = { vitrage_entity_type: 'doctor', vitrage_event_type: eventType, type, time: sampled, details: stamped };
    return { events: [{ ...frame, ...own }] };
  }
  const driver = DRIVER_TYPES.find((name) => type.startsWith(`${name}.alarm.`));
  if (driver !== undefined) {
    return { events: [{ ...details, ...frame, vitrage_entity_type: driver, vitrage_event_type: type }] };
  }
  return {
    code: 'unknown-datasource',
    message: `no datasource takes events of type ${shown(type)}`,
    where: 'type',
    hint:
      'Known are prometheus.alarm, zabbix.alarm.*, collectd.alarm.*, kapacitor.alarm.*, any type with ' +
      'details.status up or down, and driver-shaped events with vitrage_entity_type.',
  };
}

/** One event an alert, each with the properties of its resource. */
function alerts(details: JsonObject, frame: JsonObject, datasources: JsonObject): PostedEvents {
  const list = details['alerts'];
  if (!Array.isArray(list) || list.length === 0) {
    return malformed('details.alerts', 'alerts is no list with at least one alert');
  }
  const events: JsonObject[] = [];
  for (const [i, alert] of (list as readonly Json[]).entries()) {
    if (!isJsonObject(alert)) return malformed(`details.alerts[${i}]`, 'an alert is a JSON object');
    const labels = isJsonObject(alert['labels']) ? alert['labels'] : {};
    const resource = alertResource(labels, datasources['prometheus']);
    const unique = resource === undefined ? {} : { vitrage_entity_unique_props: resource };
    events.push({ ...alert, ...frame, vitrage_entity_type: 'prometheus', ...unique });
  }
  return { events };
}

/** As JSON, and not all of it where it is long: a rejection is kept. */
function shown(value: Json | undefined): string {
  return value === undefined ? 'missing' : abridged(JSON.stringify(value), SHOWN_CHARS_MAX);
}

function malformed(where: string, message: string): Rejection {
  const hint =
    'Send {"type": "compute.host.down", "time": "2026-11-21T17:26:00Z", "details": {…}}, or driver-shaped events.';
  return { code: 'malformed-event', message, where, hint };
}
