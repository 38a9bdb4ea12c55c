import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';

// Templates are content: JSON whose scalars are all strings. These readers see own properties only,
// so that an entity called `constructor` is an entity like any other.

/** The member of that name; undefined when there is none. */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The text of that name; undefined when there is none or it is no text. */
export function textMember(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** The object of that name; an empty one when there is none or it is none. */
export function objectMember(object: JsonObject, key: string): JsonObject {
  const value = member(object, key);
  return isJsonObject(value) ? value : {};
}

/** The objects of the list of that name; empty when there is no list. */
export function listMember(object: JsonObject, key: string): readonly JsonObject[] {
  const value = member(object, key);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The members that are text, in the order written. */
export function textEntries(object: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

/** A copy without that member. */
export function withoutMember(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
