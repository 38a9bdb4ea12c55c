import type { AlarmEffect, CauseEffect, RefusalEffect } from '@wherefore/model';
import { alarmName, alarmProject, alarmSeverity, describeChange, type PlacedEffect } from '@wherefore/ports';
import type { Session, Value } from './database';
import { positionText } from './positionColumn';

/** Ids asked for with one query. */
const IDS_PER_QUERY = 500;

interface AlarmRow {
  readonly id: number;
  name: string;
  severity: string;
  projectId: string;
  properties: string;
  endedAtMs: number | null;
}

interface NewAlarmRow extends AlarmRow {
  readonly vitrageId: string;
  readonly startedAt: string;
  readonly startedAtMs: number;
  readonly propertiesAtStart: string;
}

interface CauseRow {
  readonly id: number;
  readonly sourceId: string;
  readonly targetId: string;
  readonly startedAtMs: number;
  endedAtMs: number | null;
}

/**
 * The rows that a batch of effects amounts to. The effects are played through in memory, beside the
 * alarms that are open in the database, so that the batch costs a handful of statements instead of
 * several for every effect. Ids rise in log order.
 */
export class HistoryRows {
  private readonly newAlarms: NewAlarmRow[] = [];
  private readonly changedAlarms = new Map<number, AlarmRow>();
  private readonly openAlarms = new Map<string, AlarmRow>();
  private readonly newCauses: CauseRow[] = [];
  /** Pairs whose causes from before the batch end with it, and when. */
  private readonly endedCauses = new Map<string, readonly [sourceId: string, targetId: string, endedAtMs: number]>();
  private readonly changes: Value[][] = [];
  private readonly refusals: Value[][] = [];

  private constructor(
    private readonly generation: number,
    private nextRow: number,
  ) {}

  /** Reads what is open, and plays the effects through. */
  static async of(
    session: Session,
    effects: readonly PlacedEffect[],
    { generation, nextRow }: { readonly generation: number; readonly nextRow: number },
  ): Promise<HistoryRows> {
    const rows = new HistoryRows(generation, nextRow);
    await rows.readOpenAlarms(session, effects);
    for (const placed of effects) rows.play(placed);
    return rows;
  }

  /** The first row id that is still free. */
  get next(): number {
    return this.nextRow;
  }

