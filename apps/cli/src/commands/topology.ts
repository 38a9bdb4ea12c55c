import { WhereforeError } from '@wherefore/model';
import { Forest, type TreeNode } from '../rendering/forest';
import { paintSeverity, paintState } from '../rendering/severity';
import { noteMoment } from '../rendering/moment';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';
import { readWhen } from '../time/readWhen';

export interface TopologyOptions extends DeskOptions {
  readonly root?: string;
  readonly depth?: number;
  readonly at?: string;
  readonly json?: boolean;
}

const ALARMS_SHOWN = 3;

/** `wherefore topology`: the cloud as a tree, with states and alarms. */
export async function topology(options: TopologyOptions, terminal: Terminal): Promise<void> {
  const when = readWhen(options.at, terminal);
  await withDesk(options, terminal, async (desk) => {
    const graph = await desk.graph(when);
    if (options.json === true) return terminal.json(graph);
    noteMoment(graph.answeredAt, terminal);
    const forest = new Forest(graph);
    const roots = options.root === undefined ? forest.roots : forest.find(options.root);
    if (options.root !== undefined && roots.length === 0) {
      throw new WhereforeError('entity-not-found', `no resource is called "${options.root}"`, {
        hint: 'List them with "wherefore resources".',
      });
    }
    if (roots.length === 0) return terminal.note('Nothing is known yet.');
    terminal.data(drawForest(roots, terminal, options.depth ?? Infinity).join('\n'));
  });
}

/** Trees as lines. Levels beyond the depth are counted. */
export function drawForest(roots: readonly TreeNode[], terminal: Terminal, depth: number): string[] {
  const lines: string[] = [];
  const draw = (node: TreeNode, stem: string, indent: string, level: number): void => {
    const { children } = node;
    const isCut = level >= depth && children.length > 0;
    lines.push(terminal.paint.dim(stem) + describeNode(node, terminal, isCut ? descendants(node) : 0));
    if (isCut) return;
    children.forEach((child, at) => {
      const isLast = at === children.length - 1;
      draw(child, `${indent}${isLast ? '└─ ' : '├─ '}`, `${indent}${isLast ? '   ' : '│  '}`, level + 1);
    });
  };
  for (const root of roots) draw(root, '', '', 1);
  return lines;
}

function describeNode(node: TreeNode, { paint }: Terminal, hidden: number): string {
  const parts = [`${paint.dim(node.type)} ${paint.bold(node.name)}`];
  if (node.state !== '') parts.push(paintState(paint, node.operational, node.state));
  const alarms = [...node.alarms].sort((a, b) => urgency(b.severity) - urgency(a.severity));
  for (const { name, severity } of alarms.slice(0, ALARMS_SHOWN))
    parts.push(paintSeverity(paint, severity, `● ${name}`));
  if (alarms.length > ALARMS_SHOWN) parts.push(paint.dim(`… ${count(alarms.length - ALARMS_SHOWN, 'more alarm')}`));
  if (hidden > 0) parts.push(paint.dim(`… ${formatNumber(hidden)} below`));
  if (node.elsewhere.size > 0) {
    const kinds = [...node.elsewhere].map(([type, amount]) => `${formatNumber(amount)} ${type}`);
    parts.push(paint.dim(`(also ${kinds.join(', ')}, shown elsewhere)`));
  }
  return parts.join('  ');
}

function urgency(severity: string): number {
  return ['OK', 'WARNING', 'SEVERE', 'CRITICAL'].indexOf(severity);
}

function descendants({ children }: TreeNode): number {
  return children.reduce((sum, child) => sum + 1 + descendants(child), 0);
}
