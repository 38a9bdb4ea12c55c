import type { LinkView, ProcessesAnswer, ProcessView } from '@wherefore/contract';
import { comparePositions, formatPosition } from '@wherefore/model';
import type { LinkHealth, PostedReport, ProcessReport } from '@wherefore/ports';
import { goneProcesses, isAlive, nameOf, troubleOfGone } from './goneProcesses';

/** A process that missed about three reports is silent. */
const SILENT_REPORTS = 3;
const SILENT_GRACE_MS = 2000;

/** Entries behind the others from which on it is trouble. */
const LAG_ENTRIES_MAX = 10_000;
/** Log time behind the others, and behind the clock, from which on it is trouble. Ticks come every 5 s at least. */
const LAG_MS_MAX = 15_000;

/** Which lease a role has to hold somewhere, and what is not done while nobody does. */
const LEADING_ROLES: { readonly [role: string]: { readonly lease: string; readonly undone: string } } = {
  processor: { lease: 'leader', undone: 'nobody ticks or notifies' },
  persister: { lease: 'persister', undone: 'nothing is archived' },
};

/**
 * What the board says, and what follows from it. Of two reports the later one may be ahead because it is later: a
 * process is behind only by what others had reached before it reported. Pure.
 */
export function describeProcesses(
  posted: readonly PostedReport[],
  shape: ProcessesAnswer['shape'],
  nowMs: number,
): ProcessesAnswer {
  const known = posted.map((each) => viewOf(each, posted, nowMs));
  const { missing, notes } = goneProcesses(known, nowMs);
  const processes = known.filter((each) => isAlive(each) || missing.has(each));
  const snapshots = posted.flatMap(({ report }) => (report.lastSnapshot === null ? [] : [report.lastSnapshot]));
  const newest = snapshots.sort((a, b) => comparePositions(b.position, a.position))[0];
  return {
    at: iso(nowMs),
    shape,
    processes,
    lastSnapshot:
      newest === undefined ? null : { position: formatPosition(newest.position), createdAt: iso(newest.createdAtMs) },
    troubles: [
      ...processes.flatMap((each) => (isAlive(each) ? troublesOf(each) : troubleOfGone(each, processes))),
      ...(shape === 'distributed' ? missingLeaders(processes) : []),
      ...stillTime(posted, nowMs),
      ...disagreements(posted),
    ],
    notes: shape === 'distributed' ? [...notesOf(processes), ...notes] : [],
  };
}

function viewOf({ report, silentMs }: PostedReport, posted: readonly PostedReport[], nowMs: number): ProcessView {
  const isSilent = silentMs > report.reportEveryMs * SILENT_REPORTS + SILENT_GRACE_MS;
  // One that ended said why; that is worth more than that it is silent.
  const state = isSilent && report.phase !== 'ending' ? 'silent' : report.phase;
  const { position, ordinal, logTimeMs } = report;
  const leases = report.leads.map(({ lease, epoch, sinceMs }) => ({ lease, epoch, since: iso(sinceMs) }));
  const earlier = posted.filter((other) => other.silentMs >= silentMs).map((other) => other.report);
  return {
    id: report.id,
    role: report.role,
    host: report.host,
    pid: report.pid,
    version: report.version,
    behaviour: report.behaviour,
    state,
    note: report.note,
    startedAt: iso(report.startedAtMs),
    silentMs,
    lastHeardAt: iso(nowMs - silentMs),
    position: position === null ? null : formatPosition(position),
    ordinal,
    logTime: logTimeMs === null ? null : iso(logTimeMs),
    lagEntries:
      ordinal === null
        ? null
        : behind(
            ordinal,
            earlier.map((other) => other.ordinal),
          ),
    lagMs:
      logTimeMs === null
        ? null
        : behind(
            logTimeMs,
            earlier.map((other) => other.logTimeMs),
          ),
    ...(isAlive({ state }) ? { leads: leases, held: [] } : { leads: [], held: leases }),
    broker: linkOf(report.broker),
    database: linkOf(report.database),
    healthUrl: report.healthUrl,
  };
}

function behind(own: number, others: readonly (number | null)[]): number {
  return Math.max(0, ...others.map((other) => (other ?? own) - own));
}

function linkOf(health: LinkHealth | null): LinkView | null {
  if (health === null) return null;
  return { isReachable: health.isReachable, since: iso(health.sinceMs), trouble: health.trouble };
}

function troublesOf(view: ProcessView): string[] {
  const { state, note, broker, database, lagEntries, lagMs } = view;
  const name = nameOf(view);
  const because = note === '' ? '' : `: ${note}`;
  const troubles: string[] = [];
  if (state === 'unready') troubles.push(`${name} is not ready${because}`);
  if (broker?.isReachable === false) troubles.push(`${name} cannot reach the broker: ${broker.trouble}`);
  if (database?.isReachable === false) troubles.push(`${name} cannot reach the database: ${database.trouble}`);
  const isBehind = (lagEntries ?? 0) > LAG_ENTRIES_MAX || (lagMs ?? 0) > LAG_MS_MAX;
  if (isBehind) troubles.push(`${name} is ${lagEntries ?? 0} entries and ${seconds(lagMs ?? 0)} behind`);
  return troubles;
}

/** Roles that only one may fill at a time, and nobody does. */
function missingLeaders(processes: readonly ProcessView[]): string[] {
  return Object.entries(LEADING_ROLES).flatMap(([role, { lease, undone }]) => {
    const alive = aliveOf(processes, role);
    if (alive.some(({ leads }) => leads.some((held) => held.lease === lease))) return [];
    return [alive.length === 0 ? `no ${role} runs: ${undone}` : `no ${role} holds the lease "${lease}": ${undone}`];
  });
}

function stillTime(posted: readonly PostedReport[], nowMs: number): string[] {
  const times = posted.flatMap(({ report }) => (report.logTimeMs === null ? [] : [report.logTimeMs]));
  if (times.length === 0) return [];
  const latestMs = Math.max(...times);
  return nowMs - latestMs <= LAG_MS_MAX
    ? []
    : [`log time stands still: it is ${seconds(nowMs - latestMs)} behind the clock, as nobody ticks or nobody follows`];
}

/** Who applied the same entries holds the same state. Another version may reckon the hash in another way. */
function disagreements(posted: readonly PostedReport[]): string[] {
  const first = new Map<string, ProcessReport>();
  return posted.flatMap(({ report }) => {
    const { position, stateHash } = report;
    if (position === null || stateHash === undefined) return [];
    const place = formatPosition(position);
    const key = `${report.version} ${place}`;
    const other = first.get(key) ?? report;
    first.set(key, other);
    if (other.stateHash === stateHash) return [];
    return [
      `${nameOf(other)} and ${nameOf(report)} hold different states at ${place}: one of them is wrong; ` +
        'keep both logs, and report it',
    ];
  });
}

function notesOf(processes: readonly ProcessView[]): string[] {
  const single = Object.keys(LEADING_ROLES).filter((role) => aliveOf(processes, role).length === 1);
  const versions = [...new Set(processes.filter(isAlive).map(({ version }) => version))];
  return [
    ...single.map((role) => `one ${role} runs, and none stands by for it`),
    ...(versions.length > 1 ? [`versions ${versions.sort().join(' and ')} run side by side`] : []),
  ];
}

function aliveOf(processes: readonly ProcessView[], role: string): ProcessView[] {
  return processes.filter((each) => each.role === role && isAlive(each));
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
