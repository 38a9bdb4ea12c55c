import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Json, JsonObject } from '@wherefore/model';
import type { Chance } from '../fuzz/chance';
import { stringsOf } from './regexStrings';

/** Where a value is a word that the reader knows, or a time: a dot in it means a dot. */
const WORDS =
  /^(vitrage_|type$|resource_type$|event_type$|time|.*_at$|.*[dD]ate|created$|updated|last|startsAt|endsAt)/;

/**
 * One of the specifications of what a driver hands on: JSON in which each text is a regular expression that
 * the value has to match. What is no expression, or would be no JSON text of its kind, is meant literally.
 */
export class Specification {
  private readonly content: JsonObject;

  constructor(sharedDir: string, kind: 'driver' | 'transformer' | 'vertices' | 'edges', name: string) {
    const folder = path.join(sharedDir, 'data/vitrage/mock_configurations', kind);
    this.content = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as JsonObject;
  }

  /** As it is written. */
  get literal(): JsonObject {
    return this.content;
  }

  /** A payload that the specification allows. */
  generate(chance: Chance): JsonObject {
    return generated(this.content, 'payload', chance) as JsonObject;
  }
}

function generated(value: Json, name: string, chance: Chance): Json {
  if (typeof value === 'string') return textFor(value, name, chance);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => generated(item, name, chance));
  const members = Object.entries(value as JsonObject);
  return Object.fromEntries(members.map(([key, member]) => [key, generated(member, key, chance)]));
}

function textFor(expression: string, name: string, chance: Chance): string {
  try {
    return stringsOf(expression, WORDS.test(name) ? 'as dots' : 'as anything')(chance);
  } catch {
    return expression;
  }
}

/** Whether a value is one that a specification allows. */
export function allows(specified: Json, value: Json): boolean {
  if (typeof specified === 'string') return typeof value === 'string' && matches(specified, value);
  if (typeof specified !== 'object' || specified === null) return specified === value;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(specified);
  return (
    keys.length === Object.keys(value).length &&
    keys.every((key) => allows((specified as JsonObject)[key]!, (value as JsonObject)[key] ?? null))
  );
}

function matches(expression: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`, 's').test(text);
  } catch {
    return expression === text;
  }
}
