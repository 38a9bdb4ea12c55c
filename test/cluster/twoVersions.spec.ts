import type { ProcessesAnswer, ProcessView } from '@wherefore/contract';
import type { MariadbStore } from '@wherefore/mariadb';
import type { JsonObject } from '@wherefore/model';
import { describeWithService } from '../support/shared';
import { Cluster, hostDown } from './cluster';
import { buildOtherVersion, type OtherVersion } from './otherVersion';
import { eventually, type TestProcess } from './processes';
import { startReceiver, type TestReceiver } from './receiver';
import { clusterNeed, SERVICES_START_MS } from './services';

jest.setTimeout(180_000);

/** A snapshot after every few entries, so that each version has taken some. */
const SETTINGS = { WHEREFORE_SNAPSHOTS__EVERY_ENTRIES: '3', WHEREFORE_TICKS__EVERY_SECONDS: '1' };

describeWithService('two versions that run at once', clusterNeed, () => {
  let cluster: Cluster;
  let next: OtherVersion;
  let store: MariadbStore;
  let receiver: TestReceiver;
  let api: TestProcess;
  const posted: string[] = [];

  beforeAll(async () => {
    next = buildOtherVersion();
    cluster = await Cluster.open();
    receiver = await startReceiver();
    api = await cluster.start('api', SETTINGS);
    await Promise.all([cluster.ready(api), start('processor', 'old'), start('persister', 'old')]);
    store = await cluster.store();
    await cluster.register(api, receiver.url);
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    await store?.close();
    await cluster?.close();
    await receiver?.close();
    next?.remove();
  });

  /** Settles when it is ready. */
  async function start(role: 'processor' | 'persister', which: 'old' | 'next'): Promise<TestProcess> {
    const process = await cluster.start(role, SETTINGS, which === 'old' ? undefined : next.program);
    await cluster.ready(process);
    return process;
  }

  const status = (): Promise<ProcessesAnswer> => cluster.status(api);

  const holderOf = (lease: string): Promise<ProcessView> => cluster.holderOf(api, lease);

  async function postAndExpect(host: string): Promise<void> {
    expect(await cluster.post(api, '/v1/event', hostDown(host))).toBe(200);
    posted.push(host);
    await eventually(() => receiver.bodies.find((body) => body.includes(`"${host}"`)), 30_000);
  }

  /** Every alarm is there, was told once, and is archived. */
  async function expectAllOnce(): Promise<void> {
    const { alarms } = await cluster.get<{ alarms: readonly JsonObject[] }>(api, '/v1/answers/alarms');
    expect(alarms).toHaveLength(posted.length);
    for (const host of posted) {
      expect([host, receiver.bodies.filter((body) => body.includes(`"${host}"`)).length]).toEqual([host, 1]);
    }
    await eventually(async () => {
      const count = await store.archive.count();
      const all = JSON.stringify(await store.archive.lookup(Array.from({ length: count }, (_, i) => i + 1)));
      return posted.every((host) => all.includes(`"${host}"`)) ? true : undefined;
    });
  }

  const ofVersion = async (version: string): Promise<readonly ProcessView[]> =>
    (await status()).processes.filter((each) => each.version === version && each.state === 'ready');

  /** Ends every processor and persister of a version in good order; the others have to take over. */
  async function endAll(version: string): Promise<void> {
    const leaving = (await ofVersion(version)).filter(({ role }) => role !== 'api').map(({ pid }) => pid);
    const processes = cluster.processes.map(({ process }) => process).filter(({ pid }) => leaving.includes(pid));
    for (const process of processes) process.signal('SIGTERM');
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual(processes.map(() => 0));
  }

  const newestFormat = (): Promise<number | undefined> =>
    store.snapshots.newest().then((header) => header?.formatVersion);

  it('follow one log side by side, and status says so', async () => {
    await postAndExpect('compute-1');
    const old = await holderOf('leader');
    await Promise.all([start('processor', 'next'), start('persister', 'next')]);
    expect((await holderOf('leader')).pid).toBe(old.pid);
    const { notes } = await eventually(async () => {
      const now = await status();
      return now.notes.length > 0 && now.processes.length === 5 ? now : undefined;
    });
    expect(notes).toContain(`versions ${old.version} and ${next.version} run side by side`);
    await postAndExpect('compute-2');
    await expectAllOnce();
  });

  it('hand over to the newer one, which tells and archives what comes next', async () => {
    const { version } = await holderOf('leader');
    await endAll(version);
    // Whoever persists takes the snapshots: in its own format.
    await eventually(async () => ((await newestFormat()) === next.snapshotFormat ? true : undefined), 60_000);
    expect(await holderOf('leader')).toMatchObject({ version: next.version });
    await postAndExpect('compute-3');
    expect(await holderOf('persister')).toMatchObject({ version: next.version });
    await expectAllOnce();
  });

  it('go back to the older one, which passes over the snapshots that it cannot read', async () => {
    const processor = await start('processor', 'old');
    await start('persister', 'old');
    expect(JSON.stringify(processor.log())).toContain('store-newer');
    await endAll(next.version);
    const { version } = await holderOf('leader');
    expect(version).not.toBe(next.version);
    await postAndExpect('compute-4');
    expect((await holderOf('persister')).version).toBe(version);
    await expectAllOnce();
  });

  it('come forward again, and the newer one passes over those of the older', async () => {
    const old = await holderOf('leader');
    await eventually(async () => ((await newestFormat()) !== next.snapshotFormat ? true : undefined), 60_000);
    const processor = await start('processor', 'next');
    await start('persister', 'next');
    expect(JSON.stringify(processor.log())).toMatch(/snapshot-missing|has format/);
    await endAll(old.version);
    expect(await holderOf('leader')).toMatchObject({ version: next.version });
    await postAndExpect('compute-5');
    await expectAllOnce();
  });

  it('come to the same: an api that starts now answers as the one that was there all the time', async () => {
    const fresh = await cluster.start('api', SETTINGS);
    await cluster.ready(fresh);
    const [before, now] = await Promise.all(
      [api, fresh].map((of) => cluster.get<JsonObject>(of, '/v1/answers/alarms')),
    );
    expect(now!['alarms']).toEqual(before!['alarms']);
  });
});
