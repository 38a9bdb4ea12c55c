import { compareCodeUnits } from '@wherefore/model';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';
import { formatInstant, formatSpan } from '../time/formatTime';
import type { LeftOut } from './asFromSources';

/** What a replay came to, as `--json` prints it. Times are UTC ISO 8601. */
export interface ReplayReport {
  readonly source: string;
  /** Without its password. */
  readonly target: string;
  readonly exchange: string;
  /** What the period holds; times are absent when it is empty. */
  readonly period: { readonly entries: number; readonly from?: string; readonly to?: string };
  readonly speed: string;
  /** Whole seconds by which times were moved; 0 when they were kept. */
  readonly shiftSeconds: number;
  /** Entries that the target has taken, by kind; of a dry run, those that it would be sent. */
  readonly sent: { readonly entries: number; readonly byKind: { readonly [kind: string]: number } };
  readonly leftOut: { readonly [reason in LeftOut]?: number };
  /** Entries that were sent again because the connection was lost. */
  readonly repeated: number;
  readonly tookMs: number;
  readonly isDryRun: boolean;
  /** False when it was interrupted, or the target was lost. */
  readonly isComplete: boolean;
  /** What `--from` takes to go on after it; absent when it is complete. */
  readonly goOnFrom?: string;
}

const REASONS: { readonly [reason in LeftOut]: string } = {
  'tick': 'ticks',
  'epoch': 'epochs of the log',
  'behaviour': 'changes of behaviour',
  'replaced-leader': 'of leaders that had been replaced',
  'templates-and-configuration': 'templates and configuration',
};

/** The amounts in the order of their names. */
export function byName<Name extends string>(amounts: ReadonlyMap<Name, number>): { readonly [name in Name]?: number } {
  const sorted = [...amounts].sort(([a], [b]) => compareCodeUnits(a, b));
  return Object.fromEntries(sorted) as { readonly [name in Name]?: number };
}

/** The report for people. */
export function describeReplay(report: ReplayReport, { paint }: Terminal): string {
  const { period, sent, leftOut, repeated, shiftSeconds, tookMs, isDryRun } = report;
  const kinds = Object.entries(sent.byKind).map(([kind, amount]) => `${formatNumber(amount)} ${kind}`);
  const left = Object.entries(leftOut).map(
    ([reason, amount]) => `${formatNumber(amount)} ${REASONS[reason as LeftOut]}`,
  );
  const [from, to] = [period.from, period.to].map((time) =>
    time === undefined ? '' : formatInstant(Date.parse(time)),
  );
  const rows: [string, string][] = [
    ['period', period.entries === 0 ? 'no entries' : `${count(period.entries, 'entry', 'entries')}, ${from} → ${to}`],
    ['target', `${report.target}, exchange ${report.exchange}`],
    ['times', shiftSeconds === 0 ? 'kept' : `moved by ${formatNumber(shiftSeconds)} s`],
    [isDryRun ? 'to send' : 'sent', `${count(sent.entries, 'entry', 'entries')}${listed(kinds)}`],
    ['left out', left.join(', ')],
    ['repeated', repeated === 0 ? '' : `${count(repeated, 'entry', 'entries')}, after the connection was lost`],
    ['speed', isDryRun ? report.speed : `${report.speed}; it took ${formatSpan(tookMs)}`],
  ];
  return rows.flatMap(([name, text]) => (text === '' ? [] : [`${paint.dim(name.padEnd(10))}${text}`])).join('\n');
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}
