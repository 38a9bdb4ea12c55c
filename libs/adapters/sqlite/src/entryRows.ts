import { WhereforeError, type JsonObject, type NewEntry } from '@wherefore/model';
import { joinEntry, type ArchivedEntry } from '@wherefore/ports';
import type { Connection, Row, Value } from './connection';
import { RowCache, type StoredRow } from './rowCache';
import { checkVersion } from './schema';

/**
 * The bodies of a batch as one JSON list: a value that crosses from SQLite costs more than most bodies do, and one
 * list is parsed faster than its parts.
 */
const LISTED = `SELECT count(*), '[' || group_concat(ordinal) || ']', '[' || group_concat(body) || ']',
  '[' || group_concat(coalesce(row, 0)) || ']' FROM`;

const BOUNDS = 'SELECT (SELECT min(ordinal) FROM entries), (SELECT max(ordinal) FROM entries)';
const AFTER = `${LISTED} (SELECT ordinal, body, row FROM entries WHERE ordinal > ? ORDER BY ordinal LIMIT ?)`;
const AMONG = `${LISTED} (SELECT ordinal, body, row FROM entries
  WHERE ordinal IN (SELECT value FROM json_each(?)) ORDER BY ordinal)`;
const ROWS = `SELECT '[' || group_concat(id) || ']', '[' || group_concat(json_quote(hash)) || ']',
  '[' || group_concat(body) || ']' FROM (SELECT id, hash, body FROM event_rows WHERE id IN (SELECT value FROM json_each(?)))`;

/** In a store of version 1, which nobody opened to write since, every body is a whole entry. */
const asFirstWritten = (sql: string): string =>
  sql.replace('body, row FROM entries', 'body, 0 AS row FROM log').replaceAll('FROM entries', 'FROM log');

/** Reads entries, each put together of its own part and the row that it shares with others. */
export class EntryRows {
  private readonly cache: RowCache;
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

  /** Up to `limit` entries after `ordinal`, ascending. */
  after(ordinal: number, limit: number): ArchivedEntry[] {
    return this.entriesOf(this.query(AFTER, ordinal, limit));
  }

  /** Those of the entries that there are, ascending. */
  among(ordinals: readonly number[]): ArchivedEntry[] {
    const found = this.entriesOf(this.query(AMONG, JSON.stringify(ordinals)));
    return found.sort((a, b) => a.ordinal - b.ordinal);
  }

  private entriesOf([count, ordinalList, bodyList, rowList]: Row): ArchivedEntry[] {
    if (count === 0) return [];
    const ordinals = parseList<number>(ordinalList, this.folder);
    const heads = parseList<NewEntry>(bodyList, this.folder);
    const rowIds = parseList<number>(rowList, this.folder);
    const fresh = this.loadMissing(rowIds);
    return heads.map((head, at) => {
      const ordinal = ordinals[at]!;
      const id = rowIds[at]!;
      const row = id === 0 ? undefined : (fresh?.get(id) ?? this.cache.get(id));
      if (id !== 0 && row === undefined) throw damaged(this.folder, `entry ${ordinal} has lost its row`);
      const entry = joinEntry(head, row?.event);
      return { ordinal, position: { epoch: 1, offset: ordinal, index: 0 }, entry, rowHash: row?.hash };
    });
  }

  /** Reads the rows that are not at hand, all at once, and gives them: the cache may not have room for them all. */
  private loadMissing(rowIds: readonly number[]): Map<number, StoredRow> | undefined {
    const missing = rowIds.filter((id) => id !== 0 && this.cache.get(id) === undefined);
    if (missing.length === 0) return undefined;
    const [idList, hashList, bodyList] = this.query(ROWS, JSON.stringify(missing));
    const ids = parseList<number>(idList, this.folder);
    const hashes = parseList<string>(hashList, this.folder);
    const events = parseList<JsonObject>(bodyList, this.folder);
    const chars = typeof bodyList === 'string' ? Math.ceil(bodyList.length / ids.length) : 0;
    const fresh = new Map<number, StoredRow>();
    ids.forEach((id, at) => {
      const row = { hash: hashes[at]!, event: events[at]!, chars };
      fresh.set(id, row);
      this.cache.put(id, row);
    });
    return fresh;
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
