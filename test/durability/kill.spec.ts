import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN } from '@wherefore/model';
import { openStore, type SqliteStore } from '@wherefore/sqlite';
import { countingMachine } from '../../libs/runtime/src/countingMachine.sim';
import { Follower } from '../../libs/runtime/src/follower';
import { HistoryProjector } from '../../libs/runtime/src/historyProjector';
import { Replayer } from '../../libs/runtime/src/replayer';
import { verifyReplay } from '../../libs/runtime/src/verifyReplay';
import { compileProgram, type CompiledProgram } from './compiledProgram';
import { FOREIGN_FORMAT, largeSnapshotAt } from './loadSamples';

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

interface Kill {
  /** Counted from the start of the process, so that opening is hit too, or from its first sign of life. */
  readonly from: 'start' | 'opened';
  readonly afterMs: number;
}

/** Runs the load until it is killed. Settles when the process is gone. */
function runAndKill(command: readonly string[], confirmed: string, { from, afterMs }: Kill): Promise<void> {
  const stdout = openSync(confirmed, 'a');
  const child = spawn(process.execPath, command, { stdio: ['ignore', stdout, 'pipe'] });
  closeSync(stdout);
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const killLater = () => (timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs));
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    killLater();
  });
  if (from === 'start') killLater();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the load ended by itself: ${said}`));
    });
  });
}

const EVERYTHING = 10_000_000;

async function idsInLog(store: SqliteStore): Promise<string[]> {
  return (await store.archive.readRange(ORIGIN, EVERYTHING)).map((entry) => entry.entry.id);
}

/** Ids of the alarms in the history, in log order. */
async function idsInHistory(store: SqliteStore): Promise<string[]> {
  const alarms = await store.history.alarmsBetween(0, Number.MAX_SAFE_INTEGER, EVERYTHING);
  return alarms.map((alarm) => alarm.vitrageId).reverse();
}

/** What a process does when it starts: goes on from the snapshot at or before the history's cursor. */
async function catchUp(store: SqliteStore): Promise<number> {
  const projector = await HistoryProjector.open(store.history, 1);
  const state = await new Replayer(countingMachine, store).stateAtOrBefore(projector.cursor.position);
  const startedAt = state.ordinal;
  const follower = new Follower(store.log, countingMachine, state);
  follower.subscribe(projector.accept);
  const abort = new AbortController();
  const running = follower.run(abort.signal);
  await follower.waitForPosition(await store.log.newest());
  await projector.close();
  abort.abort();
  await running;
  return startedAt;
}

describe(`a store whose process is killed ${KILLS} times (seed ${SEED})`, () => {
  let program: CompiledProgram;
  let folder: string;
  let store: SqliteStore;
  let confirmed: string[];

  beforeAll(async () => {
    const others = ['test/durability/loadSamples.ts', 'libs/runtime/src/countingMachine.sim.ts'];
    program = compileProgram('test/durability/appendUnderLoad.ts', others);
    folder = mkdtempSync(join(tmpdir(), 'wherefore-kill-'));
    const random = seeded(SEED);
    const list = join(folder, 'confirmed.txt');
    writeFileSync(list, '');
    for (let run = 0; run < KILLS; run++) {
      const command = [program.path, join(folder, 'store'), `${run}`];
      const isEarly = run % 4 === 3;
      const kill: Kill = { from: isEarly ? 'start' : 'opened', afterMs: isEarly ? random() * 300 : random() * 400 };
      await runAndKill(command, list, kill);
    }
    // A line that the kill cut off was not yet a confirmation.
    confirmed = readFileSync(list, 'utf8').split('\n').slice(0, -1);
    store = await openStore({ folder: join(folder, 'store') });
  }, 90_000);

  afterAll(async () => {
    await store?.close();
    program?.remove();
    if (folder) rmSync(folder, { recursive: true });
  });

  it('was under load when it was killed', () => {
    expect(confirmed.length).toBeGreaterThan(500);
    expect(new Set(confirmed.map((id) => id.split('-')[1])).size).toBeGreaterThan(KILLS / 3);
  });

  it('lost no confirmed entry, and holds each entry once', async () => {
    const ids = await idsInLog(store);
    const held = new Set(ids);
    expect(confirmed.filter((id) => !held.has(id))).toEqual([]);
    expect(held.size).toBe(ids.length);
  });

  it('kept the order of appends, run after run', async () => {
    let before: [run: number, count: number] = [-1, -1];
    for (const id of await idsInLog(store)) {
      const [run, count] = id.split('-').slice(1).map(Number) as [number, number];
      const follows = run > before[0] ? count === 0 : run === before[0] && count === before[1] + 1;
      if (!follows) throw new Error(`${id} follows ${before.join('-')}`);
      before = [run, count];
    }
  });

  it('has ordinals without a gap', async () => {
    const all = await store.archive.readRange(ORIGIN, EVERYTHING);
    expect(all.every((entry, i) => entry.ordinal === i + 1)).toBe(true);
    expect(await store.archive.count()).toBe(all.length);
  });

  it('projected every entry up to the cursor exactly once, none beyond, and goes on from there', async () => {
    const { position } = await store.history.cursor();
    expect(position.offset).toBeGreaterThan(0);
    const ids = await idsInLog(store);
    expect(await idsInHistory(store)).toEqual(ids.slice(0, position.offset));
    expect(await catchUp(store)).toBeLessThanOrEqual(position.offset);
    expect(await idsInHistory(store)).toEqual(ids);
    expect(await store.history.changesBetween(0, Number.MAX_SAFE_INTEGER, EVERYTHING)).toHaveLength(ids.length);
  });

  it('replays to the hash of every snapshot that was saved', async () => {
    const { checks, isSound } = await verifyReplay(countingMachine, store);
    expect(isSound).toBe(true);
    const verdicts = checks.map((check) => check.verdict);
    expect(verdicts).toContain('match');
    expect(verdicts.every((verdict) => verdict === 'match' || verdict === 'other-version')).toBe(true);
  });

  it('shows only snapshots that are whole, and sweeps up the others', async () => {
    const headers = await store.snapshots.list();
    const large = headers.filter((header) => header.formatVersion === FOREIGN_FORMAT);
    expect(large.length).toBeGreaterThan(0);
    for (const { position } of large) {
      const bytes = await store.snapshots.load(position);
      expect(Buffer.compare(bytes, largeSnapshotAt(position).bytes)).toBe(0);
    }
    await store.snapshots.prune({ nowMs: Date.now() });
    expect(await store.snapshots.newest()).toEqual(headers.at(-1));
  });
});
