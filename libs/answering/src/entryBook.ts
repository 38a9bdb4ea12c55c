import type { EventRef } from '@wherefore/contract';
import { toEntityEvent } from '@wherefore/datasources';
import { formatPosition, type EntityEvent, type EventEntry, type JsonObject, type NewEntry } from '@wherefore/model';
import type { Archive, ArchivedEntry } from '@wherefore/ports';
import { isoTime, textOf } from './views';

/** The entries that an answer points to, fetched at once. */
export class EntryBook {
  private constructor(
    private readonly entries: ReadonlyMap<number, ArchivedEntry>,
    private readonly toldKeys: ReadonlySet<string> | undefined,
  ) {}

  /** With `toldKeys`, entries that speak of other entities are no part of an answer. */
  static async open(archive: Archive, ordinals: Iterable<number>, toldKeys?: ReadonlySet<string>): Promise<EntryBook> {
    const found = await archive.lookup([...new Set(ordinals)]);
    return new EntryBook(new Map(found.map((entry) => [entry.ordinal, entry])), toldKeys);
  }

  /** When the entry was taken in; empty when it is not archived. */
  timeOf(ordinal: number): string {
    const found = this.entries.get(ordinal);
    return found === undefined ? '' : isoTime(found.entry.ingestedAtMs);
  }

  /** References in the order of the numbers; entries that are not archived are left out. */
  refs(ordinals: readonly number[]): EventRef[] {
    return [...new Set(ordinals)].flatMap((ordinal) => {
      const found = this.entries.get(ordinal);
      return found === undefined || !this.isTold(found) ? [] : [eventRef(found)];
    });
  }

  private isTold({ entry }: ArchivedEntry): boolean {
    if (this.toldKeys === undefined) return true;
    if (entry.kind !== 'event') return entry.kind === 'template-add';
    const meaning = meaningOf(entry);
    return meaning !== undefined && this.toldKeys.has(meaning.entity.key);
  }
}

/** An entry as an explanation points to it. */
export function eventRef({ ordinal, position, entry }: ArchivedEntry): EventRef {
  const meaning = entry.kind === 'event' ? meaningOf(entry) : undefined;
  const occurredAt = meaning === undefined ? undefined : occurrenceOf(meaning);
  return {
    ordinal,
    position: formatPosition(position),
    id: entry.id,
    source: entry.source,
    summary: summarise(entry, meaning),
    ...(occurredAt === undefined ? {} : { occurredAt }),
    ingestedAt: isoTime(entry.ingestedAtMs),
  };
}

/** What the event says of its entity; `undefined` when the engine would refuse it. */
export function meaningOf({ event }: EventEntry): EntityEvent | undefined {
  const meaning = toEntityEvent(event);
  return 'code' in meaning ? undefined : meaning;
}

/** The source's time: for an alarm when it last changed there, for a resource that of the sample. */
export function occurrenceOf({ entity, sampleTimestamp }: EntityEvent): string {
  const changed = entity.category === 'ALARM' ? textOf(entity.properties['update_timestamp']) : undefined;
  return changed ?? sampleTimestamp;
}

function summarise(entry: NewEntry, meaning: EntityEvent | undefined): string {
  switch (entry.kind) {
    case 'event':
      return summariseEvent(entry.event, meaning);
    case 'seen':
    case 'poll-started':
      return `${entry.datasource} ${entry.kind}`;
    case 'poll-failed':
      return `${entry.datasource} poll-failed: ${entry.reason}`;
    case 'poll-completed':
      return `${entry.datasource} poll-completed, ${entry.rowCount} ${entry.rowCount === 1 ? 'row' : 'rows'}`;
    case 'config-set':
      return `config-set ${entry.section}`;
    case 'template-add':
      return `template-add ${entry.templates.map(({ path }) => path).join(', ')}`;
    case 'template-delete':
      return `template-delete ${entry.templates.join(', ')}`;
    case 'rejected-input':
      return `rejected-input ${entry.code}`;
    default:
      return entry.kind;
  }
}

function summariseEvent(event: JsonObject, meaning: EntityEvent | undefined): string {
  const datasource = textOf(event['vitrage_entity_type']) ?? 'unknown';
  const type =
    // What the source called it, where it was told the graph in another word.
    textOf(event['event_type']) ??
    textOf(event['vitrage_event_type']) ??
    textOf(event['type']) ??
    textOf(event['vitrage_datasource_action']) ??
    '';
  const subject = meaning === undefined ? '' : subjectOf(meaning);
  return [datasource, type, subject].filter((part) => part !== '').join(' ');
}

/** `"Power supply failure" on compute-03` for an alarm, its name or id for a resource. */
function subjectOf({ entity, neighbours, lookups }: EntityEvent): string {
  const { properties } = entity;
  // Many ports have an empty name.
  const name = textOf(properties['name']) || textOf(properties['id']) || entity.key;
  if (entity.category === 'RESOURCE') return name;
  const neighbour = neighbours.find(({ label }) => label === 'on')?.entity.properties;
  const lookup = lookups.find(({ label }) => label === 'on')?.where;
  const place =
    textOf(neighbour?.['name']) ??
    textOf(neighbour?.['id']) ??
    lookup?.['name'] ??
    lookup?.['id'] ??
    textOf(properties['hostname']) ??
    textOf(properties['resource_name']) ??
    textOf(properties['resource_id']);
  return place === undefined ? `"${name}"` : `"${name}" on ${place}`;
}
