import {
  oversize,
  WhereforeError,
  rowHash,
  type EventEntry,
  type JsonObject,
  type NewEntry,
  type RowHead,
} from '@wherefore/model';

/**
 * The JSON text of an entry as a log keeps it. Throws `entry-too-large` beyond
 * `BOUNDARY_LIMITS.entryBytesMax`, so that every adapter draws the line at the same place.
 */
export function encodeEntry(entry: NewEntry): string {
  const text = JSON.stringify(entry);
  checkSize(entry, text);
  return text;
}

/** An entry in two parts: what is new with it, and what the next poll will most likely repeat. */
export interface SplitEntry {
  /** JSON of the entry; in place of the event of a row stands its sample date. */
  readonly head: string;
  readonly row?: RowText;
}

/** The event of a row with an empty sample date. */
export interface RowText {
  /** As `rowHash` of the event: equal rows have equal hashes, and very nearly the reverse. */
  readonly hash: string;
  /** JSON. */
  readonly text: string;
}

const SAMPLE_DATE = 'vitrage_sample_date';

/**
 * Splits the rows of polls, which say the same again at every poll, from what is theirs alone, so that an adapter keeps
 * each row once. Every other entry is all head. Throws as `encodeEntry` does. `joinEntry` is the inverse.
 */
export function splitEntry(entry: NewEntry): SplitEntry {
  if (entry.kind !== 'event' || entry.pollId === undefined) return { head: encodeEntry(entry) };
  const date = entry.event[SAMPLE_DATE];
  if (typeof date !== 'string') return { head: encodeEntry(entry) };
  const head = JSON.stringify({ ...entry, event: date });
  const text = JSON.stringify({ ...entry.event, [SAMPLE_DATE]: '' });
  // The two quotes of the empty date are those of the date in the head.
  checkSize(entry, head + text.slice(2));
  return { head, row: { hash: rowHash(entry.event), text } };
}

/** The entry of a parsed head and its parsed row. What is nested in the row is shared with other entries: nobody changes it. */
export function joinEntry(head: RowHead, row: JsonObject): EventEntry {
  return { ...head, event: { ...row, [SAMPLE_DATE]: head.event } };
}

function checkSize(entry: NewEntry, text: string): void {
  const fault = oversize(entry, text);
  if (fault === undefined) return;
  throw new WhereforeError(fault.code, fault.message, fault.hint === undefined ? {} : { hint: fault.hint });
}
