import { comparePositions, type Effect, type ErrorCode, type Json, type Properties } from '@wherefore/model';
import {
  type AlarmPage,
  type AlarmRecord,
  type ApplyResult,
  type CauseRecord,
  type ChangeRecord,
  type History,
  type HistoryBatch,
  type HistoryCursor,
  type RefusalRecord,
} from '@wherefore/ports';
import { OF_NOW, reachQuery, rowsQuery } from './alarmPageQuery';
import type { Database, Row, Session, Value } from './database';
import { HistoryRows } from './historyRows';
import { ORIGIN_TEXT, positionOf, positionText } from './positionColumn';

const READ_CURSOR = 'SELECT position, lease_epoch, generation, next_row FROM history_cursor';

/** By which column the rows of a table grow old. */
const EXPIRING = [
  ['history_alarms', 'ended_at_ms'],
  ['history_causes', 'ended_at_ms'],
  ['history_changes', 'at_ms'],
  ['history_refusals', 'at_ms'],
] as const;

/** Rows of one table that go in one transaction. */
const EXPIRED_ROWS_MAX = 2000;

/** Ids asked for with one query. */
const IDS_PER_QUERY = 500;

const ALARM_COLUMNS = `vitrage_id, name, severity, started_at, started_at_ms, ended_at_ms, properties_at_start,
  properties`;
const REFUSAL_COLUMNS = 'position, at_ms, kind, entry_id, code, message, place, hint';

/** The projection. Row ids rise in log order; rows of an earlier generation are never seen. */
export class MariadbHistory implements History {
  constructor(private readonly database: Database) {}

  async cursor(): Promise<HistoryCursor> {
    return toCursor((await this.database.get(READ_CURSOR))!);
  }

  async apply(batch: HistoryBatch): Promise<ApplyResult> {
    let refused: ApplyResult | undefined;
    const applied = await this.database.transaction(async (session) => {
      const row = (await session.get(`${READ_CURSOR} FOR UPDATE`))!;
      refused = refusalOf(batch, toCursor(row));
      if (refused) return undefined;
      const { generation } = batch;
      const rows = await HistoryRows.of(session, batch.effects, { generation, nextRow: Number(row[3]) });
      const moved = await session.run(
        `UPDATE history_cursor SET position = ?, lease_epoch = ?, next_row = ?
         WHERE position = ? AND lease_epoch <= ? AND generation = ?`,
        positionText(batch.position),
        batch.epoch,
        rows.next,
        positionText(batch.expected),
        batch.epoch,
        generation,
      );
      if (moved === 0) return undefined;
      await rows.write(session);
      const { position, epoch } = batch;
      return { kind: 'applied' as const, cursor: { position, epoch, generation } };
    });
    return applied ?? refused!;
  }

  async restart(epoch: number): Promise<ApplyResult> {
    const result = await this.database.transaction(async (session): Promise<ApplyResult> => {
      const begun = await session.run(
        `UPDATE history_cursor SET position = ?, lease_epoch = ?, generation = generation + 1, next_row = 1
         WHERE lease_epoch <= ?`,
        ORIGIN_TEXT,
        epoch,
        epoch,
      );
      const cursor = toCursor((await session.get(READ_CURSOR))!);
      return { kind: begun === 0 ? 'stale-epoch' : 'applied', cursor };
    });
    return result!;
  }

  async expire(beforeMs: number, epoch: number): Promise<ApplyResult> {
    for (;;) {
      const step = await this.database.transaction((session) => expireSome(session, beforeMs, epoch));
      if (step!.isDone) return step!.result;
    }
  }

  async alarmsBetween(fromMs: number, toMs: number, limit: number): Promise<readonly AlarmRecord[]> {
    return this.alarms('started_at_ms <= ? AND (ended_at_ms IS NULL OR ended_at_ms >= ?)', [toMs, fromMs], limit);
  }

  async alarmPage(fromMs: number, toMs: number, page: AlarmPage): Promise<readonly AlarmRecord[]> {
    if (page.limit === 0) return [];
    const reach = reachQuery(fromMs, toMs, page);
    if (reach === undefined) return [];
    const reached = await this.database.get(...reach);
    const reachedMs = reached === undefined ? undefined : Number(reached[0]);
    const rows = rowsQuery(ALARM_COLUMNS, [fromMs, toMs], page, reachedMs);
    return rows === undefined ? [] : (await this.database.all(...rows)).map(toAlarm);
  }

  async alarmsById(vitrageIds: readonly string[]): Promise<readonly AlarmRecord[]> {
    const latest = new Map<string, AlarmRecord>();
    for (const some of parted(vitrageIds)) {
      const rows = await this.database.all(
        `SELECT ${ALARM_COLUMNS} FROM history_alarms
         WHERE ${OF_NOW} AND vitrage_id IN (${some.map(() => '?').join()}) ORDER BY id`,
        ...some,
      );
      for (const alarm of rows.map(toAlarm)) latest.set(alarm.vitrageId, alarm);
    }
    return [...latest.values()];
  }

  async alarmsByName(name: string, limit: number): Promise<readonly AlarmRecord[]> {
    return this.alarms('name = ?', [name], limit);
  }

