import type { ListedAlarm } from '@wherefore/engine';
import type { Properties } from '@wherefore/model';
import type { ActiveAlarm } from './everCaused';
import { mainResource, projectOf } from './viewer';

/**
 * Active alarms as lists show them, made once of what the live state gives again and again: an alarm is the same
 * object, and all of them the same array, for as long as nothing changed that a list shows or that decides who may see
 * it. That what they are on was sampled once more changes neither.
 */
export class AlarmRows {
  /** By the properties, which are the same object while nothing of the alarm changes. */
  private readonly known = new WeakMap<Properties, ActiveAlarm>();
  private last: { readonly alarms: readonly ListedAlarm[]; readonly rows: readonly ActiveAlarm[] } | undefined;

  /** O(1) for the alarms of the last call, else O(alarms). `timeOf` is asked for times of those that are new. */
  async of(
    alarms: readonly ListedAlarm[],
    timesOf: (alarms: readonly ListedAlarm[]) => Promise<(ordinal: number) => string>,
  ): Promise<readonly ActiveAlarm[]> {
    const { last } = this;
    if (last?.alarms === alarms) return last.rows;
    // Nearly all of them stand where they stood, and are what they were.
    const kept = alarms.map((alarm, at) => (alarm === last?.alarms[at] ? last.rows[at] : undefined));
    const isNew = (alarm: ListedAlarm, at: number): boolean =>
      kept[at] === undefined && !this.known.has(alarm.properties);
    const timeOf = await timesOf(alarms.filter(isNew));
    const rows = alarms.map((alarm, at) => kept[at] ?? this.rowOf(alarm, timeOf));
    const isSame = last?.rows.length === rows.length && rows.every((row, at) => row === last.rows[at]);
    this.last = { alarms, rows: isSame ? last.rows : rows };
    return this.last.rows;
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

/** Whether both belong to the same project, as far as that is known. */
function isOfSame(one: Properties | undefined, other: Properties | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const isVague = (each: Properties): boolean => each['vitrage_is_placeholder'] === true;
  return projectOf(one) === projectOf(other) && isVague(one) === isVague(other);
}
