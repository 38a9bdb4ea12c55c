import { type JsonObject, type NewEntry, type RowHead, WhereforeError } from '@wherefore/model';
import type { ArchivedEntry } from '@wherefore/ports';
import type { Connection, Row, Value } from './connection';
import { type Head, HeadList } from './headList';
import { CHARS_OF_HASH, RowCache, type StoredRow } from './rowCache';
import { type RowBatch, RowEntry, RowLoader } from './rowEntry';
import { checkVersion } from './schema';

/**
 * The bodies of a batch as one text: a value that crosses from SQLite costs more than most bodies do, and one
 * list is parsed faster than its parts.
 */
const LISTED = `SELECT count(*), '[' || group_concat(ordinal) || ']', group_concat(body, ',' || char(10)),
  '[' || group_concat(coalesce(row, 0)) || ']' FROM`;
/** Ordinals are dense, mostly: their bounds tell them all. */
const LISTED_IN_LINE = `SELECT count(*), CASE WHEN max(ordinal) - min(ordinal) = count(*) - 1 THEN min(ordinal)
  ELSE '[' || group_concat(ordinal) || ']' END, group_concat(body, ',' || char(10)),
  '[' || group_concat(coalesce(row, 0)) || ']' FROM`;

const BOUNDS = 'SELECT (SELECT min(ordinal) FROM entries), (SELECT max(ordinal) FROM entries)';
const AFTER = `${LISTED_IN_LINE} (SELECT ordinal, body, row FROM entries WHERE ordinal > ? ORDER BY ordinal LIMIT ?)`;
const AMONG = `${LISTED} (SELECT ordinal, body, row FROM entries
  WHERE ordinal IN (SELECT value FROM json_each(?)) ORDER BY ordinal)`;
const HASHES = `SELECT '[' || group_concat(id) || ']', '[' || group_concat(json_quote(hash)) || ']'
  FROM (SELECT id, hash FROM event_rows WHERE id IN (SELECT value FROM json_each(?)))`;
const EVENTS = `SELECT '[' || group_concat(id) || ']', '[' || group_concat(body) || ']'
  FROM (SELECT id, body FROM event_rows WHERE id IN (SELECT value FROM json_each(?)))`;

/** In a store of version 1, which nobody opened to write since, every body is a whole entry. */
const asFirstWritten = (sql: string): string =>
  sql.replace('body, row FROM entries', 'body, 0 AS row FROM log').replaceAll('FROM entries', 'FROM log');

/** Reads entries: each its own part, with the row that it shares with others when somebody asks for it. */
export class EntryRows {
  private readonly cache: RowCache;
  private readonly loader = new RowLoader((rows) => this.loadEvents(rows));
  private readonly heads = new HeadList();
  private isCurrent = false;

  constructor(
    private readonly connection: Connection,
    private readonly folder: string,
    cachedCharsMax: number,
  ) {
    this.cache = new RowCache(cachedCharsMax);
  }

  /** Ordinals of the oldest and the newest entry; `null` when there is none. Asked for together they would be sought in all rows. */
  bounds(): Row {
    return this.query(BOUNDS);
  }

  /** Up to `limit` entries after `ordinal`, ascending. Their rows are read when an entry is asked for. */
  after(ordinal: number, limit: number): ArchivedEntry[] {
    return this.entriesOf(this.query(AFTER, ordinal, limit));
  }

