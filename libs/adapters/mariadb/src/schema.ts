import { WhereforeError } from '@wherefore/model';
import { LASTED_BELOW_MS, STILL_OPEN } from '@wherefore/ports';
import type { Database, Session } from './database';
import { ORIGIN_TEXT, POSITION_COLUMN } from './positionColumn';

/** How long a process waits while another one migrates. */
const MIGRATION_WAIT_SECONDS = 60;

/** Texts are compared by their bytes, as everywhere in Wherefore; trailing spaces count. */
const TABLE = 'ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';

/** A statement; or one that changes a bounded number of rows, so that the server answers it in time. */
type Step = string | { readonly untilNothingChanges: string };

/**
 * Version 1. Every statement may be repeated: MariaDB commits after each, so a migration that was
 * interrupted begins again from its first.
 */
const VERSION_1: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS archive_cursor (
     only_row TINYINT NOT NULL PRIMARY KEY, position ${POSITION_COLUMN}, entries BIGINT NOT NULL,
     clock_ms BIGINT NOT NULL, horizon ${POSITION_COLUMN}, lease_epoch BIGINT NOT NULL) ${TABLE}`,
  `INSERT IGNORE INTO archive_cursor VALUES (1, '${ORIGIN_TEXT}', 0, 0, '${ORIGIN_TEXT}', 0)`,
  `CREATE TABLE IF NOT EXISTS archive_pages (
     first_ordinal BIGINT NOT NULL PRIMARY KEY, entries INT NOT NULL, raw_bytes INT NOT NULL,
     first_position ${POSITION_COLUMN}, last_position ${POSITION_COLUMN}, clock_ms BIGINT NOT NULL,
     page LONGBLOB NOT NULL,
     UNIQUE KEY by_position (last_position), KEY by_clock (clock_ms)) ${TABLE}`,

  `CREATE TABLE IF NOT EXISTS snapshots (
     id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, position ${POSITION_COLUMN}, ordinal BIGINT NOT NULL,
     log_time_ms BIGINT NOT NULL, state_hash TEXT NOT NULL, behaviour INT NOT NULL, format_version INT NOT NULL,
     byte_count BIGINT NOT NULL, created_at_ms BIGINT NOT NULL, content_hash CHAR(64) NOT NULL,
     visible TINYINT NOT NULL, touched_at DATETIME(3) NOT NULL,
     KEY by_position (visible, position)) ${TABLE}`,
  `CREATE TABLE IF NOT EXISTS snapshot_chunks (
     snapshot_id BIGINT NOT NULL, number INT NOT NULL, bytes MEDIUMBLOB NOT NULL,
     PRIMARY KEY (snapshot_id, number)) ${TABLE}`,

  // Rows of an earlier generation are out of sight at once, and swept up later.
  `CREATE TABLE IF NOT EXISTS history_cursor (
     only_row TINYINT NOT NULL PRIMARY KEY, position ${POSITION_COLUMN}, lease_epoch BIGINT NOT NULL,
     generation BIGINT NOT NULL, next_row BIGINT NOT NULL) ${TABLE}`,
  `INSERT IGNORE INTO history_cursor VALUES (1, '${ORIGIN_TEXT}', 0, 1, 1)`,
  `CREATE TABLE IF NOT EXISTS history_alarms (
     generation BIGINT NOT NULL, id BIGINT NOT NULL, vitrage_id LONGTEXT NOT NULL, name LONGTEXT NOT NULL,
     severity LONGTEXT NOT NULL, started_at ${POSITION_COLUMN}, started_at_ms BIGINT NOT NULL, ended_at_ms BIGINT,
     properties_at_start LONGTEXT NOT NULL, properties LONGTEXT NOT NULL,
     PRIMARY KEY (generation, id), KEY by_vitrage_id (generation, vitrage_id(64), ended_at_ms),
     KEY by_name (generation, name(128)), KEY by_end (generation, ended_at_ms)) ${TABLE}`,
  `CREATE TABLE IF NOT EXISTS history_causes (
     generation BIGINT NOT NULL, id BIGINT NOT NULL, source_id LONGTEXT NOT NULL, target_id LONGTEXT NOT NULL,
     started_at_ms BIGINT NOT NULL, ended_at_ms BIGINT,
     PRIMARY KEY (generation, id), KEY by_source (generation, source_id(64)),
     KEY by_target (generation, target_id(64)), KEY by_end (generation, ended_at_ms)) ${TABLE}`,
  `CREATE TABLE IF NOT EXISTS history_changes (
     generation BIGINT NOT NULL, id BIGINT NOT NULL, position ${POSITION_COLUMN}, at_ms BIGINT NOT NULL,
     kind VARCHAR(64) NOT NULL, entity_id LONGTEXT NOT NULL, what LONGTEXT NOT NULL,
     PRIMARY KEY (generation, id), KEY by_time (generation, at_ms),
     KEY by_entity (generation, entity_id(64), at_ms)) ${TABLE}`,
  `CREATE TABLE IF NOT EXISTS history_refusals (
     generation BIGINT NOT NULL, id BIGINT NOT NULL, position ${POSITION_COLUMN}, at_ms BIGINT NOT NULL,
     kind VARCHAR(64) NOT NULL, entry_id LONGTEXT NOT NULL, code VARCHAR(64) NOT NULL, message LONGTEXT NOT NULL,
     place LONGTEXT, hint LONGTEXT, PRIMARY KEY (generation, id), KEY by_time (generation, at_ms)) ${TABLE}`,

  // A lease that is free keeps its row, and so its epoch.
  `CREATE TABLE IF NOT EXISTS leases (
     name VARCHAR(191) NOT NULL PRIMARY KEY, holder VARCHAR(191), epoch BIGINT NOT NULL,
     expires_at_ms BIGINT NOT NULL) ${TABLE}`,

  `CREATE TABLE IF NOT EXISTS outbox_watermark (
     only_row TINYINT NOT NULL PRIMARY KEY, position ${POSITION_COLUMN}, lease_epoch BIGINT NOT NULL) ${TABLE}`,
  `INSERT IGNORE INTO outbox_watermark VALUES (1, '${ORIGIN_TEXT}', 0)`,
  // Effect ids and receivers may be of any length; their digest may be indexed.
  `CREATE TABLE IF NOT EXISTS outbox_rows (
     id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, row_key BINARY(32) NOT NULL, effect_id LONGTEXT NOT NULL,
     receiver LONGTEXT NOT NULL, body LONGTEXT NOT NULL, attempts INT NOT NULL, not_before_ms BIGINT NOT NULL,
     last_failure LONGTEXT NOT NULL,
     UNIQUE KEY by_key (row_key), KEY by_receiver (receiver(64)), KEY by_time (not_before_ms)) ${TABLE}`,
  `CREATE TABLE IF NOT EXISTS webhooks (
     id VARCHAR(191) NOT NULL PRIMARY KEY, created_at_ms BIGINT NOT NULL, body LONGTEXT NOT NULL) ${TABLE}`,
];

/** Version 2: which stream the log lives in, and the processes that there are. */
const VERSION_2: readonly string[] = [
  // Number 0: no epoch was ever opened.
  `CREATE TABLE IF NOT EXISTS log_epoch (
     only_row TINYINT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, stream_id VARCHAR(191) NOT NULL,
     sealed_at ${POSITION_COLUMN}) ${TABLE}`,
  `INSERT IGNORE INTO log_epoch VALUES (1, 0, '', '${ORIGIN_TEXT}')`,
  `CREATE TABLE IF NOT EXISTS processes (
     id VARCHAR(191) NOT NULL PRIMARY KEY, reported_at DATETIME(3) NOT NULL, report LONGTEXT NOT NULL,
     KEY by_time (reported_at)) ${TABLE}`,
];

/** Version 3: deliveries that were given up are kept as dead letters. Lines of receivers are read one by one. */
const VERSION_3: readonly string[] = [
  `ALTER TABLE outbox_rows ADD COLUMN IF NOT EXISTS dead_at_ms BIGINT,
     ADD KEY IF NOT EXISTS by_death (dead_at_ms), ALGORITHM=INPLACE, LOCK=NONE`,
];

/** Version 4: which datasources should be polled soon. */
const VERSION_4: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS poll_requests (
     datasource VARCHAR(191) NOT NULL PRIMARY KEY, number BIGINT NOT NULL, reason LONGTEXT NOT NULL) ${TABLE}`,
];

