import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { LASTED_BELOW_MS, STILL_OPEN } from '@wherefore/ports';
import { Connection } from './connection';
import { STORE_VERSION } from './storeVersion';

/** The first version whose entries may refer to a row, and the first whose entries may refer to the head of a poll. */
export const VERSION_WITH_ROWS = 2;
export const VERSION_WITH_HEADS = 6;

/** Alarms of a time range that started in it, of all or of a project. */
const START_INDEXES = `
CREATE INDEX history_alarms_by_start ON history_alarms (started_at_ms, vitrage_id);
CREATE INDEX history_alarms_by_project ON history_alarms (project_id, started_at_ms, vitrage_id);
`;

/** How long an alarm lasted, in classes: see `LASTED_BELOW_MS`. */
const LASTED = `CASE WHEN ended_at_ms IS NULL THEN ${STILL_OPEN}
  ${LASTED_BELOW_MS.map((belowMs, lasted) => `WHEN ended_at_ms - started_at_ms < ${belowMs} THEN ${lasted}`).join(' ')}
  ELSE ${LASTED_BELOW_MS.length} END`;

/** Those that had started before, by how long they lasted, and those that grow old. */
const LASTED_COLUMN = `
ALTER TABLE history_alarms ADD COLUMN lasted INTEGER GENERATED ALWAYS AS (${LASTED}) VIRTUAL;
CREATE INDEX history_alarms_by_lasted ON history_alarms (lasted, started_at_ms, vitrage_id, ended_at_ms, project_id);
CREATE INDEX history_alarms_by_end ON history_alarms (ended_at_ms);
`;

/** A property of the row that is text, or nothing. */
const textProperty = (name: string): string =>
  `CASE json_type(properties, '$.${name}') WHEN 'text' THEN nullif(json_extract(properties, '$.${name}'), '') END`;

const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The log and its archive. The ordinal is the offset: dense, from 1, in epoch 1. The body is the whole entry, or,
-- where there is a row, what a poll's row does not share with the same row of the poll before. Where there is a head
-- of a poll, too, the body is empty: all that is not in the row is in the head, but for the key of the row's entity.
CREATE TABLE log_entries (ordinal INTEGER PRIMARY KEY, body TEXT NOT NULL, row INTEGER, head INTEGER);
CREATE TABLE event_rows (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, body TEXT NOT NULL, key TEXT);
CREATE INDEX event_rows_by_hash ON event_rows (hash);
CREATE TABLE poll_heads (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE);

CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
  ordinal INTEGER NOT NULL, log_time_ms INTEGER NOT NULL, state_hash TEXT NOT NULL, behaviour INTEGER NOT NULL,
  format_version INTEGER NOT NULL, byte_count INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,
  content_hash TEXT NOT NULL, visible INTEGER NOT NULL);
CREATE TABLE snapshot_chunks (
  snapshot_id INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (snapshot_id, number));

CREATE TABLE history_cursor (
  only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL, generation INTEGER NOT NULL);
INSERT INTO history_cursor VALUES (1, 0, 0, 0, 0, 1);
CREATE TABLE history_alarms (
  id INTEGER PRIMARY KEY, vitrage_id TEXT NOT NULL, name TEXT NOT NULL, severity TEXT NOT NULL,
  epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL, started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER, properties_at_start TEXT NOT NULL, properties TEXT NOT NULL,
  project_id TEXT NOT NULL DEFAULT '');
${START_INDEXES}${LASTED_COLUMN}CREATE INDEX history_alarms_by_vitrage_id ON history_alarms (vitrage_id);
CREATE INDEX history_alarms_by_name ON history_alarms (name);
CREATE TABLE history_causes (
  id INTEGER PRIMARY KEY, source_id TEXT NOT NULL, target_id TEXT NOT NULL, started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER);
