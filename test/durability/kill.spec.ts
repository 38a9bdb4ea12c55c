import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN, comparePositions } from '@wherefore/model';
import { openStore, type SqliteStore } from '@wherefore/sqlite';
import { compileProgram, type CompiledProgram } from './compiledProgram';
import { effectOf, snapshotAt } from './loadSamples';

const KILLS = 24;
const SEED = Number(process.env['WHEREFORE_SEED'] ?? 20261122);

/** Random numbers in [0, 1) that a seed repeats (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Runs the load until it is killed after `afterMs`. Settles when the process is gone. */
function runAndKill(program: string, folder: string, run: string, confirmed: string, afterMs: number): Promise<void> {
  const stdout = openSync(confirmed, 'a');
  const child = spawn(process.execPath, [program, folder, run], { stdio: ['ignore', stdout, 'pipe'] });
  closeSync(stdout);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the load ended by itself: ${complaint}`));
    });
  });
}

async function idsInLog(store: SqliteStore): Promise<string[]> {
  return (await store.archive.readRange(ORIGIN, 10_000_000)).map((entry) => entry.entry.id);
}

describe(`a store whose writer is killed ${KILLS} times (seed ${SEED})`, () => {
  let program: CompiledProgram;
  let folder: string;
  let store: SqliteStore;
  let confirmed: string[];

  beforeAll(async () => {
    program = compileProgram(join(__dirname, 'appendUnderLoad.ts'), [join(__dirname, 'loadSamples.ts')]);
    folder = mkdtempSync(join(tmpdir(), 'wherefore-kill-'));
    const random = seeded(SEED);
    const list = join(folder, 'confirmed.txt');
    writeFileSync(list, '');
    for (let run = 0; run < KILLS; run++) {
      await runAndKill(program.path, join(folder, 'store'), `${run}`, list, 120 + random() * 450);
    }
    // A line that the kill cut off was not yet a confirmation.
    confirmed = readFileSync(list, 'utf8').split('\n').slice(0, -1);
    store = await openStore({ folder: join(folder, 'store') });
  }, 60_000);

  afterAll(async () => {
    await store?.close();
    program?.remove();
    if (folder) rmSync(folder, { recursive: true });
  });

  it('was under load when it was killed', () => {
    expect(confirmed.length).toBeGreaterThan(1000);
    expect(new Set(confirmed.map((id) => id.split('-')[0])).size).toBeGreaterThan(KILLS / 2);
  });

  it('lost no confirmed entry, and holds each entry once', async () => {
    const ids = await idsInLog(store);
    const held = new Set(ids);
    expect(confirmed.filter((id) => !held.has(id))).toEqual([]);
    expect(held.size).toBe(ids.length);
  });

  it('kept the order of appends, run after run', async () => {
    let before = [-1, -1];
    for (const id of await idsInLog(store)) {
      const now = id.split('-').map(Number);
      const follows = now[0]! > before[0]! ? now[1] === 0 : now[0] === before[0] && now[1] === before[1]! + 1;
      if (!follows) throw new Error(`${id} follows ${before.join('-')}`);
      before = now;
    }
  });

  it('has ordinals without a gap', async () => {
    const all = await store.archive.readRange(ORIGIN, 10_000_000);
    expect(all.every((entry, i) => entry.ordinal === i + 1)).toBe(true);
    expect(await store.archive.count()).toBe(all.length);
  });

  it('projected every entry up to the cursor exactly once, and none beyond', async () => {
    const cursor = await store.history.cursor();
    expect(cursor.position.offset).toBeGreaterThan(0);
    const entries = await store.archive.readRange(ORIGIN, 10_000_000);
    const expected = entries.filter((entry) => comparePositions(entry.position, cursor.position) <= 0);
    const alarms = await store.history.alarmsBetween(0, Number.MAX_SAFE_INTEGER, 10_000_000);
    expect(alarms.map((alarm) => alarm.vitrageId).reverse()).toEqual(expected.map((entry) => entry.entry.id));
    const rest = entries.slice(expected.length).map(effectOf);
    const position = entries.at(-1)!.position;
    const { epoch, generation } = cursor;
    const caughtUp = await store.history.apply({ expected: cursor.position, position, epoch, generation, effects: rest });
    expect(caughtUp.kind).toBe('applied');
    expect(await store.history.changesBetween(0, Number.MAX_SAFE_INTEGER, 10_000_000)).toHaveLength(entries.length);
  });

  it('shows only snapshots that are whole, and sweeps up the others', async () => {
    const headers = await store.snapshots.list();
    expect(headers.length).toBeGreaterThan(0);
    for (const { position } of headers.slice(-10)) {
      const bytes = await store.snapshots.load(position);
      expect(Buffer.compare(bytes, snapshotAt(position).bytes)).toBe(0);
    }
    await store.snapshots.prune({ nowMs: Date.now() });
    expect(await store.snapshots.newest()).toEqual(headers.at(-1));
  });
});
