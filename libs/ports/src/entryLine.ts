import {
  BOUNDARY_LIMITS,
  WhereforeError,
  formatPosition,
  rowHash,
  type EventEntry,
  type JsonObject,
  type LogEntry,
  type NewEntry,
  type Position,
  type RowHead,
} from '@wherefore/model';
import type { ArchivedEntry } from './archive';
import { encodeEntry } from './entryBytes';

const SAMPLE_DATE = 'vitrage_sample_date';
const HASH_CHARS = 16;

/**
 * How the line of a row begins: with its label, a member `row` of hash, length of the event's text, and sample date.
 * The name is written with an escape, as no `JSON.stringify` writes it: a program that parses the entry, alters it and
 * writes it anew leaves a member that is no label any more.
 */
const OPENING = '{"\\u0072ow":["';

/** Before the values of these members, in the text of an entry. */
const ID = ',"id":"';
const EVENT = ',"event":';

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

/** The line of an entry: of one that was read from a line, that very line. Throws as `encodeLine` does. */
export function lineOf(entry: LogEntry): string {
  return entry instanceof RowLine ? entry.line : encodeLine(entry.entry);
}

/** A row by its label. Its event is parsed when somebody asks for the entry. */
class RowLine implements ArchivedEntry {
  private told: EventEntry | undefined;

  constructor(
    readonly position: Position,
    readonly ordinal: number,
    readonly head: RowHead,
    private hash: string,
    readonly line: string,
    /** Where the text of the event begins and ends. */
    private readonly begin: number,
    private readonly end: number,
  ) {}

  get rowHash(): string {
    return this.hash;
  }

  /** Throws `store-corrupt`. */
  get entry(): EventEntry {
    if (this.told === undefined) {
      // Whoever reads the entry may keep its id and its hash for good: a piece of the line keeps the whole message in memory.
      const [id, hash] = JSON.parse(`["${this.head.id}","${this.hash}"]`) as [string, string];
      this.told = { ...this.head, id, event: this.event() };
      this.hash = hash;
    }
    return this.told;
  }

  private event(): JsonObject {
    try {
      return JSON.parse(this.line.slice(this.begin, this.end)) as JsonObject;
    } catch (cause) {
      throw new WhereforeError('store-corrupt', `the row at ${formatPosition(this.position)} is no JSON`, {
        hint: 'Something other than Wherefore wrote it. Start again from a snapshot behind it.',
        cause,
      });
    }
  }
}

/** The rows of a poll differ in their hashes, ids and events: what all others of them share. */
interface Pattern {
  /** From the end of the number to the beginning of the id. */
  readonly beforeId: string;
  /** From the end of the id to the event. */
  readonly beforeEvent: string;
  readonly afterEvent: string;
  readonly head: RowHead;
}

/**
 * Reads lines. Rows of one poll, which come one after another, are told apart by their ids alone: nothing of them is
 * parsed but the first. Keep one for each place that is read from.
 */
export class LineReader {
  private pattern: Pattern | undefined;

  /** The entry of a line. Throws where it is no JSON; an event that a label stands for is parsed when it is asked for. */
  read(line: string, position: Position): LogEntry;
  read(line: string, position: Position, ordinal: number): ArchivedEntry;
  read(line: string, position: Position, ordinal = 0): LogEntry | ArchivedEntry {
    const entry = line.startsWith(OPENING)
      ? (this.row(line, position, ordinal) ?? this.unknownRow(line, position, ordinal))
      : (JSON.parse(line) as NewEntry);
    return entry instanceof RowLine ? entry : placed(entry, position, ordinal);
  }

  private row(line: string, position: Position, ordinal: number): RowLine | undefined {
    if (this.pattern === undefined) return undefined;
    const { beforeId, beforeEvent, afterEvent, head } = this.pattern;
    const lengthAt = OPENING.length + HASH_CHARS + 2;
    const lengthEnd = line.indexOf(',', lengthAt);
    if (!line.startsWith(beforeId, lengthEnd)) return undefined;
    const idAt = lengthEnd + beforeId.length;
    const idEnd = line.indexOf('"', idAt);
    if (!line.startsWith(beforeEvent, idEnd)) return undefined;
    const begin = idEnd + beforeEvent.length;
    const end = begin + Number(line.slice(lengthAt, lengthEnd));
    if (end + afterEvent.length !== line.length || !line.endsWith(afterEvent)) return undefined;
    const id = line.slice(idAt, idEnd);
    // An escape may stand for the mark at which the id seems to end.
    if (id.includes('\\')) return undefined;
    const hash = line.slice(OPENING.length, OPENING.length + HASH_CHARS);
    return new RowLine(position, ordinal, { ...head, id }, hash, line, begin, end);
  }

  /** The first of a poll shows the pattern of the others. One that is not of the form, as by an escape in its id, is parsed. */
  private unknownRow(line: string, position: Position, ordinal: number): RowLine | NewEntry {
    const { row, ...entry } = JSON.parse(line) as EventEntry & { readonly row: readonly [string, number, string] };
    const head: RowHead = { ...entry, event: row[2] };
    this.pattern = patternOf(head) ?? this.pattern;
    return this.row(line, position, ordinal) ?? entry;
  }
}

function patternOf(head: RowHead): Pattern | undefined {
  const text = JSON.stringify(head);
  const [dateText, idText] = [JSON.stringify(head.event), JSON.stringify(head.id)];
  const idAt = text.indexOf(ID) + ID.length;
  const eventAt = text.indexOf(EVENT) + EVENT.length;
  if (idAt < ID.length || eventAt < idAt + idText.length) return undefined;
  return {
    beforeId: `,${dateText}],${text.slice(1, idAt)}`,
    beforeEvent: text.slice(idAt + idText.length - 2, eventAt),
    afterEvent: text.slice(eventAt + dateText.length),
    head,
  };
}

function placed(entry: NewEntry, position: Position, ordinal: number): LogEntry | ArchivedEntry {
  return ordinal === 0 ? { position, entry } : { ordinal, position, entry };
}
