import { type Json, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';

/** What the state of a resource comes to. */
export const RESOURCE_VALUES = ['N/A', 'OK', 'TRANSIENT', 'SUBOPTIMAL', 'ERROR', 'DELETED'] as const;
/** What the severity of an alarm comes to. */
export const ALARM_VALUES = ['N/A', 'OK', 'WARNING', 'SEVERE', 'CRITICAL'] as const;

/** What a state or severity comes to, across all datasources. */
export type OperationalValue = (typeof RESOURCE_VALUES)[number] | (typeof ALARM_VALUES)[number];

/** What the words of one type mean. Of two values of one entity the one with the higher priority counts. */
export interface ValueTable {
  readonly category: 'RESOURCE' | 'ALARM';
  readonly values: readonly ValueRank[];
}

/** Words of one priority. */
export interface ValueRank {
  readonly priority: number;
  readonly names: readonly { readonly name: string; readonly operational: OperationalValue }[];
}

const HINT = 'See libs/datasources/README.md, or the files in etc/datasources_values of Vitrage.';

/**
 * Reads the content of one file in Vitrage's format (`category`, `values: [aggregated values: {priority,
 * original values: [{name, operational_value}]}]`). Scalars may be text, as YAML without a schema gives.
 *
 * Rejects, with `invalid-config` and the path of the fault, what has another shape, a priority that is
 * no positive whole number, an operational value that the category does not have, and a name that
 * occurs twice (whatever the case of its letters). O(names).
 */
export function parseValueTable(content: JsonObject): ValueTable | Rejection {
  if (!isJsonObject(content)) return invalid('', 'A value table must be an object.');
  const { category, values } = content;
  if (category !== 'RESOURCE' && category !== 'ALARM') {
    return invalid('category', `category is ${shown(category)}, not RESOURCE or ALARM.`);
  }
  if (!Array.isArray(values)) return invalid('values', `values is ${shown(values)}, not a list.`);
  const ranks: ValueRank[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of (values as readonly Json[]).entries()) {
    const path = `values[${index}]`;
    const rank = isJsonObject(entry) ? readRank(entry['aggregated values'], category, seen, path) : undefined;
    if (rank === undefined) return invalid(path, `${path} is ${shown(entry)}, not an object.`);
    if ('code' in rank) return rank;
    ranks.push(rank);
  }
  return { category, values: ranks };
}

function readRank(
  aggregated: Json | undefined,
  category: 'RESOURCE' | 'ALARM',
  seen: Set<string>,
  parent: string,
): ValueRank | Rejection {
  const path = `${parent}.aggregated values`;
  if (!isJsonObject(aggregated)) return invalid(path, `${path} is ${shown(aggregated)}, not an object.`);
  const priority = readPriority(aggregated['priority']);
  if (priority === undefined) {
    return invalid(`${path}.priority`, `priority is ${shown(aggregated['priority'])}, not a positive whole number.`);
  }
  const originals = aggregated['original values'];
  const listPath = `${path}.original values`;
  if (!Array.isArray(originals)) return invalid(listPath, `original values is ${shown(originals)}, not a list.`);
  const names: ValueRank['names'][number][] = [];
  for (const [index, original] of (originals as readonly Json[]).entries()) {
    const name = readName(original, category, seen, `${listPath}[${index}]`);
    if ('code' in name) return name;
    names.push(name);
  }
  return { priority, names };
}

function readName(
  original: Json,
  category: 'RESOURCE' | 'ALARM',
  seen: Set<string>,
  path: string,
): ValueRank['names'][number] | Rejection {
  if (!isJsonObject(original)) return invalid(path, `${path} is ${shown(original)}, not an object.`);
  const { name } = original;
  if (typeof name !== 'string' || name === '') return invalid(`${path}.name`, `name is ${shown(name)}, not a text.`);
  const upper = name.toUpperCase();
  if (seen.has(upper)) return invalid(`${path}.name`, `"${name}" occurs twice.`);
  seen.add(upper);
  const allowed: readonly OperationalValue[] = category === 'RESOURCE' ? RESOURCE_VALUES : ALARM_VALUES;
  const operational = allowed.find((value) => value === original['operational_value']);
  if (operational === undefined) {
    const given = shown(original['operational_value']);
    return invalid(`${path}.operational_value`, `operational_value is ${given}, not one of ${allowed.join(', ')}.`);
  }
  return { name, operational };
}

function readPriority(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : `"${value}"`;
}

function invalid(where: string, message: string): Rejection {
  return { code: 'invalid-config', message, ...(where === '' ? {} : { where }), hint: HINT };
}
