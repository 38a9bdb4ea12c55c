import { assert, type EventEntry, type Position, type RowHead } from '@wherefore/model';
import { joinEntry, type ArchivedEntry } from '@wherefore/ports';
import type { StoredRow } from './rowCache';

export type RowWithId = readonly [id: number, row: StoredRow];

const READ_AHEAD_MAX = 256;

/**
 * Reads the events of rows when they are asked for. Whoever asks for one after the other is given more and more at
 * once; whoever asks for one here and there is given that one.
 */
export class RowLoader {
  private ahead = 1;
  private next: RowWithId | undefined;

  /** `load` fills in the events of the rows that have none. */
  constructor(private readonly load: (rows: readonly RowWithId[]) => void) {}

  /** The event of the row at `place` of those that were read together. */
  eventAt(batch: readonly RowWithId[], place: number): NonNullable<StoredRow['event']> {
    const wanted = batch[place]!;
    const [, row] = wanted;
    if (row.event === undefined) {
      const isInLine = wanted === this.next || (place === 0 && this.next === undefined);
      this.ahead = isInLine ? Math.min(this.ahead * 4, READ_AHEAD_MAX) : 1;
      this.load(batch.slice(place, place + this.ahead));
      this.next = batch[place + this.ahead];
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
    private readonly loader: RowLoader,
    /** The rows that were read together, and the place of this one among them. */
    private readonly batch: readonly RowWithId[],
    private readonly place: number,
  ) {}

  get entry(): EventEntry {
    return (this.joined ??= joinEntry(this.head, this.loader.eventAt(this.batch, this.place)));
  }
}
