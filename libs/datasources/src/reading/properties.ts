import { abridged, type Json, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';

/** Rejections are remembered, and may quote what they refuse: not all of it. */
const WHERE_CHARS_MAX = 200;
const MESSAGE_CHARS_MAX = 500;

/** The properties of an entity, or what was wrong with them. */
export interface Drafted {
  readonly patch: { readonly [name: string]: Json };
  readonly fault: Rejection | undefined;
}

/**
 * Collects the properties of one entity from the fields of an event.
 *
 * Absent fields stay absent from the patch; `null` stays `null`, which removes the property. The first
 * field of a wrong shape is remembered as `fault`, and the converter returns it instead of an event.
 */
export class PropertyDraft implements Drafted {
  readonly patch: Record<string, Json> = {};
  fault: Rejection | undefined = undefined;

  /** A text: numbers and booleans are written out, `null` removes, objects and lists are a fault. */
  text(property: string, value: Json | undefined, where: string): this {
    if (typeof value === 'string' || value === null) this.patch[property] = value;
    else if (value !== undefined) this.oddText(property, value, where);
    return this;
  }

  /** A value that may be a number or a boolean and keeps its kind. Objects and lists are a fault. */
  scalar(property: string, value: Json | undefined, where: string): this {
    if (value === undefined) return this;
    if (typeof value === 'object' && value !== null) this.blame(where, value);
    else this.patch[property] = value;
    return this;
  }

  /** A value that the converter itself made: needs no check. */
  set(property: string, value: Json | undefined): this {
    if (value !== undefined) this.patch[property] = value;
    return this;
  }

  /**
   * Every field of `fields` that is not kept for the graph or the converter: a source must not be able
   * to write `vitrage_id` or `state` by naming a field so.
   */
  others(fields: Json | undefined, where: string): this {
    if (fields === undefined || fields === null) return this;
    if (!isJsonObject(fields)) {
      this.blame(where, fields);
      return this;
    }
    for (const name of Object.keys(fields)) {
      if (!isReserved(name)) this.patch[name] = fields[name] as Json;
    }
    return this;
  }

  private oddText(property: string, value: Json, where: string): void {
    if (typeof value === 'object') this.blame(where, value);
    else this.patch[property] = String(value);
  }

  private blame(where: string, value: Json): void {
    this.fault ??= malformed(where, `${where} is ${kindOf(value)}, not a plain value.`);
  }
}

/** Names that only the graph and the converters write. */
function isReserved(name: string): boolean {
  switch (name) {
    case 'id':
    case 'name':
    case 'state':
    case 'update_timestamp':
    case 'is_marked_down':
    case 'is_real_vitrage_id':
    case 'graph_index':
    case '__proto__':
      return true;
    default:
      return name.startsWith('vitrage_');
  }
}

/** The rejection of an event whose field at `where` has the wrong shape. */
export function malformed(where: string, message: string): Rejection {
  return {
    code: 'malformed-event',
    message: abridged(message, MESSAGE_CHARS_MAX),
    where: abridged(where, WHERE_CHARS_MAX),
    hint: 'Compare the event with the table of datasources in libs/datasources/README.md.',
  };
}

/** The rejection of a time that is none: `given` at `where`, which should look like `form`. */
export function impossibleTime(where: string, given: unknown, form: string): Rejection {
  return {
    code: 'impossible-timestamp',
    message: `${where} is ${shown(given)}, which is no time.`,
    where,
    hint: `Write it as ${form}.`,
  };
}

/** A text in quotation marks, not all of a long one; of anything else its kind. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${abridged(value, WHERE_CHARS_MAX)}"` : kindOf(value as Json | undefined);
}

/** The rejection of an event that names no entity. */
export function missingId(where: string): Rejection {
  return {
    code: 'missing-id',
    message: `${abridged(where, WHERE_CHARS_MAX)} is missing, so the event names no entity.`,
    where: abridged(where, WHERE_CHARS_MAX),
    hint: 'Send the identifier that the source uses for the entity.',
  };
}

/** An identifier: a text, or a number written out. Undefined when there is none (empty text included). */
export function readId(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** The first of the two that is an identifier. */
export function readEitherId(first: Json | undefined, second: Json | undefined): string | undefined {
  return readId(first) ?? readId(second);
}

/** What JSON calls the kind of `value`, for messages. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The object at `name`, or undefined when there is none. */
export function readObject(event: JsonObject, name: string): JsonObject | undefined {
  const value = event[name];
  return isJsonObject(value) ? value : undefined;
}
