import type { AlarmPage, AlarmPart } from '@wherefore/ports';
import type { Value } from './connection';

/** What of a page is the same for all of its parts. */
interface Cut extends Pick<AlarmPage, 'order' | 'limit'> {
  readonly fromMs: number;
  readonly after: AlarmPage['after'] | undefined;
}

/** A statement and its values. */
export type Query = readonly [sql: string, ...values: Value[]];

/**
 * The first places, `(id, started_at_ms, vitrage_id)`, of one part of a time range, of one project or of all. Each is
 * found within an index; the rows are for those that are left when the parts were put together.
 */
export function alarmPageQuery(hasIndexes: boolean): (part: AlarmPart, projectId: string | null, cut: Cut) => Query {
  return ({ of, startFromMs, startToMs }, projectId, { fromMs, order, after, limit }) => {
    const end = { started: '', ended: 'AND ended_at_ms >= ?', open: 'AND ended_at_ms IS NULL' }[of];
    const project = projectId === null ? '' : 'AND project_id = ?';
    const index = of === 'started' ? (projectId === null ? 'by_start' : 'by_project') : 'by_end';
    // The planner does not know how the ranges lie.
    const indexed = hasIndexes ? `INDEXED BY history_alarms_${index}` : '';
    const further = after === undefined ? '' : 'AND (started_at_ms <> ? OR vitrage_id > ?)';
    return [
      `SELECT id, started_at_ms, vitrage_id FROM history_alarms ${indexed}
       WHERE started_at_ms BETWEEN ? AND ? ${end} ${project} ${further}
       ORDER BY started_at_ms ${order === 'oldest-first' ? 'ASC' : 'DESC'}, vitrage_id LIMIT ?`,
      startFromMs,
      startToMs,
      ...(of === 'ended' ? [fromMs] : []),
      ...(projectId === null ? [] : [projectId]),
      ...(after === undefined ? [] : [after.startedAtMs, after.vitrageId]),
      limit,
    ];
  };
}
