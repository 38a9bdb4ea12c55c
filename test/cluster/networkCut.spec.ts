import type { ProcessesAnswer, ProcessView } from '@wherefore/contract';
import type { MariadbStore } from '@wherefore/mariadb';
import type { JsonObject } from '@wherefore/model';
import { describeWithService } from '../support/shared';
import { type Cut, TcpProxy } from '../support/services/tcpProxy';
import { Cluster, hostDown, type Role } from './cluster';
import { eventually, type TestProcess } from './processes';
import { startReceiver, type TestReceiver } from './receiver';
import { clusterNeed, SERVICES_START_MS } from './services';

jest.setTimeout(180_000);

/** A process whose broker and database lie behind networks of its own. */
interface Stationed {
  readonly process: TestProcess;
  readonly broker: TcpProxy;
  readonly database: TcpProxy;
}

describeWithService('processes whose network is cut', clusterNeed, () => {
  let cluster: Cluster;
  let store: MariadbStore;
  let receiver: TestReceiver;
  let api: Stationed;
  const stations: Stationed[] = [];
  const posted: string[] = [];

  beforeAll(async () => {
    cluster = await Cluster.open();
    receiver = await startReceiver();
    const roles = ['api', 'processor', 'processor', 'persister', 'persister'] as const;
    for (const role of roles) stations.push(await station(role));
    api = stations[0]!;
    await Promise.all(stations.map(({ process }) => cluster.ready(process)));
    store = await cluster.store();
    await cluster.register(api.process, receiver.url);
    await post('compute-first');
    await notified('compute-first');
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    await store?.close();
    await cluster?.close();
    await receiver?.close();
    for (const { broker, database } of stations) await Promise.all([broker.close(), database.close()]);
  });

  afterEach(async () => {
    // What failed in one place is not to fail in all.
    for (const { broker, database } of stations) {
      if (broker.isCut) broker.mend();
      if (database.isCut) database.mend();
    }
  });

  async function station(role: Role): Promise<Stationed> {
    const url = new URL(cluster.services.broker.url);
    const broker = await TcpProxy.open(Number(url.port));
    const database = await TcpProxy.open(cluster.services.database.port);
    url.port = String(broker.port);
    const process = await cluster.start(role, {
      WHEREFORE_BROKER__URLS: url.toString(),
      WHEREFORE_BROKER__APPEND_TIMEOUT_SECONDS: '10',
      WHEREFORE_DATABASE__PORT: String(database.port),
    });
    return { process, broker, database };
  }

  /** Posts until it is taken: what is answered with 503 may be sent again. */
  async function post(host: string): Promise<void> {
    await eventually(
      async () => ((await cluster.post(api.process, '/v1/event', hostDown(host))) === 200 ? true : undefined),
      60_000,
    );
    posted.push(host);
  }

  const notified = (host: string) =>
    eventually(() => receiver.bodies.find((body) => body.includes(`"${host}"`)), 60_000);

  const status = (): Promise<ProcessesAnswer> => cluster.status(api.process);

  async function holderOf(lease: string, other?: number): Promise<ProcessView> {
    return eventually(async () => {
      const { processes } = await status();
      const ready = processes.filter(({ state, pid }) => state === 'ready' && pid !== other);
      return ready.find(({ leads }) => leads.some((held) => held.lease === lease));
    }, 60_000);
  }

  const stationOf = (pid: number): Stationed => stations.find(({ process }) => process.pid === pid)!;

  /** Nothing is missing, nothing was told twice under another id, and all of them come to the same. */
  async function expectAllIsWell(): Promise<void> {
    for (const host of posted) await notified(host);
    await eventually(async () => {
      const { troubles, processes } = await status();
      const ordinals = new Set(processes.filter(({ ordinal }) => ordinal !== null).map(({ ordinal }) => ordinal));
      return troubles.length === 0 && ordinals.size === 1 ? true : undefined;
    }, 60_000);
    const idsByHost = new Map<string, Set<string>>();
    for (const body of receiver.bodies) {
      const { effect_id: id } = (JSON.parse(body) as { effect_id?: string }) ?? {};
      const host = posted.find((each) => body.includes(`"${each}"`));
      if (host === undefined) continue;
      idsByHost.set(host, (idsByHost.get(host) ?? new Set()).add(String(id)));
    }
    for (const host of posted) expect([host, idsByHost.get(host)?.size]).toEqual([host, 1]);
    const count = await store.archive.count();
    const all = await store.archive.lookup(Array.from({ length: count }, (_, i) => i + 1));
    for (const host of posted) {
      const entries = all.filter(({ entry }) => entry.kind === 'event' && JSON.stringify(entry).includes(`"${host}"`));
      expect([host, new Set(entries.map(({ entry }) => entry.id)).size]).toEqual([host, 1]);
    }
    const { alarms } = await cluster.get<{ alarms: readonly JsonObject[] }>(api.process, '/v1/answers/alarms');
    expect(alarms).toHaveLength(posted.length);
  }

  describe.each<Cut>(['silently', 'by reset'])('%s', (how) => {
    const name = how.replaceAll(' ', '-');

    it('a leader that cannot reach the broker, but the database, lets another one lead', async () => {
      const leader = await holderOf('leader');
      const { broker } = stationOf(leader.pid);
      broker.cut(how);
      const cutAt = performance.now();
      await post(`compute-${name}-1`);
      await notified(`compute-${name}-1`);
      // Two heartbeats of 2 s that do not come, 3 s until it gives up, and what another one needs.
      expect(performance.now() - cutAt).toBeLessThan(20_000);
      const next = await holderOf('leader', leader.pid);
      expect(next.leads[0]!.epoch).toBeGreaterThan(leader.leads[0]!.epoch);
      const { troubles } = await eventually(async () => {
        const now = await status();
        return now.troubles.some((text) => text.includes('cannot reach the broker')) ? now : undefined;
      });
      expect(troubles.join()).toContain(`processor ${leader.pid} `);
      broker.mend();
      await expectAllIsWell();
    });

    it('a leader that cannot reach the database, but the broker, stops leading', async () => {
      const leader = await holderOf('leader');
      const { database } = stationOf(leader.pid);
      database.cut(how);
      const cutAt = performance.now();
      await post(`compute-${name}-2`);
      await notified(`compute-${name}-2`);
      expect(performance.now() - cutAt).toBeLessThan(10_000);
      await holderOf('leader', leader.pid);
      const { body } = await eventually(async () => {
        const ready = await fetch(`${await stationOf(leader.pid).process.healthUrl()}/readyz`);
        const text = await ready.text();
        return text.includes('database') ? { body: text } : undefined;
      });
      expect(body).toContain('database');
      database.mend();
      await expectAllIsWell();
    });

    it('a persister that cannot reach the broker, but the database, lets another one archive', async () => {
      const writer = await holderOf('persister');
      const { broker } = stationOf(writer.pid);
      broker.cut(how);
      await post(`compute-${name}-3`);
      const next = await holderOf('persister', writer.pid);
      expect(next.leads[0]!.epoch).toBeGreaterThan(writer.leads[0]!.epoch);
      await eventually(async () => {
        const count = await store.archive.count();
        const last = await store.archive.lookup(Array.from({ length: 50 }, (_, i) => count - i).reverse());
        return JSON.stringify(last).includes(`compute-${name}-3`) ? true : undefined;
      }, 60_000);
      broker.mend();
      await expectAllIsWell();
    });

    it('an api that cannot reach the broker takes nothing in, and goes on when it can', async () => {
      api.broker.cut(how);
      const event = hostDown(`compute-${name}-4`);
      expect(await cluster.post(api.process, '/v1/event', event)).toBe(503);
      const ready = await fetch(`${cluster.urlOf(api.process)}/healthz`);
      expect(ready.status).toBe(200);
      api.broker.mend();
      await post(`compute-${name}-4`);
      await expectAllIsWell();
    });

    it('an api that cannot reach the database answers, or says why not, and goes on when it can', async () => {
      api.database.cut(how);
      const response = await fetch(`${cluster.urlOf(api.process)}/v1/answers/alarms`);
      expect([200, 503]).toContain(response.status);
      await response.text();
      api.database.mend();
      await post(`compute-${name}-5`);
      await expectAllIsWell();
    });
  });
});
