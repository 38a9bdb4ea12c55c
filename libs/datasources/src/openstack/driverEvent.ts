import type { Json, JsonObject } from '@wherefore/model';
import { TOLD_BY } from '../reading/entity';

/** The fields of an event that say what it is; the source's own fields come beside them. */
export interface DriverFrame {
  readonly datasource: string;
  readonly action: 'snapshot' | 'update';
  /** Normalised. */
  readonly at: string;
  /** The notification's type, or a graph action. */
  readonly eventType?: string;
}

/**
 * A driver-shaped event with only those of the source's fields that are there and that are named: a
 * message of 4 kB becomes an entry of some 400 bytes, and what does not matter does not look like a change.
 */
export function driverEvent(frame: DriverFrame, source: JsonObject, fields: readonly string[]): JsonObject {
  const event: Record<string, Json> = {
    vitrage_entity_type: frame.datasource,
    vitrage_datasource_action: frame.action,
    vitrage_sample_date: frame.at,
    [TOLD_BY]: frame.action === 'update' ? 'bus' : 'api',
  };
  if (frame.eventType !== undefined) event['vitrage_event_type'] = frame.eventType;
  copyFields(source, fields, event);
  return event;
}

/** The named fields of `source`, those that are there. */
export function pickFields(source: JsonObject, fields: readonly string[]): JsonObject {
  const picked: Record<string, Json> = {};
  copyFields(source, fields, picked);
  return picked;
}

/** The named fields of every object in a list; what is no object is left out. Undefined for no list. */
export function pickFromEach(list: Json | undefined, fields: readonly string[]): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  const picked: JsonObject[] = [];
  for (const item of list as readonly Json[]) {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      picked.push(pickFields(item as JsonObject, fields));
    }
  }
  return picked;
}

function copyFields(source: JsonObject, fields: readonly string[], into: Record<string, Json>): void {
  for (const field of fields) {
    const value = source[field];
    if (value !== undefined) into[field] = value;
  }
}