/** A property of the row that is text, or nothing. */
const textProperty = (name: string): string =>
  `NULLIF(IF(JSON_TYPE(JSON_EXTRACT(properties, '$.${name}')) = 'STRING', JSON_VALUE(properties, '$.${name}'), ''), '')`;

/**
 * Version 5: alarms of a time range are found by their start, of all or of a project, and by their end. What a project
 * is called beyond 255 characters is left to whoever reads the row.
 */
const VERSION_5: readonly Step[] = [
  'ALTER TABLE history_alarms ADD COLUMN IF NOT EXISTS project_id VARCHAR(255)',
  'ALTER TABLE history_alarms ADD KEY IF NOT EXISTS by_start (generation, started_at_ms)',
  'ALTER TABLE history_alarms ADD KEY IF NOT EXISTS by_project (generation, project_id, started_at_ms)',
  'ALTER TABLE history_alarms ADD KEY IF NOT EXISTS by_life (generation, ended_at_ms, started_at_ms, project_id)',
  {
    untilNothingChanges: `UPDATE history_alarms SET project_id = LEFT(
      COALESCE(${textProperty('vitrage_resource_project_id')}, ${textProperty('project_id')}, ''), 255)
      WHERE generation = (SELECT generation FROM history_cursor) AND project_id IS NULL LIMIT 10000`,
  },
];

