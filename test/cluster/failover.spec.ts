import type { ProcessesAnswer, ProcessView } from '@wherefore/contract';
import type { JsonObject } from '@wherefore/model';
import type { MariadbStore } from '@wherefore/mariadb';
import { describeWithService } from '../support/shared';
import { Cluster, hostDown } from './cluster';
import { eventually, type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';
import { startReceiver, type TestReceiver } from './receiver';

describeWithService('processes over one broker and one database', clusterNeed, () => {
  let cluster: Cluster;
  let store: MariadbStore;
  let receiver: TestReceiver;
  let api: TestProcess;

  beforeAll(async () => {
    cluster = await Cluster.open();
    receiver = await startReceiver();
    const processes = await Promise.all([
      cluster.start('api'),
      cluster.start('processor'),
      cluster.start('persister'),
      cluster.start('processor'),
      cluster.start('persister'),
      cluster.start('api'),
    ]);
    api = processes[0];
    await Promise.all(processes.map((process) => cluster.ready(process)));
    store = await cluster.store();
    await cluster.register(api, receiver.url);
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    await store?.close();
    await cluster?.close();
    await receiver?.close();
  });

  const status = (): Promise<ProcessesAnswer> => cluster.status(api);

  /** The process that holds a lease, as the board has it. */
  async function leaderOf(lease: string, other?: number): Promise<ProcessView> {
    return eventually(async () => {
      const { processes } = await status();
      const alive = processes.filter(({ state }) => state === 'ready');
      return alive.find(({ leads, pid }) => pid !== other && leads.some((held) => held.lease === lease));
    });
  }

  const alarmsKept = () => store.history.alarmsBetween(0, Date.now() + 60_000, 100);

  const alarmsOn = (host: string, of: TestProcess) =>
    eventually(async () => {
      const { alarms } = await cluster.get<{ alarms: readonly JsonObject[] }>(of, '/v1/answers/alarms');
      return JSON.stringify(alarms).includes(host) ? alarms : undefined;
    });

  const notified = (host: string) => eventually(() => receiver.bodies.find((body) => body.includes(host)));

  function processOf(pid: number): TestProcess {
    return cluster.processes.find(({ process }) => process.pid === pid)!.process;
  }

  it('show an event in every api, archive it, and notify once', async () => {
    const other = cluster.processes.filter(({ role }) => role === 'api')[1]!.process;
    expect(await cluster.post(api, '/v1/event', hostDown('compute-1'))).toBe(200);
    await alarmsOn('compute-1', api);
    await alarmsOn('compute-1', other);
    await notified('compute-1');
    expect(receiver.bodies.filter((body) => body.includes('compute-1'))).toHaveLength(1);
    await eventually(async () => ((await alarmsKept()).length > 0 ? true : undefined));
  });

  it('are all listed, one of each leading, and nothing is wrong', async () => {
    const answer = await eventually(async () => {
      const now = await status();
      return now.troubles.length === 0 ? now : undefined;
    });
    expect(answer.processes.map(({ role }) => role)).toEqual([
      ...['api', 'api', 'persister', 'persister', 'processor', 'processor'],
    ]);
    expect(answer.processes.flatMap(({ leads }) => leads.map(({ lease }) => lease)).sort()).toEqual([
      ...['leader', 'persister'],
    ]);
    expect(answer.processes.every(({ state, position }) => state === 'ready' && position !== null)).toBe(true);
  });

  it('go on without the leader when it is killed: another notifies what comes next', async () => {
    const leader = await leaderOf('leader');
    processOf(leader.pid).signal('SIGKILL');
    const killedAt = performance.now();
    expect(await cluster.post(api, '/v1/event', hostDown('compute-2'))).toBe(200);
    await notified('compute-2');
    const tookMs = performance.now() - killedAt;
    expect(tookMs).toBeLessThan(5000);
    const next = await leaderOf('leader', leader.pid);
    expect(next.leads[0]!.epoch).toBeGreaterThan(leader.leads[0]!.epoch);
    expect(receiver.bodies.filter((body) => body.includes('compute-1'))).toHaveLength(1);
  });

  it('say that the one that was killed is gone, what it led, and who leads now', async () => {
    const { troubles, processes } = await eventually(async () => {
      const now = await status();
      return now.processes.some(({ state }) => state === 'silent') ? now : undefined;
    });
    const gone = /^processor \d+ on \S+ has been gone since \S+Z; it led, and processor \d+ on \S+ leads now$/;
    expect(troubles).toEqual([expect.stringMatching(gone)]);
    expect(processes.find(({ state }) => state === 'silent')).toMatchObject({ leads: [], held: [{ lease: 'leader' }] });
    expect(processes.filter(({ leads }) => leads.some(({ lease }) => lease === 'leader'))).toHaveLength(1);
  });

  it('answer of the past, from the archive', async () => {
    const first = (await alarmsKept()).at(-1);
    const at = new Date(first!.startedAtMs + 1).toISOString();
    const { alarms } = await cluster.get<{ alarms: readonly JsonObject[] }>(api, `/v1/answers/alarms?at=${at}`);
    expect(JSON.stringify(alarms)).toContain('compute-1');
    expect(JSON.stringify(alarms)).not.toContain('compute-2');
  });

  it('archive each entry once, whichever persister writes, and though one is killed', async () => {
    const writer = await leaderOf('persister');
    processOf(writer.pid).signal('SIGKILL');
    for (let i = 0; i < 5; i++) await cluster.post(api, '/v1/event', hostDown(`compute-1${i}`));
    await leaderOf('persister', writer.pid);
    const ids = await eventually(async () => {
      const count = await store.archive.count();
      const all = await store.archive.lookup(Array.from({ length: count }, (_, i) => i + 1));
      const text = JSON.stringify(all);
      return text.includes('compute-14') ? all.map(({ entry }) => `${entry.source} ${entry.id}`) : undefined;
    });
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('end in good order when they are told to, and start again where they were', async () => {
    const before = await cluster.get<JsonObject>(api, '/v1/answers/summary');
    const running = cluster.processes.filter(({ process }) => process.isRunning());
    for (const { process } of running) process.signal('SIGTERM');
    expect(await Promise.all(running.map(({ process }) => process.ended))).toEqual(running.map(() => 0));
    expect(await store.board.list()).toHaveLength(2);
    api = await cluster.start('api');
    await cluster.ready(api);
    const after = await cluster.get<JsonObject>(api, '/v1/answers/summary');
    expect(after['alarms']).toEqual(before['alarms']);
  });
});
