import {
  comparePositions,
  type AlarmEffect,
  type CauseEffect,
  type Effect,
  type RefusalEffect,
} from '@wherefore/model';
import {
  alarmName,
  alarmProject,
  alarmSeverity,
  describeChange,
  type ApplyResult,
  type HistoryBatch,
  type HistoryCursor,
  type PlacedEffect,
} from '@wherefore/ports';
import type { Connection } from './connection';

export interface HistoryExpiry {
  readonly beforeMs: number;
  readonly epoch: number;
}

export interface ExpiryResult extends ApplyResult {
  /** Nothing is left that should go. */
  readonly isDone: boolean;
}

/** Rows of one table that go in one transaction. */
const EXPIRED_ROWS_MAX = 2000;

/** The planner takes open alarms for few, and would look through all of them. */
export const OPEN_ALARM_UPDATE = `UPDATE history_alarms INDEXED BY history_alarms_by_vitrage_id
  SET name = ?, severity = ?, project_id = ?, properties = ?, ended_at_ms = ?
  WHERE vitrage_id = ? AND ended_at_ms IS NULL`;

/** Operations of the writer on the projection. Whatever is refused is refused before a row changes. */
export const historyOperations = {
  applyHistory(connection: Connection, batch: HistoryBatch): ApplyResult {
    const { expected, position, epoch, generation } = batch;
    const moved = connection.run(
      `UPDATE history_cursor SET epoch = ?, offset = ?, idx = ?, lease_epoch = ?
       WHERE epoch = ? AND offset = ? AND idx = ? AND lease_epoch <= ? AND generation = ?`,
      position.epoch,
      position.offset,
      position.index,
      epoch,
      expected.epoch,
      expected.offset,
      expected.index,
      epoch,
      generation,
    );
    const cursor = readCursor(connection);
    if (moved.changes === 0) return { kind: refusalOf(batch, cursor), cursor };
    for (const placed of batch.effects) writeEffect(connection, placed);
    return { kind: 'applied', cursor };
  },

  restartHistory(connection: Connection, epoch: number): ApplyResult {
    const begun = connection.run(
      `UPDATE history_cursor SET epoch = 0, offset = 0, idx = 0, lease_epoch = ?, generation = generation + 1
       WHERE lease_epoch <= ?`,
      epoch,
      epoch,
    );
    if (begun.changes === 0) return { kind: 'stale-epoch', cursor: readCursor(connection) };
    for (const table of ['alarms', 'causes', 'changes', 'refusals']) connection.run(`DELETE FROM history_${table}`);
    return { kind: 'applied', cursor: readCursor(connection) };
  },

  /** A bounded number of rows, so that appends get their turn in between. */
  expireHistory(connection: Connection, { beforeMs, epoch }: HistoryExpiry): ExpiryResult {
    const fenced = connection.run('UPDATE history_cursor SET lease_epoch = ? WHERE lease_epoch <= ?', epoch, epoch);
    if (fenced.changes === 0) return { kind: 'stale-epoch', cursor: readCursor(connection), isDone: true };
    const tables = { alarms: 'ended_at_ms', causes: 'ended_at_ms', changes: 'at_ms', refusals: 'at_ms' };
    const removed = Object.entries(tables).map(([table, column]) => {
      const old = `SELECT id FROM history_${table} WHERE ${column} < ? LIMIT ?`;
      return connection.run(`DELETE FROM history_${table} WHERE id IN (${old})`, beforeMs, EXPIRED_ROWS_MAX).changes;
    });
    return { kind: 'applied', cursor: readCursor(connection), isDone: Math.max(...removed) < EXPIRED_ROWS_MAX };
  },
};

/** The cursor as it stands. */
export function readCursor(connection: Connection): HistoryCursor {
  const [epoch, offset, index, leaseEpoch, generation] = connection.get(
    'SELECT epoch, offset, idx, lease_epoch, generation FROM history_cursor',
  ) as number[] as [number, number, number, number, number];
  return { position: { epoch, offset, index }, epoch: leaseEpoch, generation };
}

function refusalOf(batch: HistoryBatch, cursor: HistoryCursor): ApplyResult['kind'] {
  if (batch.generation !== cursor.generation) return 'stale-generation';
  if (batch.epoch < cursor.epoch) return 'stale-epoch';
  return comparePositions(batch.expected, cursor.position) === 0 ? 'stale-epoch' : 'cursor-moved';
}

function writeEffect(connection: Connection, placed: PlacedEffect): void {
  const { effect } = placed;
  switch (effect.kind) {
    case 'alarm-raised':
    case 'alarm-changed':
    case 'alarm-cleared':
      writeAlarm(connection, placed, effect);
      writeChange(connection, placed, effect);
      break;
    case 'cause-added':
    case 'cause-removed':
      writeCause(connection, placed, effect);
      break;
    case 'entry-rejected':
    case 'entry-failed':
      writeRefusal(connection, placed, effect);
      break;
    default:
      writeChange(connection, placed, effect);
  }
}

function writeAlarm(connection: Connection, { position, logTimeMs }: PlacedEffect, effect: AlarmEffect): void {
  const { entityId, properties, kind } = effect;
  const text = JSON.stringify(properties);
  const known = [alarmName(properties), alarmSeverity(properties), alarmProject(properties)] as const;
  const open = connection.run(OPEN_ALARM_UPDATE, ...known, text, kind === 'alarm-cleared' ? logTimeMs : null, entityId);
  if (open.changes > 0 || kind === 'alarm-cleared') return;
  connection.run(
    `INSERT INTO history_alarms (vitrage_id, name, severity, project_id, epoch, offset, idx, started_at_ms, ended_at_ms,
       properties_at_start, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)`,
    entityId,
    ...known,
    position.epoch,
    position.offset,
    position.index,
    logTimeMs,
    text,
    text,
  );
}

function writeCause(connection: Connection, { logTimeMs }: PlacedEffect, effect: CauseEffect): void {
  if (effect.kind === 'cause-added') {
    connection.run(
      'INSERT INTO history_causes (source_id, target_id, started_at_ms, ended_at_ms) VALUES (?, ?, ?, NULL)',
      effect.sourceId,
      effect.targetId,
      logTimeMs,
    );
    return;
  }
  connection.run(
    'UPDATE history_causes SET ended_at_ms = ? WHERE source_id = ? AND target_id = ? AND ended_at_ms IS NULL',
    logTimeMs,
    effect.sourceId,
    effect.targetId,
  );
}

function writeChange(connection: Connection, { position, logTimeMs }: PlacedEffect, effect: Effect): void {
  connection.run(
    `INSERT INTO history_changes (epoch, offset, idx, at_ms, kind, entity_id, what) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    position.epoch,
    position.offset,
    position.index,
    logTimeMs,
    effect.kind,
    effect.entityId,
    JSON.stringify(describeChange(effect)),
  );
}

function writeRefusal(connection: Connection, { position, logTimeMs }: PlacedEffect, effect: RefusalEffect): void {
  connection.run(
    `INSERT INTO history_refusals (epoch, offset, idx, at_ms, kind, entry_id, code, message, place, hint)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    position.epoch,
    position.offset,
    position.index,
    logTimeMs,
    effect.kind,
    effect.entityId,
    effect.code,
    effect.message,
    effect.where ?? null,
    effect.hint ?? null,
  );
}
