import type { ProcessView } from '@wherefore/contract';
import { pushTo } from '@wherefore/model';

/** How long it is told that a process went and another took its place. */
const REPLACED_TOLD_MS = 600_000;

const ENDING_SHOWN_MS = 30_000;
/** How far the clocks of two machines may be apart. */
const CLOCKS_APART_MS = 2000;

/** Whether it is there, as far as is known: neither silent nor at its end. */
export function isAlive({ state }: Pick<ProcessView, 'state'>): boolean {
  return state !== 'silent' && state !== 'ending';
}

/** `processor 4711 on node-1`. */
export function nameOf({ role, pid, host }: Pick<ProcessView, 'role' | 'pid' | 'host'>): string {
  return role === 'all' ? `the server (process ${pid} on ${host})` : `${role} ${pid} on ${host}`;
}

function hasEndedAsTold({ state, note }: ProcessView): boolean {
  return state === 'ending' && note === 'asked to end';
}

/** What became of the processes that are not there any more. */
export interface GoneProcesses {
  /** Those in whose place nobody was started, and those that are about to end as they were told. */
  readonly missing: ReadonlySet<ProcessView>;
  /** What is to be said of the others, as long as it is news. */
  readonly notes: readonly string[];
}

/**
 * Tells those who are missing from those in whose place another was started: of its role, after it was last heard of,
 * on its own host if there is one. A process that was killed and started again is no trouble any more.
 */
export function goneProcesses(processes: readonly ProcessView[], nowMs: number): GoneProcesses {
  // One that is about to end as it was told is shown for as long as it may take.
  const missing = new Set(processes.filter((each) => hasEndedAsTold(each) && each.silentMs < ENDING_SHOWN_MS));
  const replaced: { readonly gone: ProcessView; readonly by: ProcessView }[] = [];
  // Newest first: who is started again and again takes the place of the last one, and that of the one before.
  const gone = processes
    .filter((each) => !isAlive(each) && !hasEndedAsTold(each))
    .sort((a, b) => a.silentMs - b.silentMs);
  const places = new Map<ProcessView, number>();
  for (const each of gone) {
    const by = replacementOf(each, processes, places);
    if (by === undefined) missing.add(each);
    else {
      places.set(by, Date.parse(each.startedAt));
      replaced.push({ gone: each, by });
    }
  }
  return { missing, notes: notesOf(replaced, nowMs) };
}

/**
 * A living process whose place, or that of the one before it in the same place, was free when this one had gone. A place is
 * taken from the start of the first that was in it.
 */
function replacementOf(
  gone: ProcessView,
  processes: readonly ProcessView[],
  places: ReadonlyMap<ProcessView, number>,
): ProcessView | undefined {
  const lastHeardMs = Date.parse(gone.lastHeardAt);
  const able = processes.filter((each) => {
    const takenFromMs = places.get(each) ?? Date.parse(each.startedAt);
    return isAlive(each) && each.role === gone.role && takenFromMs >= lastHeardMs - CLOCKS_APART_MS;
  });
  return able.find(({ host }) => host === gone.host) ?? able[0];
}

function notesOf(
  replaced: readonly { readonly gone: ProcessView; readonly by: ProcessView }[],
  nowMs: number,
): string[] {
  const byPlace = new Map<ProcessView, ProcessView[]>();
  for (const { gone, by } of replaced) {
    if (nowMs - Date.parse(gone.lastHeardAt) > REPLACED_TOLD_MS) continue;
    pushTo(byPlace, by, gone);
  }
  return [...byPlace].map(([by, [last, ...earlier]]) => {
    const often = earlier.length === 0 ? '' : `, the last of ${earlier.length + 1} in ten minutes`;
    return `${describeGone(last!)}${often}; ${nameOf(by)} was started in its place`;
  });
}

/** What is wrong with one that is missing, and who leads now, if it led. */
export function troubleOfGone(gone: ProcessView, processes: readonly ProcessView[]): string[] {
  if (hasEndedAsTold(gone)) return [];
  const led = gone.held.map(({ lease }) => lease).filter((lease) => LEADING.has(lease));
  const next = processes.find(({ leads }) => leads.some(({ lease }) => led.includes(lease)));
  const heir = led.length === 0 ? '' : next === undefined ? '; it led' : `; it led, and ${nameOf(next)} leads now`;
  return [`${describeGone(gone)}${heir}`];
}

/** Leases of which there is one. That nobody holds one of them is told by itself. */
const LEADING: ReadonlySet<string> = new Set(['leader', 'persister']);

function describeGone(gone: ProcessView): string {
  const because = gone.note === '' ? '' : `: ${gone.note}`;
  const what = gone.state === 'ending' ? 'ended at' : 'has been gone since';
  return `${nameOf(gone)} ${what} ${gone.lastHeardAt.slice(0, 19)}Z${because}`;
}
