import { WhereforeError, isJsonObject, type Json, type JsonObject, type Properties } from '@wherefore/model';

/** Whether an entity is wanted. */
export type EntityTest = (properties: Properties) => boolean;

const DEPTH_MAX = 50;

const COMPARISONS: { readonly [operator: string]: (order: number) => boolean } = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * Reads a query of Vitrage: `{"==": {"name": "x"}}` with `== != < <= > >=`, several fields meaning
 * all of them, and `and`, `or` over lists. It is JSON, as text or as it is. Throws `bad-request`.
 */
export function compileQuery(query: Json): EntityTest {
  return compile(typeof query === 'string' ? parsed(query) : query, 0);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badQuery(`the query is not JSON: ${(cause as Error).message}`);
  }
}

function compile(query: Json, depth: number): EntityTest {
  if (!isJsonObject(query)) throw badQuery(`the query has ${JSON.stringify(query)} in place of an object`);
  if (depth > DEPTH_MAX) throw badQuery(`the query is nested deeper than ${DEPTH_MAX} levels`);
  const tests = Object.keys(query).map((operator) => compileOne(operator, query[operator]!, depth));
  // As in Vitrage: a query that asks for nothing finds nothing.
  return tests.length === 0 ? () => false : (properties) => tests.every((test) => test(properties));
}

function compileOne(operator: string, operand: Json, depth: number): EntityTest {
  if (operator === 'and' || operator === 'or') {
    if (!Array.isArray(operand)) throw badQuery(`"${operator}" takes a list`);
    const tests = (operand as readonly Json[]).map((each) => compile(each, depth + 1));
    if (tests.length === 0) return () => false;
    return operator === 'and'
      ? (properties) => tests.every((test) => test(properties))
      : (properties) => tests.some((test) => test(properties));
  }
  if (!isJsonObject(operand)) throw badQuery(`"${operator}" takes an object of fields and values`);
  const test = fieldTest(operator);
  const fields = Object.keys(operand);
  if (fields.length === 0) return () => false;
  return (properties) => fields.every((field) => test(properties[field] ?? null, wantedOf(operand, field)));
}

function wantedOf(operand: JsonObject, field: string): Json {
  return operand[field] ?? null;
}

function fieldTest(operator: string): (actual: Json, wanted: Json) => boolean {
  if (operator === '==') return isSame;
  if (operator === '!=') return (actual, wanted) => !isSame(actual, wanted);
  const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (comparison === undefined) throw badQuery(`"${operator}" is no operator`);
  return (actual, wanted) => {
    const isComparable = typeof actual === typeof wanted && (typeof actual === 'string' || typeof actual === 'number');
    if (!isComparable) return false;
    return comparison(actual < wanted! ? -1 : actual > wanted! ? 1 : 0);
  };
}

function isSame(actual: Json, wanted: Json): boolean {
  return typeof actual === 'object' ? JSON.stringify(actual) === JSON.stringify(wanted) : actual === wanted;
}

function badQuery(message: string): WhereforeError {
  return new WhereforeError('bad-request', message, {
    hint: 'Operators are ==, !=, <, <=, >, >= over {field: value}, and and, or over lists of queries.',
  });
}
