import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerService, storeSource } from '@wherefore/answering';
import { answerQuestion, type Question } from '@wherefore/engine';
import { engineMachine, packSnapshot, ReplayJobs } from '@wherefore/runtime';
import { openReader, openStore } from '@wherefore/sqlite';
import { coreWatch, cpuSeconds, expectEqual, type Figure } from './measure';
import { NODE_FLAGS, PROGRAM_FILE } from './nodeFlags';
import { RealCloud } from './realCloud';
import { MATCHING_TEMPLATES, templatesEntry } from './workload';

const SERVERS = 19_000;
const ENTRIES = 1_000_000;
const APPENDED_AT_ONCE = 1024;
const SNAPSHOT_EVERY_ENTRIES = 10_000;
const DAY_MS = 86_400_000;
/** Before, the cloud is not all there yet. */
const FIRST_ASKED_MS = 3_600_000;
const COLD_GOAL_MS = 1_000;
const CACHED_GOAL_MS = 50;
/** On the host that the first alarm is on. */
const INSTANCE = 'vm-25';

/** Of what a question about the past is asked: its time, and how many entries lie between its snapshot and it. */
interface Moment {
  readonly atMs: number;
  readonly afterSnapshot: number;
}

/**
 * `why --at` on a store of a million entries and 50,000 entities. Cold: the process runs and has answered about another
 * moment; the snapshot is read from the store, decoded, and the entries after it are replayed.
 */
export async function whyCase(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-bench-'));
  try {
    const [typical, latest] = await buildStore(folder);
    return [...(await askInProcess(folder, typical, latest)), askProgram(folder, typical)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Snapshots as a server leaves them: one every 10,000 entries, of which those stay that are kept for two days. */
async function buildStore(folder: string): Promise<[typical: Moment, latest: Moment]> {
  const cloud = new RealCloud(SERVERS);
  const firstAskedMs = cloud.atMs + FIRST_ASKED_MS;
  const store = await openStore({ folder, create: true, writer: 'inline' });
  const state = engineMachine.initialState();
  const ends: { readonly atMs: number; readonly ordinal: number }[] = [];
  let count = 0;
  const append = async (entries: Parameters<typeof store.log.append>[0]): Promise<void> => {
    for (let at = 0; at < entries.length; at += APPENDED_AT_ONCE) {
      await store.log.append(entries.slice(at, at + APPENDED_AT_ONCE));
    }
    for (const entry of entries) {
      const { logTimeMs } = state;
      count += 1;
      engineMachine.step(state, { position: { epoch: 1, offset: count, index: 0 }, entry });
      if (state.logTimeMs > logTimeMs) ends.push({ atMs: logTimeMs, ordinal: count - 1 });
      if (count % SNAPSHOT_EVERY_ENTRIES !== 0) continue;
      const { header, bytes } = await packSnapshot(engineMachine, state, cloud.atMs);
      await store.snapshots.save(header, bytes);
      // As on the next day: none stays because it is of the last hour.
      await store.snapshots.prune({ nowMs: cloud.atMs + DAY_MS });
    }
  };
  await append([templatesEntry(MATCHING_TEMPLATES, cloud.atMs)]);
  while (count < ENTRIES) {
    await append([cloud.hostAlarm(count % 700, 'CPU load', 'WARNING')]);
    await append(cloud.nextTenMinutes());
  }
  const moments: Moment[] = [];
  for (const { atMs, ordinal } of ends) {
    if (atMs < firstAskedMs) continue;
    const snapshot = await store.snapshots.newest({ logTimeAtOrBeforeMs: atMs });
    if (snapshot !== undefined) moments.push({ atMs, afterSnapshot: ordinal - snapshot.ordinal });
  }
  await store.close();
  return [nearest(moments.slice(0, moments.length / 2), 10_000), nearest(moments.slice(moments.length / 2), Infinity)];
}

/** The moment whose distance from its snapshot is nearest to this one. */
function nearest(moments: readonly Moment[], entries: number): Moment {
  const away = ({ afterSnapshot }: Moment): number =>
    entries === Infinity ? -afterSnapshot : Math.abs(afterSnapshot - entries);
  return [...moments].sort((a, b) => away(a) - away(b))[0]!;
}

async function askInProcess(folder: string, typical: Moment, latest: Moment): Promise<Figure[]> {
  const reader = await openReader({ folder });
  const answer = (state: ReturnType<typeof engineMachine.initialState>, question: unknown) =>
    answerQuestion(state, question as Question);
  const host = new ReplayJobs(engineMachine, reader, answer);
  const service = AnswerService.over(storeSource({ ...reader, host }), { nowMs: () => latest.atMs + DAY_MS });
  const ask = async (name: string, atMs: number, goalMs: number): Promise<Figure> => {
    coreWatch.look();
    const before = cpuSeconds();
    const started = performance.now();
    const { asked, roots } = await service.why({ alarm: 'Degraded', on: INSTANCE, atMs });
    const [cpuMs, wallMs] = [(cpuSeconds() - before) * 1000, performance.now() - started];
    expectEqual('who is asked about, and what caused it', [asked.name, roots[0]?.alarm.name], ['Degraded', 'CPU load']);
    const full = `${name} (${Math.round(wallMs)} ms by the clock)`;
    return { name: full, value: cpuMs, unit: 'cpu-ms', peer: goalMs, ratio: goalMs / cpuMs };
  };
  // A process that has answered before is what a server is.
  await ask('warm-up', typical.atMs - 1_200_000, COLD_GOAL_MS);
  await ask('warm-up', latest.atMs - 2_400_000, COLD_GOAL_MS);
  const figures = [
    await ask(`why --at, cold, ${typical.afterSnapshot} entries after its snapshot`, typical.atMs, COLD_GOAL_MS),
    await ask(`why --at, cold, ${latest.afterSnapshot} entries after its snapshot`, latest.atMs, COLD_GOAL_MS),
    await ask('why --at, the same moment again', latest.atMs, CACHED_GOAL_MS),
    await ask('why --at, a second later', latest.atMs + 1_000, CACHED_GOAL_MS),
  ];
  await reader.close();
  return figures;
}

/** The whole command, from its start to its end, by the clock. */
function askProgram(folder: string, { atMs }: Moment): Figure {
  const started = performance.now();
  const at = new Date(atMs).toISOString();
  const options = [...NODE_FLAGS, PROGRAM_FILE, 'why', 'Degraded', '--on', INSTANCE, '--at', at, '--store', folder];
  const text = execFileSync(process.execPath, [...options, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    // It says there what answered; of a failure the error tells all of it.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const value = performance.now() - started;
  expectEqual('the answer', (JSON.parse(text) as { asked: { name: string } }).asked.name, 'Degraded');
  const [peer, ratio] = [COLD_GOAL_MS, COLD_GOAL_MS / value];
  return { name: 'wherefore why --at, the whole command', value, unit: 'ms by the clock', peer, ratio };
}
