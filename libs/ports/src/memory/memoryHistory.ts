import { ORIGIN, comparePositions, type AlarmEffect, type RefusalEffect } from '@wherefore/model';
import { comparePlaces } from '../alarmPages';
import { alarmName, alarmProject, alarmSeverity, describeChange } from '../effectRows';
import type {
  AlarmPage,
  AlarmRecord,
  ApplyResult,
  CauseRecord,
  ChangeRecord,
  History,
  HistoryBatch,
  HistoryCursor,
  PlacedEffect,
  RefusalRecord,
} from '../history';

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** The projection in memory: linear searches, the same answers. */
export class MemoryHistory implements History {
  private at: HistoryCursor = { position: ORIGIN, epoch: 0, generation: 1 };
  private alarms: Open<AlarmRecord>[] = [];
  /** Alarms that have not ended, by id: the others are only ever read. */
  private readonly active = new Map<string, Open<AlarmRecord>>();
  private causes: Open<CauseRecord>[] = [];
  private changes: ChangeRecord[] = [];
  private refused: RefusalRecord[] = [];

  async cursor(): Promise<HistoryCursor> {
    return this.at;
  }

  async apply(batch: HistoryBatch): Promise<ApplyResult> {
    const refusal = this.refuse(batch);
    if (refusal) return { kind: refusal, cursor: this.at };
    for (const placed of batch.effects) this.applyEffect(placed);
    this.at = { position: batch.position, epoch: batch.epoch, generation: batch.generation };
    return { kind: 'applied', cursor: this.at };
  }

  async restart(epoch: number): Promise<ApplyResult> {
    if (epoch < this.at.epoch) return { kind: 'stale-epoch', cursor: this.at };
    this.alarms = [];
    this.active.clear();
    this.causes = [];
    this.changes = [];
    this.refused = [];
    this.at = { position: ORIGIN, epoch, generation: this.at.generation + 1 };
    return { kind: 'applied', cursor: this.at };
  }

  async expire(beforeMs: number, epoch: number): Promise<ApplyResult> {
    if (epoch < this.at.epoch) return { kind: 'stale-epoch', cursor: this.at };
    const isKept = (row: AlarmRecord | CauseRecord) => row.endedAtMs === null || row.endedAtMs >= beforeMs;
    this.alarms = this.alarms.filter(isKept);
    this.causes = this.causes.filter(isKept);
    this.changes = this.changes.filter((change) => change.atMs >= beforeMs);
    this.refused = this.refused.filter((refusal) => refusal.atMs >= beforeMs);
    this.at = { ...this.at, epoch };
    return { kind: 'applied', cursor: this.at };
  }

  async alarmsBetween(fromMs: number, toMs: number, limit: number): Promise<readonly AlarmRecord[]> {
    const overlaps = (alarm: AlarmRecord) =>
      alarm.startedAtMs <= toMs && (alarm.endedAtMs === null || alarm.endedAtMs >= fromMs);
    return latestFirst(this.alarms.filter(overlaps)).slice(0, limit);
  }

  async alarmPage(
    fromMs: number,
    toMs: number,
    { order, after, projectIds, limit }: AlarmPage,
  ): Promise<readonly AlarmRecord[]> {
    const compare = comparePlaces(order);
    const names = projectIds && new Set(projectIds.map((project_id) => alarmProject({ project_id })));
    const found = (await this.alarmsBetween(fromMs, toMs, Infinity)).filter(
      (alarm) =>
        (after === undefined || compare(alarm, after) > 0) &&
        (names === undefined || names.has(alarmProject(alarm.properties))),
    );
    return found.sort(compare).slice(0, limit);
  }

  async alarmsById(vitrageIds: readonly string[]): Promise<readonly AlarmRecord[]> {
    const latest = new Map(this.alarms.map((alarm) => [alarm.vitrageId, alarm]));
    return [...new Set(vitrageIds)].flatMap((id) => {
      const found = latest.get(id);
      return found === undefined ? [] : [{ ...found }];
    });
  }

