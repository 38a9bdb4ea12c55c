import type { ActiveAlarm } from '@wherefore/answering';
import { WhereforeError, compareCodeUnits, type Json, type JsonObject } from '@wherefore/model';
import type { AlarmRecord } from '@wherefore/ports';

/** How a client wants a list of alarms. */
export interface ListQuestion {
  readonly limit: number | undefined;
  readonly sortBy: readonly string[];
  readonly sortDirs: readonly string[];
  readonly filterBy: readonly string[];
  readonly filterVals: readonly string[];
  readonly marker: string | undefined;
  readonly isNextPage: boolean;
}

const LIMIT_MAX = 10_000;
/** A page of less than this part of a list is found without sorting the whole. */
const FEW = 16;
/** How Vitrage's database writes an end that is still to come. */
const NO_END = '2222-02-22 22:22:22+00:00';

/** An active alarm as Vitrage lists it. */
export function activeAlarm({ properties, since }: Pick<ActiveAlarm, 'properties' | 'since'>): JsonObject {
  return { ...properties, start_timestamp: databaseTime(since) };
}

/** An alarm of the history as Vitrage lists it. */
export function recordedAlarm({ properties, startedAtMs, endedAtMs }: AlarmRecord): JsonObject {
  const started = {
    ...properties,
    // As in Vitrage's database, where an alarm that ended stands as it was while it held.
    vitrage_is_deleted: false,
    start_timestamp: databaseTime(new Date(startedAtMs).toISOString()),
  };
  if (endedAtMs === null) return started;
  return {
    ...started,
    state: 'Inactive',
    end_timestamp: databaseTime(new Date(endedAtMs).toISOString()),
    vitrage_operational_severity: 'OK',
  };
}

/** Alarms come in bursts: the times of a list are few. */
let lastTime = { iso: '', text: '' };

/** `2018-06-11 08:43:33+00:00`: how Vitrage's database writes a time. */
export function databaseTime(iso: string): string {
  if (lastTime.iso !== iso) lastTime = { iso, text: writeTime(iso) };
  return lastTime.text;
}

