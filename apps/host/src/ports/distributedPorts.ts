import type { JsonObject } from '@wherefore/model';
import { openStore, type OpenOptions } from '@wherefore/mariadb';
import { RabbitEventLog, type RabbitLogOptions } from '@wherefore/rabbitmq';
import type { Config } from '../config';
import { LinkWatch } from './linkWatch';
import type { DistributedPorts, OpenPortsOptions } from './openPorts';
import { untilItSucceeds } from './patience';

const DAY_MS = 86_400_000;

/** The database first: it knows which stream the log lives in. */
export async function openDistributedPorts(config: Config, options: OpenPortsOptions): Promise<DistributedPorts> {
  const { log, timer, signal, waits } = options;
  const database = new LinkWatch('the database', log, timer);
  const broker = new LinkWatch('the broker', log, timer);
  const connect = databaseOptions(config);
  const store = await untilItSucceeds(
    () => openStore(connect),
    timer,
    signal,
    (trouble) => {
      database.saw(trouble);
      if (trouble !== undefined) waits(`waiting for the database: ${messageOf(trouble)}`);
    },
  );
  const streamLog = openStreamLog(config, store, options.name, broker.saw);
  try {
    await untilItSucceeds(
      () => streamLog.ensureEpoch(timer.nowMs()),
      timer,
      signal,
      (trouble) => {
        broker.saw(trouble);
        if (trouble !== undefined) waits(`waiting for the broker: ${messageOf(trouble)}`);
      },
    );
  } catch (error) {
    await streamLog.close();
    await store.close();
    throw error;
  }
  return {
    kind: 'distributed',
    ...store,
    log: streamLog,
    streamLog,
    replaySource: {
      path: require.resolve('@wherefore/mariadb'),
      exportName: 'openReader',
      argument: { ...connect, connections: 2 } as unknown as JsonObject,
    },
    links: () => ({ broker: broker.health, database: database.health }),
    sawDatabase: database.saw,
    close: async () => {
      await streamLog.close();
      await store.close();
    },
  };
}

/** How the configuration's database is opened. */
export function databaseOptions({ database }: Config): OpenOptions {
  const { host, port, user, password, name, tls, connections, answerTimeoutSeconds, historyDays, archiveDays } =
    database;
  return {
    ...{ host: host!, port, user, password, database: name, connections },
    answerTimeoutMs: answerTimeoutSeconds * 1000,
    retention: { historyMs: historyDays * DAY_MS, archiveMs: archiveDays === 0 ? null : archiveDays * DAY_MS },
    ...(tls === 'off' ? {} : { tls: tls === 'on' ? true : { rejectUnauthorized: false } }),
  };
}

/** The log on the configuration's broker. */
export function openStreamLog(
  { broker }: Config,
  { archive, epochs }: Pick<RabbitLogOptions, 'archive' | 'epochs'>,
  name: string,
  onTrouble?: (trouble: unknown) => void,
): RabbitEventLog {
  const { urls, exchange, streamPrefix: prefix, retentionBytes, retentionAge, segmentBytes, replicas } = broker;
  return new RabbitEventLog({
    broker: { urls, heartbeatSeconds: broker.heartbeatSeconds, name },
    stream: {
      ...{ exchange, prefix, retentionBytes, retentionAge, segmentBytes },
      ...(replicas === undefined ? {} : { replicas }),
    },
    archive,
    epochs,
    durability: broker.durability,
    appendTimeoutMs: broker.appendTimeoutSeconds * 1000,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}

function messageOf(trouble: unknown): string {
  return trouble instanceof Error ? trouble.message : String(trouble);
}
