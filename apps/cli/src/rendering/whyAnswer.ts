import type { AlarmView, CauseNode, ResourceView, TenantView, WhyAnswer } from '@wherefore/contract';
import type { Terminal } from '../terminal/terminal';
import { count, flow, formatNumber, plain } from '../terminal/text';
import { formatNear, formatSpan, inLocalTime } from '../time/formatTime';
import { drawCauseTree, leadsToAsked } from './causeTree';
import { callEntity, nameEntity, severityOf } from './naming';
import { describeMoment } from './moment';
import { paintSeverity, paintState } from './severity';

/** The answer to "what caused this alarm?", for people: the conclusion first, then the tree that proves it. */
export function renderWhy(answer: WhyAnswer, terminal: Terminal, { isFull = false } = {}): string {
  const atMs = Date.parse(answer.answeredAt.at);
  const style = { paint: terminal.paint, width: terminal.isWindow ? terminal.width : Infinity, atMs, isFull };
  return [
    ...header(answer, terminal),
    '',
    ...drawCauseTree(answer.roots, style),
    ...affectedLines(answer.affected, terminal),
    ...tenantLines(answer.tenants, terminal),
    '',
  ].join('\n');
}

function header({ answeredAt, asked, roots }: WhyAnswer, terminal: Terminal): string[] {
  const { paint } = terminal;
  const atMs = Date.parse(answeredAt.at);
  const where = asked.resource === undefined ? '' : ` on ${nameEntity(asked.resource)}`;
  const lines = [paint.dim(describeMoment(answeredAt))];
  for (const warning of answeredAt.warnings) lines.push(`${paint.yellow('!')} ${inLocalTime(plain(warning))}`);
  lines.push('', `Why ${paint.bold(plain(asked.name))}${where}?`);
  const isItsOwnRoot = roots.length === 1 && roots[0]!.asked;
  if (isItsOwnRoot) return [...lines, 'Nothing is known to have caused it: it is a root cause itself.'];
  for (const { alarm } of roots) {
    const place = alarm.resource === undefined ? '' : ` on ${nameEntity(alarm.resource)}`;
    const sinceMs = Date.parse(alarm.since);
    const lead = Date.parse(asked.since) - sinceMs;
    const before = lead >= 1_000 ? `, ${formatSpan(lead)} before it` : '';
    lines.push(
      `Because ${paintSeverity(paint, severityOf(alarm), plain(alarm.name))}${place} since ${formatNear(sinceMs, atMs)}${before}.`,
    );
  }
  return [...lines, ...chainLines(roots, asked, terminal)];
}

/** `Power supply failure → Host down → …`: one way from a root to the asked alarm. */
function chainLines(roots: readonly CauseNode[], asked: AlarmView, { paint, width }: Terminal): string[] {
  const chain: string[] = [];
  let node = roots.find(leadsToAsked);
  while (node !== undefined && !node.asked) {
    chain.push(nameShortly(node.alarm));
    node = node.effects.find(leadsToAsked);
  }
  if (chain.length < 2) return [];
  return flow([...chain, nameShortly(asked)], ' → ', width - 2, '').map((line) => paint.dim(`  ${line}`));
}

function nameShortly({ name, resource }: AlarmView): string {
  return plain(resource === undefined ? name : `${name} (${callEntity(resource)})`);
}

function affectedLines(affected: readonly ResourceView[], { paint, width }: Terminal): string[] {
  if (affected.length === 0) return [];
  const byType = new Map<string, Map<string, { operational: string; amount: number }>>();
  for (const { type, aggregatedState, operationalState, state } of affected) {
    const text = plain(aggregatedState ?? state ?? operationalState ?? 'unknown');
    const states = byType.get(type) ?? new Map<string, { operational: string; amount: number }>();
    const known = states.get(text) ?? { operational: operationalState ?? '', amount: 0 };
    states.set(text, { ...known, amount: known.amount + 1 });
    byType.set(type, states);
  }
  const kinds = [...byType].map(([type, states]) => {
    const each = [...states].map(
      ([text, { operational, amount }]) => `${formatNumber(amount)} ${paintState(paint, operational, text)}`,
    );
    return `${plain(type)} ${each.join(', ')}`;
  });
  const [first = '', ...rest] = kinds;
  const head = `${paint.bold('Affected')}  ${count(affected.length, 'resource')}: ${first}`;
  return ['', ...flow([head, ...rest], ' · ', width, '  ')];
}

/** Whom it meets: projects by name, or by id where nobody told the name. */
function tenantLines(tenants: readonly TenantView[], { paint, width }: Terminal): string[] {
  if (tenants.length === 0) return [];
  const each = tenants.map(
    ({ name, projectId, resources }) => `${plain(name ?? projectId)} ${formatNumber(resources)}`,
  );
  const [first = '', ...rest] = each;
  const head = `${paint.bold('Tenants')}   ${count(tenants.length, 'project')}: ${first}`;
  return flow([head, ...rest], ' · ', width, '  ');
}
