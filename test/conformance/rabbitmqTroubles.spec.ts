import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { comparePositions, ORIGIN, type LogEntry, type NewEntry } from '@wherefore/model';
import { type LogEpoch, MemoryEpochBook } from '@wherefore/ports';
import { RabbitEventLog } from '@wherefore/rabbitmq';
import { connect } from 'amqplib';
import { tick } from '../../libs/ports/src/conformance/eventLog.conformance';
import { rabbitmqNeed, startRabbitmq, type RabbitmqServer } from '../support/services/rabbitmqServer';
import { describeWithService } from '../support/shared';
import { type LogOnBroker, openLog, until } from './rabbitmqLogs';

const START_MS = 120_000;
const TEST_MS = 60_000;

/** What a test that failed has left open: with it, the process would not end. */
const leftOpen = new Set<() => Promise<unknown>>();

async function openedLog(...given: Parameters<typeof openLog>): Promise<LogOnBroker> {
  const opened = await openLog(...given);
  const close = async (): Promise<void> => {
    leftOpen.delete(close);
    await opened.close();
  };
  leftOpen.add(close);
  return { ...opened, close };
}

/** Reads in the background until it is stopped; what it has read so far is in `entries`. */
class Reading {
  readonly entries: LogEntry[] = [];
  private readonly stopping = new AbortController();
  private readonly running: Promise<unknown>;

  constructor({ log }: LogOnBroker, after = ORIGIN) {
    this.running = (async () => {
      for await (const entry of log.read(after, { signal: this.stopping.signal })) this.entries.push(entry);
    })().catch((error: unknown) => error);
    leftOpen.add(this.stop);
  }

  get ids(): string[] {
    return this.entries.map(({ entry }) => entry.id);
  }

  /** What it failed with, if it did. */
  readonly stop = async (): Promise<unknown> => {
    leftOpen.delete(this.stop);
    this.stopping.abort();
    return this.running;
  };
}

const several = (prefix: string, count: number): NewEntry[] =>
  Array.from({ length: count }, (_, i) => tick(`${prefix}${i}`));

/** Whether the log takes it now. */
const isTaken = ({ log }: LogOnBroker, entry: NewEntry): Promise<boolean> =>
  log.append([entry]).then(
    () => true,
    () => false,
  );

/** As an operator with the broker's own tools would. */
async function onBroker(broker: RabbitmqServer, deed: (channel: Channel) => Promise<unknown>): Promise<void> {
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await deed(channel);
  await channel.waitForConfirms();
  await connection.close();
}
type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>;

const streamOf = async ({ epochs, options }: LogOnBroker): Promise<string> => {
  const epoch = (await epochs.current())!;
  return `${options.stream.prefix}.${epoch.number}.${epoch.streamId}`;
};

/** Three that look at the same time see the same, and only then one of them is the first to write. */
class SlowBook extends MemoryEpochBook {
  private looks = 0;
  private release: () => void = () => undefined;
  private readonly all = new Promise<void>((resolve) => (this.release = resolve));

  override async current(): Promise<LogEpoch | undefined> {
    const seen = await super.current();
    this.looks += 1;
    if (this.looks === 3) this.release();
    if (this.looks <= 3) await this.all;
    return seen;
  }
}

