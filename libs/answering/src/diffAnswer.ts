import type {
  AlarmDifference,
  AlarmView,
  DiffAnswer,
  EventRef,
  PropertyDifference,
  ResourceDifference,
} from '@wherefore/contract';
import type { SpanChange, SpanChanges } from '@wherefore/engine';
import type { Properties } from '@wherefore/model';
import type { Archive } from '@wherefore/ports';
import { EntryBook } from './entryBook';
import { alarmView, compareAlarms, compareResources, resourceView } from './views';

export interface DiffFilter {
  readonly type?: string;
  readonly about?: string;
}

/** What differs, with the entries that made it so. */
export async function describeChanges(
  { changes, templates, passing }: SpanChanges,
  { type, about }: DiffFilter,
  archive: Archive,
): Promise<Omit<DiffAnswer, 'from' | 'to'>> {
  const wanted = changes.filter(
    (change) => (type === undefined || isOfType(change, type)) && (about === undefined || isAbout(change, about)),
  );
  const book = await EntryBook.open(archive, [...wanted, ...templates].flatMap(ordinalsOf));
  const by = (ordinal: number): { readonly by?: EventRef } => {
    const [ref] = book.refs([ordinal]);
    return ref === undefined ? {} : { by: ref };
  };
  const tell = ({ changes: told }: SpanChange): PropertyDifference[] =>
    told.map(({ name, before, after, by: ordinal }) => ({ name, before, after, ...by(ordinal) }));
  const ofFate = (category: string, fate: SpanChange['fate']): SpanChange[] =>
    wanted.filter((change) => change.fate === fate && change.properties['vitrage_category'] === category);
  const resources = (fate: SpanChange['fate']): ResourceDifference[] =>
    ofFate('RESOURCE', fate)
      .map((change) => ({ resource: resourceView(change.properties), ...by(change.by), changes: tell(change) }))
      .sort((a, b) => compareResources(a.resource, b.resource));
  const alarms = (fate: SpanChange['fate']): AlarmDifference[] =>
    ofFate('ALARM', fate)
      .map((change) => ({ alarm: alarmOf(change, book), ...by(change.by), changes: tell(change) }))
      .sort((a, b) => compareAlarms(a.alarm as AlarmView, b.alarm as AlarmView));
  const isFiltered = type !== undefined || about !== undefined;
  return {
    appeared: resources('appeared'),
    gone: resources('went'),
    changed: resources('changed'),
    alarms: { raised: alarms('appeared'), cleared: alarms('went'), changed: alarms('changed') },
    templates: isFiltered ? [] : templates.map(({ by: ordinal, ...template }) => ({ ...template, ...by(ordinal) })),
    passing,
  };
}

function alarmOf({ properties, resource, fate, by }: SpanChange, book: EntryBook): AlarmDifference['alarm'] {
  const { since: _since, ...alarm } = alarmView(properties, resource === undefined ? [] : [resource], '');
  return fate === 'appeared' ? { ...alarm, since: book.timeOf(by) } : alarm;
}

function ordinalsOf({ by, ...rest }: { readonly by: number; readonly changes?: SpanChange['changes'] }): number[] {
  return [by, ...(rest.changes ?? []).map((change) => change.by)];
}

function isOfType({ properties, resource }: SpanChange, type: string): boolean {
  return properties['vitrage_type'] === type || resource?.['vitrage_type'] === type;
}

function isAbout({ properties, resource }: SpanChange, name: string): boolean {
  return isCalled(properties, name) || (resource !== undefined && isCalled(resource, name));
}

function isCalled(properties: Properties, name: string): boolean {
  return [properties['id'], properties['name'], properties['vitrage_id']].some(
    (value) => typeof value === 'string' && value.toLowerCase() === name.toLowerCase(),
  );
}
