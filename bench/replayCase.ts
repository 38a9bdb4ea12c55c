import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineMachine, Replayer } from '@wherefore/runtime';
import { openReader, openStore } from '@wherefore/sqlite';
import { expectEqual, type Figure, measureAsync, rateFigures, Rounds } from './measure';
import { RealCloud } from './realCloud';
import { MATCHING_TEMPLATES, templatesEntry } from './workload';

const SERVERS = 4_000;
const HOURS_TENTHS = 12;
const REPLAYS = { least: 3, most: 15 };
const APPENDED_AT_ONCE = 512;
const GOAL_PER_CPU_SECOND = 100_000;

/** The log of two hours of a cloud of 10,000 entities, polled every ten minutes, replayed from its first entry. */
export async function replayCase(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-bench-'));
  try {
    return await runCase(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase(folder: string): Promise<Figure[]> {
  const cloud = new RealCloud(SERVERS);
  const store = await openStore({ folder, create: true, writer: 'inline' });
  const state = engineMachine.initialState();
  let count = 0;
  let unchanged = 0;
  const append = async (entries: Parameters<typeof store.log.append>[0]): Promise<void> => {
    for (let at = 0; at < entries.length; at += APPENDED_AT_ONCE) {
      await store.log.append(entries.slice(at, at + APPENDED_AT_ONCE));
    }
    for (const entry of entries) {
      count += 1;
      const { outcome, effects } = engineMachine.step(state, {
        position: { epoch: 1, offset: count, index: 0 },
        entry,
      });
      if (outcome.kind !== 'applied' && outcome.kind !== 'outdated') throw new Error(JSON.stringify(outcome));
      if (effects.length === 0) unchanged += 1;
    }
  };
  await append([templatesEntry(MATCHING_TEMPLATES, cloud.atMs)]);
  for (let tenth = 0; tenth < HOURS_TENTHS; tenth++) await append(cloud.nextTenMinutes());
  expectEqual('entities', state.graph.vertexCount, cloud.entities + 1);
  const live = engineMachine.stateHash(state);
  await store.close();
  const seconds: number[] = [];
  const rounds = new Rounds(REPLAYS);
  while (rounds.next()) {
    const reader = await openReader({ folder });
    const taken = await measureAsync(async () => {
      const { state: replayed } = await new Replayer(engineMachine, reader).materialise('newest');
      expectEqual('hash of the replay', engineMachine.stateHash(replayed), live);
    });
    seconds.push(taken);
    await reader.close();
  }
  const share = Math.round((unchanged / count) * 100);
  const name = `entries of a real cloud's mix replayed from SQLite (${share} % without effect)`;
  return rateFigures(name, count, seconds, GOAL_PER_CPU_SECOND);
}