function writeTime(iso: string): string {
  const fraction = iso.slice(19, -1);
  const micros = fraction === '' || fraction === '.000' ? '' : fraction.padEnd(7, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${micros}+00:00`;
}

/** How a field of an alarm is read, by its name in the list. */
export type FieldOf<T> = (alarm: T, field: string) => Json | undefined;

/** Of an active alarm, before it is written out. */
export const fieldOfActive: FieldOf<ActiveAlarm> = ({ properties, since }, field) =>
  field === 'start_timestamp' ? databaseTime(since) : properties[field];

/** Of an alarm that is written out. */
export const fieldOfListed: FieldOf<JsonObject> = (alarm, field) => alarm[field];

/** Which of two places comes first. */
type Sorting = (a: number, b: number) => number;

/** Filters, sorts and cuts a list as Vitrage does. Throws `bad-request`. O(n log n), and nothing is copied. */
export function pageOf<T>(alarms: readonly T[], question: ListQuestion, fieldOf: FieldOf<T>): T[] {
  const { marker, isNextPage } = question;
  const chosen = filtered(alarms, question, fieldOf);
  const max = lengthOf(question, chosen.length);
  if (marker === undefined && isInOrder(chosen, question, fieldOf)) return chosen.slice(0, max);
  const compare = sorting(chosen, question, fieldOf);
  const first = (count: number): T[] => firstPlaces(chosen.length, count, compare).map((place) => chosen[place]!);
  if (marker === undefined) return first(max);
  const sorted = first(chosen.length);
  const place = sorted.findIndex((alarm) => fieldOf(alarm, 'vitrage_id') === marker);
  if (place < 0) throw unknownMarker(marker);
  return isNextPage ? sorted.slice(place + 1, place + 1 + max) : sorted.slice(Math.max(0, place - max), place);
}

/** How many alarms a page has at most; `all` where no end is asked for. */
export function lengthOf({ limit }: ListQuestion, all: number): number {
  if (limit === undefined || limit > LIMIT_MAX) return LIMIT_MAX;
  return limit === 0 ? all : limit;
}

export function unknownMarker(marker: string): WhereforeError {
  return new WhereforeError('bad-request', `marker ${marker} is no alarm of the list`, {
    hint: 'The marker is the vitrage_id of the last alarm of the page before, or of the first for the page before it.',
  });
}

function filtered<T>(alarms: readonly T[], { filterBy, filterVals }: ListQuestion, fieldOf: FieldOf<T>): readonly T[] {
  if (filterBy.length !== filterVals.length) {
    throw new WhereforeError(
      'bad-request',
      `${filterBy.length} filter_by stand against ${filterVals.length} filter_vals`,
      {
        hint: 'Give one filter_vals for each filter_by.',
      },
    );
  }
  if (filterBy.length === 0) return alarms;
  return alarms.filter((alarm) =>
    filterBy.every((field, i) => contains(asText(fieldOf(alarm, field)), filterVals[i]!)),
  );
}

/** Whether alarms that are asked for by their start, as they are by default, come so already, as live ones nearly always do. */
function isInOrder<T>(alarms: readonly T[], { sortBy, sortDirs }: ListQuestion, fieldOf: FieldOf<T>): boolean {
  const [first = 'start_timestamp', second = 'vitrage_id'] = sortBy;
  if (first !== 'start_timestamp' || second !== 'vitrage_id' || sortDirs.some((each) => each !== 'asc')) return false;
  let [startBefore, idBefore] = ['', ''];
  for (const alarm of alarms) {
    const start = asText(fieldOf(alarm, 'start_timestamp'));
    const id = asText(fieldOf(alarm, 'vitrage_id'));
    if (start < startBefore || (start === startBefore && compareCodeUnits(idBefore, id) > 0)) return false;
    [startBefore, idBefore] = [start, id];
  }
  return true;
}

function sorting<T>(alarms: readonly T[], { sortBy, sortDirs }: ListQuestion, fieldOf: FieldOf<T>): Sorting {
  const wrong = sortDirs.find((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong !== undefined) throw new WhereforeError('bad-request', `sort_dirs is "${wrong}"; allowed are asc and desc`);
  const fields = sortBy.length > 0 ? [...sortBy] : ['start_timestamp'];
  if (!fields.includes('vitrage_id')) fields.push('vitrage_id');
  // Each text is made once, not once for every comparison.
  const columns = fields.map((field) => alarms.map((alarm) => sortText(fieldOf(alarm, field), field)));
  return (a, b) => {
    for (let i = 0; i < columns.length; i++) {
      const order = compareCodeUnits(columns[i]![a]!, columns[i]![b]!);
      if (order !== 0) return sortDirs[i] === 'desc' ? -order : order;
    }
    return a - b;
  };
}

/** The first `max` of the places 0 to `count` - 1, in order. Never two of the same rank. O(count + max log max) mostly. */
function firstPlaces(count: number, max: number, compare: Sorting): number[] {
  if (max * FEW >= count)
    return Array.from({ length: count }, (_, place) => place)
      .sort(compare)
      .slice(0, max);
  const first: number[] = [];
  for (let place = 0; place < count; place++) {
    if (first.length === max && (max === 0 || compare(place, first[max - 1]!) > 0)) continue;
    let at = first.length;
    while (at > 0 && compare(place, first[at - 1]!) < 0) at -= 1;
    first.splice(at, 0, place);
    if (first.length > max) first.pop();
  }
  return first;
}

/** As LIKE in Vitrage's database, for which letters are the same in either case. */
function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** What has not ended yet ends after everything else. */
function sortText(value: Json | undefined, field: string): string {
  return field === 'end_timestamp' && value === undefined ? NO_END : asText(value);
}

function asText(value: Json | undefined): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}

/** Active alarms by operational severity. */
export function countBySeverity(alarms: readonly Pick<ActiveAlarm, 'properties'>[]): JsonObject {
  const counts = { 'SEVERE': 0, 'CRITICAL': 0, 'WARNING': 0, 'OK': 0, 'N/A': 0 };
  for (const { properties } of alarms) {
    const severity = properties['vitrage_operational_severity'];
    counts[typeof severity === 'string' && severity in counts ? (severity as keyof typeof counts) : 'N/A'] += 1;
  }
  return counts;
}
