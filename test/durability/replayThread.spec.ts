import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Sqlite from '@wherefore/sqlite';
import { Snapshotter } from '../../libs/runtime/src/snapshotter';
import type * as Hosts from '../../libs/runtime/src/replayHost';
import { describeWithService, type ServiceNeed } from '../support/shared';
import { compileProgram, type CompiledProgram } from './compiledProgram';
import { entryOf } from './loadSamples';

const ENTRIES = 20_000;
const MACHINE = 'libs/runtime/src/countingMachine.sim.ts';

let program: CompiledProgram;
let sqlite: typeof Sqlite;
let hosts: typeof Hosts;
let folder: string;
let store: Sqlite.SqliteStore;

beforeAll(async () => {
  program = compileProgram(MACHINE);
  // Compiled, because a thread cannot be started from TypeScript.
  sqlite = program.load('libs/adapters/sqlite/src/index.ts') as typeof Sqlite;
  hosts = program.load('libs/runtime/src/replayHost.ts') as typeof Hosts;
  folder = mkdtempSync(join(tmpdir(), 'wherefore-replay-'));
  store = await sqlite.openStore({ folder, create: true });
  const entries = Array.from({ length: ENTRIES }, (_, i) => ({
    ...entryOf(`e${i + 1}`),
    ingestedAtMs: 1000 * (i + 1),
  }));
  for (let i = 0; i < ENTRIES; i += 1000) await store.log.append(entries.slice(i, i + 1000));
});
afterAll(async () => {
  await store?.close();
  program?.remove();
  if (folder) rmSync(folder, { recursive: true });
});

function openHost(of = folder, niceness = 0): Promise<Hosts.ReplayHost> {
  const path = program.pathOf(MACHINE);
  return hosts.ReplayHost.open(
    {
      machine: { path, exportName: 'countingMachine' },
      answer: { path, exportName: 'answerAboutIds' },
      source: sqlite.readerModule(of),
      niceness,
    },
    'thread',
  );
}

/** Of each thread of this process, how far it stands back behind others. */
function nicenesses(): number[] {
  const statOf = (thread: string) => readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
  // The 19th field; the second is a name in brackets, in which anything may stand.
  return readdirSync('/proc/self/task').map((thread) => Number(statOf(thread).split(') ').at(-1)!.split(' ')[16]));
}

describe('a replay host in a thread, beside the writer of a store', () => {
  it('answers at a past moment while this thread stays free', async () => {
    const host = await openHost();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const answered = await host.answer({ atMs: 19_000_500 }, 'ids');
    clearInterval(timer);
    expect(answered).toMatchObject({ moment: { ordinal: 19_000 }, replayed: 19_000, warnings: [] });
    expect(answered.answer).toHaveLength(19_000);
    expect(turns).toBeGreaterThan(3);
    expect((await host.answer({ atMs: 19_000_999 }, 'ids')).replayed).toBe(0);
    await host.close();
  });

  it('makes snapshots that this process saves, and starts from them', async () => {
    const host = await openHost();
    const take = (nowMs: number) => host.takeSnapshot(nowMs);
    const snapshotter = new Snapshotter(take, store.snapshots, { nowMs: () => Date.now() });
    expect(await snapshotter.takeNow()).toMatchObject({ ordinal: ENTRIES });
    expect(await snapshotter.takeNow()).toBeUndefined();
    await store.log.append([{ ...entryOf('late'), ingestedAtMs: 1e9 }]);
    await host.close();
    const fresh = await openHost();
    expect(await fresh.answer({ atMs: 2e9 }, 'archived')).toMatchObject({ answer: ENTRIES + 1, replayed: 1 });
    await fresh.close();
  });

  it('answers a cancelled question at once, and then goes on with the next', async () => {
    const host = await openHost();
    const control = new AbortController();
    const cancelled = host.answer({ atMs: 15_000_000 }, 'ids', control.signal);
    const queued = host.answer({ atMs: 15_000_000 }, 'ids', control.signal);
    const next = host.answer({ atMs: 5000 }, 'ids');
    await sleep(2);
    control.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    await expect(queued).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).answer).toHaveLength(5);
    await host.close();
  });

  it('passes on what went wrong, with its code', async () => {
    const host = await openHost();
    const hint = 'Ask for ids.';
    await expect(host.answer({ atMs: 5000 }, 'else')).rejects.toMatchObject({ code: 'alarm-not-found', hint });
    await expect(host.answer({ atMs: 1 }, 'ids')).rejects.toMatchObject({ code: 'before-first-entry' });
    const left = host.answer({ atMs: 15_000_000 }, 'ids');
    await Promise.all([expect(left).rejects.toMatchObject({ code: 'log-unavailable' }), host.close()]);
  });

  it('does not open where there is no store', async () => {
    await expect(openHost(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'store-missing' });
  });
});

const LINUX: ServiceNeed = {
  needs: 'Linux, where threads have priorities of their own',
  available: () => process.platform === 'linux',
};

describeWithService('a replay host that is to stand back', LINUX, () => {
  it('does so with its thread alone', async () => {
    const before = nicenesses();
    const further = getPriority() + 7;
    const host = await openHost(folder, 7);
    expect(nicenesses().filter((niceness) => niceness === further)).toHaveLength(1);
    await host.close();
    expect(before).not.toContain(further);
  });
});
