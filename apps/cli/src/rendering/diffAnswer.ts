import type {
  AlarmDifference,
  AlarmView,
  DiffAnswer,
  EventRef,
  PropertyDifference,
  ResourceDifference,
  TemplateDifference,
} from '@wherefore/contract';
import { pushTo } from '@wherefore/model';
import type { Terminal } from '../terminal/terminal';
import { clip, count, formatNumber, pad, plain, widthOf } from '../terminal/text';
import { formatInstant } from '../time/formatTime';
import { describeDifference, worthTelling } from './differences';
import { describeEvent } from './eventLine';
import { nameEntity, severityOf, stateOf } from './naming';
import { paintSeverity, paintState } from './severity';

/** What differs between two moments, for people: each with the entry that made it so. */
export function renderDiff(answer: DiffAnswer, terminal: Terminal): string {
  const { appeared, gone, changed, alarms, templates } = answer;
  const drawing = new Drawing(terminal, Date.parse(answer.to.at));
  const { paint } = terminal;
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['appeared', appeared.flatMap((each) => drawing.resource(paint.green('+'), each))],
    ['gone', gone.flatMap((each) => drawing.resource(paint.red('-'), each))],
    ['changed', changed.flatMap((each) => drawing.resource(paint.yellow('~'), each))],
    ['alarms raised', alarms.raised.flatMap((each) => drawing.alarm('●', each))],
    ['alarms cleared', alarms.cleared.flatMap((each) => drawing.alarm('○', each))],
    ['alarms changed', alarms.changed.flatMap((each) => drawing.alarm('●', each))],
    ['templates', templates.flatMap((each) => drawing.template(each))],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [paint.bold(title), ...lines].join('\n'))
    .join('\n\n');
}

/** Which moments were compared. */
export function describeSpan({ from, to }: DiffAnswer): string {
  const entries = to.ordinal - from.ordinal;
  const span = `${formatInstant(Date.parse(from.at))} → ${formatInstant(Date.parse(to.at))}`;
  if (entries === 0) return `${span} · no entries in between`;
  return `${span} · ${count(entries, 'entry', 'entries')}, #${from.ordinal + 1} to #${to.ordinal}`;
}

/** How much differs. */
export function summariseDiff({ appeared, gone, changed, alarms, passing }: DiffAnswer): string {
  const resources = `${formatNumber(appeared.length)} appeared, ${formatNumber(gone.length)} gone, ${formatNumber(changed.length)} changed`;
  const { raised, cleared, changed: altered } = alarms;
  const told = [`resources: ${resources}`];
  if (raised.length + cleared.length + altered.length > 0) {
    const kinds = [`${formatNumber(raised.length)} raised`, `${formatNumber(cleared.length)} cleared`];
    if (altered.length > 0) kinds.push(`${formatNumber(altered.length)} changed`);
    told.push(`alarms: ${kinds.join(', ')}`);
  }
  if (passing > 0) told.push(`${formatNumber(passing)} came and went in between`);
  return told.join(' · ');
}

class Drawing {
  /** Where references begin, when they fit beside what they are about. */
  private readonly column: number;
  private readonly width: number;

  constructor(
    private readonly terminal: Terminal,
    private readonly atMs: number,
  ) {
    this.width = terminal.isWindow ? terminal.width : Infinity;
    this.column = Math.min(66, Math.floor(terminal.width / 2));
  }

  resource(mark: string, { resource, by, changes }: ResourceDifference): string[] {
    const { paint } = this.terminal;
    const state = stateOf(resource);
    const shown = state === '' ? '' : ` ${paintState(paint, resource.operationalState ?? '', `(${state})`)}`;
    const host = resource.host === undefined || resource.type === 'nova.host' ? '' : ` on ${plain(resource.host)}`;
    const head = `${mark} ${paint.dim(plain(resource.type))} ${paint.bold(nameEntity(resource).slice(resource.type.length + 1))}`;
    if (changes.length > 0) return [head, ...this.changes(changes)];
    return this.withReference(`${head}${shown}${host}`, by);
  }

  alarm(mark: string, { alarm, by, changes }: AlarmDifference): string[] {
    const { paint } = this.terminal;
    const severity = severityOf(alarm as AlarmView);
    const place = alarm.resource === undefined ? '' : ` on ${nameEntity(alarm.resource)}`;
    const head = `${paintSeverity(paint, severity, mark)} ${paintSeverity(paint, severity)} ${paint.bold(plain(alarm.name))}${place}`;
    return changes.length > 0 ? [head, ...this.changes(changes)] : this.withReference(head, by);
  }

  template({ name, change, detail, by }: TemplateDifference): string[] {
    const isAdded = change === 'added';
    return this.withReference(`  ${plain(name)} ${change}${isAdded || detail === '' ? '' : `: ${plain(detail)}`}`, by);
  }

  /** What one entry changed stands together. */
  private changes(all: readonly PropertyDifference[]): string[] {
    const byEntry = new Map<number, PropertyDifference[]>();
    const told = worthTelling(all);
    for (const change of told) {
      const ordinal = change.by?.ordinal ?? 0;
      pushTo(byEntry, ordinal, change);
    }
    const groups = [...byEntry].sort(([a], [b]) => a - b).map(([, changes]) => changes);
    return groups.flatMap((changes) => {
      const texts = changes.map((change) => `    ${describeDifference(change)}`);
      const last = texts.pop() ?? '';
      return [...texts, ...this.withReference(last, changes[0]?.by)];
    });
  }

  private withReference(text: string, by: EventRef | undefined): string[] {
    if (by === undefined) return [text];
    const { paint } = this.terminal;
    const reference = `← ${describeEvent(by, this.atMs)}`;
    const isBeside = widthOf(text) <= this.column - 2 && this.column + widthOf(reference) <= this.terminal.width;
    if (isBeside) return [`${pad(text, this.column)}${paint.dim(reference)}`];
    return [text, paint.dim(`      ${clip(reference, this.width - 6)}`)];
  }
}
