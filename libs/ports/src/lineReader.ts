import {
  WhereforeError,
  formatPosition,
  type EventEntry,
  type JsonObject,
  type LogEntry,
  type NewEntry,
  type Position,
  type RowHead,
} from '@wherefore/model';
import type { ArchivedEntry } from './archive';
import { encodeLine } from './entryLine';
import { OPENING, patternOf, type Pattern } from './rowPattern';

const HASH_CHARS = 16;
const ZERO = 48;

/** The line of an entry in UTF-8, where it lies in what it was read from. Nobody changes the bytes. */
export interface LineBytes {
  readonly position: Position;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** A part of a text in which a line is. */
export interface LinePlace {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Where every character of the text is a byte: those bytes, and where the text begins in them. */
  readonly bytes?: Uint8Array | undefined;
  readonly textAt?: number;
}

/** The line of an entry: of one that was read from a line, that very line. Throws as `encodeLine` does. */
export function lineOf(entry: LogEntry): string {
  return entry instanceof RowLine ? entry.line : encodeLine(entry.entry);
}

/** The same as it came, if the bytes are still at hand. Costs nothing. */
export function bytesOf(entry: LogEntry): LineBytes | undefined {
  if (entry instanceof RowLine || entry instanceof WholeLine) {
    // The same object is both, so that a batch on its way to the archive needs no others.
    return entry.bytes === undefined ? undefined : (entry as LineBytes);
  }
  return undefined;
}

/** An entry that was parsed at once, of whose bytes it is known where they are. */
class WholeLine implements ArchivedEntry {
  constructor(
    readonly position: Position,
    readonly ordinal: number,
    readonly entry: NewEntry,
    readonly bytes: Uint8Array,
    readonly from: number,
    readonly to: number,
  ) {}
}

/** A row by its label. Its event is parsed when somebody asks for the entry. */
class RowLine implements ArchivedEntry {
  readonly bytes: Uint8Array | undefined;
  readonly from: number;
  readonly to: number;
  private readonly text: string;
  private readonly textAt: number;
  private toldHead: RowHead | undefined = undefined;
  private told: EventEntry | undefined = undefined;
  private ownHash: string | undefined = undefined;

  constructor(
    readonly position: Position,
    readonly ordinal: number,
    { text, from, to, bytes, textAt = 0 }: LinePlace,
    private readonly pattern: Pattern,
    private readonly id: string,
    /** Where the text of the event begins and ends, in the text. */
    private readonly eventAt: number,
    private readonly eventEnd: number,
  ) {
    this.text = text;
    this.textAt = textAt;
    this.bytes = bytes;
    this.from = from + textAt;
    this.to = to + textAt;
  }

  get head(): RowHead {
    return (this.toldHead ??= { ...this.pattern.head, id: this.id });
  }

  get rowHash(): string {
    const hashAt = this.from - this.textAt + OPENING.length;
    return this.ownHash ?? this.text.slice(hashAt, hashAt + HASH_CHARS);
  }

  get line(): string {
    return this.text.slice(this.from - this.textAt, this.to - this.textAt);
  }

  /** Throws `store-corrupt`. */
  get entry(): EventEntry {
    if (this.told === undefined) {
      // Whoever reads the entry may keep its id and its hash for good: a piece of the text keeps all of it in memory.
      const [id, hash] = JSON.parse(`["${this.id}","${this.rowHash}"]`) as [string, string];
      this.told = { ...this.pattern.head, id, event: this.event() };
      this.ownHash = hash;
    }
    return this.told;
  }

  private event(): JsonObject {
    try {
      return JSON.parse(this.text.slice(this.eventAt, this.eventEnd)) as JsonObject;
    } catch (cause) {
      throw new WhereforeError('store-corrupt', `the row at ${formatPosition(this.position)} is no JSON`, {
        hint: 'Something other than Wherefore wrote it. Start again from a snapshot behind it.',
        cause,
      });
    }
  }
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
    return this.readPart({ text: line, from: 0, to: line.length }, position, ordinal);
  }

  /** The same of a line within a text. */
  readPart(part: LinePlace, position: Position, ordinal: number): ArchivedEntry;
  readPart(part: LinePlace, position: Position, ordinal?: number): LogEntry;
  readPart(part: LinePlace, position: Position, ordinal = 0): LogEntry | ArchivedEntry {
    const { text, from, to, bytes, textAt = 0 } = part;
    const entry = text.startsWith(OPENING, from)
      ? (this.row(part, position, ordinal) ?? this.unknownRow(part, position, ordinal))
      : (JSON.parse(text.slice(from, to)) as NewEntry);
    if (entry instanceof RowLine) return entry;
    if (bytes !== undefined) return new WholeLine(position, ordinal, entry, bytes, from + textAt, to + textAt);
    return ordinal === 0 ? { position, entry } : { ordinal, position, entry };
  }

  private row(part: LinePlace, position: Position, ordinal: number): RowLine | undefined {
    if (this.pattern === undefined) return undefined;
    const { text, from, to } = part;
    const { beforeId, beforeEvent, afterEvent } = this.pattern;
    let at = from + OPENING.length + HASH_CHARS + 2;
    let length = 0;
    for (let digit = text.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - ZERO) {
      length = length * 10 + digit;
    }
    if (!text.startsWith(beforeId, at)) return undefined;
    const idAt = at + beforeId.length;
    const idEnd = text.indexOf('"', idAt);
    if (!text.startsWith(beforeEvent, idEnd)) return undefined;
    const eventAt = idEnd + beforeEvent.length;
    const eventEnd = eventAt + length;
    if (eventEnd + afterEvent.length !== to || !text.startsWith(afterEvent, eventEnd)) return undefined;
    const id = text.slice(idAt, idEnd);
    // An escape may stand for the mark at which the id seems to end.
    if (id.includes('\\')) return undefined;
    return new RowLine(position, ordinal, part, this.pattern, id, eventAt, eventEnd);
  }

  /** The first of a poll shows the pattern of the others. One that is not of the form, as by an escape in its id, is parsed. */
  private unknownRow(part: LinePlace, position: Position, ordinal: number): RowLine | NewEntry {
    const { row, ...entry } = JSON.parse(part.text.slice(part.from, part.to)) as EventEntry & {
      readonly row: readonly [string, number, string];
    };
    const head: RowHead = { ...entry, event: row[2] };
    this.pattern = patternOf(head) ?? this.pattern;
    return this.row(part, position, ordinal) ?? entry;
  }
}
