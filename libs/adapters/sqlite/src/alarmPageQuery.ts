import { type AlarmPage, alarmParts, alarmProject, lastedParts, STILL_OPEN } from '@wherefore/ports';
import type { Value } from './connection';

/** A statement and its values. */
export type Query = readonly [sql: string, ...values: Value[]];

/** Alarms with a start within the bounds, as one index finds them. */
interface Scan {
  readonly index: string;
  readonly condition: string;
  readonly values: readonly Value[];
  readonly startFromMs: number;
  readonly startToMs: number;
}

/**
 * Each finds the first places, `(id, started_at_ms, vitrage_id)`, of a part of the page, within an index; the rows are
 * for those that are left when the parts were put together. A store that nobody opened to write since may be older than
 * the indexes: then one statement looks through everything, and whoever asks has to look at projects for himself.
 */
export function alarmPageQueries(fromMs: number, toMs: number, page: AlarmPage, hasIndexes: boolean): Query[] {
  const scans = hasIndexes ? scansOf(fromMs, toMs, page) : [wholeScan(fromMs, toMs, page)];
  return scans.map((scan) => placesOf(scan, page));
}

function scansOf(fromMs: number, toMs: number, page: AlarmPage): Scan[] {
  const projectIds = page.projectIds && [...new Set(page.projectIds.map((project_id) => alarmProject({ project_id })))];
  const ofProjects = {
    condition: projectIds === undefined ? '' : 'AND project_id IN (SELECT value FROM json_each(?))',
    values: projectIds === undefined ? [] : [JSON.stringify(projectIds)],
  };
  return alarmParts(fromMs, toMs, page).flatMap((part): Scan[] => {
    const { of, startFromMs, startToMs } = part;
    if (of === 'open') {
      const condition = `AND lasted = ? ${ofProjects.condition}`;
      return [{ ...part, index: 'by_lasted', condition, values: [STILL_OPEN, ...ofProjects.values] }];
    }
    if (of === 'ended') {
      return lastedParts(part, fromMs).map(({ lasted, ...bounds }) => {
        const condition = `AND lasted = ? AND ended_at_ms >= ? ${ofProjects.condition}`;
        return { index: 'by_lasted', condition, values: [lasted, fromMs, ...ofProjects.values], ...bounds };
      });
    }
    const bounds = { startFromMs, startToMs };
    if (projectIds === undefined) return [{ index: 'by_start', condition: '', values: [], ...bounds }];
    return projectIds.map((projectId) => {
      return { index: 'by_project', condition: 'AND project_id = ?', values: [projectId], ...bounds };
    });
  });
}

function wholeScan(fromMs: number, toMs: number, page: AlarmPage): Scan {
  const parts = alarmParts(fromMs, toMs, page);
  return {
    index: '',
    condition: 'AND (ended_at_ms IS NULL OR ended_at_ms >= ? OR started_at_ms >= ?)',
    values: [fromMs, fromMs],
    startFromMs: Math.min(...parts.map(({ startFromMs }) => startFromMs)),
    startToMs: Math.max(...parts.map(({ startToMs }) => startToMs)),
  };
}

function placesOf({ index, condition, values, startFromMs, startToMs }: Scan, page: AlarmPage): Query {
  const { order, after, limit } = page;
  return [
    `SELECT id, started_at_ms, vitrage_id FROM history_alarms
     ${index === '' ? '' : `INDEXED BY history_alarms_${index}`}
     WHERE started_at_ms BETWEEN ? AND ? ${condition}
     ${after === undefined ? '' : 'AND (started_at_ms <> ? OR vitrage_id > ?)'}
     ORDER BY started_at_ms ${order === 'oldest-first' ? 'ASC' : 'DESC'}, vitrage_id LIMIT ?`,
    startFromMs,
    startToMs,
    ...values,
    ...(after === undefined ? [] : [after.startedAtMs, after.vitrageId]),
    limit,
  ];
}
