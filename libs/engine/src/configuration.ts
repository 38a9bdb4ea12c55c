import { DEFAULT_LIMITS, type JsonObject, type Limits, type Rejection } from '@wherefore/model';

/** Reads limits over those in force; every key must be known, every value a positive integer. */
export function readLimits(value: JsonObject, inForce: Limits): Limits | Rejection {
  const limits: { [name: string]: number } = { ...inForce };
  for (const name of Object.keys(value)) {
    if (!(name in DEFAULT_LIMITS)) {
      return invalid(name, `"${name}" is no limit`, `Limits are ${Object.keys(DEFAULT_LIMITS).join(', ')}.`);
    }
    const given = value[name];
    if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 1) {
      return invalid(name, `limit ${name} is ${JSON.stringify(given)}`, 'A limit is a positive whole number.');
    }
    limits[name] = given;
  }
  return limits as unknown as Limits;
}

function invalid(where: string, message: string, hint: string): Rejection {
  return { code: 'invalid-config', message, where, hint };
}
