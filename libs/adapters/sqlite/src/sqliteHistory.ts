import type { Effect, ErrorCode, Json, Properties } from '@wherefore/model';
import {
  type AlarmPage,
  type AlarmPlace,
  type AlarmRecord,
  type ApplyResult,
  type CauseRecord,
  type ChangeRecord,
  comparePlaces,
  type History,
  type HistoryBatch,
  type HistoryCursor,
  type HistoryQueries,
  type RefusalRecord,
} from '@wherefore/ports';
import type { Connection, Row, Value } from './connection';
import { alarmPageQueries } from './alarmPageQuery';
import { readCursor } from './historyRows';
import type { Writer } from './writer';

const ALARM_COLUMNS = `vitrage_id, name, severity, epoch, offset, idx, started_at_ms, ended_at_ms, properties_at_start,
  properties`;
const COUNT_LASTED_COLUMN = `SELECT count(*) FROM pragma_table_xinfo('history_alarms') WHERE name = 'lasted'`;
const CAUSE_COLUMNS = 'source_id, target_id, started_at_ms, ended_at_ms';
const CHANGE_COLUMNS = 'epoch, offset, idx, at_ms, kind, entity_id, what';
const REFUSAL_COLUMNS = 'epoch, offset, idx, at_ms, kind, entry_id, code, message, place, hint';

/** Reading the projection of a store. Rows are inserted in log order, so their ids are that order. */
export class SqliteHistoryReader implements HistoryQueries {
  private isCurrent = false;

  constructor(private readonly connection: Connection) {}

  async cursor(): Promise<HistoryCursor> {
    return readCursor(this.connection);
  }

  async alarmsBetween(fromMs: number, toMs: number, limit: number): Promise<readonly AlarmRecord[]> {
    return this.alarms('started_at_ms <= ? AND (ended_at_ms IS NULL OR ended_at_ms >= ?)', [toMs, fromMs], limit);
  }

  async alarmPage(fromMs: number, toMs: number, page: AlarmPage): Promise<readonly AlarmRecord[]> {
    const { order, limit } = page;
    const queries = alarmPageQueries(fromMs, toMs, page, this.hasLasted());
    const places = queries.flatMap((query) => this.connection.all(...query));
    const compare = comparePlaces(order);
    const first = places
      .map(([id, startedAtMs, vitrageId]) => ({ id, startedAtMs, vitrageId }) as AlarmPlace & { readonly id: number })
      .sort(compare)
      .slice(0, limit);
    return this.alarmsAt(first.map(({ id }) => id)).sort(compare);
  }

  async alarmsById(vitrageIds: readonly string[]): Promise<readonly AlarmRecord[]> {
    const latest = this.connection.all(
      `SELECT max(id) FROM history_alarms WHERE vitrage_id IN (SELECT value FROM json_each(?)) GROUP BY vitrage_id`,
      JSON.stringify(vitrageIds),
    );
    return this.alarmsAt(latest.map(([id]) => id!));
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
    const rows = this.connection.all(
      `SELECT ${CHANGE_COLUMNS} FROM history_changes WHERE at_ms BETWEEN ? AND ? ${ofEntity} ORDER BY id LIMIT ?`,
      fromMs,
      toMs,
      ...(entityId === undefined ? [] : [entityId]),
      limit,
    );
    return rows.map(toChange);
  }

  async refusals(limit: number): Promise<readonly RefusalRecord[]> {
    const sql = `SELECT ${REFUSAL_COLUMNS} FROM history_refusals ORDER BY id DESC LIMIT ?`;
    return this.connection.all(sql, limit).map(toRefusal);
  }

  /** A store that nobody opened to write since may be older than the column. */
  private hasLasted(): boolean {
    this.isCurrent ||= this.connection.get(COUNT_LASTED_COLUMN)?.[0] === 1;
    return this.isCurrent;
  }

  private alarmsAt(ids: readonly Value[]): AlarmRecord[] {
    const sql = `SELECT ${ALARM_COLUMNS} FROM history_alarms WHERE id IN (SELECT value FROM json_each(?))`;
    return this.connection.all(sql, JSON.stringify(ids)).map(toAlarm);
  }

  private alarms(condition: string, values: Value[], limit: number): AlarmRecord[] {
    const sql = `SELECT ${ALARM_COLUMNS} FROM history_alarms WHERE ${condition} ORDER BY id DESC LIMIT ?`;
    return this.connection.all(sql, ...values, limit).map(toAlarm);
  }

  private causes(side: 'source_id' | 'target_id', vitrageIds: readonly string[]): CauseRecord[] {
    const ofThese = `${side} IN (SELECT value FROM json_each(?))`;
    const sql = `SELECT ${CAUSE_COLUMNS} FROM history_causes WHERE ${ofThese} ORDER BY id DESC`;
    return this.connection.all(sql, JSON.stringify(vitrageIds)).map(toCause);
  }
}

/** The projection of a store that this process writes. */
export class SqliteHistory extends SqliteHistoryReader implements History {
  constructor(
    connection: Connection,
    private readonly writer: Writer,
  ) {
    super(connection);
  }

  apply(batch: HistoryBatch): Promise<ApplyResult> {
    return this.writer.submit('applyHistory', batch, batch.effects.length + 1);
  }

  restart(epoch: number): Promise<ApplyResult> {
    return this.writer.submit('restartHistory', epoch);
  }

  async expire(beforeMs: number, epoch: number): Promise<ApplyResult> {
    for (;;) {
      const { isDone, ...result } = await this.writer.submit('expireHistory', { beforeMs, epoch });
      if (isDone) return result;
    }
  }
}

function toAlarm(row: Row): AlarmRecord {
  return {
    vitrageId: row[0] as string,
    name: row[1] as string,
    severity: row[2] as string,
    startedAt: { epoch: row[3] as number, offset: row[4] as number, index: row[5] as number },
    startedAtMs: row[6] as number,
    endedAtMs: row[7] as number | null,
    propertiesAtStart: JSON.parse(row[8] as string) as Properties,
    properties: JSON.parse(row[9] as string) as Properties,
  };
}

function toCause(row: Row): CauseRecord {
  return {
    sourceId: row[0] as string,
    targetId: row[1] as string,
    startedAtMs: row[2] as number,
    endedAtMs: row[3] as number | null,
  };
}

function toChange(row: Row): ChangeRecord {
  return {
    position: { epoch: row[0] as number, offset: row[1] as number, index: row[2] as number },
    atMs: row[3] as number,
    kind: row[4] as Effect['kind'],
    entityId: row[5] as string,
    what: JSON.parse(row[6] as string) as Json,
  };
}

function toRefusal(row: Row): RefusalRecord {
  return {
    position: { epoch: row[0] as number, offset: row[1] as number, index: row[2] as number },
    atMs: row[3] as number,
    kind: row[4] as RefusalRecord['kind'],
    entryId: row[5] as string,
    code: row[6] as ErrorCode,
    message: row[7] as string,
    ...(row[8] === null ? {} : { where: row[8] as string }),
    ...(row[9] === null ? {} : { hint: row[9] as string }),
  };
}