CREATE INDEX history_causes_by_source ON history_causes (source_id);
CREATE INDEX history_causes_by_target ON history_causes (target_id);
CREATE TABLE history_changes (
  id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, kind TEXT NOT NULL, entity_id TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX history_changes_by_time ON history_changes (at_ms);
CREATE INDEX history_changes_by_entity ON history_changes (entity_id, at_ms);
CREATE TABLE history_refusals (
  id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, kind TEXT NOT NULL, entry_id TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  place TEXT, hint TEXT);

-- A lease that is free keeps its row, and so its epoch.
CREATE TABLE leases (
  name TEXT PRIMARY KEY, holder TEXT, epoch INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE outbox_watermark (
  only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, offset INTEGER NOT NULL, idx INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL);
INSERT INTO outbox_watermark VALUES (1, 0, 0, 0, 0);
CREATE TABLE outbox_rows (
  id INTEGER PRIMARY KEY, effect_id TEXT NOT NULL, receiver TEXT NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, last_failure TEXT NOT NULL,
  -- When it was given up: a dead letter.
  dead_at_ms INTEGER, UNIQUE (effect_id, receiver));
CREATE INDEX outbox_rows_by_receiver ON outbox_rows (receiver, id);
CREATE INDEX outbox_rows_by_death ON outbox_rows (dead_at_ms) WHERE dead_at_ms IS NOT NULL;
CREATE TABLE webhooks (id TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;

INSERT INTO meta VALUES ('format', 'wherefore'), ('version', '${STORE_VERSION}');
`;

/**
 * What brings a store of version n to n + 1, at place n. The log gets another name where its entries lose a part: an
 * older program that has the store open meanwhile fails, where it would otherwise take what is left for the whole.
 */
const MIGRATIONS: readonly string[] = [
  '',
  `
ALTER TABLE log RENAME TO entries;
ALTER TABLE entries ADD COLUMN row INTEGER;
CREATE TABLE event_rows (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX event_rows_by_hash ON event_rows (hash);
`,
  `
ALTER TABLE outbox_rows ADD COLUMN dead_at_ms INTEGER;
CREATE INDEX outbox_rows_by_receiver ON outbox_rows (receiver, id);
CREATE INDEX outbox_rows_by_death ON outbox_rows (dead_at_ms) WHERE dead_at_ms IS NOT NULL;
`,
  `
ALTER TABLE history_alarms ADD COLUMN project_id TEXT NOT NULL DEFAULT '';
UPDATE history_alarms SET project_id = substr(
  coalesce(${textProperty('vitrage_resource_project_id')}, ${textProperty('project_id')}, ''), 1, 255);
${START_INDEXES}`,
  // Version 4 had an index of this name over more columns.
  `
DROP INDEX IF EXISTS history_alarms_by_end;
${LASTED_COLUMN}`,
  `
ALTER TABLE entries RENAME TO log_entries;
ALTER TABLE log_entries ADD COLUMN head INTEGER;
ALTER TABLE event_rows ADD COLUMN key TEXT;
CREATE TABLE poll_heads (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE);
`,
];

/** The database within the store's folder. */
export function databasePath(folder: string): string {
  return join(folder, 'store.db');
}

/** The connection that writes. Durable at commit: WAL, and a sync of it with every transaction, unless `syncCommits` says otherwise. */
export function connectWriter(folder: string): Connection {
  const connection = new Connection(databasePath(folder));
  connection.get('PRAGMA journal_mode=WAL');
  connection.syncCommits(true);
  // Checkpoints move pages into the database with two syncs: fewer of them, each 16 MB.
  connection.exec('PRAGMA wal_autocheckpoint=4000');
  return connection;
}

/**
 * Closes the connection that writes, with everything in the database file itself. SQLite would do so
 * with its last connection, but the binding closes one only when its statements are collected.
 */
export function disconnectWriter(connection: Connection): void {
  connection.get('PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
}

/** A connection that only reads, beside a writer in this process or another. Checks the version. */
export function connectReader(folder: string): Connection {
  if (!existsSync(databasePath(folder))) throw storeMissing(folder);
  const connection = new Connection(databasePath(folder), { readOnly: true });
  try {
    checkVersion(connection, folder);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Creates the tables of a store that is new; checks the version of one that is not, and brings it up to date. */
export function prepareStore(folder: string, create: boolean): void {
  if (!existsSync(databasePath(folder))) {
    if (!create) throw storeMissing(folder);
    mkdirSync(folder, { recursive: true });
  }
  const connection = connectWriter(folder);
  try {
    const isNew = connection.get('SELECT count(*) FROM sqlite_master')?.[0] === 0;
    if (isNew && create) connection.transaction(() => connection.exec(TABLES));
    else if (checkVersion(connection, folder) < STORE_VERSION)
      connection.transaction(() => migrate(connection, folder));
    checkVersion(connection, folder);
  } finally {
    connection.close();
  }
}

function migrate(connection: Connection, folder: string): void {
  for (let version = checkVersion(connection, folder); version < STORE_VERSION; version++) {
    connection.exec(MIGRATIONS[version]!);
  }
  connection.run(`UPDATE meta SET value = ? WHERE key = 'version'`, String(STORE_VERSION));
}

/** The version of the store. Throws `store-corrupt` for something else, `store-newer` beyond what this program reads. */
export function checkVersion(connection: Connection, folder: string): number {
  const hasMeta = connection.get(`SELECT count(*) FROM sqlite_master WHERE name = 'meta'`)?.[0] === 1;
  const version = hasMeta ? connection.get(`SELECT value FROM meta WHERE key = 'version'`)?.[0] : undefined;
  if (typeof version !== 'string' || !/^\d+$/.test(version)) {
    throw new WhereforeError('store-corrupt', `${databasePath(folder)} is not a store of Wherefore`, {
      hint: 'Name a folder that Wherefore created.',
    });
  }
  if (Number(version) > STORE_VERSION) {
    throw new WhereforeError('store-newer', `the store in ${folder} has format ${version}`, {
      hint: `This program reads formats up to ${STORE_VERSION}. Use the newer one that wrote it.`,
    });
  }
  return Number(version);
}

function storeMissing(folder: string): WhereforeError {
  return new WhereforeError('store-missing', `there is no store in ${folder}`, {
    hint: 'Check the folder, or start a server or an import there to create one.',
  });
}
