import type { ListedAlarm } from '@wherefore/engine';
import { WhereforeError, type Json, type Properties } from '@wherefore/model';
import type { Archive } from '@wherefore/ports';
import { EntryBook } from './entryBook';
import { alarmView, compareAlarms, placeName, textOf } from './views';

/** Candidates named in a message; the rest is only counted. */
const CANDIDATES_MAX = 20;

/** Those of the alarms that are on the resource, by its name or id. */
export function alarmsOn(alarms: readonly ListedAlarm[], on: string | undefined): readonly ListedAlarm[] {
  if (on === undefined) return alarms;
  return alarms.filter(({ resources }) => resources.some((resource) => isCalled(resource, on)));
}

/** Whether the resource has that name or id; the case of letters does not count. */
export function isCalled(resource: Properties, name: string): boolean {
  const wanted = name.toLowerCase();
  return ['name', 'id', 'vitrage_id'].some((key) => textOf(resource[key])?.toLowerCase() === wanted);
}

/** The one alarm that was meant, or `undefined` when there is none. Throws `alarm-ambiguous`. */
export async function onlyOne(
  alarms: readonly ListedAlarm[],
  asked: string,
  archive: Archive,
): Promise<ListedAlarm | undefined> {
  if (alarms.length <= 1) return alarms[0];
  const exact = alarms.filter(({ properties }) => properties['vitrage_id'] === asked || properties['name'] === asked);
  if (exact.length === 1) return exact[0];
  throw await ambiguous(exact.length > 0 ? exact : alarms, asked, archive);
}

async function ambiguous(alarms: readonly ListedAlarm[], asked: string, archive: Archive): Promise<WhereforeError> {
  const book = await EntryBook.open(
    archive,
    alarms.map(({ bornAt }) => bornAt),
  );
  const views = alarms
    .map(({ properties, resources, bornAt }) => alarmView(properties, resources, book.timeOf(bornAt)))
    .sort(compareAlarms);
  const candidates: Json[] = views.slice(0, CANDIDATES_MAX).map((view) => ({
    alarm: placeName(view) === '' ? view.name : `${view.name}@${placeName(view)}`,
    id: view.vitrageId,
    severity: view.operationalSeverity,
    since: view.since,
  }));
  return new WhereforeError('alarm-ambiguous', `${alarms.length} alarms answer to "${asked}"`, {
    hint: 'Ask for name@resource or for the id of one of them, or say on which resource it is.',
    data: { count: alarms.length, candidates },
  });
}
