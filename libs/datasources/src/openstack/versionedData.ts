import { type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { kindOf, malformed } from '../reading/properties';

/** Where Nova's versioned notifications have their fields. */
export const VERSIONED_DATA = 'nova_object.data';

/** The fields of a versioned notification; undefined when the payload has none. */
export function versionedData(payload: JsonObject): JsonObject | undefined {
  const data = payload[VERSIONED_DATA];
  return isJsonObject(data) ? data : undefined;
}

/** The rejection of a versioned notification without fields. */
export function noVersionedData(payload: JsonObject): Rejection {
  const what = `${VERSIONED_DATA} is ${kindOf(payload[VERSIONED_DATA])}, not an object.`;
  return malformed(`payload.${VERSIONED_DATA}`, what);
}
