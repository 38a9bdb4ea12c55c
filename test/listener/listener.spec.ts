import { setTimeout as sleep } from 'node:timers/promises';
import { Listener, type BusSettings } from '@wherefore/listener';
import { type NewEntry, ORIGIN, WhereforeError } from '@wherefore/model';
import { MemoryEventLog, MemoryPollRequests } from '@wherefore/ports';
import { machineTimer } from '@wherefore/runtime';
import { until } from '../conformance/rabbitmqLogs';
import { rabbitmqNeed, startRabbitmq, type RabbitmqServer } from '../support/services/rabbitmqServer';
import { describeWithService } from '../support/shared';
import { CloudBus, enveloped } from './cloudBus';
import { busSettings } from './settings';

jest.setTimeout(90_000);

const KEY = 'notifications.info';
const server = (id: string, name = id) => ({
  ...{ instance_id: id, display_name: name, tenant_id: 'shop', host: 'h1' },
  ...{ state: 'active', state_description: '' },
});
const update = (id: string): string => enveloped('compute.instance.update', server(id), `m-${id}`);

/** A log that fails while it is told to. */
class ShakyLog extends MemoryEventLog {
  appends = 0;
  isAway = false;

  override async append(entries: readonly NewEntry[]): Promise<void> {
    this.appends += 1;
    if (this.isAway) throw new WhereforeError('log-unavailable', 'the log is away', { retryable: true });
    await super.append(entries);
  }

  async all(): Promise<NewEntry[]> {
    return (await this.readRange(ORIGIN, 1_000_000)).map(({ entry }) => entry);
  }
}

interface Rig {
  readonly listener: Listener;
  readonly log: ShakyLog;
  readonly polls: MemoryPollRequests;
  readonly said: string[];
}

