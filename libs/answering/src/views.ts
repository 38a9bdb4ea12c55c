import type { AlarmView, ListedResource, PlacedEntity, ResourceView } from '@wherefore/contract';
import { compareCodeUnits, type Json, type Properties } from '@wherefore/model';

/** UTC ISO 8601 of Unix milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** An entity by what tells it from others. */
export function placedEntity(properties: Properties): PlacedEntity {
  return {
    vitrageId: textOf(properties['vitrage_id']) ?? '',
    category: properties['vitrage_category'] === 'ALARM' ? 'ALARM' : 'RESOURCE',
    type: textOf(properties['vitrage_type']) ?? '',
    ...optional('id', properties['id']),
    ...optional('name', properties['name']),
  };
}

/** A resource as answers show it. */
export function resourceView(properties: Properties): ResourceView {
  return {
    ...placedEntity(properties),
    ...optional('state', properties['state']),
    ...optional('aggregatedState', properties['vitrage_aggregated_state']),
    ...optional('operationalState', properties['vitrage_operational_state']),
    isMarkedDown: properties['is_marked_down'] === true,
    ...optional('reason', properties['status_reason']),
    ...optional('projectId', properties['project_id']),
    ...optional('host', properties['host_id'] ?? properties['host']),
  };
}

/** A resource as it is listed, with the server that it is attached to, if it is a port. */
export function listedResource(properties: Properties, server: string | undefined): ListedResource {
  const { size, attachments } = properties;
  return {
    ...resourceView(properties),
    ...(server === undefined ? {} : { server }),
    ...(typeof size === 'number' ? { size } : {}),
    ...(Array.isArray(attachments) ? { attachments: (attachments as readonly Json[]).map(String) } : {}),
  };
}

/** An alarm as answers show it; `since` is when the entry that raised it was taken in. */
export function alarmView(properties: Properties, resources: readonly Properties[], since: string): AlarmView {
  const [resource] = resources;
  return {
    ...placedEntity(properties),
    // Of some alarms nothing but the id was told.
    name: textOf(properties['name']) ?? textOf(properties['id']) ?? '',
    ...optional('severity', properties['severity']),
    operationalSeverity: textOf(properties['vitrage_operational_severity']) ?? 'N/A',
    state: textOf(properties['state']) ?? 'Active',
    since,
    ...(resource === undefined ? {} : { resource: resourceView(resource) }),
    ...optional('projectId', properties['project_id'] ?? properties['vitrage_resource_project_id']),
  };
}

const SEVERITY_RANKS: { readonly [severity: string]: number } = { CRITICAL: 4, SEVERE: 3, WARNING: 2, OK: 1 };

/** The worst first, then by name, then by resource; ties by id, so that the order is always the same. */
export function compareAlarms(a: AlarmView, b: AlarmView): number {
  const rank = (alarm: AlarmView) => SEVERITY_RANKS[alarm.operationalSeverity] ?? 0;
  return (
    rank(b) - rank(a) ||
    compareCodeUnits(a.name, b.name) ||
    compareCodeUnits(placeName(a), placeName(b)) ||
    compareCodeUnits(a.vitrageId, b.vitrageId)
  );
}

/** By type, then id. */
export function compareResources(a: ResourceView, b: ResourceView): number {
  return (
    compareCodeUnits(a.type, b.type) ||
    compareCodeUnits(a.id ?? '', b.id ?? '') ||
    compareCodeUnits(a.vitrageId, b.vitrageId)
  );
}

/** Name of the resource that an alarm is on; its id where it has no name; empty where there is none. */
export function placeName({ resource }: AlarmView): string {
  const name = resource?.name ?? '';
  return name === '' ? (resource?.id ?? '') : name;
}

/** A property as text; `undefined` when it is absent or nested. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function optional<K extends string>(key: K, value: Json | undefined): { readonly [key in K]?: string } {
  const text = textOf(value);
  return (text === undefined ? {} : { [key]: text }) as { readonly [key in K]?: string };
}
