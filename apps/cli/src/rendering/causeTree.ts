import type { CauseNode } from '@wherefore/contract';
import { pushTo } from '@wherefore/model';
import { count, formatNumber, plain } from '../terminal/text';
import { causeBlock, type Style } from './causeBlock';

/** Alarms of one kind that stand side by side in full sight; the rest is counted. */
const ALIKE_SHOWN = 5;

/** The causal tree: root causes on top, what they brought about below. Lines without line ends. */
export function drawCauseTree(roots: readonly CauseNode[], style: Style): string[] {
  const drawn: Drawn = { kinds: new Set(), told: new Set() };
  return roots.flatMap((root, at) => [...(at === 0 ? [] : ['']), ...drawNode(root, '', '', style, drawn)]);
}

/** What the tree has said already, so that it need not be said again. */
interface Drawn {
  readonly kinds: Set<string>;
  readonly told: Set<number>;
}

function drawNode(node: CauseNode, firstIndent: string, indent: string, style: Style, drawn: Drawn): string[] {
  const { paint } = style;
  // The way to the asked alarm is what the reader came for.
  const effects = [...node.effects].sort((a, b) => Number(leadsToAsked(b)) - Number(leadsToAsked(a)));
  const groups = style.isFull ? effects.map((effect) => [effect]) : alikeGroups(effects);
  const shown = groups.flatMap((group) => choose(group));
  const foldedLines = groups.flatMap((group) => foldedLine(group, choose(group)));
  if (node.effectsOmitted > 0) foldedLines.push(`… ${count(node.effectsOmitted, 'more effect')} (raise --limit)`);
  const hasMore = shown.length + foldedLines.length > 0;

  // Siblings that came about in the same way need no second explanation.
  const kind = kindOf(node);
  const isBrief = !style.isFull && !node.asked && drawn.kinds.has(kind);
  drawn.kinds.add(kind);
  const [headline = '', ...rest] = causeBlock(node, indent.length, style, { isBrief, told: drawn.told });
  const trunk = paint.dim(hasMore ? '│' : ' ');
  const lines = [
    paint.dim(firstIndent) + headline,
    ...rest.map((line) => `${paint.dim(indent)}${trunk}${line.slice(1)}`),
  ];

  shown.forEach((effect, at) => {
    const isLast = at === shown.length - 1 && foldedLines.length === 0;
    const stem = isLast ? '└─ ' : '├─ ';
    lines.push(...drawNode(effect, indent + stem, indent + (isLast ? '   ' : '│  '), style, drawn));
  });
  foldedLines.forEach((text, at) => {
    lines.push(paint.dim(`${indent}${at === foldedLines.length - 1 ? '└─ ' : '├─ '}${text}`));
  });
  return lines;
}

/** Effects of one name, deduced by one scenario, in the order of their first. */
function alikeGroups(effects: readonly CauseNode[]): CauseNode[][] {
  const groups = new Map<string, CauseNode[]>();
  for (const effect of effects) {
    pushTo(groups, kindOf(effect), effect);
  }
  return [...groups.values()];
}

function kindOf({ alarm, deducedBy }: CauseNode): string {
  const [rule] = deducedBy;
  return [alarm.type, alarm.name, rule?.template, rule?.scenario].join('\n');
}

/** The first ones of a group, and whichever leads to the asked alarm. */
function choose(group: readonly CauseNode[]): CauseNode[] {
  if (group.length <= ALIKE_SHOWN + 1) return [...group];
  const leading = group.filter(leadsToAsked);
  const others = group.filter((node) => !leadsToAsked(node));
  return [...leading, ...others.slice(0, Math.max(1, ALIKE_SHOWN - leading.length))];
}

/** Whether the asked alarm is here or below. */
export function leadsToAsked(node: CauseNode): boolean {
  return node.asked || node.effects.some(leadsToAsked);
}

function foldedLine(group: readonly CauseNode[], chosen: readonly CauseNode[]): string[] {
  const folded = group.filter((node) => !chosen.includes(node));
  if (folded.length === 0) return [];
  const below = folded.reduce((sum, node) => sum + effectCount(node), 0);
  const under = below === 0 ? '' : `, with ${count(below, 'effect')} of their own`;
  return [`… ${formatNumber(folded.length)} more ${plain(folded[0]!.alarm.name)}${under} (--all shows them)`];
}

function effectCount({ effects, effectsOmitted }: CauseNode): number {
  return effects.reduce((sum, effect) => sum + 1 + effectCount(effect), effectsOmitted);
}
