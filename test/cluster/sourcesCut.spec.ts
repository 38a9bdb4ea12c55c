import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudBus, enveloped } from '../listener/cloudBus';
import { describeWithService } from '../support/shared';
import { type Cut, TcpProxy } from '../support/services/tcpProxy';
import { TestFollower } from './driverStand';
import { eventually, startProcess, type TestProcess } from './processes';
import { clusterNeed, type Services, SERVICES_START_MS, startServices } from './services';

jest.setTimeout(180_000);

const WITHIN_MS = 60_000;
const HAND_OVER_SECONDS = '3';
const LEASE_TTL_MS = '2000';
const CONTENT_TYPE = 'notifications.info';

/** A process whose ways to the log, to the database and to the bus of the cloud are networks of their own. */
interface Stationed {
  readonly process: TestProcess;
  readonly log: TcpProxy;
  readonly database: TcpProxy;
  readonly bus: TcpProxy;
}

describeWithService('listeners and drivers whose network is cut', clusterNeed, () => {
  let services: Services;
  let follower: TestFollower;
  let bus: CloudBus;
  let folder: string;
  const listeners: Stationed[] = [];
  const drivers: Stationed[] = [];

  beforeAll(async () => {
    services = await startServices();
    follower = await TestFollower.start(services.env);
    bus = await CloudBus.open(services.broker.url, ['nova']);
    folder = mkdtempSync(path.join(tmpdir(), 'wherefore-static-'));
    tellOf('switch-first');
    for (let i = 0; i < 2; i++) {
      listeners.push(await station('listener', { WHEREFORE_LISTENER__EXCHANGES: 'nova' }));
      drivers.push(await station('driver', { WHEREFORE_DRIVER__STATIC_FOLDER: folder }));
    }
    await Promise.all([...listeners, ...drivers].map(({ process }) => ready(process)));
    // What is announced before the queue is bound goes nowhere.
    await Promise.all(listeners.map(({ process }) => bound(process)));
    announce('server-first');
    await Promise.all([known('server-first'), known('switch-first')]);
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    const all = [...listeners, ...drivers];
    await Promise.all(all.map(({ process }) => process.dispose()));
    await bus?.close();
    await follower?.close();
    await services?.stop();
    await Promise.all(all.flatMap(({ log, database, bus: way }) => [log.close(), database.close(), way.close()]));
    rmSync(folder, { recursive: true, force: true });
  });

  // What failed in one place is not to fail in all.
  afterEach(() => [...listeners, ...drivers].forEach(mend));

  function mend({ log, database, bus: way }: Stationed): void {
    for (const proxy of [log, database, way]) if (proxy.isCut) proxy.mend();
  }

  async function station(role: 'listener' | 'driver', env: { readonly [name: string]: string }): Promise<Stationed> {
    const brokerPort = Number(new URL(services.broker.url).port);
    const [log, way] = await Promise.all([TcpProxy.open(brokerPort), TcpProxy.open(brokerPort)]);
    const database = await TcpProxy.open(services.database.port);
    const through = ({ port }: TcpProxy): string => {
      const url = new URL(services.broker.url);
      url.port = String(port);
      return url.toString();
    };
    const process = startProcess([role], {
      ...services.env,
      ...env,
      WHEREFORE_BROKER__URLS: through(log),
      WHEREFORE_BROKER__APPEND_TIMEOUT_SECONDS: '3',
      WHEREFORE_LISTENER__URLS: through(way),
      WHEREFORE_LISTENER__BINDING_CHECK_SECONDS: '1',
      WHEREFORE_LISTENER__HAND_OVER_SECONDS: HAND_OVER_SECONDS,
      WHEREFORE_DATABASE__PORT: String(database.port),
      WHEREFORE_DRIVER__INTERVAL_SECONDS: '5',
      WHEREFORE_DRIVER__LEASE_TTL_MS: LEASE_TTL_MS,
    });
    return { process, log, database, bus: way };
  }

  const ready = async (process: TestProcess): Promise<void> => {
    const url = await process.healthUrl();
    await eventually(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), WITHIN_MS);
  };

  const bound = (process: TestProcess) =>
    eventually(() => process.log().find((line) => JSON.stringify(line['bound']) === '["nova"]'), WITHIN_MS);

  async function metric({ process }: Stationed, name: string): Promise<number> {
    const text = await (await fetch(`${await process.healthUrl()}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  /** As nova announces a server. */
  function announce(server: string): void {
    const payload = { instance_id: server, display_name: server, tenant_id: 'shop', host: 'compute-1' };
    const state = { state: 'active', state_description: '' };
    const now = new Date().toISOString().slice(0, -1).replace('T', ' ');
    const body = enveloped('compute.instance.update', { ...payload, ...state }, `message of ${server}`, `${now}000`);
    bus.send({ exchange: 'nova', routing_key: CONTENT_TYPE, body });
  }

  /** As somebody who writes down that there is one switch, and no other. */
  function tellOf(name: string): void {
    const entity = `    - {static_id: s1, type: switch, id: ${name}, name: ${name}, state: available}`;
    writeFileSync(path.join(folder, 'switches.yaml'), ['definitions:', '  entities:', entity, ''].join('\n'));
  }

  const names = (): string[] =>
    [...follower.state.graph.vertices()].map(({ properties }) => String(properties['name']));

  /** Settles when the state has it. */
  async function known(name: string): Promise<void> {
    await eventually(() => (names().includes(name) ? true : undefined), WITHIN_MS);
  }

  /** The one that is given the messages: the other has kept nothing new when the next one is in the log. */
  async function atWork(probe: string): Promise<readonly [Stationed, Stationed]> {
    const kept = () => Promise.all(listeners.map((each) => metric(each, 'wherefore_listener_messages_total')));
    const before = await kept();
    announce(probe);
    await known(probe);
    const working = await eventually(async () => {
      const place = (await kept()).findIndex((count, i) => count > before[i]!);
      return place < 0 ? undefined : place;
    });
    return [listeners[working]!, listeners[1 - working]!];
  }

  async function polling(): Promise<readonly [Stationed, Stationed]> {
    const place = await eventually(async () => {
      const held = await Promise.all(drivers.map((each) => metric(each, 'wherefore_lease_epoch')));
      const holders = held.flatMap((epoch, i) => (epoch > 0 ? [i] : []));
      return holders.length === 1 ? holders[0] : undefined;
    }, WITHIN_MS);
    return [drivers[place]!, drivers[1 - place]!];
  }

  /** Settles when this one polls, and it alone: the one before may do so until its lease is over. */
  async function takenOver(next: Stationed): Promise<void> {
    await eventually(async () => ((await polling())[0] === next ? true : undefined), WITHIN_MS);
  }

  /** Nothing failed, and what came twice was noticed as such. */
  const expectNothingBroken = (): void => {
    const kinds = [...follower.outcomes.keys()];
    expect(kinds.filter((kind) => kind === 'failed' || kind === 'rejected')).toEqual([]);
  };

  describe.each<Cut>(['silently', 'by reset'])('%s', (how) => {
    const tag = how.replaceAll(' ', '-');

    it('a listener that cannot reach the log, but the bus, leaves its messages to another one', async () => {
      const [listener, other] = await atWork(`server-${tag}-probe-1`);
      listener.log.cut(how);
      announce(`server-${tag}-1`);
      await known(`server-${tag}-1`);
      // Counted when it is acknowledged, which is after it can be read in the log.
      await eventually(async () => ((await metric(other, 'wherefore_listener_messages_total')) > 0 ? true : undefined));
      mend(listener);
      await ready(listener.process);
      expectNothingBroken();
    });

    it('a listener that cannot reach the bus is replaced, and nothing that was announced is lost', async () => {
      const [listener] = await atWork(`server-${tag}-probe-2`);
      listener.bus.cut(how);
      for (let i = 0; i < 20; i++) announce(`server-${tag}-2-${i}`);
      for (let i = 0; i < 20; i++) await known(`server-${tag}-2-${i}`);
      mend(listener);
      await ready(listener.process);
      expectNothingBroken();
    });

    it('a listener that cannot reach the database goes on', async () => {
      const [listener] = await atWork(`server-${tag}-probe-3`);
      listener.database.cut(how);
      announce(`server-${tag}-3`);
      await known(`server-${tag}-3`);
      mend(listener);
      await ready(listener.process);
      expectNothingBroken();
    });

    it('a driver that cannot reach the log, but the database, lets another one poll', async () => {
      const [driver, other] = await polling();
      driver.log.cut(how);
      tellOf(`switch-${tag}-4`);
      await known(`switch-${tag}-4`);
      await takenOver(other);
      mend(driver);
      await ready(driver.process);
      expectNothingBroken();
    });

    it('a driver that cannot reach the database, but the log, is replaced and deletes nothing when it comes back', async () => {
      const [driver, other] = await polling();
      driver.database.cut(how);
      tellOf(`switch-${tag}-5`);
      await known(`switch-${tag}-5`);
      await takenOver(other);
      mend(driver);
      await ready(driver.process);
      expect(names()).toContain(`switch-${tag}-5`);
      expectNothingBroken();
    });
  });
});