describeWithService('the log on a broker in trouble', rabbitmqNeed, () => {
  let broker: RabbitmqServer;
  beforeAll(async () => {
    broker = await startRabbitmq();
  }, START_MS);
  afterAll(() => broker?.stop());
  afterEach(async () => {
    // The readers first: they were opened last.
    for (const close of [...leftOpen].reverse()) await close();
  });

  it(
    'takes nothing more in while the archive is behind by half of what the stream keeps, and goes on when it is not',
    async () => {
      const opened = await openedLog(broker, { retentionBytes: 400_000, segmentBytes: 100_000 });
      const large = (i: number): NewEntry => ({ ...tick(`large ${i}`), source: 'x'.repeat(10_000) });
      let taken = 0;
      const refusal = await (async () => {
        for (; taken < 100; taken++) await opened.log.append([large(taken)]);
        return undefined;
      })().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'log-unavailable', retryable: true });
      expect(taken).toBeGreaterThanOrEqual(17);
      expect(taken).toBeLessThanOrEqual(22);
      await opened.archiveAll();
      expect(await opened.archive.count()).toBe(taken);
      await until(() => isTaken(opened, large(taken)));
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'says that it is out of reach when the broker goes while something is opened on it',
    async () => {
      const opened = await openedLog(broker);
      await opened.log.append([tick('before')]);
      const other = new RabbitEventLog(opened.options);
      await other.ensureEpoch(0);
      broker.pause();
      // On a busy machine it goes on for a moment.
      const answer = () =>
        other.lostEpoch().then(
          () => 'answered',
          () => 'failed',
        );
      await until(async () => (await Promise.race([answer(), delay(300, 'silent')])) === 'silent');
      const asked = [other.append([tick('never')]), other.lostEpoch(), other.ensureEpoch(0), other.newest()].map(
        (promise) => promise.catch((error: unknown) => error),
      );
      await delay(200);
      await broker.kill();
      const failures = await Promise.all(asked);
      expect(failures).toEqual(
        failures.map(() => expect.objectContaining({ code: 'log-unavailable', retryable: true })),
      );
      await broker.restart();
      await Promise.all([other.close(), opened.close()]);
    },
    TEST_MS,
  );

  it(
    'tells a stream that is gone from a broker that does not answer',
    async () => {
      const opened = await openedLog(broker);
      expect(await opened.log.lostEpoch()).toBeUndefined();
      const stream = await streamOf(opened);
      await onBroker(broker, (channel) => channel.deleteQueue(stream));
      expect(await opened.log.lostEpoch()).toMatchObject({ number: 1 });
      await opened.log.openNextEpoch((await opened.epochs.current())!, ORIGIN, 0);
      expect(await opened.log.lostEpoch()).toBeUndefined();
      await opened.close();
      await expect(opened.log.lostEpoch()).rejects.toMatchObject({ code: 'log-unavailable' });
    },
    TEST_MS,
  );

  it(
    'opens one epoch, however many processes find that there is none',
    async () => {
      const opened = await openedLog(broker);
      const epochs = new SlowBook();
      const stream = { ...opened.options.stream, exchange: randomUUID(), prefix: randomUUID() };
      const logs = [0, 1, 2].map(() => new RabbitEventLog({ ...opened.options, stream, epochs }));
      const ensured = await Promise.all(logs.map((log) => log.ensureEpoch(0)));
      expect(ensured.map(({ number }) => number)).toEqual([1, 1, 1]);
      expect(new Set(ensured.map(({ streamId }) => streamId)).size).toBe(1);
      await Promise.all(logs.map((log) => log.close()));
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'changes nothing for a leader that slept, and gives up an epoch that another has given up',
    async () => {
      const opened = await openedLog(broker);
      const first = (await opened.epochs.current())!;
      const second = await opened.log.openNextEpoch(first, ORIGIN, 0);
      await opened.log.append([tick('in the second')]);
      expect(await opened.log.openNextEpoch(first, ORIGIN, 0)).toEqual(second);
      await opened.log.append([tick('still in the second')]);
      const reading = new Reading(opened);
      await until(() => reading.ids.includes('still in the second'));
      expect(reading.ids).toContain('in the second');
      await reading.stop();
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'reads on from the archive into the stream, whatever the archive holds',
    async () => {
      const opened = await openedLog(broker);
      await opened.log.append(several('archived', 5));
      await opened.archiveAll();
      await opened.log.append(several('only in the stream', 5));
      const reading = new Reading(opened);
      await until(() => reading.entries.length === 10);
      for (const [i, { position }] of reading.entries.entries()) {
        const rest = new Reading(opened, position);
        await until(() => rest.entries.length === 9 - i);
        expect(rest.ids).toEqual(reading.ids.slice(i + 1));
        expect(await rest.stop()).toBeUndefined();
      }
      await reading.stop();
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'holds nothing for the archive that was seen beyond the place at which its epoch was sealed',
    async () => {
      const opened = await openedLog(broker);
      const reading = new Reading(opened);
      for (const id of ['a', 'b', 'c']) await opened.log.append([tick(id)]);
      await until(() => reading.entries.length === 3);
      const first = reading.entries[0]!;
      const heldIds = async () => (await opened.log.heldAfter(first.position)).map(({ entry }) => entry.id);
      expect(await heldIds()).toEqual(['b', 'c']);
      // The archive ended behind the first when the next epoch was opened: the others did not happen.
      await opened.archive.append({ expected: ORIGIN, epoch: 1, entries: [first] });
      await opened.log.openNextEpoch((await opened.epochs.current())!, first.position, 0);
      expect(await heldIds()).toEqual([]);
      await reading.stop();
      const again = new Reading(opened, first.position);
      // As a source does that was not confirmed: whoever appends finds out by and by that there is another epoch.
      await until(() => isTaken(opened, tick('d')));
      const newest = await opened.log.newest();
      await until(() => again.entries.some(({ position }) => comparePositions(position, newest) === 0));
      expect(await heldIds()).toEqual(again.ids);
      expect(new Set(again.ids.slice(1))).toEqual(new Set(['d']));
      await again.stop();
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'confirms nothing once its stream was deleted under load, and goes on in the next epoch',
    async () => {
      const opened = await openedLog(broker);
      const reading = new Reading(opened);
      const confirmed: string[] = [];
      const refused: unknown[] = [];
      let isLoading = true;
      const load = (async () => {
        for (let i = 0; isLoading; i++) {
          const id = `e${i}`;
          await opened.log.append([tick(id)]).then(
            () => confirmed.push(id),
            (error: unknown) => refused.push(error),
          );
        }
      })();
      await until(() => confirmed.length > 200);
      expect(await opened.log.lostEpoch()).toBeUndefined();
      await onBroker(broker, async (channel) => channel.deleteQueue(await streamOf(opened)));
      await until(() => refused.length > 0);
      const before = confirmed.length;
      expect(refused[0]).toMatchObject({ code: 'log-unavailable', retryable: true });

      expect(await opened.log.lostEpoch()).toMatchObject({ number: 1 });
      // The leader: what followers hold goes into the archive, the old epoch is sealed behind it.
      const expected = await opened.archive.cursor();
      const held = await opened.log.heldAfter(expected);
      await opened.archive.append({ expected, epoch: 1, entries: held });
      await opened.log.openNextEpoch((await opened.epochs.current())!, await opened.archive.cursor(), 0);
      expect(await opened.log.lostEpoch()).toBeUndefined();
      await until(() => confirmed.length > before + 200);
      isLoading = false;
      await load;
      await until(async () => comparePositions(reading.entries.at(-1)!.position, await opened.log.newest()) >= 0);
      expect(await reading.stop()).toBeUndefined();
      const seen = reading.ids.filter((id) => id.startsWith('e') && !id.startsWith('epoch'));
      expect(new Set(seen).size).toBe(seen.length);
      // Confirmed before the deletion and not delivered by then is lost with the stream: one append at most was under way.
      expect(confirmed.filter((id) => !seen.includes(id)).length).toBeLessThanOrEqual(1);
      expect(reading.entries.filter(({ entry }) => entry.kind === 'epoch-opened')).toHaveLength(1);
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'reports a hole when somebody made a stream of the same name anew',
    async () => {
      const opened = await openedLog(broker);
      await opened.log.append(several('a', 10));
      await opened.archiveAll();
      const name = await streamOf(opened);
      await onBroker(broker, async (channel) => {
        await channel.deleteQueue(name);
        await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'stream' } });
        await channel.bindQueue(name, opened.options.stream.exchange, '#');
      });
      await opened.log.append(several('into the wrong one', 1));
      expect(await opened.log.lostEpoch()).toMatchObject({ number: 1 });
      const beyond = new Reading(opened);
      await until(() => beyond.entries.length === 10);
      await expect(read(opened, await opened.archive.cursor())).rejects.toMatchObject({ code: 'log-hole' });
      await beyond.stop();
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'reports a hole when retention dropped what was not archived',
    async () => {
      const opened = await openedLog(broker, { retentionBytes: 200_000, segmentBytes: 100_000 });
      await opened.log.append([tick('archived')]);
      await opened.archiveAll();
      const padding = 'x'.repeat(20_000);
      // Somebody who knows nothing of the archive's lag; the log itself would take no more in.
      const { options } = opened;
      const heedless = new RabbitEventLog({ ...options, stream: { ...options.stream, retentionBytes: 1e12 } });
      for (let i = 0; i < 200; i++) await heedless.append([tick(`dropped${i}`, padding)]);
      await heedless.close();
      const cursor = await opened.archive.cursor();
      await until(() =>
        read(opened, cursor).then(
          () => false,
          (error: { code?: string }) => error.code === 'log-hole',
        ),
      );
      await opened.close();
    },
    TEST_MS,
  );

  it(
    'loses nothing confirmed when the broker is killed and comes back, and gives each entry once, in order',
    async () => {
      const opened = await openedLog(broker);
      const reading = new Reading(opened);
      const confirmed: string[] = [];
      let isLoading = true;
      const load = (async () => {
        for (let i = 0; isLoading; i++) {
          const id = `k${i}`;
          // As a source does that was not confirmed: the same again.
          while (!(await isTaken(opened, tick(id)))) await opened.log.newest().catch(() => 0);
          confirmed.push(id);
        }
      })();
      await until(() => confirmed.length > 100);
      await opened.declaredForGood();
      await broker.kill();
      await broker.restart();
      const before = confirmed.length;
      await until(() => confirmed.length > before + 100, 30_000);
      isLoading = false;
      await load;
      await until(() => reading.ids.includes(confirmed.at(-1)!), 30_000);
      expect(await reading.stop()).toBeUndefined();
      expect(confirmed.filter((id) => !reading.ids.includes(id))).toEqual([]);
      const positions = reading.entries.map(({ position }) => position);
      expect(positions.every((position, i) => i === 0 || comparePositions(positions[i - 1]!, position) < 0)).toBe(true);
      await opened.close();
    },
    START_MS,
  );
});

/** The first entry after a position; rejects as the log does, or gives none when none comes. */
async function read({ log }: LogOnBroker, after = ORIGIN): Promise<LogEntry | undefined> {
  const reading = log.read(after, { signal: AbortSignal.timeout(8_000) })[Symbol.asyncIterator]();
  try {
    const { value, done } = await reading.next();
    return done ? undefined : value;
  } finally {
    await reading.return?.(undefined);
  }
}
