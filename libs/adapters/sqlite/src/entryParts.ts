import type { NewEntry } from '@wherefore/model';
import { splitEntry, type RowText, type SplitEntry } from '@wherefore/ports';

/** What the entries of the rows of a poll share, as JSON: their `PollHead`. One object for all that share it. */
export interface PollText {
  readonly text: string;
}

/** The entry of a row of a poll, of which nothing is its own but which row it is. */
export interface PolledParts {
  readonly poll: PollText;
  /** Key of the entity: what its id ends with. */
  readonly key: string;
  readonly rowHash: string;
  /** Absent in a `seen` entry, which says that the row is that of before. */
  readonly row?: RowText;
}

/** An entry as it is handed to the writer. */
export type EntryParts = SplitEntry | PolledParts;

/** Splits the entries of an append. Throws as `splitEntry` does. */
export function partsOf(entries: readonly NewEntry[]): EntryParts[] {
  let last: { entry: NewEntry; poll: PollText } | undefined;
  return entries.map((entry) => {
    const split = splitEntry(entry);
    const key = keyOf(entry);
    const rowHash = entry.kind === 'seen' ? entry.rowHash : split.row?.hash;
    if (key === undefined || rowHash === undefined) return split;
    const poll = last !== undefined && isOfSamePoll(last.entry, entry) ? last.poll : { text: pollText(entry) };
    last = { entry, poll };
    return split.row === undefined ? { poll, key, rowHash } : { poll, key, rowHash, row: split.row };
  });
}

/** The head of the entry, as `splitEntry` gives it. */
export function wholeHead({ poll, key, rowHash }: PolledParts): string {
  const head = JSON.parse(poll.text) as { readonly kind: string; readonly id: string };
  const own = head.kind === 'seen' ? { key, rowHash } : {};
  return JSON.stringify({ ...head, id: head.id + key, ...own });
}

/** A text with a control character may not come back from SQLite's JSON, one with half a surrogate pair not from UTF-8. */
const CONTROL = /[\u0000-\u001f]/;

/** The key of the entity of a row, where the id of its entry is that of the poll and the key. */
function keyOf(entry: NewEntry): string | undefined {
  if ((entry.kind !== 'event' && entry.kind !== 'seen') || entry.pollId === undefined) return undefined;
  const { id, pollId } = entry;
  if (id[pollId.length] !== '/' || !id.startsWith(pollId)) return undefined;
  const key = id.slice(pollId.length + 1);
  if (entry.kind === 'seen' && entry.key !== key) return undefined;
  return CONTROL.test(key) || !key.isWellFormed() ? undefined : key;
}

/** What each entry of a row has of its own. The sample date of an event is compared. */
const OWN: ReadonlySet<string> = new Set(['id', 'key', 'rowHash', 'event']);

function isOfSamePoll(a: NewEntry, b: NewEntry): boolean {
  const [one, other] = [a, b] as unknown as { readonly [name: string]: unknown }[];
  for (const name in other) if (!OWN.has(name) && one![name] !== other![name]) return false;
  for (const name in one) if (!(name in other!)) return false;
  return a.kind !== 'event' || b.kind !== 'event' || a.event[SAMPLE_DATE] === b.event[SAMPLE_DATE];
}

const SAMPLE_DATE = 'vitrage_sample_date';

function pollText(entry: NewEntry): string {
  if (entry.kind === 'event') {
    return JSON.stringify({ ...entry, id: `${entry.pollId!}/`, event: entry.event[SAMPLE_DATE] });
  }
  const { pollId } = entry as Extract<NewEntry, { kind: 'seen' }>;
  return JSON.stringify({ ...entry, id: `${pollId}/`, key: '', rowHash: '' });
}
