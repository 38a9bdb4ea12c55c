import type { VisibleHistory } from '@wherefore/answering';
import type { JsonObject } from '@wherefore/model';
import type { AlarmPage, AlarmRecord } from '@wherefore/ports';
import { fieldOfListed, lengthOf, pageOf, recordedAlarm, unknownMarker, type ListQuestion } from './alarmShapes';

/** So many alarms are looked through for an order, a filter or a page that no index has. */
const HISTORY_MAX = 100_000;

/** A time range, both ends inclusive. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Alarms that were active in the range, as Vitrage lists them. By their start, as they are sorted where nothing is said,
 * a page is found by index; for any other order, for filters and for the page before a marker, the latest 100,000 of the
 * range are read. Rejects `bad-request`.
 */
export async function historyPage(
  history: VisibleHistory,
  { fromMs, toMs }: TimeRange,
  question: ListQuestion,
): Promise<readonly JsonObject[]> {
  const order = orderOf(question);
  if (order === undefined) {
    const records = await history.alarmsBetween(fromMs, toMs, HISTORY_MAX);
    return pageOf(records.map(recordedAlarm), question, fieldOfListed);
  }
  const { marker } = question;
  const after = marker === undefined ? undefined : await placeOf(history, { fromMs, toMs }, marker);
  const limit = lengthOf(question, HISTORY_MAX);
  const page = await history.alarmPage(fromMs, toMs, { order, limit, ...(after === undefined ? {} : { after }) });
  return page.map(recordedAlarm);
}

/** In which order of the index the list is wanted; `undefined` for any other. */
function orderOf({
  sortBy,
  sortDirs,
  filterBy,
  filterVals,
  marker,
  isNextPage,
}: ListQuestion): AlarmPage['order'] | undefined {
  const [field = 'start_timestamp', next = 'vitrage_id', ...more] = sortBy;
  const [direction = 'asc', nextDirection = 'asc', ...rest] = sortDirs;
  const isByStart = field === 'start_timestamp' && next === 'vitrage_id' && more.length === 0;
  const isRising = nextDirection === 'asc' && rest.length === 0 && (direction === 'asc' || direction === 'desc');
  const isWhole = filterBy.length === 0 && filterVals.length === 0;
  if (!isByStart || !isRising || !isWhole || (marker !== undefined && !isNextPage)) return undefined;
  return direction === 'asc' ? 'oldest-first' : 'latest-first';
}

async function placeOf(history: VisibleHistory, { fromMs, toMs }: TimeRange, marker: string): Promise<AlarmRecord> {
  const [found] = await history.alarmsById([marker]);
  const isListed =
    found !== undefined && found.startedAtMs <= toMs && (found.endedAtMs === null || found.endedAtMs >= fromMs);
  if (!isListed) throw unknownMarker(marker);
  return found;
}
