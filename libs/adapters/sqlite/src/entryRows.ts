import { type JsonObject, type NewEntry, type PollHead, type RowHead, WhereforeError } from '@wherefore/model';
import type { ArchivedEntry } from '@wherefore/ports';
import type { Connection, Row, Value } from './connection';
import { type Head, HeadList } from './headList';
import { CHARS_OF_HASH, RowCache, type StoredRow } from './rowCache';
import { type KeyedRow, PolledEntry, type RowBatch, RowEntry, RowLoader } from './rowEntry';
import { checkVersion, VERSION_WITH_HEADS, VERSION_WITH_ROWS } from './schema';

/**
 * The bodies of a batch as one text: a value that crosses from SQLite costs more than most bodies do, and one
 * list is parsed faster than its parts. Entries with the head of a poll have none.
 */
const LISTS = `group_concat(CASE WHEN head IS NULL THEN body END, ',' || char(10)),
  '[' || group_concat(coalesce(row, 0)) || ']', '[' || group_concat(coalesce(head, 0)) || ']' FROM`;
const LISTED = `SELECT count(*), '[' || group_concat(ordinal) || ']', ${LISTS}`;
/** Ordinals are dense, mostly: their bounds tell them all. */
const LISTED_IN_LINE = `SELECT count(*), CASE WHEN max(ordinal) - min(ordinal) = count(*) - 1 THEN min(ordinal)
  ELSE '[' || group_concat(ordinal) || ']' END, ${LISTS}`;

const BOUNDS = 'SELECT (SELECT min(ordinal) FROM log_entries), (SELECT max(ordinal) FROM log_entries)';
const COLUMNS = 'ordinal, body, row, head FROM log_entries';
const AFTER = `${LISTED_IN_LINE} (SELECT ${COLUMNS} WHERE ordinal > ? ORDER BY ordinal LIMIT ?)`;
const AMONG = `${LISTED} (SELECT ${COLUMNS}
  WHERE ordinal IN (SELECT value FROM json_each(?)) ORDER BY ordinal)`;
const KNOWN = `SELECT '[' || group_concat(id) || ']', '[' || group_concat(json_quote(hash)) || ']',
  '[' || group_concat(json_quote(key)) || ']'
  FROM (SELECT id, hash, key FROM event_rows WHERE id IN (SELECT value FROM json_each(?)))`;
const EVENTS = `SELECT '[' || group_concat(id) || ']', '[' || group_concat(body) || ']'
  FROM (SELECT id, body FROM event_rows WHERE id IN (SELECT value FROM json_each(?)))`;
const HEAD = 'SELECT body FROM poll_heads WHERE id = ?';

/** In a store that nobody opened to write since, entries have no heads of polls, and in one of version 1 no rows. */
function asWrittenBy(version: number, sql: string): string {
  if (version >= VERSION_WITH_HEADS) return sql;
  const [table, row] = version >= VERSION_WITH_ROWS ? ['entries', 'row'] : ['log', '0 AS row'];
  return sql
    .replace('row, head FROM log_entries', `${row}, NULL AS head FROM ${table}`)
    .replaceAll('FROM log_entries', `FROM ${table}`)
    .replace('hash, key FROM', 'hash, NULL AS key FROM');
}

/** So many heads of polls are kept: those of a round, and some more. */
const HEADS_KEPT_MAX = 64;

/** Rows are new here and there where at most one in so many is. */
const SELDOM = 8;

/** Reads entries: each its own part, with the row that it shares with others when somebody asks for it. */
export class EntryRows {
  private readonly cache: RowCache;
  private readonly loader = new RowLoader((rows) => this.loadEvents(rows));
  private readonly heads = new HeadList();
  private readonly pollHeads = new Map<number, PollHead>();
  private version = 0;

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