  async write(session: Session): Promise<void> {
    const { generation } = this;
    await session.runMany(
      `UPDATE history_alarms SET name = ?, severity = ?, project_id = ?, properties = ?, ended_at_ms = ?
       WHERE generation = ? AND id = ?`,
      [...this.changedAlarms.values()].map((row) => [...known(row), row.endedAtMs, generation, row.id]),
    );
    await session.runMany(
      `INSERT INTO history_alarms (generation, id, vitrage_id, name, severity, project_id, properties, ended_at_ms,
         started_at, started_at_ms, properties_at_start) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.newAlarms.map((row) => [
        ...[generation, row.id, row.vitrageId, ...known(row), row.endedAtMs],
        ...[row.startedAt, row.startedAtMs, row.propertiesAtStart],
      ]),
    );
    // Before the new ones go in, which may be of the same pairs.
    await session.runMany(
      `UPDATE history_causes SET ended_at_ms = ?
       WHERE generation = ? AND source_id = ? AND target_id = ? AND ended_at_ms IS NULL`,
      [...this.endedCauses.values()].map(([source, target, endedAtMs]) => [endedAtMs, generation, source, target]),
    );
    await session.runMany(
      'INSERT INTO history_causes (generation, id, source_id, target_id, started_at_ms, ended_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
      this.newCauses.map((row) => [
        ...[generation, row.id, row.sourceId, row.targetId, row.startedAtMs, row.endedAtMs],
      ]),
    );
    await session.runMany(
      'INSERT INTO history_changes (generation, id, position, at_ms, kind, entity_id, what) VALUES (?, ?, ?, ?, ?, ?, ?)',
      this.changes,
    );
    await session.runMany(
      `INSERT INTO history_refusals
         (generation, id, position, at_ms, kind, entry_id, code, message, place, hint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.refusals,
    );
  }

  private async readOpenAlarms(session: Session, effects: readonly PlacedEffect[]): Promise<void> {
    const ids = new Set<string>();
    for (const { effect } of effects) if (isAlarm(effect)) ids.add(effect.entityId);
    const asked = [...ids];
    for (let start = 0; start < asked.length; start += IDS_PER_QUERY) {
      const some = asked.slice(start, start + IDS_PER_QUERY);
      const rows = await session.all(
        `SELECT id, vitrage_id, name, severity, project_id, properties FROM history_alarms
         WHERE generation = ? AND ended_at_ms IS NULL AND vitrage_id IN (${some.map(() => '?').join()})`,
        this.generation,
        ...some,
      );
      for (const [id, vitrageId, name, severity, projectId, properties] of rows) {
        const known = { name: String(name), severity: String(severity), projectId: String(projectId) };
        const row = { ...known, properties: String(properties) };
        this.openAlarms.set(String(vitrageId), { id: Number(id), ...row, endedAtMs: null });
      }
    }
  }

  private play(placed: PlacedEffect): void {
    const { effect } = placed;
    switch (effect.kind) {
      case 'cause-added':
      case 'cause-removed':
        return this.playCause(placed, effect);
      case 'entry-rejected':
      case 'entry-failed':
        return this.playRefusal(placed, effect);
    }
    if (isAlarm(effect)) this.playAlarm(placed, effect);
    this.changes.push([
      ...[this.generation, this.nextRow++, positionText(placed.position), placed.logTimeMs],
      ...[effect.kind, effect.entityId, JSON.stringify(describeChange(effect))],
    ]);
  }

  private playAlarm({ position, logTimeMs }: PlacedEffect, { kind, entityId, properties }: AlarmEffect): void {
    const text = JSON.stringify(properties);
    const projectId = alarmProject(properties);
    const now = { name: alarmName(properties), severity: alarmSeverity(properties), projectId, properties: text };
    const open = this.openAlarms.get(entityId);
    if (open) {
      Object.assign(open, now, { endedAtMs: kind === 'alarm-cleared' ? logTimeMs : null });
      // One that this batch began is written as it ends up.
      if (!('vitrageId' in open)) this.changedAlarms.set(open.id, open);
      if (kind === 'alarm-cleared') this.openAlarms.delete(entityId);
    }
    if (open || kind === 'alarm-cleared') return;
    const begun: NewAlarmRow = {
      id: this.nextRow++,
      ...now,
      vitrageId: entityId,
      startedAt: positionText(position),
      startedAtMs: logTimeMs,
      endedAtMs: null,
      propertiesAtStart: text,
    };
    this.newAlarms.push(begun);
    this.openAlarms.set(entityId, begun);
  }

  private playCause({ logTimeMs }: PlacedEffect, { kind, sourceId, targetId }: CauseEffect): void {
    if (kind === 'cause-added') {
      this.newCauses.push({ id: this.nextRow++, sourceId, targetId, startedAtMs: logTimeMs, endedAtMs: null });
      return;
    }
    const pair = JSON.stringify([sourceId, targetId]);
    if (!this.endedCauses.has(pair)) this.endedCauses.set(pair, [sourceId, targetId, logTimeMs]);
    for (const cause of this.newCauses) {
      const same = cause.sourceId === sourceId && cause.targetId === targetId;
      if (same && cause.endedAtMs === null) cause.endedAtMs = logTimeMs;
    }
  }

  private playRefusal({ position, logTimeMs }: PlacedEffect, effect: RefusalEffect): void {
    this.refusals.push([
      ...[this.generation, this.nextRow++, positionText(position), logTimeMs, effect.kind, effect.entityId],
      ...[effect.code, effect.message, effect.where ?? null, effect.hint ?? null],
    ]);
  }
}

function known({ name, severity, projectId, properties }: AlarmRow): Value[] {
  return [name, severity, projectId, properties];
}

function isAlarm(effect: PlacedEffect['effect']): effect is AlarmEffect {
  return effect.kind === 'alarm-raised' || effect.kind === 'alarm-changed' || effect.kind === 'alarm-cleared';
}
