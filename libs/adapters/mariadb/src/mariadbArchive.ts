import { comparePositions, type Position } from '@wherefore/model';
import { forgottenAfter, LineReader, type Archive, type ArchivedEntry } from '@wherefore/ports';
import { PAGE_ENTRIES_MAX, openPage, type OpenPage } from './archivePage';
import type { Database, Row } from './database';
import { positionOf, positionText } from './positionColumn';

/** Pages fetched with one query. */
const FETCH_PAGES_MAX = 8;

interface DecodedPage {
  readonly firstOrdinal: number;
  readonly page: OpenPage;
}

/** Reading the archive: pages of entries in the order of the log. */
export class MariadbArchive implements Archive {
  /** The page that was read last: who reads on usually begins in its middle. Pages never change. */
  private last: DecodedPage | undefined;
  private readonly lines = new LineReader();

  constructor(private readonly database: Database) {}

  async cursor(): Promise<Position> {
    return positionOf((await this.cursorRow('position'))[0]);
  }

  async count(): Promise<number> {
    return Number((await this.cursorRow('entries'))[0]);
  }

  async horizon(): Promise<Position> {
    return positionOf((await this.cursorRow('horizon'))[0]);
  }

  async readRange(after: Position, limit: number): Promise<readonly ArchivedEntry[]> {
    const found: ArchivedEntry[] = [];
    const { last } = this;
    if (last && isWithin(last, after)) this.takeFrom(last, after, limit, found);
    let isChecked = found.length > 0;
    while (found.length < limit) {
      const from = found.at(-1)?.position ?? after;
      const pages = await this.pagesAfter(from, limit - found.length);
      // Checked after the pages were read: what was forgotten meanwhile cannot be among them.
      if (!isChecked) await this.checkNothingMissing(from, pages[0]);
      isChecked = true;
      for (const page of pages) this.takeFrom(page, from, limit, found);
      this.last = pages.at(-1) ?? this.last;
      if (pages.length === 0) break;
    }
    return found;
  }

  async lookup(ordinals: readonly number[]): Promise<readonly ArchivedEntry[]> {
    const found: ArchivedEntry[] = [];
    let page: DecodedPage | undefined;
    for (const ordinal of [...new Set(ordinals)].sort((a, b) => a - b)) {
      page = holds(page, ordinal) ? page : await this.pageOf(ordinal);
      if (holds(page, ordinal)) found.push(page.page.read(ordinal - page.firstOrdinal, ordinal, this.lines));
    }
    return found;
  }

  /**
   * Up to there, to the page, no entry was taken in at or after `timeMs`: who looks for what happened
   * from then on begins behind it. The horizon when there is no such page. As exact as the clocks of
   * the publishers: log time may run ahead of an entry's by `clockLeadMaxMs`.
   */
  async positionBefore(timeMs: number): Promise<Position> {
    const row = await this.database.get(
      `SELECT last_position FROM archive_pages WHERE clock_ms < ?
       ORDER BY clock_ms DESC, first_ordinal DESC LIMIT 1`,
      timeMs,
    );
    return row ? positionOf(row[0]) : this.horizon();
  }

  private async pagesAfter(after: Position, entriesWanted: number): Promise<DecodedPage[]> {
    const wanted = Math.min(Math.ceil(entriesWanted / PAGE_ENTRIES_MAX), FETCH_PAGES_MAX);
    const rows = await this.database.all(
      'SELECT first_ordinal, page FROM archive_pages WHERE last_position > ? ORDER BY last_position LIMIT ?',
      positionText(after),
      wanted,
    );
    return Promise.all(rows.map(decodeRow));
  }

  private async pageOf(ordinal: number): Promise<DecodedPage | undefined> {
    const row = await this.database.get(
      'SELECT first_ordinal, page FROM archive_pages WHERE first_ordinal <= ? ORDER BY first_ordinal DESC LIMIT 1',
      ordinal,
    );
    return row && decodeRow(row);
  }

  /** Adds the page's entries after a position, until there are `limit`. */
  private takeFrom({ firstOrdinal, page }: DecodedPage, after: Position, limit: number, into: ArchivedEntry[]): void {
    const { entries } = page;
    for (let at = 0; at < entries.length && into.length < limit; at++) {
      if (comparePositions(entries[at]!.position, after) > 0) into.push(page.read(at, firstOrdinal + at, this.lines));
    }
  }

  private async checkNothingMissing(after: Position, page: DecodedPage | undefined): Promise<void> {
    if (page?.firstOrdinal === 1 || (page && isWithin(page, after))) return;
    const horizon = await this.horizon();
    if (comparePositions(after, horizon) < 0) throw forgottenAfter(after, horizon);
  }

  private async cursorRow(column: string): Promise<Row> {
    return (await this.database.get(`SELECT ${column} FROM archive_cursor`))!;
  }
}

async function decodeRow([firstOrdinal, page]: Row): Promise<DecodedPage> {
  return { firstOrdinal: Number(firstOrdinal), page: await openPage(page as Buffer) };
}

/** Whether `after` is the place of an entry of the page, or lies between two of them. */
function isWithin({ page: { entries } }: DecodedPage, after: Position): boolean {
  return comparePositions(entries[0]!.position, after) <= 0 && comparePositions(after, entries.at(-1)!.position) < 0;
}

function holds(page: DecodedPage | undefined, ordinal: number): page is DecodedPage {
  return page !== undefined && ordinal >= page.firstOrdinal && ordinal < page.firstOrdinal + page.page.entries.length;
}
