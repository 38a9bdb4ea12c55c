import type { MariadbStore } from '@wherefore/mariadb';
import type { JsonObject } from '@wherefore/model';
import { createConnection } from 'mariadb';
import { describeWithService } from '../support/shared';
import { Cluster, hostDown } from './cluster';
import { buildOtherVersion, type OtherVersion } from './otherVersion';
import { eventually, type TestProcess } from './processes';
import { startReceiver, type TestReceiver } from './receiver';
import { clusterNeed, SERVICES_START_MS } from './services';

jest.setTimeout(180_000);

describeWithService('an upgrade that changes the tables', clusterNeed, () => {
  let cluster: Cluster;
  let next: OtherVersion;
  let store: MariadbStore;
  let receiver: TestReceiver;
  let api: TestProcess;
  const old: TestProcess[] = [];
  const posted: string[] = [];

  beforeAll(async () => {
    next = buildOtherVersion({ ofSchema: true });
    cluster = await Cluster.open();
    receiver = await startReceiver();
    api = await cluster.start('api');
    for (const role of ['processor', 'persister'] as const) old.push(await cluster.start(role));
    await Promise.all([api, ...old].map((each) => cluster.ready(each)));
    store = await cluster.store();
    await cluster.register(api, receiver.url);
    await postAndExpect('compute-before');
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    await store?.close();
    await cluster?.close();
    await receiver?.close();
    next?.remove();
  });

  async function schema(): Promise<number> {
    const { host, port, user, password } = cluster.services.database;
    const connection = await createConnection({ host, port, user, password, database: 'wherefore' });
    const [row] = (await connection.query('SELECT MAX(version) AS version FROM schema_versions')) as JsonObject[];
    await connection.end();
    return Number(row!['version']);
  }

  /** Posted, told once, archived, and in the history. */
  async function postAndExpect(host: string): Promise<void> {
    expect(await cluster.post(api, '/v1/event', hostDown(host))).toBe(200);
    posted.push(host);
    await eventually(() => receiver.bodies.find((body) => body.includes(`"${host}"`)), 30_000);
    await eventually(async () => {
      const alarms = await store.history.alarmsBetween(0, Date.now() + 60_000, 100);
      const isArchived = JSON.stringify(await store.archive.lookup([await store.archive.count()])) !== '[]';
      return isArchived && posted.every((each) => JSON.stringify(alarms).includes(each)) ? true : undefined;
    }, 30_000);
    expect(receiver.bodies.filter((body) => body.includes(`"${host}"`))).toHaveLength(1);
  }

  it('is made by the first process of the newer version, while those of the older go on writing', async () => {
    expect(await schema()).toBe(next.schema - 1);
    const started = [
      await cluster.start('processor', {}, next.program),
      await cluster.start('persister', {}, next.program),
    ];
    await Promise.all(started.map((each) => cluster.ready(each)));
    expect(await schema()).toBe(next.schema);
    for (const lease of ['leader', 'persister']) {
      expect(old.map(({ pid }) => pid)).toContain((await cluster.holderOf(api, lease)).pid);
    }
    await postAndExpect('compute-between');
  });

  it('keeps an older process from starting, which says so and ends', async () => {
    const late = await cluster.start('processor');
    expect(await late.ended).toBe(1);
    expect(late.written()).toContain('store-newer');
    expect(late.written()).toMatch(/hint.*newer|newer.*hint/i);
  });

  it('goes on to its end: the older ones are ended, and the newer ones lead, archive and tell', async () => {
    for (const each of old) each.signal('SIGTERM');
    expect(await Promise.all(old.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const lease of ['leader', 'persister']) {
      const isNext = async () => ((await cluster.holderOf(api, lease)).version === next.version ? true : undefined);
      await eventually(isNext, 30_000);
    }
    await postAndExpect('compute-after');
    const { alarms } = await cluster.get<{ alarms: readonly JsonObject[] }>(api, '/v1/answers/alarms');
    expect(alarms).toHaveLength(posted.length);
  });
});
