import type { MariadbStore } from '@wherefore/mariadb';
import { CloudBus, enveloped } from '../listener/cloudBus';
import { describeWithService } from '../support/shared';
import { Cluster } from './cluster';
import { eventually, startProcess, type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';

const QUEUE = 'wherefore.notifications';
const WITHIN_MS = 60_000;

jest.setTimeout(240_000);

describeWithService('a listener that acknowledges nothing before it is', clusterNeed, () => {
  let cluster: Cluster;
  let store: MariadbStore;
  let bus: CloudBus;
  let api: TestProcess;
  let persister: TestProcess;

  beforeAll(async () => {
    cluster = await Cluster.open();
    persister = await cluster.start('persister');
    api = await cluster.start('api');
    await Promise.all([persister, api].map((each) => cluster.ready(each)));
    store = await cluster.store();
    bus = await CloudBus.open(cluster.services.broker.url, ['nova']);
  }, SERVICES_START_MS * 2);

  afterAll(async () => {
    await bus?.close();
    await store?.close();
    await cluster?.close();
  });

  async function listening(durability: 'confirmed' | 'archived'): Promise<TestProcess> {
    const listener = startProcess(['listener'], {
      ...cluster.services.env,
      WHEREFORE_BROKER__DURABILITY: durability,
      WHEREFORE_LISTENER__EXCHANGES: 'nova',
    });
    await eventually(() => listener.log().find((line) => JSON.stringify(line['bound']) === '["nova"]'), WITHIN_MS);
    return listener;
  }

  /** As nova announces a server. */
  function announce(id: string): void {
    const payload = { instance_id: id, display_name: id, tenant_id: 'shop', host: 'compute-1', state: 'active' };
    const body = enveloped('compute.instance.update', { ...payload, state_description: '' }, `message of ${id}`);
    bus.send({ exchange: 'nova', routing_key: 'notifications.info', body });
  }

  /** Settles when the log has it, whether it is archived or not. */
  const inTheLog = (id: string) =>
    eventually(async () => {
      const { resources } = await cluster.get<{ resources: readonly object[] }>(api, `/v1/answers/resources?id=${id}`);
      return resources.length > 0 ? true : undefined;
    }, WITHIN_MS);

  async function timesInTheArchive(id: string): Promise<number> {
    const all = await store.archive.lookup(Array.from({ length: await store.archive.count() }, (_, i) => i + 1));
    return all.filter(({ entry }) => entry.id === `message of ${id}`).length;
  }

  /** The persister hangs, the log takes a message in, the listener is killed: how many messages are in its queue then? */
  async function leftInTheQueue(durability: 'confirmed' | 'archived', id: string): Promise<number> {
    const listener = await listening(durability);
    persister.signal('SIGSTOP');
    announce(id);
    await inTheLog(id);
    // Long enough for an acknowledgement, had there been one.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await listener.dispose();
    const left = await eventually(async () => {
      const { messages, consumers } = await bus.queue(QUEUE);
      return consumers === 0 ? messages : undefined;
    });
    expect(await timesInTheArchive(id)).toBe(0);
    persister.signal('SIGCONT');
    return left;
  }

  it('in the archive, when it is told so: the broker still has what a killed one had not acknowledged', async () => {
    expect(await leftInTheQueue('archived', 'server-1')).toBe(1);
    const next = await listening('archived');
    await eventually(async () => ((await bus.queue(QUEUE)).messages === 0 ? true : undefined), WITHIN_MS);
    await eventually(async () => ((await timesInTheArchive('server-1')) > 0 ? true : undefined), WITHIN_MS);
    next.signal('SIGTERM');
    // What it has not acknowledged yet, it settles first: nothing goes back to the queue.
    expect(await next.ended).toBe(0);
    expect(await bus.queue(QUEUE)).toEqual({ messages: 0, consumers: 0 });
    const { resources } = await cluster.get<{ resources: readonly object[] }>(api, '/v1/answers/resources?id=server-1');
    expect(resources).toHaveLength(1);
  });

  it('confirmed by the log, otherwise: the archive may come later', async () => {
    expect(await leftInTheQueue('confirmed', 'server-2')).toBe(0);
    await eventually(async () => ((await timesInTheArchive('server-2')) > 0 ? true : undefined), WITHIN_MS);
  });
});
