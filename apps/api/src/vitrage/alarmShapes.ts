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

/** `2018-06-11 08:43:33+00:00`: how Vitrage's database writes a time. */
export function databaseTime(iso: string): string {
  const fraction = iso.slice(19, -1);
  const micros = fraction === '' || fraction === '.000' ? '' : fraction.padEnd(7, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${micros}+00:00`;
}

/** Filters, sorts and cuts a list as Vitrage does. Throws `bad-request`. */
export function pageOf(alarms: readonly JsonObject[], question: ListQuestion): JsonObject[] {
  const { marker, isNextPage, limit } = question;
  const sorted = filtered(alarms, question).sort(comparator(question));
  const max = limit === undefined || limit > LIMIT_MAX ? LIMIT_MAX : limit === 0 ? sorted.length : limit;
  if (marker === undefined) return sorted.slice(0, max);
  const place = sorted.findIndex((alarm) => alarm['vitrage_id'] === marker);
  if (place < 0) {
    throw new WhereforeError('bad-request', `marker ${marker} is no alarm of the list`, {
      hint: 'The marker is the vitrage_id of the last alarm of the page before, or of the first for the page before it.',
    });
  }
  return isNextPage ? sorted.slice(place + 1, place + 1 + max) : sorted.slice(Math.max(0, place - max), place);
}

function filtered(alarms: readonly JsonObject[], { filterBy, filterVals }: ListQuestion): JsonObject[] {
  if (filterBy.length !== filterVals.length) {
    throw new WhereforeError(
      'bad-request',
      `${filterBy.length} filter_by stand against ${filterVals.length} filter_vals`,
      {
        hint: 'Give one filter_vals for each filter_by.',
      },
    );
  }
  return alarms.filter((alarm) => filterBy.every((field, i) => contains(textAt(alarm, field), filterVals[i]!)));
}

function comparator({ sortBy, sortDirs }: ListQuestion): (a: JsonObject, b: JsonObject) => number {
  const wrong = sortDirs.find((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong !== undefined) throw new WhereforeError('bad-request', `sort_dirs is "${wrong}"; allowed are asc and desc`);
  const fields = sortBy.length > 0 ? [...sortBy] : ['start_timestamp'];
  if (!fields.includes('vitrage_id')) fields.push('vitrage_id');
  return (a, b) => {
    for (const [i, field] of fields.entries()) {
      const order = compareCodeUnits(sortText(a, field), sortText(b, field));
      if (order !== 0) return sortDirs[i] === 'desc' ? -order : order;
    }
    return 0;
  };
}

/** As LIKE in Vitrage's database, for which letters are the same in either case. */
function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** What has not ended yet ends after everything else. */
function sortText(alarm: JsonObject, field: string): string {
  return field === 'end_timestamp' && alarm[field] === undefined ? NO_END : textAt(alarm, field);
}

function textAt(alarm: JsonObject, field: string): string {
  const value: Json = alarm[field] ?? '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Active alarms by operational severity. */
export function countBySeverity(alarms: readonly ActiveAlarm[]): JsonObject {
  const counts = { 'SEVERE': 0, 'CRITICAL': 0, 'WARNING': 0, 'OK': 0, 'N/A': 0 };
  for (const { properties } of alarms) {
    const severity = properties['vitrage_operational_severity'];
    counts[typeof severity === 'string' && severity in counts ? (severity as keyof typeof counts) : 'N/A'] += 1;
  }
  return counts;
}
