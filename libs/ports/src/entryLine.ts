import { BOUNDARY_LIMITS, rowHash, type EventEntry, type NewEntry, type RowHead } from '@wherefore/model';
import { encodeEntry } from './entryBytes';
import { OPENING, patternOf, type Pattern } from './rowPattern';

const SAMPLE_DATE = 'vitrage_sample_date';

/** No row of such a length has a label: all others are far from what an entry may have. */
const LABELLED_CHARS_MAX = BOUNDARY_LIMITS.entryBytesMax / 4;

/**
 * An entry as a stream or an archive keeps it: a line of JSON. That of a row of a poll has a label in front, by which
 * whoever reads it can pass over it unparsed; for everybody else it is a member more, of no meaning. Throws as
 * `encodeEntry` does, of the entry without its label.
 */
export function encodeLine(entry: NewEntry): string {
  if (entry.kind !== 'event' || entry.pollId === undefined) return encodeEntry(entry);
  const { event } = entry;
  const date = event[SAMPLE_DATE];
  if (typeof date !== 'string') return encodeEntry(entry);
  if (lastHead === undefined || !hasHead(entry, date, lastHead)) lastHead = headOfRow(entry, date);
  const { pattern, charsWithoutId } = lastHead;
  const id = JSON.stringify(entry.id);
  const text = JSON.stringify(event);
  if (pattern === undefined || charsWithoutId + id.length + text.length > LABELLED_CHARS_MAX) return encodeEntry(entry);
  const { beforeId, beforeEvent, afterEvent } = pattern;
  // The quotation marks of the id are those of the pattern.
  return `${OPENING}${rowHash(event)}",${text.length}${beforeId}${id.slice(1, -1)}${beforeEvent}${text}${afterEvent}`;
}

/** What a row shares with all others of its poll, and how that is written. */
interface WrittenHead {
  /** Of everything but id and event. */
  readonly members: { readonly [name: string]: unknown };
  readonly names: readonly string[];
  readonly date: string;
  /** Nothing where the head is not of the form. */
  readonly pattern: Pattern | undefined;
  readonly charsWithoutId: number;
}

/** Of the row that was written last: the next one mostly is of the same poll. A cache only. */
let lastHead: WrittenHead | undefined;

function hasHead(entry: EventEntry, date: string, head: WrittenHead): boolean {
  if (date !== head.date) return false;
  const names = Object.keys(entry);
  if (names.length !== head.names.length) return false;
  const members = entry as unknown as WrittenHead['members'];
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    if (name !== head.names[at]) return false;
    if (members[name] !== head.members[name] && name !== 'id' && name !== 'event') return false;
  }
  return true;
}

function headOfRow(entry: EventEntry, date: string): WrittenHead {
  const head: RowHead = { ...entry, event: date };
  return {
    ...{ members: { ...entry, event: undefined }, names: Object.keys(entry), date },
    pattern: patternOf(head),
    charsWithoutId: JSON.stringify(head).length - JSON.stringify(head.id).length,
  };
}
