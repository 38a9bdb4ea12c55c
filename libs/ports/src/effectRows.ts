import type { Effect, Json, Properties } from '@wherefore/model';

/** The name under which an alarm is found. Empty when it has none. */
export function alarmName(properties: Properties): string {
  return text(properties['name']);
}

/** Operational severity if the engine set one, else the source's. Empty when it has none. */
export function alarmSeverity(properties: Properties): string {
  return text(properties['vitrage_operational_severity']) || text(properties['severity']);
}

const PROJECT_CHARS_MAX = 255;

/** The project that an alarm's own properties name: that of its resource before its own. Empty when they name none. */
export function alarmProject(properties: Properties): string {
  const project = text(properties['vitrage_resource_project_id']) || text(properties['project_id']);
  return project.slice(0, PROJECT_CHARS_MAX);
}

/**
 * What a change row says beyond the kind of the effect and its entity. One place, so that every
 * adapter tells the same story. Properties are left out where an alarm's own row holds them.
 */
export function describeChange(effect: Effect): Json {
  switch (effect.kind) {
    case 'alarm-changed':
    case 'resource-changed':
      return effect.changes as unknown as Json;
    case 'resource-appeared':
    case 'resource-gone':
    case 'mark-down-set':
    case 'mark-down-cleared':
      return nameOf(effect.properties);
    case 'template-added':
    case 'template-deleted':
    case 'template-suspended':
      return { name: effect.name, detail: effect.detail };
    case 'external-action':
      return { workflow: effect.workflow, input: effect.input };
    default:
      return null;
  }
}

function nameOf(properties: Properties): Json {
  const named: Record<string, Json> = {};
  for (const key of ['name', 'vitrage_type']) {
    const value = properties[key];
    if (value !== undefined) named[key] = value;
  }
  return named;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