  private entriesOf([count, ordinalList, bodyList, rowList, headList]: Row): ArchivedEntry[] {
    if (typeof count !== 'number' || count === 0) return [];
    const ordinals = typeof ordinalList === 'number' ? undefined : parseList<number>(ordinalList, this.folder);
    const rowIds = parseList<number>(rowList, this.folder);
    const headIds = parseList<number>(headList, this.folder);
    const heads = this.parseHeads(
      bodyList,
      rowIds.filter((_, at) => headIds[at] === 0),
    );
    const batch = this.batchOf(rowIds, headIds);
    const entries: ArchivedEntry[] = [];
    for (let [at, bodies] = [0, 0]; at < count; at++) {
      const ordinal = ordinals === undefined ? (ordinalList as number) + at : ordinals[at]!;
      const row = batch.rows[at];
      if (rowIds[at] !== 0 && row === undefined) throw damaged(this.folder, `entry ${ordinal} has lost its row`);
      if (headIds[at] !== 0) {
        if (row?.key === undefined) throw damaged(this.folder, `the row of entry ${ordinal} has no key`);
        const pollHead = this.pollHeadOf(headIds[at]!, ordinal);
        entries.push(new PolledEntry(ordinal, pollHead, row as KeyedRow, this.loader, batch, at));
        continue;
      }
      const position = { epoch: 1, offset: ordinal, index: 0 };
      const head = heads[bodies++]!;
      if (row === undefined) entries.push({ ordinal, position, entry: head as NewEntry });
      else entries.push(new RowEntry(ordinal, position, head as RowHead, row.hash, row.number, this.loader, batch, at));
    }
    return entries;
  }

  /** What the entries of a poll share. */
  private pollHeadOf(id: number, ordinal: number): PollHead {
    let head = this.pollHeads.get(id);
    if (head === undefined) {
      const text = this.connection.get(HEAD, id)?.[0];
      if (typeof text !== 'string') throw damaged(this.folder, `entry ${ordinal} has lost the head of its poll`);
      head = parseOne<PollHead>(text, this.folder);
      if (this.pollHeads.size >= HEADS_KEPT_MAX) this.pollHeads.clear();
      this.pollHeads.set(id, head);
    }
    return head;
  }

  /** The bodies there are; `rowIds` are those of their entries, 0 where one has none. */
  private parseHeads(bodyList: Value | undefined, rowIds: readonly number[]): Head[] {
    if (rowIds.length === 0) return [];
    try {
      const heads = this.heads.parse(String(bodyList), rowIds.length, (at) => rowIds[at] !== 0);
      if (heads.length === rowIds.length) return heads;
    } catch (cause) {
      throw damaged(this.folder, 'an entry is no JSON', cause);
    }
    throw damaged(this.folder, 'an entry is more than one');
  }

  /**
   * The rows of the entries, where there are any. Those not at hand, or of which no key was known when one is needed,
   * are found all at once: the cache may not have room for them all.
   */
  private batchOf(ids: readonly number[], headIds: readonly number[]): RowBatch {
    const missing: number[] = [];
    const rows = ids.map((id, at) => {
      if (id === 0) return undefined;
      const row = this.cache.get(id);
      if (row !== undefined && (row.key !== undefined || headIds[at] === 0)) return row;
      missing.push(id);
      return undefined;
    });
    if (missing.length === 0) return { ids, rows };
    const [idList, hashList, keyList] = this.query(KNOWN, JSON.stringify(missing));
    const hashes = parseList<string>(hashList, this.folder);
    const keys = parseList<string | null>(keyList, this.folder);
    const fresh = new Map<number, StoredRow>();
    parseList<number>(idList, this.folder).forEach((id, at) => {
      const key = keys[at] ?? undefined;
      const row: StoredRow = { number: id, hash: hashes[at]!, key, event: undefined, chars: CHARS_OF_HASH };
      fresh.set(id, row);
      this.cache.put(id, row);
    });
    // The first rows of a cloud are read in line, as they are asked for. New ones among many known ones are far apart.
    if (fresh.size * SELDOM < ids.length) this.loadEvents(fresh);
    return { ids, rows: rows.map((row, at) => row ?? fresh.get(ids[at]!)) };
  }

  /** One row of an answer. The store may be brought up to date by a writer at any moment. */
  private query(sql: string, ...values: Value[]): Row {
    const { connection, folder } = this;
    if (this.version < VERSION_WITH_HEADS) this.version = checkVersion(connection, folder);
    const { version } = this;
    try {
      return connection.get(asWrittenBy(version, sql), ...values)!;
    } catch (error) {
      if (version >= VERSION_WITH_HEADS) throw error;
      this.version = checkVersion(connection, folder);
      if (this.version === version) throw error;
      return connection.get(asWrittenBy(this.version, sql), ...values)!;
    }
  }
}

/** As an object of its own, which has nothing left to read. */
function whole({ ordinal, position, entry, rowHash }: ArchivedEntry): ArchivedEntry {
  return { ordinal, position, entry, rowHash };
}

function parseOne<T>(text: string, folder: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw damaged(folder, 'the head of a poll is no JSON', cause);
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
