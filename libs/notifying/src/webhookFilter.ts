import { RE2JS } from 're2js';

/** Compiled patterns by their text: webhooks are few, and alarms many. */
const compiled = new Map<string, RE2JS>();
const COMPILED_MAX = 10_000;

/**
 * A pattern as a filter applies it: from the beginning of a text, letters in either case. In the syntax of RE2, which
 * takes linear time. Throws an `Error` that says what is wrong.
 */
export function compileFilter(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const filter = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(pattern, filter);
  return filter;
}
