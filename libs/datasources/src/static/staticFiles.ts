import { type Json, type JsonObject, isJsonObject, type Rejection } from '@wherefore/model';
import { parse } from 'yaml';
import { driverEvent } from '../openstack/driverEvent';
import type { PollRow, PollRows } from '../openstack/restAnswer';
import { impossibleTime, kindOf, malformed, readId, shown } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { toEntityEvent } from '../toEntityEvent';
import { STATIC } from './staticEntity';

/** One file of entities and relationships that an operator wrote. */
export interface StaticFile {
  /** For messages. */
  readonly name: string;
  /** YAML, in Vitrage's format of static datasources. */
  readonly text: string;
}

/** What of a definition is no free-form property. */
const OWN_FIELDS = new Set(['static_id', 'type', 'id', 'name', 'state', 'category']);

/**
 * Files of one folder as a poll of `static`, read at `at`. A `static_id` is known within its file, an entity that
 * several files define is one: its properties and relationships are those of all of them, of what they say
 * differently the last one counts. A file with a mistake is in `rejected` with its name and place, and then
 * nothing is taken away. Never throws. O(files).
 */
export function fromStaticFiles(files: readonly StaticFile[], at: string): PollRows | Rejection {
  const timestamp = normaliseTimestamp(at);
  if (timestamp === undefined) return impossibleTime('at', at, 'YYYY-MM-DDTHH:MM:SSZ');
  const rows = new Map<string, PollRow>();
  const rejected: Rejection[] = [];
  for (const file of files) {
    const read = readFile(file, timestamp);
    if ('code' in read) {
      rejected.push(read);
      continue;
    }
    for (const { key, event } of read) rows.set(key, { key, event: joined(rows.get(key)?.event, event) });
  }
  return { datasource: STATIC, rows: [...rows.values()], rejected };
}

function readFile({ name, text }: StaticFile, at: string): PollRow[] | Rejection {
  const content = parsed(name, text);
  if ('code' in content) return content as unknown as Rejection;
  const definitions = content['definitions'];
  if (!isJsonObject(definitions)) return malformed(name, `${name} has no definitions.`);
  const entities = readEntities(name, definitions['entities']);
  if ('code' in entities) return entities;
  const fault = readRelationships(name, definitions['relationships'], entities.byStaticId);
  if (fault !== undefined) return fault;
  const rows: PollRow[] = [];
  for (const { fields, relationships } of entities.byStaticId.values()) {
    const others = Object.entries(fields).filter(([field]) => !OWN_FIELDS.has(field));
    const event = {
      ...driverEvent({ datasource: STATIC, action: 'snapshot', at }, fields, [...OWN_FIELDS]),
      metadata: Object.fromEntries(others) as JsonObject,
      relationships,
    };
    const meaning = toEntityEvent(event);
    if ('code' in meaning) return { ...meaning, message: `${name}: ${meaning.message}`, where: name };
    rows.push({ key: meaning.entity.key, event });
  }
  return rows;
}

function parsed(name: string, text: string): JsonObject | Rejection {
  let content: Json;
  try {
    // Ids are texts, whatever they look like.
    content = parse(text, { schema: 'failsafe', maxAliasCount: 100 }) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    return malformed(name, `${name} is not YAML: ${reason}`);
  }
  return isJsonObject(content) ? content : malformed(name, `${name} is ${kindOf(content)}, not a mapping.`);
}

interface Defined {
  readonly fields: JsonObject;
  readonly relationships: JsonObject[];
}

function readEntities(name: string, list: Json | undefined): { readonly byStaticId: Map<string, Defined> } | Rejection {
  if (!Array.isArray(list)) return malformed(name, `${name}: entities is ${kindOf(list)}, not a list.`);
  const byStaticId = new Map<string, Defined>();
  for (const [index, fields] of (list as readonly Json[]).entries()) {
    const path = `definitions.entities[${index}]`;
    if (!isJsonObject(fields)) return malformed(name, `${name}: ${path} is ${kindOf(fields)}, not a mapping.`);
    const staticId = readId(fields['static_id']);
    if (staticId === undefined) return malformed(name, `${name}: ${path} has no static_id.`);
    if (byStaticId.has(staticId))
      return malformed(name, `${name}: ${path}: static_id ${shown(staticId)} is there twice.`);
    for (const field of ['type', 'id']) {
      if (readId(fields[field]) === undefined) return malformed(name, `${name}: ${path} has no ${field}.`);
    }
    byStaticId.set(staticId, { fields, relationships: [] });
  }
  return { byStaticId };
}

/** Gives each relationship to both of its ends, with the other end described. */
function readRelationships(
  name: string,
  list: Json | undefined,
  byStaticId: ReadonlyMap<string, Defined>,
): Rejection | undefined {
  if (list === undefined || list === null || list === '') return undefined;
  if (!Array.isArray(list)) return malformed(name, `${name}: relationships is ${kindOf(list)}, not a list.`);
  for (const [index, relationship] of (list as readonly Json[]).entries()) {
    const path = `definitions.relationships[${index}]`;
    if (!isJsonObject(relationship))
      return malformed(name, `${name}: ${path} is ${kindOf(relationship)}, not a mapping.`);
    const { source, target, relationship_type } = relationship;
    if (readId(relationship_type) === undefined) return malformed(name, `${name}: ${path} has no relationship_type.`);
    const from = byStaticId.get(String(source));
    const to = byStaticId.get(String(target));
    if (from === undefined || to === undefined) {
      const [end, value] = from === undefined ? ['source', source] : ['target', target];
      return malformed(name, `${name}: ${path}.${end} is ${shown(value)}, which is no static_id of this file.`);
    }
    from.relationships.push({ source: source!, target: described(to), relationship_type: relationship_type! });
    if (from !== to)
      to.relationships.push({ source: described(from), target: target!, relationship_type: relationship_type! });
  }
  return undefined;
}

/** Without its static_id, which another file may give to another entity. */
function described({ fields }: Defined): JsonObject {
  const { static_id: _, ...others } = fields;
  return others;
}

/** What two files say of one entity. */
function joined(before: JsonObject | undefined, event: JsonObject): JsonObject {
  if (before === undefined) return event;
  return {
    ...before,
    ...event,
    metadata: { ...(before['metadata'] as JsonObject), ...(event['metadata'] as JsonObject) },
    relationships: [...(before['relationships'] as Json[]), ...(event['relationships'] as Json[])],
  };
}
