import { type JsonObject, PassingMap } from '@wherefore/model';

/** A row that polls repeat. */
export interface StoredRow {
  readonly number: number;
  readonly hash: string;
  /** Key of its entity; unknown of rows that an older program wrote. */
  readonly key: string | undefined;
  /** With an empty sample date. Read and parsed when somebody first wants it: most rows say what they said before. */
  event: JsonObject | undefined;
  /** Of its JSON, once that was read; in memory it takes about three times that. */
  chars: number;
}

/** What is kept of a row that was not read. */
export const CHARS_OF_HASH = 40;

/**
 * Rows by id, within a bound. Polls read the same rows in the same order again and again, where giving up the oldest
 * would always give up the one that is needed next: what goes is chosen as by lot, so that a cache that holds half of
 * a cloud serves half of its rows.
 */
export class RowCache {
  private readonly rows = new PassingMap<number, StoredRow>();
  private readonly ids: number[] = [];
  private chars = 0;
  private lot = 1;

  constructor(private readonly charsMax: number) {}

  get(id: number): StoredRow | undefined {
    return this.rows.get(id);
  }

  put(id: number, row: StoredRow): void {
    if (row.chars > this.charsMax) return;
    this.drop(id);
    while (this.chars + row.chars > this.charsMax) this.dropOne();
    this.rows.set(id, row);
    this.ids.push(id);
    this.chars += row.chars;
  }

  /** A row was read: it takes more room now, here if it is kept here. */
  fill(id: number, row: StoredRow, event: JsonObject, chars: number): void {
    if (this.rows.get(id) === row) this.chars += chars - row.chars;
    row.event = event;
    row.chars = chars;
    while (this.chars > this.charsMax) this.dropOne();
  }

  /** Whoever reads it anew knows more of it. */
  private drop(id: number): void {
    const known = this.rows.get(id);
    if (known === undefined) return;
    this.rows.delete(id);
    this.chars -= known.chars;
    this.ids.splice(this.ids.indexOf(id), 1);
  }

  private dropOne(): void {
    this.lot = Math.imul(this.lot, 0x9e3779b1) + 0x7f4a7c15;
    const place = (this.lot >>> 0) % this.ids.length;
    const id = this.ids[place]!;
    this.ids[place] = this.ids[this.ids.length - 1]!;
    this.ids.pop();
    this.chars -= this.rows.get(id)!.chars;
    this.rows.delete(id);
  }
}
