import path from 'node:path';
import { SOURCE_NAMES } from '@wherefore/driver';
import { FakeCloud } from '../driver/fakeCloud';
import { recordedFaults, recordedMoment } from '../driver/recordedFaults';
import { describeWithService, describeWithShared } from '../support/shared';
import { TestFollower } from './driverStand';
import { eventually, startProcess, type TestProcess } from './processes';
import { clusterNeed, type Services, SERVICES_START_MS, startServices } from './services';

jest.setTimeout(120_000);

const LEASE_TTL_MS = 2_000;
/** Of Heat and Aodh most moments were recorded with a refusal only: the fake cloud has none of them then. */
const SOURCES = SOURCE_NAMES.filter((name) => !['alertmanager', 'static'].includes(name));

describeWithService('drivers as processes, over a broker and a database', clusterNeed, () => {
  describeWithShared('on a cloud that answers as a recorded one did', (sharedDir) => {
    const folder = path.join(sharedDir, 'data/openstack');
    let services: Services;
    let cloud: FakeCloud;
    let follower: TestFollower;
    const drivers: TestProcess[] = [];
    beforeAll(async () => {
      services = await startServices();
      cloud = await FakeCloud.start(folder);
      follower = await TestFollower.start(services.env);
    }, SERVICES_START_MS);
    afterAll(async () => {
      await Promise.all(drivers.map((driver) => driver.dispose()));
      await follower?.close();
      await cloud?.close();
      await services?.stop();
    });

    function start(): TestProcess {
      const driver = startProcess(['driver'], {
        ...services.env,
        WHEREFORE_OPENSTACK__AUTH_URL: cloud.authUrl,
        WHEREFORE_OPENSTACK__USERNAME: 'admin',
        WHEREFORE_OPENSTACK__PASSWORD: 'secret',
        WHEREFORE_OPENSTACK__PAGE_ROWS: '10',
        WHEREFORE_DRIVER__INTERVAL_SECONDS: '5',
        WHEREFORE_DRIVER__LEASE_TTL_MS: String(LEASE_TTL_MS),
        WHEREFORE_LOG__LEVEL: 'debug',
      });
      drivers.push(driver);
      return driver;
    }

    /** Whose process polls servers now. */
    const holder = (among: readonly TestProcess[]) =>
      eventually(async () => {
        const posted = (await follower.board()).filter(
          ({ report, silentMs }) => report.role === 'driver' && silentMs < 3_000,
        );
        const leader = posted.find(({ report }) => report.leads.some(({ lease }) => lease === 'driver/nova.instance'));
        return among.find(({ pid }) => pid === leader?.report.pid);
      }, 30_000);

    /** Waits until the state is what the cloud answered at that moment. */
    async function becomes(moment: string): Promise<void> {
      let faults: readonly string[] = ['nothing was compared'];
      const isSo = () => (faults = recordedFaults(follower.state, recordedMoment(folder, moment))).length === 0;
      await eventually(() => (isSo() ? true : undefined), 80_000).catch(() => undefined);
      expect(faults).toEqual([]);
    }

    it('poll all of it, each source by one of them', async () => {
      cloud.show('01-steady');
      const pair = [start(), start()];
      await Promise.all(pair.map(async (driver) => fetch(`${await driver.healthUrl()}/readyz`)));
      await becomes('01-steady');
      let leases: readonly string[] = [];
      const isSaid = async (): Promise<boolean> => {
        leases = (await follower.board()).flatMap(({ report }) => report.leads.map(({ lease }) => lease));
        return leases.length >= SOURCES.length;
      };
      // A driver says on the board how it is once in a while.
      await eventually(async () => ((await isSaid()) ? true : undefined), 20_000).catch(() => undefined);
      expect(new Set(leases).size).toBe(leases.length);
      expect(leases).toHaveLength(SOURCES.length);
      const metrics = await Promise.all(
        pair.map(async (driver) => (await fetch(`${await driver.healthUrl()}/metrics`)).text()),
      );
      expect(metrics.join('\n')).toMatch(
        /wherefore_driver_polls_total\{source="nova-servers",result="complete",role="driver"\} [1-9]/,
      );
      expect(pair.map((driver) => driver.written()).join('')).not.toContain('"secret"');
    });

    it('take over from one that was killed', async () => {
      const killed = await holder(drivers);
      killed.signal('SIGKILL');
      await killed.ended;
      cloud.show('02-day2');
      const survivor = await holder(drivers.filter((driver) => driver !== killed));
      await becomes('02-day2');
      expect(survivor.pid).not.toBe(killed.pid);
      start();
    });

    it('take over from one that hung, which harms nothing when it wakes up', async () => {
      const alive = drivers.slice(1).filter(({ pid }) => isAlive(pid));
      const hung = await holder(drivers.filter(({ pid }) => isAlive(pid)));
      expect(alive.length).toBeGreaterThan(0);
      // In the middle of a poll: what it asked for is answered while it is stopped.
      cloud.fault = ({ path: place }) => (place.endsWith('/servers/detail') ? { slowMs: 1_000 } : undefined);
      const before = cloud.seen.length;
      await eventually(() =>
        cloud.seen.slice(before).some(({ path: place }) => place.endsWith('/servers/detail')) ? true : undefined,
      );
      hung.signal('SIGSTOP');
      try {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        cloud.fault = () => undefined;
        cloud.show('06-evacuated');
        await holder(drivers.filter((driver) => driver !== hung && isAlive(driver.pid)));
        await becomes('06-evacuated');
      } finally {
        hung.signal('SIGCONT');
      }
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await becomes('06-evacuated');
      expect([...follower.outcomes.keys()].filter((kind) => kind === 'failed' || kind === 'rejected')).toEqual([]);
    });

    it('delete nothing while the cloud is away, say so, and go on when it is back', async () => {
      cloud.fault = () => ({ status: 503 });
      await eventually(() => ([...follower.polls.values()].some((ok) => !ok) ? true : undefined), 60_000);
      expect(recordedFaults(follower.state, recordedMoment(folder, '06-evacuated'))).toEqual([]);
      const noted = await eventually(async () =>
        (await follower.board()).find(({ report }) => report.note.includes('failed')),
      );
      expect(noted.report).toMatchObject({ phase: 'ready', note: expect.stringMatching(/status 503/) });
      cloud.fault = () => undefined;
      cloud.show('07-recovered');
      await becomes('07-recovered');
    });

    it('end as they are told, and give their leases back', async () => {
      const running = drivers.filter(({ pid }) => isAlive(pid));
      for (const driver of running) driver.signal('SIGTERM');
      expect(await Promise.all(running.map((driver) => driver.ended))).toEqual(running.map(() => 0));
      const lease = await follower.ports.leases.acquire('driver/nova.instance', 'test', 1_000);
      expect(lease).toBeDefined();
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
