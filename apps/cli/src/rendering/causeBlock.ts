import type { CauseNode, DeductionView, EventRef, ResourceView } from '@wherefore/contract';
import { pushTo } from '@wherefore/model';
import type { Terminal } from '../terminal/terminal';
import { clip, count, flow, plain, widthOf } from '../terminal/text';
import { formatNear } from '../time/formatTime';
import { describeEvent } from './eventLine';
import { nameEntity, severityOf, stateOf } from './naming';
import { paintSeverity, paintState } from './severity';

/** How a block is drawn: in which colours, how wide, and which day needs no date. */
export interface Style {
  readonly paint: Terminal['paint'];
  /** Columns there are; infinite where nothing is to be cut. */
  readonly width: number;
  readonly atMs: number;
  /** Everything, instead of what a reader needs first. */
  readonly isFull: boolean;
}

const EVENTS_SHOWN = 4;

/**
 * One alarm: a headline, and lines that say where it comes from. Indents are not part of them. `told`
 * holds the numbers of entries that the tree has shown already; those shown here are added.
 */
export function causeBlock(
  node: CauseNode,
  indentWidth: number,
  style: Style,
  { isBrief, told }: { readonly isBrief: boolean; readonly told: Set<number> },
): string[] {
  const room = style.width - indentWidth;
  const { paint } = style;
  const since = `${plain(node.alarm.state)} since ${formatNear(Date.parse(node.alarm.since), style.atMs)}`;
  const mark = node.asked ? ` ${paint.bold(paint.cyan('◀ asked'))}` : '';
  const name = drawName(node, paint);
  const state = drawState(node, paint);
  const whole = `${name}${state === '' ? '' : ` ${state}`} ${paint.dim('·')} ${since}${mark}`;
  const lines =
    widthOf(whole) <= room ? [whole] : [name + mark, `  ${[state, since].filter((part) => part !== '').join(' · ')}`];
  if (node.repeated) return [...lines, `  ${paint.dim('its effects are shown above')}`];
  if (isBrief) return lines;
  for (const detail of details(node, style, room - 2, told)) lines.push(`  ${paint.dim(clip(detail, room - 2))}`);
  return lines;
}

function drawName({ alarm, asked }: CauseNode, paint: Style['paint']): string {
  const severity = severityOf(alarm);
  const name = plain(alarm.name);
  const place = alarm.resource === undefined ? '' : ` on ${nameEntity(alarm.resource)}`;
  const called = asked ? paint.bold(paint.underline(name)) : paint.bold(name);
  return `${paintSeverity(paint, severity, '●')} ${paintSeverity(paint, severity)} ${called}${place}`;
}

function drawState({ alarm: { resource } }: CauseNode, paint: Style['paint']): string {
  const state = resource === undefined ? '' : stateOf(resource);
  return state === '' ? '' : paintState(paint, resource?.operationalState ?? '', `(${state})`);
}

function* details(node: CauseNode, style: Style, room: number, told: Set<number>): Generator<string> {
  const { deducedBy, causedBy, alarm } = node;
  if (alarm.resource !== undefined) yield* reasonLines(alarm.resource, room);
  if (deducedBy.length === 0) yield `reported by ${plain(alarm.type)}`;
  const rules = groupByRule(deducedBy);
  for (const [at, matches] of rules.entries()) {
    const [first] = matches as [DeductionView];
    const several = matches.length > 1 ? ` (${count(matches.length, 'match', 'matches')})` : '';
    yield `${at === 0 ? 'deduced' : 'also'} by ${nameRule(first)}${several}`;
    if (first.condition !== '') yield `  because ${plain(first.condition)}`;
    if (style.isFull) for (const match of matches) yield* bindings(match);
  }
  const linkRules = new Set(causedBy.map(nameRule));
  for (const matches of rules) linkRules.delete(nameRule(matches[0]!));
  for (const rule of linkRules) yield `linked by ${rule}`;
  yield* eventLines(eventsBehind(node), style, node.asked ? new Set() : told);
  for (const { ordinal } of eventsBehind(node)) told.add(ordinal);
}

/** What the source of a resource says of its bad state. Of one that is bad for other reasons it says nothing. */
function* reasonLines(resource: ResourceView, room: number): Generator<string> {
  const { type, state = '', aggregatedState = '', operationalState = '', reason = '' } = resource;
  const isItsOwn = aggregatedState.toUpperCase() === state.toUpperCase();
  if (reason === '' || !isItsOwn || operationalState === 'OK') return;
  const [service] = type.split('.');
  yield* flow(`${plain(service!)} says: ${plain(reason)}`.split(/ +/), ' ', room, '  ');
}

/** Matches of one scenario are one reason; the deciding one first. */
function groupByRule(deductions: readonly DeductionView[]): DeductionView[][] {
  const groups = new Map<string, DeductionView[]>();
  for (const deduction of [...deductions].sort((a, b) => Number(b.decides) - Number(a.decides))) {
    const rule = nameRule(deduction);
    pushTo(groups, rule, deduction);
  }
  return [...groups.values()];
}

/** `host_down › scenario0`: where to look. Scenarios are numbered by their template's name. */
function nameRule({ template, scenario }: DeductionView): string {
  if (scenario === '' || scenario === template) return plain(template);
  return plain(`${template} › ${scenario.startsWith(`${template}-`) ? scenario.slice(template.length + 1) : scenario}`);
}

function* bindings({ bindings: bound }: DeductionView): Generator<string> {
  if (bound.length > 0)
    yield `  with ${bound.map((entity) => `${plain(entity.symbol)} = ${nameEntity(entity)}`).join(', ')}`;
}

/** Each entry once, oldest first. */
function eventsBehind({ events, deducedBy, causedBy }: CauseNode): EventRef[] {
  const all = [...events, ...deducedBy.flatMap((each) => each.events), ...causedBy.flatMap((each) => each.events)];
  return [...new Map(all.map((event) => [event.ordinal, event])).values()].sort((a, b) => a.ordinal - b.ordinal);
}

/** A line for each event; those that the tree has told already are only named. */
function* eventLines(
  events: readonly EventRef[],
  { isFull, atMs }: Style,
  told: ReadonlySet<number>,
): Generator<string> {
  const fresh = isFull ? events : events.filter(({ ordinal }) => !told.has(ordinal));
  // What came last tipped the scale.
  const shown = isFull ? fresh : fresh.slice(-EVENTS_SHOWN);
  const digits = Math.max(0, ...shown.map(({ ordinal }) => String(ordinal).length));
  if (fresh.length > shown.length) yield `← ${count(fresh.length - shown.length, 'earlier event')}`;
  for (const event of shown) yield `← ${describeEvent(event, atMs, digits)}`;
  const again = events.filter((event) => !fresh.includes(event));
  if (again.length === 0) return;
  const names = again.slice(-EVENTS_SHOWN).map(({ ordinal }) => `#${ordinal}`);
  yield `← ${fresh.length > 0 ? 'and ' : ''}${names.join(', ')} above`;
}