  async causesOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]> {
    return this.causes('target_id', vitrageIds);
  }

  async effectsOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]> {
    return this.causes('source_id', vitrageIds);
  }

  async changesBetween(
    fromMs: number,
    toMs: number,
    limit: number,
    entityId?: string,
  ): Promise<readonly ChangeRecord[]> {
    const ofEntity = entityId === undefined ? '' : 'AND entity_id = ?';
    const rows = await this.database.all(
      `SELECT position, at_ms, kind, entity_id, what FROM history_changes
       WHERE ${OF_NOW} AND at_ms BETWEEN ? AND ? ${ofEntity} ORDER BY id LIMIT ?`,
      fromMs,
      toMs,
      ...(entityId === undefined ? [] : [entityId]),
      limit,
    );
    return rows.map(toChange);
  }

  async refusals(limit: number): Promise<readonly RefusalRecord[]> {
    const sql = `SELECT ${REFUSAL_COLUMNS} FROM history_refusals WHERE ${OF_NOW} ORDER BY id DESC LIMIT ?`;
    return (await this.database.all(sql, limit)).map(toRefusal);
  }

  private async alarms(condition: string, values: readonly Value[], limit: number): Promise<AlarmRecord[]> {
    const sql = `SELECT ${ALARM_COLUMNS} FROM history_alarms WHERE ${OF_NOW} AND ${condition} ORDER BY id DESC LIMIT ?`;
    return (await this.database.all(sql, ...values, limit)).map(toAlarm);
  }

  private async causes(side: 'source_id' | 'target_id', vitrageIds: readonly string[]): Promise<CauseRecord[]> {
    const causes: CauseRecord[] = [];
    for (const some of parted(vitrageIds)) {
      const sql = `SELECT source_id, target_id, started_at_ms, ended_at_ms FROM history_causes
        WHERE ${OF_NOW} AND ${side} IN (${some.map(() => '?').join()}) ORDER BY id DESC`;
      causes.push(...(await this.database.all(sql, ...some)).map(toCause));
    }
    return causes;
  }
}

/** As many as one query names. */
function* parted(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY) yield ids.slice(start, start + IDS_PER_QUERY);
}

/** A bounded number of rows, so that the projector gets its turn in between. */
async function expireSome(
  session: Session,
  beforeMs: number,
  epoch: number,
): Promise<{ readonly result: ApplyResult; readonly isDone: boolean }> {
  const fenced = await session.run('UPDATE history_cursor SET lease_epoch = ? WHERE lease_epoch <= ?', epoch, epoch);
  const cursor = toCursor((await session.get(READ_CURSOR))!);
  if (fenced === 0) return { result: { kind: 'stale-epoch', cursor }, isDone: true };
  let isDone = true;
  for (const [table, column] of EXPIRING) {
    const old = `generation = ? AND ${column} < ? ORDER BY ${column} LIMIT ?`;
    const expired = [cursor.generation, beforeMs, EXPIRED_ROWS_MAX] as const;
    const removed = await session.run(`DELETE FROM ${table} WHERE ${old}`, ...expired);
    const earlier = `DELETE FROM ${table} WHERE generation < ? ORDER BY generation, id LIMIT ?`;
    const swept = await session.run(earlier, cursor.generation, EXPIRED_ROWS_MAX);
    isDone &&= removed < EXPIRED_ROWS_MAX && swept < EXPIRED_ROWS_MAX;
  }
  return { result: { kind: 'applied', cursor }, isDone };
}

function refusalOf(batch: HistoryBatch, cursor: HistoryCursor): ApplyResult | undefined {
  if (batch.generation !== cursor.generation) return { kind: 'stale-generation', cursor };
  if (batch.epoch < cursor.epoch) return { kind: 'stale-epoch', cursor };
  return comparePositions(batch.expected, cursor.position) === 0 ? undefined : { kind: 'cursor-moved', cursor };
}

function toCursor(row: Row): HistoryCursor {
  return { position: positionOf(row[0]), epoch: Number(row[1]), generation: Number(row[2]) };
}

function toAlarm(row: Row): AlarmRecord {
  return {
    vitrageId: String(row[0]),
    name: String(row[1]),
    severity: String(row[2]),
    startedAt: positionOf(row[3]),
    startedAtMs: Number(row[4]),
    endedAtMs: row[5] === null ? null : Number(row[5]),
    propertiesAtStart: JSON.parse(String(row[6])) as Properties,
    properties: JSON.parse(String(row[7])) as Properties,
  };
}

function toCause(row: Row): CauseRecord {
  return {
    sourceId: String(row[0]),
    targetId: String(row[1]),
    startedAtMs: Number(row[2]),
    endedAtMs: row[3] === null ? null : Number(row[3]),
  };
}

function toChange(row: Row): ChangeRecord {
  return {
    position: positionOf(row[0]),
    atMs: Number(row[1]),
    kind: String(row[2]) as Effect['kind'],
    entityId: String(row[3]),
    what: JSON.parse(String(row[4])) as Json,
  };
}

function toRefusal(row: Row): RefusalRecord {
  return {
    position: positionOf(row[0]),
    atMs: Number(row[1]),
    kind: String(row[2]) as RefusalRecord['kind'],
    entryId: String(row[3]),
    code: String(row[4]) as ErrorCode,
    message: String(row[5]),
    ...(row[6] === null ? {} : { where: String(row[6]) }),
    ...(row[7] === null ? {} : { hint: String(row[7]) }),
  };
}
