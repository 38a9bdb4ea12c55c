import type { ListedAlarm } from '@wherefore/engine';
import { WhereforeError, type Json, type Properties } from '@wherefore/model';
import type { AlarmRecord, HistoryQueries } from '@wherefore/ports';
import { nearestNames } from './nearest';
import { isoTime, textOf } from './views';

/** Alarms of the past that are looked through for a name that is not there. */
const RECORDS_MAX = 2000;
const INTERVALS_MAX = 5;
const END_OF_TIME_MS = 8_640_000_000_000_000;

/** What is known of a question that found no alarm. */
export interface MissingAlarm {
  readonly asked: string;
  readonly on: string | undefined;
  /** The moment asked about. */
  readonly atMs: number;
  /** Whether a past moment was asked for. */
  readonly isPast: boolean;
  /** Alarms active at that moment. */
  readonly active: readonly ListedAlarm[];
  /** Resources of that moment that are called `on`, or as the part behind the last `@`. */
  readonly places: readonly Properties[];
  /** What of the history may be told. */
  readonly history: Pick<HistoryQueries, 'alarmsBetween' | 'alarmsByName' | 'alarmsById'>;
}

/** Says why an alarm is not there: never, no longer, not yet, or known only later. */
export async function missingAlarm(missing: MissingAlarm): Promise<WhereforeError> {
  const records = await matchingRecords(missing);
  const { atMs } = missing;
  const later = records.filter(({ startedAtMs }) => startedAtMs > atMs);
  const late = later.find((record) => {
    const occurred = occurredMs(record);
    return occurred !== undefined && occurred <= atMs;
  });
  if (late !== undefined) return knownLater(missing, late);
  return records.length > 0 ? elsewhen(missing, records) : neverSeen(missing);
}

/** Records of that name, or of that id; on the resource, if one was named. */
async function matchingRecords({ asked, on, places, history }: MissingAlarm): Promise<readonly AlarmRecord[]> {
  const { name, place } = splitPlace(asked);
  const whole = await history.alarmsByName(asked, RECORDS_MAX);
  if (whole.length > 0) return on === undefined ? whole : whole.filter((record) => isOn(record, on, places));
  const named = place === undefined ? [] : await history.alarmsByName(name, RECORDS_MAX);
  if (named.length > 0) return named.filter((record) => isOn(record, place!, places));
  const ofId = await history.alarmsById([asked]);
  if (ofId.length > 0) return on === undefined ? ofId : ofId.filter((record) => isOn(record, on, places));
  const recent = await history.alarmsBetween(0, END_OF_TIME_MS, RECORDS_MAX);
  const folded = asked.toLowerCase();
  return recent.filter(
    (record) => record.name.toLowerCase() === folded && (on === undefined || isOn(record, on, places)),
  );
}

/** A record names its resource by vitrage_id; what its source called it is among its properties. */
function isOn({ properties, propertiesAtStart }: AlarmRecord, place: string, places: readonly Properties[]): boolean {
  const resourceId = properties['vitrage_resource_id'] ?? propertiesAtStart['vitrage_resource_id'];
  if (places.some((each) => each['vitrage_id'] === resourceId)) return true;
  const wanted = place.toLowerCase();
  const said = ['hostname', 'resource_name', 'resource_id', 'vitrage_resource_id'];
  return said.some((key) => textOf(propertiesAtStart[key])?.toLowerCase() === wanted);
}

/** `name@resource` taken apart at the last `@`. */
export function splitPlace(asked: string): { readonly name: string; readonly place: string | undefined } {
  const at = asked.lastIndexOf('@');
  return at <= 0 ? { name: asked, place: undefined } : { name: asked.slice(0, at), place: asked.slice(at + 1) };
}

/** The source's time of the beginning. */
function occurredMs({ propertiesAtStart }: AlarmRecord): number | undefined {
  const text = textOf(propertiesAtStart['update_timestamp']);
  const ms = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function knownLater({ asked, atMs }: MissingAlarm, record: AlarmRecord): WhereforeError {
  const occurredAt = isoTime(occurredMs(record)!);
  const knownAt = isoTime(record.startedAtMs);
  return new WhereforeError(
    'alarm-known-later',
    `"${asked}" was not known at ${isoTime(atMs)}: it occurred at ${occurredAt}, and became known at ${knownAt}`,
    {
      hint: `Ask for ${knownAt} or later to see what it was.`,
      data: { occurredAt, knownAt, vitrageId: record.vitrageId },
    },
  );
}

function elsewhen({ asked, atMs, isPast }: MissingAlarm, records: readonly AlarmRecord[]): WhereforeError {
  const distance = ({ startedAtMs, endedAtMs }: AlarmRecord) =>
    startedAtMs > atMs ? startedAtMs - atMs : atMs - (endedAtMs ?? atMs);
  const nearest = [...records].sort((a, b) => distance(a) - distance(b)).slice(0, INTERVALS_MAX);
  const intervals: Json[] = nearest.map(({ vitrageId, startedAtMs, endedAtMs }) => ({
    vitrageId,
    from: isoTime(startedAtMs),
    to: endedAtMs === null ? null : isoTime(endedAtMs),
  }));
  const [{ startedAtMs, endedAtMs }] = nearest as [AlarmRecord];
  const span = `from ${isoTime(startedAtMs)}${endedAtMs === null ? ' on' : ` to ${isoTime(endedAtMs)}`}`;
  const when = isPast ? `at ${isoTime(atMs)}` : 'now';
  const relation = startedAtMs > atMs ? 'it was raised later' : 'it had ended before';
  return new WhereforeError('alarm-not-found', `"${asked}" is not active ${when}; ${relation}: ${span}`, {
    hint: `Ask for a time within that, for instance ${isoTime(startedAtMs)}.`,
    data: { intervals },
  });
}

async function neverSeen({ asked, atMs, isPast, on, active, history }: MissingAlarm): Promise<WhereforeError> {
  const past = await history.alarmsBetween(0, END_OF_TIME_MS, RECORDS_MAX);
  const names = [...active.map(({ properties }) => textOf(properties['name']) ?? ''), ...past.map(({ name }) => name)];
  const nearest = nearestNames(
    splitPlace(asked).name,
    names.filter((name) => name !== ''),
  );
  const where = on === undefined ? '' : ` on "${on}"`;
  const when = isPast ? `at ${isoTime(atMs)}` : 'now';
  return new WhereforeError('alarm-not-found', `no alarm answers to "${asked}"${where} ${when}`, {
    hint:
      nearest.length > 0
        ? `The nearest names are ${nearest.map((name) => `"${name}"`).join(', ')}.`
        : 'List the alarms of that time to see what there was.',
    data: { nearest },
  });
}
