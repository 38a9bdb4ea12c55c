import type { Properties } from '@wherefore/model';
import type { AlarmRecord, HistoryQueries } from '@wherefore/ports';
import { isListed, projectOf, type Viewer } from './viewer';

/** For a project so many times more is read, before what is not its own is taken out. */
const READ_FACTOR = 50;

/** Types that are never a project's. Of other resources nobody knows once they are gone. */
const INFRASTRUCTURE = new Set(['openstack.cluster', 'nova.zone', 'nova.host', 'switch', 'router']);
const UNKNOWN: Properties = { vitrage_is_placeholder: true };

/** Resources that are there now, by vitrage_id. */
export type LiveResources = ReadonlyMap<string, Properties>;

/** What an alarm of the history is, or was, on. One that is gone is held for anybody's. */
export function formerResource(
  { properties }: Pick<AlarmRecord, 'properties'>,
  live: LiveResources,
): Properties | undefined {
  const id = properties['vitrage_resource_id'];
  const type = properties['vitrage_resource_type'];
  if (typeof id !== 'string') return undefined;
  const found = live.get(id);
  if (found !== undefined) return found;
  return projectOf(properties) === undefined && !INFRASTRUCTURE.has(String(type)) ? UNKNOWN : undefined;
}

/** The alarms of a history that the viewer may list. */
export function visibleHistory(
  history: HistoryQueries,
  viewer: Viewer,
  live: LiveResources,
): Pick<HistoryQueries, 'alarmsBetween' | 'alarmsByName'> {
  if (viewer.sees === 'everything') return history;
  const visible = (records: readonly AlarmRecord[], limit: number): AlarmRecord[] =>
    records.filter((each) => isListed(each.properties, viewer, formerResource(each, live))).slice(0, limit);
  return {
    alarmsBetween: async (fromMs, toMs, limit) =>
      visible(await history.alarmsBetween(fromMs, toMs, limit * READ_FACTOR), limit),
    alarmsByName: async (name, limit) => visible(await history.alarmsByName(name, limit * READ_FACTOR), limit),
  };
}
