import { pushTo, type Properties } from '@wherefore/model';
import type { AlarmRecord, HistoryQueries } from '@wherefore/ports';
import { visibleCauses } from './visibleCauses';
import { formerResource, type LiveResources } from './visibleHistory';
import type { Viewer } from './viewer';

/** That one alarm caused another, and since when it did so last. */
export interface EverLink {
  readonly sourceId: string;
  readonly targetId: string;
  readonly startedAtMs: number;
}

/** Whatever an alarm ever caused, and was ever caused by. Sorted by vitrage_id. */
export interface EverCaused {
  readonly alarms: readonly (AlarmRecord | ActiveAlarm)[];
  readonly links: readonly EverLink[];
}

/** An alarm as the live state has it. */
export interface ActiveAlarm {
  readonly properties: Properties;
  /** What it is on; absent when it is on nothing. */
  readonly resource: Properties | undefined;
  readonly since: string;
}

/**
 * The chain of causes up from an alarm, and of effects down from it; of what else its causes brought
 * about nothing. An alarm that the viewer may not see is as one that never was.
 */
export async function everCaused(
  alarmId: string,
  activeOf: (ids: readonly string[]) => Promise<readonly ActiveAlarm[]>,
  history: HistoryQueries,
  viewer: Viewer,
  live: LiveResources,
): Promise<EverCaused> {
  const links = new Map<string, EverLink>();
  await collect(alarmId, 'causesOf', history, links);
  await collect(alarmId, 'effectsOf', history, links);
  const ids = new Set([alarmId, ...[...links.values()].flatMap(({ sourceId, targetId }) => [sourceId, targetId])]);
  const active = await activeOf([...ids]);
  const alarms = new Map<string, AlarmRecord | ActiveAlarm>(
    active.map((row) => [String(row.properties['vitrage_id']), row]),
  );
  const ended = [...ids].filter((id) => !alarms.has(id));
  for (const record of ended.length === 0 ? [] : await history.alarmsById(ended)) alarms.set(record.vitrageId, record);
  const placed = new Map(
    [...alarms].map(([id, alarm]) => [
      id,
      { properties: alarm.properties, resource: 'since' in alarm ? alarm.resource : formerResource(alarm, live) },
    ]),
  );
  const all = [...links.values()];
  const visible = visibleCauses(placed, all, viewer);
  if (!visible.has(alarmId)) return { alarms: [], links: [] };
  const shownLinks = all.filter(({ sourceId, targetId }) => visible.has(sourceId) && visible.has(targetId));
  const shown = relatives(alarmId, shownLinks);
  return {
    alarms: [...shown].sort().map((id) => alarms.get(id)!),
    links: shownLinks.filter(({ sourceId, targetId }) => shown.has(sourceId) && shown.has(targetId)),
  };
}

/** One question to the history for each step away from the alarm. */
async function collect(
  from: string,
  direction: 'causesOf' | 'effectsOf',
  history: HistoryQueries,
  links: Map<string, EverLink>,
): Promise<void> {
  const reached = new Set([from]);
  for (let asked = [from]; asked.length > 0;) {
    const next: string[] = [];
    for (const { sourceId, targetId, startedAtMs } of await history[direction](asked)) {
      const key = `${sourceId}/${targetId}`;
      // The latest comes first: an earlier spell of the same cause says nothing new.
      if (!links.has(key)) links.set(key, { sourceId, targetId, startedAtMs });
      const other = direction === 'causesOf' ? sourceId : targetId;
      if (!reached.has(other)) next.push(other);
      reached.add(other);
    }
    asked = next;
  }
}

/** Ancestors and descendants; what else an ancestor caused is none of them. */
export function relatives(
  alarmId: string,
  links: readonly { readonly sourceId: string; readonly targetId: string }[],
): Set<string> {
  const causes = new Map<string, string[]>();
  const effects = new Map<string, string[]>();
  for (const { sourceId, targetId } of links) {
    pushTo(causes, targetId, sourceId);
    pushTo(effects, sourceId, targetId);
  }
  const walk = (next: ReadonlyMap<string, readonly string[]>): Set<string> => {
    const reached = new Set([alarmId]);
    for (const id of reached) for (const other of next.get(id) ?? []) reached.add(other);
    return reached;
  };
  return new Set([...walk(causes), ...walk(effects)]);
}
