import type { Effect, ErrorCode, Json, Position, Properties } from '@wherefore/model';

/** An effect with the moment that made it. */
export interface PlacedEffect {
  readonly position: Position;
  /** Log time of the state after the entry. */
  readonly logTimeMs: number;
  readonly effect: Effect;
}

/** How far the projection has come, and who may take it further. */
export interface HistoryCursor {
  /** Every effect up to here is in, none beyond. */
  readonly position: Position;
  /** Highest lease epoch that has written. */
  readonly epoch: number;
  /** Counts the times the projection was dropped and begun again. */
  readonly generation: number;
}

export interface HistoryBatch {
  /** The cursor that the effects continue from. */
  readonly expected: Position;
  /** The cursor after them; later than `expected`. */
  readonly position: Position;
  readonly epoch: number;
  readonly generation: number;
  /** In log order; all after `expected` and at or before `position`. May be empty. */
  readonly effects: readonly PlacedEffect[];
}

/** Whether a batch went in, or why nothing of it did. The cursor is the one that stands now. */
export interface ApplyResult {
  readonly kind: 'applied' | 'cursor-moved' | 'stale-epoch' | 'stale-generation';
  readonly cursor: HistoryCursor;
}

/** Effects as intervals: a projection of the log that can be dropped and built again at will. */
export interface HistoryProjection {
  /** `ORIGIN`, epoch 0, generation 1 when nothing was ever applied. */
  cursor(): Promise<HistoryCursor>;

  /**
   * Rows and cursor in one transaction, which is durable no later than whatever is written to the store after it has
   * settled: they may be lost, but only together, and are made of the log again. The cursor moves only from `expected`,
   * only for an epoch not below the highest seen, only within `generation`. Otherwise
   * nothing changes, and the result says why: two projectors are harmless.
   */
  apply(batch: HistoryBatch): Promise<ApplyResult>;

  /** Drops every row, sets the cursor to `ORIGIN` and raises the generation, unless `epoch` is stale. */
  restart(epoch: number): Promise<ApplyResult>;

  /**
   * Forgets the alarms and causes that ended, and the changes and refusals that happened, before
   * `beforeMs` (log time), unless `epoch` is stale. What has not ended stays, however old. The cursor
   * stays where it is. Many rows go in several transactions: if it is interrupted, the rest is there.
   */
  expire(beforeMs: number, epoch: number): Promise<ApplyResult>;
}

/** The life of one alarm. */
export interface AlarmRecord {
  readonly vitrageId: string;
  readonly name: string;
  /** Operational severity if the engine set one, else the source's; empty when unknown. */
  readonly severity: string;
  readonly startedAt: Position;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Properties when it was raised. */
  readonly propertiesAtStart: Properties;
  /** Properties as last known. */
  readonly properties: Properties;
}

/** Which alarms of a time range are wanted, and in which order. */
export interface AlarmPage {
  /** By when they started; among those of one moment by their vitrage_id, which always rises. */
  readonly order: 'oldest-first' | 'latest-first';
  /** Only what comes after that place in the order. */
  readonly after?: AlarmPlace;
  /**
   * Only alarms of these projects, as their properties name it (`alarmProject`); the empty one is for alarms that name
   * none. Of names longer than 255 characters the beginning counts: there may be more alarms than asked for.
   */
  readonly projectIds?: readonly string[];
  readonly limit: number;
}

/** A place in the order of alarms. */
export type AlarmPlace = Pick<AlarmRecord, 'startedAtMs' | 'vitrageId'>;

/** One alarm caused another for a while. */
export interface CauseRecord {
  readonly sourceId: string;
  readonly targetId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/** Something happened to an entity, a template, or a workflow outside. */
export interface ChangeRecord {
  readonly position: Position;
  readonly atMs: number;
  readonly kind: Effect['kind'];
  readonly entityId: string;
  /** Property changes, or what else the effect says about itself; `null` when nothing. */
  readonly what: Json;
}

/** An entry that was refused, or failed. */
export interface RefusalRecord {
  readonly position: Position;
  readonly atMs: number;
  readonly kind: 'entry-rejected' | 'entry-failed';
  readonly entryId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
}

/**
 * Reading the projection. All times are log time, both ends inclusive; an interval without an end
 * reaches to the end of time. Answers are no newer than the cursor.
 */
export interface HistoryQueries {
  /** Alarms active at some time in the range, the latest started first. */
  alarmsBetween(fromMs: number, toMs: number, limit: number): Promise<readonly AlarmRecord[]>;

  /**
   * A page of the alarms active at some time in the range. Those that started in it are found by index, as fast as the
   * page is long; for those that started before it, an index of all that ended since it began is walked through.
   */
  alarmPage(fromMs: number, toMs: number, page: AlarmPage): Promise<readonly AlarmRecord[]>;

  /** The latest life of each of the alarms, of those that there are; no order. */
  alarmsById(vitrageIds: readonly string[]): Promise<readonly AlarmRecord[]>;

  /** Alarms of exactly that name, active or not, the latest started first. */
  alarmsByName(name: string, limit: number): Promise<readonly AlarmRecord[]>;

  /** What ever caused one of the alarms; of each of them the latest begun first. */
  causesOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]>;

  /** What the alarms ever caused; of each of them the latest begun first. */
  effectsOf(vitrageIds: readonly string[]): Promise<readonly CauseRecord[]>;

  /** Changes in the range, oldest first; of one entity when given. */
  changesBetween(fromMs: number, toMs: number, limit: number, entityId?: string): Promise<readonly ChangeRecord[]>;

  /** Refused and failed entries, newest first. */
  refusals(limit: number): Promise<readonly RefusalRecord[]>;
}

export interface History extends HistoryProjection, HistoryQueries {}
