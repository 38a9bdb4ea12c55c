import { isJsonObject, type Json, type JsonObject, WhereforeError } from '@wherefore/model';
import { EXIT, exitCodeOf } from './exitCodes';
import type { Terminal } from './terminal';
import { formatInstant, inLocalTime } from '../time/formatTime';
import { formatNumber, plain } from './text';

/** Says on stderr what went wrong and what to do about it; gives the exit code. */
export function reportFailure(error: unknown, terminal: Terminal): number {
  const { paintNote } = terminal;
  if (!(error instanceof WhereforeError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.note(`${paintNote.red('error:')} this is a defect of Wherefore, please report it\n${text}`);
    return EXIT.failure;
  }
  const message = error.message.split('\n').map(plain).join('\n');
  terminal.note(`${paintNote.red('error:')} ${inLocalTime(message)}`);
  for (const line of candidateLines(error.data)) terminal.note(`  ${line}`);
  if (error.hint !== undefined) terminal.note(inLocalTime(plain(error.hint)));
  return exitCodeOf(error.code);
}

/** What else could have been meant: other alarms of the name, other times of the alarm. */
function candidateLines(data: JsonObject | undefined): string[] {
  if (data === undefined) return [];
  const { candidates, intervals, count: total } = data;
  const lines = [...objectsIn(candidates).map(describeCandidate), ...objectsIn(intervals).map(describeInterval)];
  const more = typeof total === 'number' ? total - lines.length : 0;
  return more > 0 ? [...lines, `… ${formatNumber(more)} more`] : lines;
}

function describeCandidate({ alarm, id, severity, since }: JsonObject): string {
  return plain(`${String(severity).padEnd(8)}  ${String(alarm)}  since ${instant(since)}  ${String(id)}`);
}

function describeInterval({ from, to }: JsonObject): string {
  return `it was active from ${instant(from)} ${to === null ? 'on' : `to ${instant(to)}`}`;
}

function instant(value: Json | undefined): string {
  return formatInstant(Date.parse(String(value)));
}

function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
}
