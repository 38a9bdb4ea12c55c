import {
  assert,
  type EventEntry,
  type KnownRow,
  type NewEntry,
  type PollHead,
  type Position,
  type RowHead,
} from '@wherefore/model';
import { joinEntry, type ArchivedEntry } from '@wherefore/ports';
import type { StoredRow } from './rowCache';

/** What was read together: the row of each entry, and its id, which is 0 where an entry has none. */
export interface RowBatch {
  readonly ids: readonly number[];
  readonly rows: readonly (StoredRow | undefined)[];
}

const READ_AHEAD_MAX = 256;

/**
 * Reads the events of rows when they are asked for. Whoever asks for one after the other is given more and more at
 * once; whoever asks for one here and there is given that one.
 */
export class RowLoader {
  private ahead = 1;
  /** The row that would be next in line; undefined where a batch ended. */
  private next: StoredRow | undefined;

  /** `load` fills in the events of the rows that have none. */
  constructor(private readonly load: (rows: ReadonlyMap<number, StoredRow>) => void) {}

  /** The event of the row at `place` of those that were read together. */
  eventAt({ ids, rows }: RowBatch, place: number): NonNullable<StoredRow['event']> {
    const row = rows[place]!;
    if (row.event === undefined) {
      const isInLine = row === this.next || this.next === undefined;
      this.ahead = isInLine ? Math.min(this.ahead * 4, READ_AHEAD_MAX) : 1;
      const wanted = new Map<number, StoredRow>();
      let at = place;
      for (; at < rows.length && wanted.size < this.ahead; at++) {
        if (rows[at] !== undefined) wanted.set(ids[at]!, rows[at]!);
      }
      while (at < rows.length && rows[at] === undefined) at += 1;
      this.load(wanted);
      this.next = rows[at];
    }
    assert(row.event !== undefined, 'a row was read without its event');
    return row.event;
  }
}

/** The entry of a row, which is read when the entry is asked for. */
export class RowEntry implements ArchivedEntry {
  private joined: EventEntry | undefined;

  constructor(
    readonly ordinal: number,
    readonly position: Position,
    readonly head: RowHead,
    readonly rowHash: string,
    readonly rowNumber: number,
    private readonly loader: RowLoader,
    /** What was read together, and the place of this entry in it. */
    private readonly batch: RowBatch,
    private readonly place: number,
  ) {}

  get entry(): EventEntry {
    return (this.joined ??= joinEntry(this.head, this.loader.eventAt(this.batch, this.place)));
  }
}

/** A row whose key the store knows. */
export type KeyedRow = StoredRow & KnownRow;

/** The entry of a row that is known by its poll and its row; everything else is made when it is asked for. */
export class PolledEntry implements ArchivedEntry {
  private made: NewEntry | undefined;

  constructor(
    readonly ordinal: number,
    readonly pollHead: PollHead,
    readonly row: KeyedRow,
    private readonly loader: RowLoader,
    /** What was read together, and the place of this entry in it. */
    private readonly batch: RowBatch,
    private readonly place: number,
  ) {}

  get position(): Position {
    return { epoch: 1, offset: this.ordinal, index: 0 };
  }

  get head(): RowHead | undefined {
    const { pollHead, row } = this;
    return pollHead.kind === 'event' ? { ...pollHead, id: pollHead.id + row.key } : undefined;
  }

  get rowHash(): string | undefined {
    return this.pollHead.kind === 'event' ? this.row.hash : undefined;
  }

  get rowNumber(): number {
    return this.row.number;
  }

  get entry(): NewEntry {
    return (this.made ??= this.make());
  }

  private make(): NewEntry {
    const { pollHead, row } = this;
    const id = pollHead.id + row.key;
    if (pollHead.kind === 'seen') return { ...pollHead, id, key: row.key, rowHash: row.hash };
    return joinEntry({ ...pollHead, id }, this.loader.eventAt(this.batch, this.place));
  }
}
