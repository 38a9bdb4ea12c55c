import { randomUUID } from 'node:crypto';
import { AnswerService, storeSource } from '@wherefore/answering';
import { checkEntry, step } from '@wherefore/engine';
import { type Effect, ENTRY_VERSION, type NewEntry, type TemplateSource, WhereforeError } from '@wherefore/model';
import { engineMachine, Replayer } from '@wherefore/runtime';
import { openReader, openStore, type SqliteReader } from '@wherefore/sqlite';
import type { Terminal } from '../terminal/terminal';
import { formatNumber } from '../terminal/text';
import type { Desk, TemplateChange } from './desk';
import { StoreHost } from './storeHost';

/**
 * Opens a store to answer from it, beside a server that writes it or without one.
 * Rejects `store-missing`, `store-newer`, `store-corrupt`.
 */
export async function openStoreDesk(folder: string, terminal: Terminal): Promise<Desk> {
  const reader = await openReader({ folder });
  const total = await reader.archive.count();
  const host = new StoreHost(reader, (ordinal) => terminal.progress(() => describeReplay(ordinal, total)));
  const service = AnswerService.over(storeSource({ ...portsOf(reader), host }), { nowMs: () => terminal.nowMs });
  const change = (entry: TemplateEntry): Promise<readonly TemplateChange[]> => changeTemplates(folder, entry, terminal);
  return {
    name: `the store in ${folder}`,
    why: (question) => service.why(question),
    alarms: (question) => service.alarms(question),
    resources: (question) => service.resources(question),
    graph: (question) => service.graph(question),
    templates: (question) => service.templates(question),
    rejected: (question) => service.rejected(question),
    snapshots: () => service.snapshots(),
    diff: (question) => service.diff(question),
    log: (question) => service.log(question),
    summary: (question) => service.summary(question),
    addTemplates: (templates, overwrite) => change({ kind: 'template-add', templates, overwrite }),
    deleteTemplates: (templates) => change({ kind: 'template-delete', templates }),
    close: () => reader.close(),
  };
}

/** How far a replay has come, in a line. */
export function describeReplay(ordinal: number, total: number): string {
  const percent = total === 0 ? 100 : Math.floor((ordinal / total) * 100);
  return `replaying: entry ${formatNumber(ordinal)} of ${formatNumber(total)} (${percent} %)`;
}

function portsOf({
  archive,
  history,
  snapshots,
}: SqliteReader): Pick<SqliteReader, 'archive' | 'history' | 'snapshots'> {
  return { archive, history, snapshots };
}

type TemplateEntry =
  | { readonly kind: 'template-add'; readonly templates: readonly TemplateSource[]; readonly overwrite: boolean }
  | { readonly kind: 'template-delete'; readonly templates: readonly string[] };

/**
 * Appends to a store that nobody else writes, and applies the entry here to tell what it does: the
 * same step that every reader of the store will take.
 */
async function changeTemplates(
  folder: string,
  change: TemplateEntry,
  terminal: Terminal,
): Promise<readonly TemplateChange[]> {
  const store = await openStore({ folder, writer: 'inline' });
  try {
    const { state } = await new Replayer(engineMachine, store).materialise('newest');
    const entry: NewEntry = {
      ...change,
      id: randomUUID(),
      version: ENTRY_VERSION,
      source: 'cli',
      ingestedAtMs: terminal.nowMs,
    };
    const checked = checkEntry(entry);
    if ('message' in checked && !('kind' in checked)) throw new WhereforeError(checked.code, checked.message);
    const position = { epoch: state.epoch, offset: state.position.offset + 1, index: 0 };
    const { outcome, effects } = step(state, { position, entry });
    if (outcome.kind === 'rejected' || outcome.kind === 'failed') {
      const { code, message, hint } = outcome.rejection;
      throw new WhereforeError(code, message, hint === undefined ? {} : { hint });
    }
    await store.log.append([entry]);
    return effects.flatMap(changeOf);
  } finally {
    await store.close();
  }
}

function changeOf(effect: Effect): TemplateChange[] {
  switch (effect.kind) {
    case 'template-added':
      return [{ name: effect.name, change: 'added', detail: '' }];
    case 'template-deleted':
      return [{ name: effect.name, change: 'deleted', detail: '' }];
    case 'template-refused':
      return [{ name: effect.name, change: 'refused', detail: effect.detail }];
    default:
      return [];
  }
}
