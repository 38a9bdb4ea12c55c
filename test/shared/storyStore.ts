import path from 'node:path';
import type { AlarmsAnswer, CauseNode, DiffAnswer, GraphView, LogAnswer, WhyAnswer } from '@wherefore/contract';
import { CommandLines } from '../cli/commandLines';
import { runCli } from '../cli/cliProcess';
import { PROJECT_ROOT } from '../support/shared';

/** A row of `wherefore resources --json`. */
export interface ResourceRow {
  readonly id: string;
  readonly name: string | null;
  readonly type: string;
  readonly state: string | null;
  readonly aggregated_state: string | null;
  readonly project_id: string | null;
  readonly host: string | null;
  readonly server?: string | null;
  readonly size?: number | null;
  readonly attachments?: readonly string[];
}

/** Imports recorded inputs through the command, and fails when it fails. */
export async function importInto(store: string, ...inputs: readonly string[]): Promise<{ [key: string]: unknown }> {
  const { code, stdout, stderr } = await runCli(['import', '--store', store, ...inputs, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { [key: string]: unknown };
}

export const TEMPLATES = path.join(PROJECT_ROOT, 'templates/openstack');

/**
 * The day of a clock reading of the story, which crosses midnight: `23:59:50` is of 2026-11-21. What is
 * already a whole time stays.
 */
export function instant(clock: string): string {
  if (clock.includes('T')) return clock;
  return `${clock.startsWith('23') ? '2026-11-21' : '2026-11-22'}T${clock}Z`;
}

/** Questions to a store, as an operator asks them: through the command line, with `--json`. */
export class StoryStore {
  private readonly commands = new CommandLines();

  constructor(readonly folder: string) {}

  close(): Promise<void> {
    return this.commands.end();
  }

  private async ask(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.commands.run([...args, '--store', this.folder, '--json']);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async resources(type: string, clock: string): Promise<ResourceRow[]> {
    return (await this.ask('resources', '--type', type, '--at', instant(clock))) as ResourceRow[];
  }

  /** Resources of a type by name, or by id where they have none. */
  async byName(type: string, clock: string): Promise<ReadonlyMap<string, ResourceRow>> {
    return new Map((await this.resources(type, clock)).map((row) => [row.name ?? row.id, row]));
  }

  /** `alarm on resource` of each, the worst first. */
  async alarms(clock: string): Promise<string[]> {
    const { alarms } = (await this.ask('alarms', '--at', instant(clock))) as AlarmsAnswer;
    return alarms.map(({ name, resource }) => `${name} on ${resource?.name ?? resource?.id ?? 'nothing'}`);
  }

  async why(alarm: string, on: string, clock: string): Promise<WhyAnswer> {
    return (await this.ask('why', alarm, '--on', on, '--at', instant(clock))) as WhyAnswer;
  }

  async diff(from: string, to: string, ...more: readonly string[]): Promise<DiffAnswer> {
    return (await this.ask('diff', '--from', instant(from), '--to', instant(to), ...more)) as DiffAnswer;
  }

  /** Names of what an entity of a type is joined to by edges with a label, in either direction. */
  async joined(name: string, type: string, label: string, clock: string): Promise<string[]> {
    const { vertices, edges } = (await this.ask('topology', '--at', instant(clock))) as GraphView;
    const at = vertices.findIndex((vertex) => vertex['name'] === name && vertex['vitrage_type'] === type);
    const others = edges.flatMap(({ source, target, label: found }) => {
      if (found !== label) return [];
      if (source === at) return [target];
      return target === at ? [source] : [];
    });
    return others.map((other) => String(vertices[other]!['name'] ?? vertices[other]!['id'])).sort();
  }

  /** The entries about something around a moment. */
  async log(about: string, clock: string, around: string): Promise<LogAnswer> {
    return (await this.ask('log', '--about', about, '--at', instant(clock), '--around', around)) as LogAnswer;
  }
}

/** The name of the alarm and of what it is on. */
export function nameOf({ alarm: { name, resource } }: CauseNode): string {
  return `${name} on ${resource?.name ?? resource?.id ?? 'nothing'}`;
}

/** Every alarm of an answer, from the root causes down. */
export function nodesOf(roots: readonly CauseNode[]): CauseNode[] {
  return roots.flatMap((node) => [node, ...nodesOf(node.effects)]);
}

/** The way from a root cause down to the alarm that was asked about. */
export function chainOf(nodes: readonly CauseNode[]): string[] {
  for (const node of nodes) {
    if (node.asked) return [nameOf(node)];
    const below = chainOf(node.effects);
    if (below.length > 0) return [nameOf(node), ...below];
  }
  return [];
}

/** `12:00:00 summary` of the entries by which a node is known. */
export function evidenceOf({ deducedBy, events }: CauseNode): string[] {
  const refs = [...events, ...deducedBy.flatMap((deduction) => deduction.events)];
  return refs.map(({ ingestedAt, summary }) => `${ingestedAt.slice(11, 19)} ${summary}`);
}
