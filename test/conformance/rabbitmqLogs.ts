import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { comparePositions } from '@wherefore/model';
import { type Archive, MemoryArchive, MemoryEpochBook } from '@wherefore/ports';
import { RabbitEventLog, type RabbitLogOptions } from '@wherefore/rabbitmq';
import { type RabbitmqServer, startRabbitmq } from '../support/services/rabbitmqServer';

let shared: Promise<RabbitmqServer> | undefined;

/** The broker that the tests of one file share; each log has an exchange and streams of its own. */
export function sharedBroker(): Promise<RabbitmqServer> {
  return (shared ??= startRabbitmq());
}

export async function stopSharedBroker(): Promise<void> {
  const broker = await shared?.catch(() => undefined);
  shared = undefined;
  await broker?.stop();
}

/** RabbitMQ writes what was declared to its disk some two seconds later, and on a busy machine later than that. */
const DECLARED_FOR_GOOD_MS = 6_000;

/** A log on a stream of its own, with the parts that a test may trouble. */
export interface LogOnBroker {
  readonly log: RabbitEventLog;
  readonly archive: MemoryArchive;
  readonly epochs: MemoryEpochBook;
  readonly options: RabbitLogOptions;
  /** What a persister does: copies the log into the archive until it is as far as the log is now. */
  archiveAll(): Promise<void>;
  /**
   * Settles once the stream outlives a broker that is killed. One that is killed sooner forgets its exchange, stream or
   * binding; the processes of a cluster make them anew, and such a log has no process.
   */
  declaredForGood(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a log with its first epoch. */
export async function openLog(
  broker: RabbitmqServer,
  changes: Partial<RabbitLogOptions> & { readonly retentionBytes?: number; readonly segmentBytes?: number } = {},
): Promise<LogOnBroker> {
  const name = `log.${randomUUID().slice(0, 8)}`;
  const archive = new MemoryArchive();
  const epochs = new MemoryEpochBook();
  const { retentionBytes = 100_000_000, segmentBytes, ...others } = changes;
  const stream = { exchange: name, prefix: name, retentionBytes };
  const options: RabbitLogOptions = {
    broker: { urls: [broker.url], heartbeatSeconds: 2 },
    stream: segmentBytes === undefined ? stream : { ...stream, segmentBytes },
    archive,
    epochs,
    attachTimeoutMs: 3_000,
    epochCheckMs: 100,
    appendTimeoutMs: 10_000,
    ...others,
  };
  const log = new RabbitEventLog(options);
  await log.ensureEpoch(0);
  const openedAt = performance.now();
  return {
    ...{ log, archive, epochs, options },
    declaredForGood: () => delay(Math.max(0, openedAt + DECLARED_FOR_GOOD_MS - performance.now())),
    archiveAll: async () => {
      const newest = await log.newest();
      const expected = await archive.cursor();
      if (comparePositions(newest, expected) <= 0) return;
      const entries = [];
      for await (const entry of log.read(expected)) {
        entries.push(entry);
        if (comparePositions(entry.position, newest) >= 0) break;
      }
      await archive.append({ expected, epoch: 0, entries });
    },
    close: () => log.close(),
  };
}

/** A log and its archive as the suite of event logs wants them: whoever asks the archive finds it up to date. */
export async function openArchivedLog(): Promise<{
  readonly log: RabbitEventLog;
  readonly archive: Archive;
  close(): Promise<void>;
}> {
  const { log, archive, archiveAll, close } = await openLog(await sharedBroker());
  const synced = async (): Promise<MemoryArchive> => {
    await archiveAll();
    return archive;
  };
  return {
    log,
    archive: {
      cursor: async () => (await synced()).cursor(),
      count: async () => (await synced()).count(),
      horizon: async () => (await synced()).horizon(),
      readRange: async (after, limit) => (await synced()).readRange(after, limit),
      lookup: async (ordinals) => (await synced()).lookup(ordinals),
    },
    close,
  };
}

/** Waits until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error('it did not come to be so in time');
    await delay(20);
  }
}
