import type { Properties } from '@wherefore/model';
import type { AlarmRecord, HistoryQueries } from '@wherefore/ports';
import { isListed, projectOf, type Viewer } from './viewer';

/** For a project so many times more is read, before what is not its own is taken out. */
const READ_FACTOR = 50;

/** Read at a time, where much of what is read may not be shown. */
const PAGE_MIN = 500;

/** Types that are never a project's. Of other resources nobody knows once they are gone. */
const INFRASTRUCTURE = new Set(['openstack.cluster', 'nova.zone', 'nova.host', 'switch', 'router']);
const UNKNOWN: Properties = { vitrage_is_placeholder: true };

/** Resources that are there now, by vitrage_id. */
export type LiveResources = ReadonlyMap<string, Properties>;

/**
 * What an alarm of the history is, or was, on, as far as that decides whose the alarm is. One that names a project is
 * that project's, whatever became of its resource since; of one that is gone, nobody knows whose it was.
 */
export function formerResource(
  { properties }: Pick<AlarmRecord, 'properties'>,
  live: LiveResources,
): Properties | undefined {
  if (projectOf(properties) !== undefined) return undefined;
  const id = properties['vitrage_resource_id'];
  if (typeof id !== 'string') return undefined;
  const found = live.get(id);
  if (found !== undefined) return found;
  return INFRASTRUCTURE.has(String(properties['vitrage_resource_type'])) ? undefined : UNKNOWN;
}

/** What may be asked of a history for a viewer. */
export type VisibleHistory = Pick<HistoryQueries, 'alarmsBetween' | 'alarmsByName' | 'alarmsById' | 'alarmPage'>;

/** The alarms of a history that the viewer may list. */
export function visibleHistory(history: HistoryQueries, viewer: Viewer, live: LiveResources): VisibleHistory {
  if (viewer.sees === 'everything') return history;
  const isVisible = (each: AlarmRecord): boolean => isListed(each.properties, viewer, formerResource(each, live));
  const alarmPage: VisibleHistory['alarmPage'] = async (fromMs, toMs, page) => {
    // Its own, and those that name no project: whose they are is looked up.
    const projectIds = page.projectIds ?? [...new Set([viewer.projectId, ''])];
    const found: AlarmRecord[] = [];
    for (let { after } = page; ;) {
      const limit = Math.max(PAGE_MIN, page.limit - found.length);
      const read = await history.alarmPage(fromMs, toMs, { ...page, projectIds, limit, ...(after ? { after } : {}) });
      found.push(...read.filter(isVisible));
      after = read.at(-1);
      if (read.length < limit || found.length >= page.limit) return found.slice(0, page.limit);
    }
  };
  return {
    alarmPage,
    alarmsBetween: (fromMs, toMs, limit) => alarmPage(fromMs, toMs, { order: 'latest-first', limit }),
    alarmsByName: async (name, limit) => {
      const records = await history.alarmsByName(name, limit * READ_FACTOR);
      return records.filter(isVisible).slice(0, limit);
    },
    alarmsById: async (ids) => (await history.alarmsById(ids)).filter(isVisible),
  };
}
