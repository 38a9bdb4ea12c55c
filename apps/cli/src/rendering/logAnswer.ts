import type { EffectView, LogAnswer, LogEntryView } from '@wherefore/contract';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { clip, count, formatNumber, pad, plain, widthOf } from '../terminal/text';
import { formatNearMs } from '../time/formatTime';
import { describeDifference, worthTelling } from './differences';
import { callEntity, nameEntity } from './naming';

/** So many rows of a poll that tell nothing new are shown as one line. */
const FOLDED_MIN = 3;
const EFFECTS_SHOWN = 2;

/** A line of the log: an entry, or several rows of a poll that told nothing new. */
interface Line {
  readonly first: LogEntryView;
  readonly last: LogEntryView;
  readonly amount: number;
}

/** What is said of an entry stands in the last column; where it does not fit, on a line of its own. */
const OUTCOME_INDENT = '      ';
const SHORT_OUTCOME = 'unchanged'.length;

/** The entries around a moment, for people. `isFull`: every row of every poll. */
export function renderLog(answer: LogAnswer, terminal: Terminal, isFull: boolean): string {
  const { paint } = terminal;
  const atMs = Date.parse(answer.at);
  const lines = isFull ? answer.entries.map((each) => ({ first: each, last: each, amount: 1 })) : fold(answer.entries);
  const [head = '', ...rows] = formatTable(lines, columns(terminal, atMs), terminal).split('\n');
  const widest = Math.max(widthOf(head), ...rows.map(widthOf));
  // The usual outcomes are short, and stand beside in any window.
  const column = Math.min(widest + 2, terminal.width - SHORT_OUTCOME);
  const drawn = [`${pad(head, column)}${paint.dim('OUTCOME')}`];
  if (answer.omittedBefore > 0) drawn.push(paint.dim(`… ${count(answer.omittedBefore, 'entry', 'entries')} before`));
  const mark = paint.cyan(`── ${formatNearMs(atMs, atMs)} ${'─'.repeat(20)}`);
  let isMarked = false;
  rows.forEach((row, at) => {
    const { first } = lines[at]!;
    if (!isMarked && Date.parse(first.knownAt) > atMs) {
      drawn.push(mark);
      isMarked = true;
    }
    drawn.push(...withOutcome(row, first, column, terminal));
  });
  if (!isMarked) drawn.push(mark);
  if (answer.omittedAfter > 0) drawn.push(paint.dim(`… ${count(answer.omittedAfter, 'entry', 'entries')} after`));
  return drawn.join('\n');
}

function withOutcome(row: string, entry: LogEntryView, column: number, { paint, width, isWindow }: Terminal): string[] {
  const outcome = plain(outcomeOf(entry));
  if (outcome === '') return [row];
  const isBeside = widthOf(row) <= column - 2 && (column + widthOf(outcome) <= width || !isWindow);
  if (isBeside) return [`${pad(row, column)}${paintOutcome(paint, outcome, entry)}`];
  const room = isWindow ? width - OUTCOME_INDENT.length : Infinity;
  return [row, `${OUTCOME_INDENT}${paintOutcome(paint, clip(outcome, room), entry)}`];
}

function fold(entries: readonly LogEntryView[]): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < entries.length;) {
    const first = entries[at]!;
    let end = at + 1;
    while (end < entries.length && isAlike(first, entries[end]!)) end += 1;
    if (end - at >= FOLDED_MIN) lines.push({ first, last: entries[end - 1]!, amount: end - at });
    else for (const entry of entries.slice(at, end)) lines.push({ first: entry, last: entry, amount: 1 });
    at = end;
  }
  return lines;
}

function isAlike(a: LogEntryView, b: LogEntryView): boolean {
  const isQuiet = ({ kind, outcome }: LogEntryView): boolean =>
    kind === 'seen' || (kind === 'event' && outcome === 'unchanged');
  return a.pollId !== undefined && a.pollId === b.pollId && isQuiet(a) && isQuiet(b);
}

function columns(terminal: Terminal, atMs: number): Column<Line>[] {
  const { paint } = terminal;
  return [
    {
      title: 'ENTRY',
      value: ({ first, last, amount }) => (amount === 1 ? `#${first.ordinal}` : `#${first.ordinal}–${last.ordinal}`),
      paint: (text) => paint.dim(text),
    },
    { title: 'KNOWN', value: ({ first }) => formatNearMs(Date.parse(first.knownAt), atMs) },
    { title: 'SOURCE', value: ({ first }) => sourceOf(first), paint: (text) => paint.dim(text) },
    { title: 'SAYS', value: saying, isFlexible: true },
  ];
}

/** The datasource that the summary begins with; else who vouches for the entry. */
function sourceOf({ source, summary, kind }: LogEntryView): string {
  return kind === 'event' ? (summary.split(' ', 1)[0] ?? source) : source;
}

function saying({ first, amount }: Line): string {
  if (amount > 1) return `${formatNumber(amount)} rows of the poll`;
  const source = sourceOf(first);
  return first.summary.startsWith(`${source} `) ? first.summary.slice(source.length + 1) : first.summary;
}

function outcomeOf({ outcome, reason, effects, effectsOmitted, summary }: LogEntryView): string {
  if (reason !== undefined) return `${outcome}: ${reason.message}`;
  if (outcome !== 'applied') return outcome;
  const causes = effects.filter(({ kind: did }) => did.startsWith('cause-'));
  const told = effects.filter((effect) => !causes.includes(effect));
  const texts = told.map((effect) => describeEffect(effect, summary)).filter((text) => text !== '');
  const more = texts.length - EFFECTS_SHOWN + effectsOmitted;
  const shown = texts.slice(0, EFFECTS_SHOWN);
  if (more > 0) shown.push(`${formatNumber(more)} more`);
  if (causes.length > 0) shown.push(count(causes.length, 'cause'));
  return shown.join('; ');
}

function describeEffect({ kind, entity, changes, detail }: EffectView, summary: string): string {
  if (entity === undefined) return `${kind.replace('-', ' ')}${detail === undefined ? '' : ` ${plain(detail)}`}`;
  const isSubject = plain(summary).endsWith(callEntity(entity));
  const [, did = kind] = kind.split('-');
  if (kind === 'resource-changed' || kind === 'alarm-changed') {
    const texts = worthTelling(changes)
      .filter(({ name }) => name !== 'vitrage_is_placeholder')
      .map(describeDifference);
    if (texts.length === 0) return '';
    return isSubject ? texts.join(', ') : `${nameEntity(entity)}: ${texts.join(', ')}`;
  }
  if (entity.category === 'ALARM') return `${did} "${callEntity(entity)}"`;
  return isSubject ? did : `${nameEntity(entity)} ${did}`;
}

function paintOutcome(paint: Terminal['paint'], text: string, { outcome }: LogEntryView): string {
  switch (outcome) {
    case 'applied':
      return text;
    case 'rejected':
    case 'failed':
      return paint.yellow(text);
    default:
      return paint.dim(text);
  }
}
