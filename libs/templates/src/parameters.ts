import type { Json, JsonObject } from '@wherefore/model';
import { isJsonObject } from '@wherefore/model';
import { member, objectMember, textMember } from './content';
import type { Finding, Path } from './fault';

/** The actual values of a template's parameters. */
export type ParameterValues = { readonly [name: string]: string };

/** Content with its parameters put in. */
export interface Resolution {
  /** Calls that could not be resolved stay as written. */
  readonly content: JsonObject;
  /** The first call that could not be resolved, faulty calls before missing values. */
  readonly finding: Finding | undefined;
}

/**
 * Puts the values of parameters in the place of every `get_param(name)`: the actual value, else the
 * default. Actual values without a definition are ignored, and so are definitions without a use.
 * The `parameters` section is left as it is. O(content).
 */
export function resolveParameters(content: JsonObject, version: string, values: ParameterValues): Resolution {
  const faulty: Finding[] = [];
  const missing: Finding[] = [];
  const definitions = objectMember(content, 'parameters');

  const resolveText = (text: string, path: Path): string => {
    if (!/^\s*get_param\s*\(/.test(text)) return text;
    if (version === '1') {
      faulty.push({ code: 160, path, hint: 'Set metadata.version to 2.' });
      return text;
    }
    const name = /^\s*get_param\s*\(\s*([^\s(),]+)\s*\)\s*$/.exec(text)?.[1];
    if (name === undefined) {
      faulty.push({ code: 162, path, detail: text, hint: 'Write get_param(name) and nothing else.' });
      return text;
    }
    const definition = member(definitions, name);
    if (definition === undefined) {
      faulty.push({ code: 161, path, detail: name, hint: `Add ${name} to the parameters section.` });
      return text;
    }
    const value =
      textMember(values, name) ?? (isJsonObject(definition) ? textMember(definition, 'default') : undefined);
    if (value === undefined) {
      missing.push({ code: 163, path, detail: name, hint: 'Give the parameter a value or a default.' });
    }
    return value ?? text;
  };

  const resolve = (value: Json, path: Path): Json => {
    if (typeof value === 'string') return resolveText(value, path);
    if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => resolve(item, [...path, index]));
    return isJsonObject(value) ? resolveObject(value, path) : value;
  };
  const resolveObject = (object: JsonObject, path: Path): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([key, item]) => {
        const isDefinitions = path.length === 0 && key === 'parameters';
        return [key, isDefinitions ? item : resolve(item, [...path, key])];
      }),
    );

  const resolved = resolveObject(content, []);
  return { content: resolved, finding: faulty[0] ?? missing[0] };
}
