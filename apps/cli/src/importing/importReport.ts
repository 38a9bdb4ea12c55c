import { compareCodeUnits, formatPosition } from '@wherefore/model';
import { stateHash } from '@wherefore/engine';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';
import { formatInstant } from '../time/formatTime';
import type { Importer } from './importer';
import type { StoreUnderImport } from './storeUnderImport';
import type { Timeline } from './timeline';

/** What an import came to, as `--json` prints it. */
export interface ImportReport {
  readonly store: string;
  /** What the inputs held. */
  readonly read: { readonly messages: number; readonly answers: number };
  /** What of it says nothing of any entity; files that no index lists were not even read. */
  readonly ignored: { readonly messages: number; readonly answers: number; readonly files: number };
  readonly polls: { readonly complete: number; readonly failed: number; readonly rows: number };
  /** Entries that were applied, those that told nothing new included. */
  readonly applied: number;
  readonly unchanged: number;
  /** Entries that were older than what was known already. */
  readonly outdated: number;
  /** Entries that the store held already, and second deliveries. */
  readonly duplicate: number;
  /** Entries that were refused, by the code of the reason, in code-unit order. */
  readonly rejected: { readonly [code: string]: number };
  /** Entries that were added to the log: of all the above but duplicates that the store held, and ticks. */
  readonly appended: number;
  readonly ticks: number;
  /** False when it was interrupted. */
  readonly isComplete: boolean;
  /** The store afterwards; times are UTC ISO 8601, and absent while it is empty. */
  readonly log: {
    readonly entries: number;
    readonly position: string;
    readonly stateHash: string;
    readonly from?: string;
    readonly to?: string;
  };
}

/** Adds up what was counted on the way. */
export function reportOf(
  store: string,
  { timeline, importer, target }: { timeline: Timeline; importer: Importer; target: StoreUnderImport },
  isComplete: boolean,
): ImportReport {
  const { messages, answers, messagesIgnored, answersIgnored, filesUnlisted } = timeline.counts;
  const { pollsComplete, pollsFailed, rows } = timeline.polls;
  const { applied, unchanged, outdated, duplicate, rejected, ticks } = target.counts;
  const { ordinal, position, firstLogTimeMs, logTimeMs } = target.state;
  const span = ordinal === 0 ? {} : { from: isoTime(firstLogTimeMs), to: isoTime(logTimeMs) };
  return {
    store,
    read: { messages, answers },
    ignored: { messages: messagesIgnored, answers: answersIgnored, files: filesUnlisted },
    polls: { complete: pollsComplete, failed: pollsFailed, rows },
    applied,
    unchanged,
    outdated,
    duplicate: duplicate + importer.known,
    rejected: Object.fromEntries([...rejected].sort(([a], [b]) => compareCodeUnits(a, b))),
    appended: importer.appended,
    ticks,
    isComplete,
    log: { entries: ordinal, position: formatPosition(position), stateHash: stateHash(target.state), ...span },
  };
}

/** The report for people. */
export function describeImport(report: ImportReport, terminal: Terminal): string {
  const { paint } = terminal;
  const { read, ignored, polls, applied, unchanged, outdated, duplicate, rejected, appended, ticks, log } = report;
  const refused = Object.values(rejected).reduce((sum, amount) => sum + amount, 0);
  const reasons = Object.entries(rejected).map(([code, amount]) => `${formatNumber(amount)} ${code}`);
  const rows: [string, string][] = [
    ['read', `${count(read.messages, 'message')}, ${count(read.answers, 'answer')}`],
    [
      'ignored',
      `${count(ignored.messages, 'message')} that tell of no entity, ${count(ignored.answers, 'answer')} that nobody reads` +
        (ignored.files === 0 ? '' : `, ${count(ignored.files, 'file')} that no index lists`),
    ],
    [
      'polls',
      `${formatNumber(polls.complete)} complete with ${count(polls.rows, 'row')}, ${formatNumber(polls.failed)} failed`,
    ],
    ['applied', `${count(applied, 'entry', 'entries')}, ${formatNumber(unchanged)} of them told nothing new`],
    ['outdated', outdated === 0 ? '' : `${count(outdated, 'entry', 'entries')}: newer was known`],
    ['duplicate', duplicate === 0 ? '' : count(duplicate, 'entry', 'entries')],
    ['rejected', refused === 0 ? '' : paint.yellow(`${count(refused, 'entry', 'entries')}: ${reasons.join(', ')}`)],
    ['appended', `${count(appended, 'entry', 'entries')}, ${count(ticks, 'tick')} among them`],
  ];
  const lines = rows.flatMap(([name, text]) => (text === '' ? [] : [`${paint.dim(name.padEnd(10))}${text}`]));
  if (log.from !== undefined && log.to !== undefined) {
    const [from, to] = [log.from, log.to].map((time) => formatInstant(Date.parse(time)));
    lines.push(
      '',
      `The store in ${report.store} holds ${count(log.entries, 'entry', 'entries')}, from ${from} to ${to}.`,
    );
  }
  if (refused > 0) lines.push(`What was rejected, and why: wherefore rejected --store ${shellWord(report.store)}`);
  return lines.join('\n');
}

/** As it can be pasted into a shell. */
function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
