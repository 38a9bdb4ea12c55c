import { assert, comparePositions, headOf, type LogEntry, type Position } from '@wherefore/model';
import { assertInOrder, type ArchiveBatch, type ArchiveResult, type ArchiveWriter } from '@wherefore/ports';
import {
  PAGE_ENTRIES_MAX,
  PAGE_RAW_BYTES_MAX,
  cutPages,
  encodePage,
  packEntry,
  unpackPage,
  type Page,
} from './archivePage';
import type { Database, Session } from './database';
import { positionOf, positionText } from './positionColumn';

/** So many pages that are not full are put together: each entry is written about twice, not once for every neighbour. */
const LOOSE_PAGES_MAX = 64;

/** Sooner where they make so many full ones: a little and often, for whoever else needs the database waits meanwhile. */
const LOOSE_ENTRIES_MAX = 4 * PAGE_ENTRIES_MAX;

/** A page counts as full from this share of either limit on. */
const FULL_SHARE = 0.5;

interface CursorRow {
  readonly position: Position;
  readonly entries: number;
  readonly clockMs: number;
  readonly leaseEpoch: number;
  readonly nowMs: number;
}

interface EncodedPage extends Page {
  readonly bytes: Buffer;
  /** The latest time at which an entry of it was taken in. */
  readonly takenAtMs: number;
}

/** Writing the archive: rows and cursor in one transaction, fenced by the cursor's own row. */
export class MariadbArchiveWriter implements ArchiveWriter {
  /** Those of this process since it put any together. It begins with what others left. */
  private loose = { pages: LOOSE_PAGES_MAX, entries: 0 };
  private folding: Promise<void> | undefined;

  constructor(private readonly database: Database) {}

  async append({ expected, epoch, entries }: ArchiveBatch): Promise<ArchiveResult> {
    assertInOrder(expected, entries);
    const pages = await encodePages(entries);
    const cursor = entries.at(-1)!.position;
    let refused: ArchiveResult | undefined;
    const written = await this.database.transaction(async (session) => {
      const row = await lockCursor(session);
      refused = refusalOf(row, epoch, expected);
      if (refused) return undefined;
      const ends = pages.at(-1)!;
      const clockMs = Math.max(row.clockMs, Math.min(Math.max(...pages.map((page) => page.takenAtMs)), row.nowMs));
      const moved = await session.run(
        `UPDATE archive_cursor SET position = ?, entries = ?, clock_ms = ?, lease_epoch = ?
         WHERE position = ? AND lease_epoch <= ?`,
        positionText(ends.entries.at(-1)!.position),
        row.entries + entries.length,
        clockMs,
        epoch,
        positionText(expected),
        epoch,
      );
      if (moved === 0) return undefined;
      await insertPages(session, pages, row);
      return { kind: 'written' as const, cursor };
    });
    if (!written) return refused ?? this.refusal(epoch, expected);
    this.foldLater(pages, epoch);
    return written;
  }

  async forget(position: Position, epoch: number): Promise<ArchiveResult> {
    let refused: ArchiveResult | undefined;
    const forgotten = await this.database.transaction(async (session) => {
      const row = await lockCursor(session);
      if (epoch < row.leaseEpoch) {
        refused = { kind: 'stale-epoch', cursor: row.position };
        return undefined;
      }
      const goes = 'last_position <= ? AND last_position < ?';
      const bounds = [positionText(position), positionText(row.position)] as const;
      const newest = await session.get(`SELECT MAX(last_position) FROM archive_pages WHERE ${goes}`, ...bounds);
      if (typeof newest?.[0] === 'string') {
        await session.run('UPDATE archive_cursor SET horizon = ? WHERE lease_epoch <= ?', newest[0], epoch);
        await session.run(`DELETE FROM archive_pages WHERE ${goes}`, ...bounds);
      }
      await session.run('UPDATE archive_cursor SET lease_epoch = ? WHERE lease_epoch <= ?', epoch, epoch);
      return { kind: 'written' as const, cursor: row.position };
    });
    assert(forgotten ?? refused, 'a transaction either went through or was refused');
    return forgotten ?? refused!;
  }

  /** Settles when nothing is under way. */
  async close(): Promise<void> {
    await this.folding;
  }

  /** The cursor moved between two looks at it. */
  private async refusal(epoch: number, expected: Position): Promise<ArchiveResult> {
    const row = await readCursor(this.database);
    return refusalOf(row, epoch, expected) ?? { kind: 'cursor-moved', cursor: row.position };
  }

  /** Small batches make small pages; now and then the last ones are put together, beside the appends. */
  private foldLater(pages: readonly Page[], epoch: number): void {
    for (const page of pages) {
      if (isFull(page)) continue;
      this.loose.pages += 1;
      this.loose.entries += page.entries.length;
    }
    const { pages: count, entries } = this.loose;
    if (this.folding || (count < LOOSE_PAGES_MAX && entries < LOOSE_ENTRIES_MAX)) return;
    this.loose = { pages: 0, entries: 0 };
    this.folding = this.fold(epoch)
      // It is no part of any promise: it is tried again after as many pages.
      .catch(() => undefined)
      .finally(() => (this.folding = undefined));
  }

