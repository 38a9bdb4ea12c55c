import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json, WhereforeError } from '@wherefore/model';
import { openStore } from '@wherefore/sqlite';
import { buildExample, isStale, type Suggestion } from '../example/exampleCloud';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';

/** The example cloud, in a store that is ready to be served. */
export interface ExampleStore {
  readonly failureAtMs: number;
  readonly suggestions: readonly Suggestion[];
}

/** Says that the folder is an example's, and of which day. Without it nothing is ever removed from a folder. */
const MARKER_FILE = 'example.json';
const APPEND_ENTRIES = 1_000;

/**
 * Makes sure that the folder holds the example cloud with its failure yesterday; makes it anew when it
 * does not, or when `isFresh` asks for it. A store that is not an example is never touched.
 * Rejects `store-locked` when a server serves it, and `usage` when the folder is somebody's own store.
 */
export async function prepareExample(folder: string, isFresh: boolean, terminal: Terminal): Promise<ExampleStore> {
  const nowMs = terminal.nowMs;
  const { entries, failureAtMs, suggestions } = buildExample({ nowMs });
  const before = readMarker(folder);
  if (before === undefined && existsSync(join(folder, 'store.db'))) {
    throw new WhereforeError('usage', `${folder} holds a store that is not an example`, {
      hint: 'Name another folder with --store, or leave it out: the example has a folder of its own.',
    });
  }
  if (!isFresh && before?.failureAtMs !== undefined && !isStale(before.failureAtMs, nowMs)) {
    return { failureAtMs: before.failureAtMs, suggestions };
  }
  if (before !== undefined) await removeExample(folder);
  terminal.aside(`making the example cloud in ${folder}: ${count(entries.length, 'entry', 'entries')}`);
  mkdirSync(folder, { recursive: true });
  // Until it is complete the marker names no failure, so that a half-made example is made anew.
  writeFileSync(join(folder, MARKER_FILE), '{}\n');
  const store = await openStore({ folder, create: true });
  try {
    for (let at = 0; at < entries.length; at += APPEND_ENTRIES) {
      await store.log.append(entries.slice(at, at + APPEND_ENTRIES));
      terminal.progress(() => `${formatNumber(at)} of ${formatNumber(entries.length)} entries`);
    }
  } finally {
    await store.close();
  }
  writeFileSync(join(folder, MARKER_FILE), `${JSON.stringify({ failureAtMs })}\n`);
  return { failureAtMs, suggestions };
}

/** Opening it for writing proves that no server is on it. */
async function removeExample(folder: string): Promise<void> {
  if (existsSync(join(folder, 'store.db'))) {
    const store = await openStore({ folder, writer: 'inline' }).catch((error: unknown) => {
      // A damaged one is no loss: all of it is made anew.
      if (error instanceof WhereforeError && error.code === 'store-corrupt') return undefined;
      throw error;
    });
    await store?.close();
  }
  for (const file of ['store.db', 'store.db-wal', 'store.db-shm', 'lock', 'lock-journal', MARKER_FILE]) {
    rmSync(join(folder, file), { force: true });
  }
}

function readMarker(folder: string): { readonly failureAtMs?: number } | undefined {
  const file = join(folder, MARKER_FILE);
  if (!existsSync(file)) return undefined;
  let content: Json;
  try {
    content = JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch {
    return {};
  }
  const failureAtMs = isJsonObject(content) ? content['failureAtMs'] : undefined;
  return typeof failureAtMs === 'number' ? { failureAtMs } : {};
}
