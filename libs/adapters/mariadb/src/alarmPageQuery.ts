import { type AlarmPage, alarmParts, alarmProject, lastedParts, STILL_OPEN } from '@wherefore/ports';
import type { Value } from './database';

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

export const OF_NOW = 'generation = (SELECT generation FROM history_cursor)';

/**
 * Finds how far the page reaches in time: `started_at_ms` of its last alarm, leaving out those that started when the
 * one before the page did; no row when it reaches to the end. No index sorts by whole ids, so this is found first,
 * within the indexes, and only what started by then is read and sorted. `undefined` for a page of nothing.
 */
export function reachQuery(fromMs: number, toMs: number, page: AlarmPage): Query | undefined {
  const { after, limit } = page;
  const later = { sql: 'AND started_at_ms <> ?', values: [after?.startedAtMs ?? Number.MIN_SAFE_INTEGER] };
  const places = union(
    scansOf(fromMs, toMs, page),
    'started_at_ms',
    later,
    `started_at_ms ${directionOf(page)}`,
    limit,
  );
  if (places === undefined) return undefined;
  const [sql, ...values] = places;
  return [
    `SELECT started_at_ms FROM (${sql}) AS places ORDER BY started_at_ms ${directionOf(page)} LIMIT 1 OFFSET ?`,
    ...values,
    limit - 1,
  ];
}

/** The first alarms of the page, in order; `reachedMs` is where they end. */
export function rowsQuery(
  columns: string,
  [fromMs, toMs]: readonly [fromMs: number, toMs: number],
  page: AlarmPage,
  reachedMs: number | undefined,
): Query | undefined {
  const { after, limit } = page;
  const further =
    after === undefined
      ? { sql: '', values: [] }
      : { sql: 'AND (started_at_ms <> ? OR vitrage_id > ?)', values: [after.startedAtMs, after.vitrageId] };
  const order = `started_at_ms ${directionOf(page)}, vitrage_id`;
  const scans = scansOf(fromMs, toMs, page).map((scan) => within(scan, page, reachedMs));
  const rows = union(
    scans.filter(({ startFromMs, startToMs }) => startFromMs <= startToMs),
    columns,
    further,
    order,
    limit,
  );
  if (rows === undefined) return undefined;
  const [sql, ...values] = rows;
  return [`SELECT * FROM (${sql}) AS found ORDER BY ${order} LIMIT ?`, ...values, limit];
}

function within(scan: Scan, { order }: AlarmPage, reachedMs: number | undefined): Scan {
  if (reachedMs === undefined) return scan;
  return order === 'oldest-first'
    ? { ...scan, startToMs: Math.min(scan.startToMs, reachedMs) }
    : { ...scan, startFromMs: Math.max(scan.startFromMs, reachedMs) };
}

function directionOf({ order }: AlarmPage): string {
  return order === 'oldest-first' ? 'ASC' : 'DESC';
}

function union(
  scans: readonly Scan[],
  columns: string,
  further: { readonly sql: string; readonly values: readonly Value[] },
  order: string,
  limit: number,
): Query | undefined {
  if (scans.length === 0) return undefined;
  const parts = scans.map(
    ({ index, condition }) => `(SELECT ${columns} FROM history_alarms FORCE INDEX (${index})
      WHERE ${OF_NOW} ${condition} AND started_at_ms BETWEEN ? AND ? ${further.sql} ORDER BY ${order} LIMIT ?)`,
  );
  const values = scans.flatMap((scan) => [
    ...[...scan.values, scan.startFromMs, scan.startToMs],
    ...[...further.values, limit],
  ]);
  return [parts.join('\nUNION ALL\n'), ...values];
}

function scansOf(fromMs: number, toMs: number, page: AlarmPage): Scan[] {
  const named = page.projectIds?.map((project_id) => alarmProject({ project_id }));
  const projectIds = named && [...new Set(named)];
  if (projectIds?.length === 0) return [];
  const ofProjects = projectIds === undefined ? '' : `AND project_id IN (${projectIds.map(() => '?').join()})`;
  return alarmParts(fromMs, toMs, page).flatMap((part): Scan[] => {
    const { of, ...bounds } = part;
    if (of === 'open') {
      const condition = `AND lasted = ? ${ofProjects}`;
      return [{ index: 'by_lasted', condition, values: [STILL_OPEN, ...(projectIds ?? [])], ...bounds }];
    }
    if (of === 'ended') {
      return lastedParts(part, fromMs).map(({ lasted, startFromMs, startToMs }) => {
        const condition = `AND lasted = ? AND ended_at_ms >= ? ${ofProjects}`;
        const values = [lasted, fromMs, ...(projectIds ?? [])];
        return { index: 'by_lasted', condition, values, startFromMs, startToMs };
      });
    }
    if (projectIds === undefined) return [{ index: 'by_start', condition: '', values: [], ...bounds }];
    return projectIds.map((projectId) => {
      return { index: 'by_project', condition: 'AND project_id = ?', values: [projectId], ...bounds };
    });
  });
}
