import { compareCodeUnits, type Json, type JsonObject } from './json';
import { Mixer } from './digest';

/**
 * What tells a row of a poll from another: the driver event without its sample date, whatever the order
 * of its members. A driver that meets the same hash again may send `seen` instead of the row.
 *
 * 16 hexadecimal digits: `digestText` of the canonical JSON, mixed as it is walked, for this is done for
 * every row of every poll and the text itself is of no use to anybody. O(size of the event).
 */
export function rowHash(event: JsonObject): string {
  mixer.openText(1);
  mixMembers(event, SAMPLE_DATE);
  return mixer.closeText();
}

const SAMPLE_DATE = 'vitrage_sample_date';

const mixer = new Mixer();

function mixValue(value: Json): void {
  if (typeof value === 'string') mixText(value);
  else if (typeof value !== 'object' || value === null) mixer.part(String(JSON.stringify(value)));
  else if (Array.isArray(value)) mixList(value as readonly Json[]);
  else mixMembers(value as JsonObject, undefined);
}

function mixList(list: readonly Json[]): void {
  mixer.part('[');
  for (let i = 0; i < list.length; i++) {
    if (i > 0) mixer.part(',');
    mixValue(list[i]!);
  }
  mixer.part(']');
}

function mixMembers(object: JsonObject, left: string | undefined): void {
  let before = '{';
  const { names, labels } = shapeOf(Object.keys(object));
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name === left) continue;
    mixer.part(before).part(labels[i]!);
    mixValue(object[name]!);
    before = ',';
  }
  mixer.part(before === '{' ? '{}' : '}');
}

/** A string as JSON writes it. Only those that need an escape are written out for it. */
function mixText(text: string): void {
  if (NEEDS_ESCAPE.test(text)) mixer.part(JSON.stringify(text));
  else mixer.part('"').part(text).part('"');
}

// Control characters, quotes, backslashes, and surrogates, which JSON escapes when they stand alone.
const NEEDS_ESCAPE = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** The names of an object in order, each with the text that stands before its value. */
interface Shape {
  readonly given: readonly string[];
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** Rows of one kind have the same names in the same order: sorting them once is enough. Bounded; a cache only. */
const shapesByCount = new Map<number, Shape[]>();
const SHAPES_OF_COUNT_MAX = 8;
const NAMES_MAX = 64;

function shapeOf(given: readonly string[]): Shape {
  let shapes = shapesByCount.get(given.length);
  if (shapes !== undefined) for (const shape of shapes) if (isSame(shape.given, given)) return shape;
  const names = [...given].sort(compareCodeUnits);
  const shape = { given, names, labels: names.map((name) => `${JSON.stringify(name)}:`) };
  if (given.length > NAMES_MAX) return shape;
  if (shapes === undefined) shapesByCount.set(given.length, (shapes = []));
  if (shapes.unshift(shape) > SHAPES_OF_COUNT_MAX) shapes.pop();
  return shape;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