/** How long an alarm lasted, in classes: see `LASTED_BELOW_MS`. */
const LASTED = `CASE WHEN ended_at_ms IS NULL THEN ${STILL_OPEN}
  ${LASTED_BELOW_MS.map((belowMs, lasted) => `WHEN ended_at_ms - started_at_ms < ${belowMs} THEN ${lasted}`).join(' ')}
  ELSE ${LASTED_BELOW_MS.length} END`;

/**
 * Version 6: alarms that had started before a time range are found by how long they lasted. The column is computed, so
 * that it is right in what a process of version 5 writes; and such a process still asks for by_life, which a later
 * version may drop.
 */
const VERSION_6: readonly Step[] = [
  `ALTER TABLE history_alarms ADD COLUMN IF NOT EXISTS lasted TINYINT AS (${LASTED}) VIRTUAL`,
  `ALTER TABLE history_alarms
     ADD KEY IF NOT EXISTS by_lasted (generation, lasted, started_at_ms, ended_at_ms, project_id)`,
];

/**
 * What leads from each version to the next; the first one from nothing. Only ever added to. Processes of the version before
 * go on at work: what is added to a table they wrote has to do without them. So statements name the columns that they write.
 */
const MIGRATIONS: readonly (readonly Step[])[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];

/** Version of the tables that this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the tables to `SCHEMA_VERSION`, once, however many processes call it at the same time: they
 * wait for the one that got the lock, and find nothing left to do. The lock is the connection's: it
 * is free again when its holder dies. What has to be done is done through `patient`, which waits as long as a statement over a
 * large table may take. Rejects `store-newer`, and what a connection may meet.
 */
export async function migrate(database: Database, patient: Database): Promise<void> {
  if ((await versionOf(database)) === SCHEMA_VERSION) return;
  await patient.withSession(async (session) => {
    // Locks of this kind are the server's; two databases on it must not wait for each other.
    const lock = `CONCAT('wherefore schema ', SHA1(DATABASE()))`;
    const taken = await session.get(`SELECT GET_LOCK(${lock}, ?)`, MIGRATION_WAIT_SECONDS);
    if (taken?.[0] !== 1) {
      throw new WhereforeError('log-unavailable', 'another process has been migrating the database for a minute', {
        hint: 'It is tried again. If it stays so, look for a process that hangs.',
        retryable: true,
      });
    }
    try {
      await migrateUnderLock(session);
    } finally {
      await session.get(`SELECT RELEASE_LOCK(${lock})`);
    }
  });
}

async function migrateUnderLock(session: Session): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS schema_versions (
       version INT NOT NULL PRIMARY KEY, migrated_at DATETIME(3) NOT NULL) ${TABLE}`,
  );
  for (let version = await versionOf(session); version < SCHEMA_VERSION; version++) {
    for (const step of MIGRATIONS[version]!) await perform(session, step);
    await session.run('INSERT INTO schema_versions VALUES (?, UTC_TIMESTAMP(3))', version + 1);
  }
}

async function perform(session: Session, step: Step): Promise<void> {
  if (typeof step === 'string') return void (await session.run(step));
  while ((await session.run(step.untilNothingChanges)) > 0);
}

/** The version of the tables; 0 when there are none. Rejects `store-newer`. */
async function versionOf(session: Session): Promise<number> {
  const found = await session.get(
    `SELECT COUNT(*) FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name = 'schema_versions'`,
  );
  if (found?.[0] !== 1) return 0;
  const version = Number((await session.get('SELECT COALESCE(MAX(version), 0) FROM schema_versions'))?.[0]);
  if (version > SCHEMA_VERSION) {
    throw new WhereforeError('store-newer', `the database has schema ${version}`, {
      hint: `This program knows schemas up to ${SCHEMA_VERSION}. Use the newer one that migrated it.`,
    });
  }
  return version;
}
