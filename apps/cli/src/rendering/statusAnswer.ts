import type { LinkView, ProcessesAnswer, ProcessView } from '@wherefore/contract';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { count, flow, formatNumber, plain } from '../terminal/text';
import { formatNear, formatSpan, inLocalTime } from '../time/formatTime';

/** What `wherefore status` prints: how it is in a line, a table of the processes, then what is wrong. */
export function describeStatus(answer: ProcessesAnswer, terminal: Terminal): string {
  const { paint } = terminal;
  const { processes, troubles, notes } = answer;
  const table = processes.length === 0 ? [] : ['', formatTable(processes, columns(answer, terminal), terminal)];
  const said = [
    ...troubles.flatMap((text) => sentence(`${paint.red('✗')} `, text, terminal)),
    ...notes.flatMap((text) => sentence(`${paint.yellow('!')} `, text, terminal)),
  ];
  return [headline(answer, terminal), ...table, ...(said.length === 0 ? [] : ['', ...said])].join('\n');
}

function headline(answer: ProcessesAnswer, { paint, width }: Terminal): string {
  const { processes, troubles, lastSnapshot } = answer;
  const nowMs = Date.parse(answer.at);
  const wrong = count(troubles.length, 'thing is wrong', 'things are wrong');
  const furthest = [...processes].sort((a, b) => (b.ordinal ?? -1) - (a.ordinal ?? -1))[0];
  const parts = [troubles.length === 0 ? paint.green(paint.bold('All is well')) : paint.red(paint.bold(wrong))];
  if (furthest !== undefined && furthest.ordinal !== null && furthest.position !== null) {
    parts.push(`entry ${formatNumber(furthest.ordinal)}, position ${furthest.position}`);
  }
  if (furthest?.logTime) parts.push(`log time ${formatNear(Date.parse(furthest.logTime), nowMs)}`);
  parts.push(
    lastSnapshot === null
      ? 'no snapshot yet'
      : `snapshot ${formatSpan(Math.max(0, nowMs - Date.parse(lastSnapshot.createdAt)))} ago at ${lastSnapshot.position}`,
  );
  return flow(parts, ' ·', width, '  ').join('\n');
}

/** What may be said in a line each, broken to the width, what goes on indented. */
function sentence(mark: string, text: string, { width }: Terminal): string[] {
  return flow(inLocalTime(plain(text)).split(' '), '', width - 2, '').map(
    (line, at) => (at === 0 ? mark : '  ') + line,
  );
}

function columns({ at, shape }: ProcessesAnswer, { paint }: Terminal): Column<ProcessView>[] {
  const nowMs = Date.parse(at);
  return [
    {
      title: 'ROLE',
      value: (row) => `${markOf(row)} ${row.role === 'all' ? 'all roles' : row.role}`,
      paint: (text, row) => paintOf(row, paint)(text.slice(0, 1)) + text.slice(1),
    },
    { title: 'STATE', value: (row) => stateOf(row, nowMs), paint: (text, row) => paintOf(row, paint)(text) },
    { title: 'HOST', value: ({ host }) => host, isFlexible: true },
    { title: 'PID', value: ({ pid }) => String(pid), align: 'right' },
    { title: 'UP', value: (row) => upOf(row, nowMs), align: 'right' },
    { title: 'POSITION', value: ({ position }) => position ?? '–' },
    { title: 'LAG', value: lagOf, align: 'right', paint: (text, row) => (isBehind(row) ? paint.yellow(text) : text) },
    ...(shape === 'embedded' ? [] : links(paint)),
    { title: 'LEADS SINCE', value: (row) => leadsOf(row, nowMs) },
    { title: 'HEALTH', isOptional: true, value: ({ healthUrl }) => healthUrl, paint: (text) => paint.dim(text) },
  ];
}

function links(paint: Terminal['paint']): Column<ProcessView>[] {
  const column = (title: string, link: (row: ProcessView) => LinkView | null): Column<ProcessView> => ({
    title,
    value: (row) => wordOf(row, link(row)),
    paint: (text) => (text.startsWith('away') ? paint.red(text) : text.startsWith('ok') ? paint.green(text) : text),
  });
  return [column('BROKER', ({ broker }) => broker), column('DATABASE', ({ database }) => database)];
}

/** What one that is silent knew is of the past. */
function wordOf({ state }: ProcessView, link: LinkView | null): string {
  if (link === null || state === 'silent' || state === 'ending') return '–';
  return link.isReachable ? 'ok' : 'away';
}

function markOf({ state, leads }: ProcessView): string {
  if (state === 'silent' || state === 'ending') return '✗';
  if (state !== 'ready') return '◌';
  return leads.length > 0 ? '●' : '○';
}

function paintOf({ state }: ProcessView, paint: Terminal['paint']): (text: string) => string {
  if (state === 'ready') return paint.green;
  return state === 'starting' ? paint.yellow : paint.red;
}

/** Of the roles that lead, one that does not stands by. */
function stateOf({ state, role, leads, lastHeardAt }: ProcessView, nowMs: number): string {
  const since = formatNear(Date.parse(lastHeardAt), nowMs);
  if (state === 'silent') return `gone since ${since}`;
  if (state === 'ending') return `ended ${since}`;
  if (state !== 'ready') return state === 'unready' ? 'not ready' : state;
  if (leads.length > 0) return role === 'all' || role === 'driver' ? 'ready' : 'leads';
  return role === 'processor' || role === 'persister' ? 'stands by' : 'ready';
}

/** One that is gone is up no longer. */
function upOf({ startedAt, state }: ProcessView, nowMs: number): string {
  if (state === 'silent' || state === 'ending') return '–';
  return formatSpan(Math.max(0, nowMs - Date.parse(startedAt)));
}

function isBehind({ lagEntries, lagMs }: ProcessView): boolean {
  return (lagEntries ?? 0) > 0 || (lagMs ?? 0) >= 1000;
}

function lagOf(row: ProcessView): string {
  const { lagEntries, lagMs, ordinal, state } = row;
  if (ordinal === null || state === 'silent' || state === 'ending') return '–';
  if (!isBehind(row)) return '0';
  return `${formatNumber(lagEntries ?? 0)} · ${formatSpan(lagMs ?? 0)}`;
}

function leadsOf({ leads }: ProcessView, nowMs: number): string {
  const [first, ...more] = leads;
  if (first === undefined) return '';
  const since = formatNear(Date.parse(first.since), nowMs);
  return more.length === 0 ? `${since} (${first.lease} ${first.epoch})` : `${since} (${leads.length} leases)`;
}
