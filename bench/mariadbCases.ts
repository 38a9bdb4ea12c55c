import { createConnection } from 'mariadb';
import { openStore } from '@wherefore/mariadb';
import { ORIGIN, type LogEntry, type Position } from '@wherefore/model';
import { mariadbNeed, startMariadb, type MariadbServer } from '../test/support/services/mariadbServer';
import { expectEqual, type Figure } from './measure';
import { type CloudSize, EntryMill, topologyEvents } from './workload';

const BATCH = 512;
const READ = 512;

/**
 * The archive beside what the database does bare, in the same run, with every commit synced: entries copied in
 * batches against a batch insert of the same texts, and read for a replay against a stream of the raw rows.
 */
export async function mariadbCase(size: CloudSize): Promise<Figure[]> {
  if (!mariadbNeed.available()) {
    process.stderr.write(`Left out: the archive in MariaDB. It needs ${mariadbNeed.needs}.\n`);
    return [];
  }
  const server = await startMariadb({ synced: true });
  try {
    return await runCase(size, server);
  } finally {
    await server.stop();
  }
}

async function runCase(size: CloudSize, server: MariadbServer): Promise<Figure[]> {
  const { host, port, user, password } = server;
  const database = 'wherefore_bench';
  const raw = await createConnection({ host, port, user, password });
  await raw.query(`CREATE DATABASE ${database}`);
  await raw.query(`CREATE TABLE ${database}.raw (ordinal BIGINT PRIMARY KEY, body VARBINARY(8000) NOT NULL)`);
  const store = await openStore({ host, port, user, password, database });
  const mill = new EntryMill();
  const events = topologyEvents(size);
  const entries = [...events, ...events].map((event, i): LogEntry => {
    return { position: { epoch: 1, offset: i + 1, index: 0 }, entry: mill.entry(event).entry };
  });
  const texts = entries.map(({ entry }, i) => [i + 1, Buffer.from(JSON.stringify(entry))]);
  const rawWrite = await rateOf(entries.length, async () => {
    for (let start = 0; start < texts.length; start += BATCH) {
      await raw.batch(`INSERT IGNORE INTO ${database}.raw VALUES (?, ?)`, texts.slice(start, start + BATCH));
    }
  });
  const write = await rateOf(entries.length, async () => {
    let expected: Position = ORIGIN;
    for (let start = 0; start < entries.length; start += BATCH) {
      const batch = entries.slice(start, start + BATCH);
      expected = (await store.archiveWriter.append({ expected, epoch: 1, entries: batch })).cursor;
    }
  });
  let streamed = 0;
  const rawRead = await rateOf(entries.length, async () => {
    for await (const _ of raw.queryStream(`SELECT * FROM ${database}.raw ORDER BY ordinal`)) streamed += 1;
  });
  let read = 0;
  const reading = await rateOf(entries.length, async () => {
    for (let after: Position = ORIGIN; ;) {
      const some = await store.archive.readRange(after, READ);
      if (some.length === 0) return;
      read += some.length;
      after = some.at(-1)!.position;
    }
  });
  expectEqual('entries archived, streamed and read', [streamed, read], [entries.length, entries.length]);
  await store.close();
  await raw.end();
  const figure = (name: string, value: number, peer: number): Figure => {
    return { name, value, unit: 'per second', peer: Math.round(peer), ratio: value / peer };
  };
  return [
    figure('entries archived in MariaDB, beside a raw batch insert', write, rawWrite),
    figure('entries read from MariaDB and parsed, beside a raw stream', reading, rawRead),
  ];
}

async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const before = process.hrtime.bigint();
  await work();
  return count / (Number(process.hrtime.bigint() - before) / 1e9);
}
