import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSnapshot, encodeSnapshot, initialState, stateHash, step } from '@wherefore/engine';
import { canonicalJson, digestText, type Json, type LogEntry } from '@wherefore/model';

/** What a recorded log comes to. */
export interface Replayed {
  /** Hash of the state after the last entry. */
  readonly hash: string;
  /** Digest of all effects, entry by entry. */
  readonly effects: string;
}

/** Names of the recorded logs of a folder, without `.ndjson`, in code-unit order. */
export function recordedLogs(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));
  return files.map((file) => file.slice(0, -'.ndjson'.length)).sort();
}

export function readLog(folder: string, name: string): LogEntry[] {
  const lines = readFileSync(join(folder, `${name}.ndjson`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogEntry);
}

/** Replays a log from nothing, and from a snapshot of the state after every `snapshotEvery` entries. */
export function replay(entries: readonly LogEntry[], snapshotEvery = Infinity): Replayed {
  let state = initialState();
  let effects = '';
  entries.forEach((entry, at) => {
    const result = step(state, entry);
    effects = digestText(effects + canonicalJson([result.outcome, result.effects] as unknown as Json));
    if ((at + 1) % snapshotEvery === 0) state = decodeSnapshot(encodeSnapshot(state));
  });
  return { hash: stateHash(state), effects };
}

/** As a program: prints what every log of the folder comes to, and where it runs. */
if (require.main === module) {
  const folder = process.argv[2]!;
  const results = recordedLogs(folder).map((name) => [name, replay(readLog(folder, name))]);
  const offsetMinutes = new Date(0).getTimezoneOffset();
  const { locale } = new Intl.DateTimeFormat().resolvedOptions();
  process.stdout.write(JSON.stringify({ results: Object.fromEntries(results) as unknown, offsetMinutes, locale }));
}
