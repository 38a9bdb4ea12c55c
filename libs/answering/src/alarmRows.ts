import type { ListedAlarm } from '@wherefore/engine';
import { compareCodeUnits, type Properties } from '@wherefore/model';
import type { ActiveAlarm } from './everCaused';
import { mainResource, projectOf } from './viewer';

/** So many are sorted into a list faster than all of it is sorted. */
const FEW = 64;

interface Listed {
  readonly alarms: readonly ListedAlarm[];
  /** One for each alarm. */
  readonly rows: readonly ActiveAlarm[];
  readonly bySince: readonly ActiveAlarm[];
}

/**
 * Active alarms as lists show them, made once of what the live state gives again and again: an alarm is the same
 * object, and all of them the same array, for as long as nothing changed that a list shows or that decides who may see
 * it. That what they are on was sampled once more changes neither.
 */
export class AlarmRows {
  /** By the properties, which are the same object while nothing of the alarm changes. */
  private readonly known = new WeakMap<Properties, ActiveAlarm>();
  private last: Listed | undefined;

  /**
   * Sorted by their beginning, then by id. O(1) for the alarms of the last call, else O(alarms). `alarms` come in the
   * order in which they came to be; `timesOf` is asked for times of those that are new.
   */
  async of(
    alarms: readonly ListedAlarm[],
    timesOf: (alarms: readonly ListedAlarm[]) => Promise<(ordinal: number) => string>,
  ): Promise<readonly ActiveAlarm[]> {
    const { last } = this;
    if (last?.alarms === alarms) return last.bySince;
    const kept = last === undefined ? [] : keptRows(alarms, last);
    const isNew = (alarm: ListedAlarm, at: number): boolean =>
      kept[at] === undefined && !this.known.has(alarm.properties);
    const timeOf = await timesOf(alarms.filter(isNew));
    const rows = alarms.map((alarm, at) => kept[at] ?? this.rowOf(alarm, timeOf));
    const isSame = last?.rows.length === rows.length && rows.every((row, at) => row === last.rows[at]);
    this.last = isSame ? { ...last, alarms } : { alarms, rows, bySince: sortedBySince(rows, kept, last) };
    return this.last.bySince;
  }

  private rowOf({ properties, resources, bornAt }: ListedAlarm, timeOf: (ordinal: number) => string): ActiveAlarm {
    const resource = mainResource(resources);
    const known = this.known.get(properties);
    if (known !== undefined && isOfSame(known.resource, resource)) return known;
    const row = { properties, resource, since: known?.since ?? timeOf(bornAt) };
    // An entry that is not archived yet has no time so far.
    if (row.since !== '') this.known.set(properties, row);
    return row;
  }
}

/** A few rows are sorted into those of the last call, and taken out of them. O(rows + few × log rows). */
function sortedBySince(
  rows: readonly ActiveAlarm[],
  kept: readonly (ActiveAlarm | undefined)[],
  last: Listed | undefined,
): readonly ActiveAlarm[] {
  const added = rows.filter((_, at) => kept[at] === undefined);
  if (last === undefined || added.length > FEW) return [...rows].sort(compareSince);
  const stays = new Set(kept);
  const sorted = last.bySince.filter((row) => stays.has(row));
  for (const row of added) {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareSince(sorted[middle]!, row) < 0) low = middle + 1;
      else high = middle;
    }
    sorted.splice(low, 0, row);
  }
  return sorted;
}

/** Entries of one moment are the only ones whose alarms have to be put in order. */
function compareSince(a: ActiveAlarm, b: ActiveAlarm): number {
  return (
    compareCodeUnits(a.since, b.since) ||
    compareCodeUnits(String(a.properties['vitrage_id']), String(b.properties['vitrage_id']))
  );
}

/**
 * The rows of alarms that are what they were, at the places of the alarms. Both lists have the same order, so that
 * nearly every alarm is found next to the one before it.
 */
function keptRows(alarms: readonly ListedAlarm[], last: Listed): (ActiveAlarm | undefined)[] {
  const kept = new Array<ActiveAlarm | undefined>(alarms.length).fill(undefined);
  let from = 0;
  for (let at = 0; at < alarms.length; at++) {
    const alarm = alarms[at]!;
    while (from < last.alarms.length && last.alarms[from] !== alarm && isBefore(last.alarms[from]!, alarm)) from += 1;
    if (last.alarms[from] === alarm) kept[at] = last.rows[from++];
  }
  return kept;
}

function isBefore(one: ListedAlarm, other: ListedAlarm): boolean {
  if (one.bornAt !== other.bornAt) return one.bornAt < other.bornAt;
  return String(one.properties['vitrage_id']) < String(other.properties['vitrage_id']);
}

/** Whether both belong to the same project, as far as that is known. */
function isOfSame(one: Properties | undefined, other: Properties | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const isVague = (each: Properties): boolean => each['vitrage_is_placeholder'] === true;
  return projectOf(one) === projectOf(other) && isVague(one) === isVague(other);
}
