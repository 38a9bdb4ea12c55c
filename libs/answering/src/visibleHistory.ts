import type { AlarmRecord, HistoryQueries } from '@wherefore/ports';
import { isListed, type Viewer } from './viewer';

/** For a project so many times more is read, before what is not its own is taken out. */
const READ_FACTOR = 50;

/** The alarms of a history that the viewer may list. */
export function visibleHistory(
  history: HistoryQueries,
  viewer: Viewer,
): Pick<HistoryQueries, 'alarmsBetween' | 'alarmsByName'> {
  if (viewer.sees === 'everything') return history;
  const visible = (records: readonly AlarmRecord[], limit: number): AlarmRecord[] =>
    records.filter(({ properties }) => isListed(properties, viewer)).slice(0, limit);
  return {
    alarmsBetween: async (fromMs, toMs, limit) =>
      visible(await history.alarmsBetween(fromMs, toMs, limit * READ_FACTOR), limit),
    alarmsByName: async (name, limit) => visible(await history.alarmsByName(name, limit * READ_FACTOR), limit),
  };
}