  async alarmsByName(name: string, limit: number): Promise<readonly AlarmRecord[]> {
    return latestFirst(this.alarms.filter((alarm) => alarm.name === name)).slice(0, limit);
  }

  async causesOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]> {
    return this.causes.filter((cause) => vitrageIds.includes(cause.targetId)).reverse();
  }

  async effectsOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]> {
    return this.causes.filter((cause) => vitrageIds.includes(cause.sourceId)).reverse();
  }

  async changesBetween(
    fromMs: number,
    toMs: number,
    limit: number,
    entityId?: string,
  ): Promise<readonly ChangeRecord[]> {
    const asked = (change: ChangeRecord) =>
      change.atMs >= fromMs && change.atMs <= toMs && (entityId === undefined || change.entityId === entityId);
    return this.changes.filter(asked).slice(0, limit);
  }

  async refusals(limit: number): Promise<readonly RefusalRecord[]> {
    return [...this.refused].reverse().slice(0, limit);
  }

  private refuse(batch: HistoryBatch): Exclude<ApplyResult['kind'], 'applied'> | undefined {
    if (batch.generation !== this.at.generation) return 'stale-generation';
    if (batch.epoch < this.at.epoch) return 'stale-epoch';
    if (comparePositions(batch.expected, this.at.position) !== 0) return 'cursor-moved';
    return undefined;
  }

  private applyEffect(placed: PlacedEffect): void {
    const { effect, position, logTimeMs: atMs } = placed;
    switch (effect.kind) {
      case 'alarm-raised':
      case 'alarm-changed':
      case 'alarm-cleared':
        this.applyAlarm(placed, effect);
        break;
      case 'cause-added':
        this.causes.push({ sourceId: effect.sourceId, targetId: effect.targetId, startedAtMs: atMs, endedAtMs: null });
        return;
      case 'cause-removed':
        for (const cause of this.causes) {
          const same = cause.sourceId === effect.sourceId && cause.targetId === effect.targetId;
          if (same && cause.endedAtMs === null) cause.endedAtMs = atMs;
        }
        return;
      case 'entry-rejected':
      case 'entry-failed':
        this.refused.push(refusalRecord(placed, effect));
        return;
    }
    this.changes.push({ position, atMs, kind: effect.kind, entityId: effect.entityId, what: describeChange(effect) });
  }

  private applyAlarm({ position, logTimeMs }: PlacedEffect, effect: AlarmEffect): void {
    const { properties, entityId: vitrageId } = effect;
    const known = { name: alarmName(properties), severity: alarmSeverity(properties), properties };
    const open = this.active.get(vitrageId);
    if (open) Object.assign(open, known);
    if (open && effect.kind === 'alarm-cleared') {
      open.endedAtMs = logTimeMs;
      this.active.delete(vitrageId);
    }
    if (open || effect.kind === 'alarm-cleared') return;
    const begun = {
      vitrageId,
      ...known,
      startedAt: position,
      startedAtMs: logTimeMs,
      endedAtMs: null,
      propertiesAtStart: properties,
    };
    this.alarms.push(begun);
    this.active.set(vitrageId, begun);
  }
}

function refusalRecord({ position, logTimeMs }: PlacedEffect, effect: RefusalEffect): RefusalRecord {
  return {
    position,
    atMs: logTimeMs,
    kind: effect.kind,
    entryId: effect.entityId,
    code: effect.code,
    message: effect.message,
    ...(effect.where === undefined ? {} : { where: effect.where }),
    ...(effect.hint === undefined ? {} : { hint: effect.hint }),
  };
}

/** Rows are pushed in log order, so the latest started comes last. */
function latestFirst(alarms: readonly AlarmRecord[]): AlarmRecord[] {
  return alarms.map((alarm) => ({ ...alarm })).reverse();
}
