import {
  ENTRY_VERSION,
  type EventEntry,
  type NewEntry,
  oversize,
  refusedInput,
  type RejectedInputEntry,
  type Rejection,
  rowHash,
  RowDigest,
} from '@wherefore/model';
import { toEntityEvent } from '../toEntityEvent';
import type { PollRow, PollRows } from './restAnswer';

/** Of the rows of a poll that are refused, so many are kept to be seen: one tells what is wrong with a thousand. */
const REFUSED_ROWS_MAX = 20;

/**
 * One poll of one datasource, told as entries piece by piece: its beginning, rows as they come, its end. `pollId`
 * must be unique to the poll, and the same when the same answer is read again; the ids of the rows are made of it and
 * their keys.
 *
 * The poll is complete, and what it does not contain is gone, only if every row could be read. Else it ends as
 * failed: it deletes nothing, and entries of the refusals tell why. Remembers the keys of the rows.
 */
export class PollTelling {
  rowCount = 0;
  private refusedCount = 0;
  private readonly digest = new RowDigest();
  /** Key of a row to its hash: what moves while pages are read is listed twice. */
  private readonly told = new Map<string, string>();

  constructor(
    readonly datasource: string,
    readonly pollId: string,
  ) {}

  begin(ingestedAtMs: number): NewEntry {
    return { ...this.base(ingestedAtMs), kind: 'poll-started', id: `${this.pollId}/started` };
  }

  /** Rows, and the refusals of those that mean nothing or are too large for the log. */
  rows({ rows, rejected }: Pick<PollRows, 'rows' | 'rejected'>, ingestedAtMs: number): NewEntry[] {
    const events: NewEntry[] = [];
    const refusals: RejectedInputEntry[] = [];
    for (const rejection of rejected) {
      const id = `${this.pollId}/refused/${this.refusedCount}`;
      this.refuse(refusals, refusedInput(rejection, '', { id, source: this.datasource, ingestedAtMs }));
    }
    for (const row of rows) {
      const entry = this.rowEntry(row, ingestedAtMs);
      if (entry === undefined) continue;
      const fault = faultOf(entry);
      if (fault === undefined) {
        this.digest.add(entry.id);
        this.rowCount += 1;
        events.push(entry);
      } else this.refuse(refusals, refusedRow(fault, entry));
    }
    return [...events, ...refusals];
  }

  /** Every row was told. Whether they are complete shows in the kind: `poll-completed`, or `poll-failed`. */
  end(ingestedAtMs: number): NewEntry {
    if (this.refusedCount > 0) return this.fail(`${this.refusedCount} of its rows could not be read`, ingestedAtMs);
    const { rowCount } = this.digest;
    const rowDigest = this.digest.toString();
    return { ...this.base(ingestedAtMs), kind: 'poll-completed', id: `${this.pollId}/completed`, rowCount, rowDigest };
  }

  /** Not every row can be told. */
  fail(reason: string, ingestedAtMs: number): NewEntry {
    return { ...this.base(ingestedAtMs), kind: 'poll-failed', id: `${this.pollId}/failed`, reason };
  }

  private base(ingestedAtMs: number) {
    const { datasource, pollId } = this;
    return { version: ENTRY_VERSION, source: datasource, ingestedAtMs, datasource, pollId } as const;
  }

  /** Undefined for a row that was told already. One that changed meanwhile is told again, under another id. */
  private rowEntry({ key, event }: PollRow, ingestedAtMs: number): EventEntry | undefined {
    const hash = rowHash(event);
    const before = this.told.get(key);
    if (before === hash) return undefined;
    this.told.set(key, hash);
    const { datasource: source, pollId } = this;
    const id = before === undefined ? `${pollId}/${key}` : `${pollId}/${key}/${hash}`;
    return { kind: 'event', id, version: ENTRY_VERSION, source, ingestedAtMs, event, pollId };
  }

  private refuse(refusals: RejectedInputEntry[], entry: RejectedInputEntry): void {
    this.refusedCount += 1;
    if (this.refusedCount <= REFUSED_ROWS_MAX) refusals.push(entry);
  }
}

/** Why the entry must not go into the log: the engine would refuse it, or it is too large. */
export function faultOf(entry: EventEntry): Rejection | undefined {
  const meaning = toEntityEvent(entry.event);
  return 'code' in meaning ? meaning : oversize(entry, JSON.stringify(entry));
}

/** The entry that stands for a row which must not go into the log. */
export function refusedRow(rejection: Rejection, { id, source, ingestedAtMs, event }: EventEntry): RejectedInputEntry {
  return refusedInput(rejection, JSON.stringify(event), { id: `${id}/refused`, source, ingestedAtMs });
}