describeWithService('a listener on the bus of a cloud', rabbitmqNeed, () => {
  let broker: RabbitmqServer;
  let bus: CloudBus;
  const open: Rig[] = [];

  beforeAll(async () => {
    broker = await startRabbitmq();
  }, 120_000);
  afterAll(() => broker?.stop());
  beforeEach(async () => {
    bus = await CloudBus.open(broker.url, ['nova']);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ listener }) => listener.stop()));
    await bus.close();
  });

  async function listen(settings: BusSettings, log = new ShakyLog()): Promise<Rig> {
    const polls = new MemoryPollRequests();
    const said: string[] = [];
    const journal = {
      info: (_: object, text: string) => said.push(text),
      warn: (_: object, text: string) => said.push(text),
    };
    const reading = { portOwners: 'compute' } as const;
    const listener = await Listener.start({ settings, reading, log, polls, timer: machineTimer, journal });
    const rig = { listener, log, polls, said };
    open.push(rig);
    return rig;
  }
  async function listening(settings: BusSettings, log?: ShakyLog): Promise<Rig> {
    const rig = await listen(settings, log);
    await until(() => rig.said.includes('listening'), 20_000);
    return rig;
  }
  const send = (...bodies: readonly string[]): void => {
    for (const body of bodies) bus.send({ exchange: 'nova', routing_key: KEY, body });
  };
  const ids = async ({ log }: Rig): Promise<string[]> => (await log.all()).map(({ id }) => id);

  it('asks for all polls when its queue is new, and not when it finds it again', async () => {
    const settings = busSettings(broker.url);
    const first = await listening(settings);
    await until(async () => (await first.polls.list()).length > 0);
    expect(await first.polls.list()).toMatchObject([{ datasource: '*', number: 1 }]);
    await first.listener.stop();
    const second = await listening(settings);
    await sleep(200);
    expect(await second.polls.list()).toEqual([]);
  });

  it('keeps what is announced while nobody listens', async () => {
    const settings = busSettings(broker.url);
    const first = await listening(settings);
    await first.listener.stop();
    send(update('a'), update('b'));
    await bus.flush();
    const second = await listening(settings);
    await until(async () => (await ids(second)).length === 2);
    expect(await ids(second)).toEqual(['m-a', 'm-b']);
  });

  it('puts what it cannot read aside with the reason, and lists it among what was rejected', async () => {
    const settings = busSettings(broker.url);
    const rig = await listening(settings);
    send(
      update('a'),
      '{"no": "envelope',
      enveloped('compute.instance.update', { state: 'active' }, 'm-x'),
      update('b'),
    );
    await bus.flush();
    await until(async () => (await ids(rig)).length === 4);
    const entries = await rig.log.all();
    expect(entries.map(({ kind }) => kind)).toEqual(['event', 'rejected-input', 'rejected-input', 'event']);
    await until(async () => (await bus.queue(`${settings.queue}.dead`)).messages === 2);
    const dead = await bus.drain(`${settings.queue}.dead`);
    expect(dead.map(({ headers }) => headers['wherefore-reason'])).toEqual(['malformed-json', 'missing-id']);
    expect(dead[0]).toMatchObject({
      body: '{"no": "envelope',
      headers: { 'wherefore-exchange': 'nova', 'wherefore-routing-key': KEY },
    });
    expect(rig.listener.state).toMatchObject({ messages: 4, rejected: 2, entries: 4 });
  });

  it('acknowledges nothing while the log is away, and goes on in order when it is back', async () => {
    const log = new ShakyLog();
    const settings = busSettings(broker.url, { prefetch: 10 });
    const rig = await listening(settings, log);
    log.isAway = true;
    const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
    send(...names.map(update));
    await bus.flush();
    await until(() => log.appends > 3);
    expect(rig.listener.state.trouble?.code).toBe('log-unavailable');
    expect(await ids(rig)).toEqual([]);
    await rig.listener.stop();
    expect((await bus.queue(settings.queue)).messages).toBe(100);
    log.isAway = false;
    const other = await listening(settings, log);
    await until(async () => (await ids(other)).length === 100);
    expect(await ids(other)).toEqual(names.map((name) => `m-${name}`));
  });

  it('leaves the queue to another listener when it can keep nothing for long', async () => {
    const cut = new ShakyLog();
    const settings = busSettings(broker.url, { handOverMs: 500 });
    const first = await listening(settings, cut);
    cut.isAway = true;
    const second = await listening(settings);
    send(update('a'), update('b'));
    await until(async () => (await ids(second)).length === 2, 20_000);
    expect(await ids(second)).toEqual(['m-a', 'm-b']);
    expect(await ids(first)).toEqual([]);
  });

  it('makes its queue anew when somebody deletes it, and asks for all polls', async () => {
    const settings = busSettings(broker.url);
    const rig = await listening(settings);
    await bus.deleteQueue(settings.queue);
    await until(async () => (await rig.polls.list()).some(({ number }) => number === 2));
    await until(() => rig.listener.state.trouble === undefined);
    send(update('a'));
    await until(async () => (await ids(rig)).length === 1);
  });

  it('binds to an exchange when its service comes to be, and asks for all polls then', async () => {
    const settings = busSettings(broker.url, { exchanges: ['nova', 'late'] });
    const rig = await listening(settings);
    expect([...rig.listener.state.missing.keys()]).toEqual(['late']);
    await bus.declare('late');
    await until(() => rig.listener.state.missing.size === 0);
    await until(async () => (await rig.polls.list()).some(({ number }) => number === 2));
    bus.send({ exchange: 'late', routing_key: 'vitrage_notifications.info', body: update('late') });
    await until(async () => (await ids(rig)).length === 1);
  });

  it('takes fewer messages at once when they are large, and loses none', async () => {
    const settings = busSettings(broker.url, { heldBytesMax: 100_000 });
    const rig = await listening(settings);
    const padding = 'x'.repeat(20_000);
    const names = Array.from({ length: 60 }, (_, i) => `s${i}`);
    send(...names.map((name) => enveloped('compute.instance.update', { ...server(name), padding }, `m-${name}`)));
    await until(async () => new Set(await ids(rig)).size === 60, 30_000);
    const seen = new Set<string>();
    const order = (await ids(rig)).filter((id) => !seen.has(id) && seen.add(id));
    expect(order).toEqual(names.map((name) => `m-${name}`));
  });

  it('says what is wrong when its queue was declared otherwise, and ends', async () => {
    const settings = busSettings(broker.url);
    await (await listening(settings)).listener.stop();
    const { listener } = await listen({ ...settings, queueType: 'quorum' });
    expect(await listener.ended).toMatchObject({ code: 'bus-unavailable', retryable: false });
  });

  it('outlives the broker, and asks for all polls when it is back', async () => {
    const settings = busSettings(broker.url);
    const rig = await listening(settings);
    send(update('before'));
    await until(async () => (await ids(rig)).length === 1);
    await broker.kill();
    await until(() => rig.listener.state.trouble !== undefined);
    await broker.restart();
    await until(async () => (await rig.polls.list()).some(({ number }) => number >= 2), 60_000);
    await bus.close();
    // The services declare their transient exchanges again.
    bus = await CloudBus.open(broker.url, ['nova']);
    await until(() => rig.listener.state.missing.has('vitrage') && !rig.listener.state.missing.has('nova'), 40_000);
    send(update('after'));
    await until(async () => (await ids(rig)).includes('m-after'), 30_000);
  });
});