  /** Those of the entries that there are, ascending, and whole. */
  among(ordinals: readonly number[]): ArchivedEntry[] {
    const found = this.entriesOf(this.query(AMONG, JSON.stringify(ordinals)));
    return found.map(whole).sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Reads the events of the rows that have none yet. Throws `store-corrupt` when one is not there. */
  private loadEvents(rows: ReadonlyMap<number, StoredRow>): void {
    const missing = new Map([...rows].filter(([, { event }]) => event === undefined));
    if (missing.size === 0) return;
    const [idList, bodyList] = this.query(EVENTS, JSON.stringify([...missing.keys()]));
    const ids = parseList<number>(idList, this.folder);
    const events = parseList<JsonObject>(bodyList, this.folder);
    const chars = typeof bodyList === 'string' ? Math.ceil(bodyList.length / ids.length) : 0;
    ids.forEach((id, at) => this.cache.fill(id, missing.get(id)!, events[at]!, chars));
    for (const [id, { event }] of missing) if (event === undefined) throw damaged(this.folder, `row ${id} is lost`);
  }

  private entriesOf([count, ordinalList, bodyList, rowList]: Row): ArchivedEntry[] {
    if (typeof count !== 'number' || count === 0) return [];
    const ordinals = typeof ordinalList === 'number' ? undefined : parseList<number>(ordinalList, this.folder);
    const rowIds = parseList<number>(rowList, this.folder);
    const heads = this.parseHeads(bodyList, count, rowIds);
    const batch = this.batchOf(rowIds);
    const entries: ArchivedEntry[] = [];
    for (let at = 0; at < count; at++) {
      const ordinal = ordinals === undefined ? (ordinalList as number) + at : ordinals[at]!;
      const position = { epoch: 1, offset: ordinal, index: 0 };
      const head = heads[at]!;
      if (rowIds[at] === 0) {
        entries.push({ ordinal, position, entry: head as NewEntry });
        continue;
      }
      const row = batch.rows[at];
      if (row === undefined) throw damaged(this.folder, `entry ${ordinal} has lost its row`);
      entries.push(new RowEntry(ordinal, position, head as RowHead, row.hash, rowIds[at]!, this.loader, batch, at));
    }
    return entries;
  }

  private parseHeads(bodyList: Value | undefined, count: number, rowIds: readonly number[]): Head[] {
    try {
      const heads = this.heads.parse(String(bodyList), count, (at) => rowIds[at] !== 0);
      if (heads.length === count) return heads;
    } catch (cause) {
      throw damaged(this.folder, 'an entry is no JSON', cause);
    }
    throw damaged(this.folder, 'an entry is more than one');
  }

  /** The rows of the entries, where there are any. Those not at hand are found all at once: the cache may not have room for them all. */
  private batchOf(ids: readonly number[]): RowBatch {
    const missing: number[] = [];
    const rows = ids.map((id) => {
      if (id === 0) return undefined;
      const row = this.cache.get(id);
      if (row === undefined) missing.push(id);
      return row;
    });
    if (missing.length === 0) return { ids, rows };
    const [idList, hashList] = this.query(HASHES, JSON.stringify(missing));
    const hashes = parseList<string>(hashList, this.folder);
    const fresh = new Map<number, StoredRow>();
    parseList<number>(idList, this.folder).forEach((id, at) => {
      const row = { hash: hashes[at]!, event: undefined, chars: CHARS_OF_HASH };
      fresh.set(id, row);
      this.cache.put(id, row);
    });
    return { ids, rows: rows.map((row, at) => row ?? fresh.get(ids[at]!)) };
  }

  /** One row of an answer. The store may be brought up to date by a writer at any moment. */
  private query(sql: string, ...values: Value[]): Row {
    const { connection, folder } = this;
    if (!this.isCurrent) this.isCurrent = checkVersion(connection, folder) >= 2;
    if (this.isCurrent) return connection.get(sql, ...values)!;
    try {
      return connection.get(asFirstWritten(sql), ...values)!;
    } catch (error) {
      this.isCurrent = checkVersion(connection, folder) >= 2;
      if (!this.isCurrent) throw error;
      return connection.get(sql, ...values)!;
    }
  }
}

/** As an object of its own, which has nothing left to read. */
function whole({ ordinal, position, entry, rowHash }: ArchivedEntry): ArchivedEntry {
  return { ordinal, position, entry, rowHash };
}

function parseList<T>(text: Value | undefined, folder: string): T[] {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as T[]) : [];
  } catch (cause) {
    throw damaged(folder, 'an entry is no JSON', cause);
  }
}

function damaged(folder: string, what: string, cause?: unknown): WhereforeError {
  return new WhereforeError('store-corrupt', `the store in ${folder} is damaged: ${what}`, {
    hint: 'Restore the folder from a backup. Do not write to it.',
    cause,
  });
}