  private async fold(epoch: number): Promise<void> {
    await this.database.transaction(async (session) => {
      const { leaseEpoch } = await lockCursor(session);
      if (epoch < leaseEpoch) return undefined;
      const newestFirst = await session.all(
        `SELECT first_ordinal, entries, raw_bytes, clock_ms FROM archive_pages
         ORDER BY first_ordinal DESC LIMIT ?`,
        LOOSE_PAGES_MAX * 4,
      );
      const firstFull = newestFirst.findIndex(([, count, rawBytes]) => isFullSize(Number(count), Number(rawBytes)));
      const loose = (firstFull < 0 ? newestFirst : newestFirst.slice(0, firstFull)).reverse();
      if (loose.length < 2) return undefined;
      return replacePages(session, Number(loose[0]![0]), Number(loose.at(-1)![3]));
    });
  }
}

async function lockCursor(session: Session): Promise<CursorRow> {
  return readCursor(session, 'FOR UPDATE');
}

async function readCursor(session: Session, lock = ''): Promise<CursorRow> {
  const row = await session.get(
    `SELECT position, entries, clock_ms, lease_epoch, CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS INTEGER)
     FROM archive_cursor ${lock}`,
  );
  const [position, entries, clockMs, leaseEpoch, nowMs] = row!;
  return {
    position: positionOf(position),
    entries: Number(entries),
    clockMs: Number(clockMs),
    leaseEpoch: Number(leaseEpoch),
    nowMs: Number(nowMs),
  };
}

function refusalOf(row: CursorRow, epoch: number, expected: Position): ArchiveResult | undefined {
  if (epoch < row.leaseEpoch) return { kind: 'stale-epoch', cursor: row.position };
  return comparePositions(expected, row.position) === 0 ? undefined : { kind: 'cursor-moved', cursor: row.position };
}

/** Pages after those that the cursor counts. No entry was taken in later than it was copied, so far as clocks agree. */
async function insertPages(
  session: Session,
  pages: readonly EncodedPage[],
  { entries, clockMs, nowMs }: Pick<CursorRow, 'entries' | 'clockMs' | 'nowMs'>,
): Promise<void> {
  let firstOrdinal = entries + 1;
  let latestMs = clockMs;
  for (const page of pages) {
    latestMs = Math.max(latestMs, Math.min(page.takenAtMs, nowMs));
    await session.run(
      `INSERT INTO archive_pages
         (first_ordinal, entries, raw_bytes, first_position, last_position, clock_ms, page) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      firstOrdinal,
      page.entries.length,
      page.rawBytes,
      positionText(page.entries[0]!.position),
      positionText(page.entries.at(-1)!.position),
      latestMs,
      page.bytes,
    );
    firstOrdinal += page.entries.length;
  }
}

/** Writes the entries from an ordinal on anew, in as few pages as they need. */
async function replacePages(session: Session, firstOrdinal: number, clockMs: number): Promise<boolean> {
  const rows = await session.all(
    'SELECT page, entries, raw_bytes FROM archive_pages WHERE first_ordinal >= ? ORDER BY first_ordinal',
    firstOrdinal,
  );
  const opened = rows.map(([page, count, rawBytes]) => unpackPage(page as Buffer, Number(count), Number(rawBytes)));
  const packed = (await Promise.all(opened)).flat();
  const pages = await Promise.all(cutPages(packed).map((page) => encoded(page, clockMs)));
  await session.run('DELETE FROM archive_pages WHERE first_ordinal >= ?', firstOrdinal);
  await insertPages(session, pages, { entries: firstOrdinal - 1, clockMs, nowMs: clockMs });
  return true;
}

function encodePages(entries: readonly LogEntry[]): Promise<EncodedPage[]> {
  const times = entries.map(takenAtMsOf);
  let start = 0;
  const pages = cutPages(entries.map(packEntry)).map((page) => {
    const takenAtMs = Math.max(...times.slice(start, start + page.entries.length));
    start += page.entries.length;
    return encoded(page, takenAtMs);
  });
  return Promise.all(pages);
}

function takenAtMsOf(placed: LogEntry): number {
  const entry = headOf(placed);
  return entry.kind === 'tick' ? entry.atMs : entry.ingestedAtMs;
}

async function encoded(page: Page, takenAtMs: number): Promise<EncodedPage> {
  return { ...page, takenAtMs, bytes: await encodePage(page) };
}

function isFull({ entries, rawBytes }: Page): boolean {
  return isFullSize(entries.length, rawBytes);
}

function isFullSize(entries: number, rawBytes: number): boolean {
  return entries >= PAGE_ENTRIES_MAX * FULL_SHARE || rawBytes >= PAGE_RAW_BYTES_MAX * FULL_SHARE;
}
