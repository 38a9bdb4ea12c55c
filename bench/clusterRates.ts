import { connect, type Channel, type ConfirmChannel } from 'amqplib';
import { createConnection } from 'mariadb';
import { comparePositions, parsePosition, type Position } from '@wherefore/model';
import { encodeEntry } from '@wherefore/ports';
import { eventually, type TestProcess } from '../test/cluster/processes';
import { clusterNeed, type Services } from '../test/cluster/services';
import { ClusterStand } from './clusterStand';
import { expectEqual, type Figure } from './measure';
import { APPENDED_AT_ONCE, APPENDS_UNDER_WAY, parts, RateSource } from './rateSource';
import { RealCloud } from './realCloud';

const SERVERS = 20_000;
const ROUNDS = 20;
/** The first ones make 50,000 entities out of nothing, by programs that are not compiled yet: no rate that lasts. */
const FIRST_ROUNDS = 2;
const RAW_ROUNDS = 4;
const INSERTED_AT_ONCE = 512;
const GIVE_UP_MS = 600_000;
const GOAL_PER_SECOND = 20_000;
const RESTART_GOAL_MS = 5000;

/**
 * A million entries of a cloud of 50,000 entities, from a source through the log into a processor's state and into the
 * archive, beside what the same broker and database do bare; then how soon a processor is ready that starts anew.
 */
export async function clusterRatesCase(): Promise<Figure[]> {
  if (!clusterNeed.available()) {
    process.stderr.write(`Left out: the rates of a cluster. They need ${clusterNeed.needs}.\n`);
    return [];
  }
  const stand = await ClusterStand.open();
  try {
    const raw = await rawRate(stand.services);
    const [processor] = await Promise.all([stand.start('processor'), stand.start('persister')]);
    const { first, sustained } = await published(stand, processor!);
    const count = first.count + sustained.count;
    const restartMs = await restart(stand, processor!, count);
    const perSecond = sustained.count / sustained.seconds;
    const entries = `${Math.round(sustained.count / 1000)} k entries of a real cloud's mix`;
    return [
      {
        ...{ name: 'cluster: the first entries, 50,000 entities out of nothing', unit: 'per second' },
        ...{ value: first.count / first.seconds, peer: null, ratio: null },
      },
      figure(`${entries}, published, applied and archived, sustained`, perSecond, 'per second', GOAL_PER_SECOND, false),
      figure(
        'the same beside a bare consumer and a bare batch insert',
        perSecond,
        'per second',
        Math.round(raw),
        false,
      ),
      figure(
        `a processor starts anew right after that, until ready, ${Math.round(count / 1000)} k entries`,
        restartMs,
        'ms',
        RESTART_GOAL_MS,
        true,
      ),
    ];
  } finally {
    await stand.close();
  }
}

/** Entries, and the seconds from the first append until the last of them is both in the processor's state and in the archive. */
interface Taken {
  readonly count: number;
  readonly seconds: number;
}

async function published(
  stand: ClusterStand,
  processor: TestProcess,
): Promise<{ readonly first: Taken; readonly sustained: Taken }> {
  const source = await RateSource.open({ servers: SERVERS, rounds: ROUNDS }, stand.sourceEnv);
  try {
    const first = await takenIn(stand, processor, source, FIRST_ROUNDS);
    return { first, sustained: await takenIn(stand, processor, source, ROUNDS - FIRST_ROUNDS) };
  } finally {
    await source.close();
  }
}

async function takenIn(
  stand: ClusterStand,
  processor: TestProcess,
  source: RateSource,
  rounds: number,
): Promise<Taken> {
  const { archive } = stand.ports;
  const begunAt = performance.now();
  const { count, newest } = await source.publish(rounds);
  const url = await processor.healthUrl();
  const appliedTo = async (): Promise<Position> => {
    const { position } = (await (await fetch(`${url}/readyz`)).json()) as { readonly position: string };
    return parsePosition(position)!;
  };
  for (const reached of [() => archive.cursor(), appliedTo]) {
    await eventually(async () => (comparePositions(await reached(), newest) >= 0 ? true : undefined), GIVE_UP_MS);
  }
  return { count, seconds: (performance.now() - begunAt) / 1000 };
}

/** From the start of the program until it says that it is ready, with the state that the one before it had. */
async function restart(stand: ClusterStand, processor: TestProcess, count: number): Promise<number> {
  await stand.end(processor);
  const begunAt = performance.now();
  const anew = await stand.start('processor');
  const readyMs = performance.now() - begunAt;
  const applied = await stand.metric(anew, 'wherefore_applied_entries{[^}]*}');
  expectEqual('whether all entries were applied', applied >= count, true);
  return readyMs;
}

/** Entries a second of a bare publisher, a bare consumer, and a bare batch insert of what it consumed. */
async function rawRate({ broker, database }: Services): Promise<number> {
  const cloud = new RealCloud(SERVERS);
  const texts = Array.from({ length: RAW_ROUNDS }, () => cloud.nextTenMinutes())
    .flat()
    .map(encodeEntry);
  const { host, port, user, password } = database;
  const sql = await createConnection({ host, port, user, password });
  await sql.query('CREATE DATABASE raw');
  await sql.query('CREATE TABLE raw.entries (ordinal BIGINT PRIMARY KEY, body VARBINARY(8000) NOT NULL)');
  const [source, sink] = await Promise.all([connect(broker.url), connect(broker.url)]);
  const publisher = await source.createConfirmChannel();
  const consumer = await sink.createChannel();
  await consumer.assertQueue('raw', { durable: true, arguments: { 'x-queue-type': 'stream' } });
  const begunAt = performance.now();
  const inserted = insertAll(consumer, texts.length, (rows) =>
    sql.batch('INSERT INTO raw.entries VALUES (?, ?)', rows),
  );
  await publishAll(publisher, texts);
  await inserted;
  const seconds = (performance.now() - begunAt) / 1000;
  const [row] = (await sql.query('SELECT COUNT(*) AS count FROM raw.entries')) as { readonly count: bigint }[];
  expectEqual('rows of the bare insert', Number(row!.count), texts.length);
  await Promise.all([source.close(), sink.close(), sql.end()]);
  return texts.length / seconds;
}

async function publishAll(channel: ConfirmChannel, texts: readonly string[]): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (const lines of parts(texts, APPENDED_AT_ONCE)) {
    const confirmed = new Promise<void>((resolve, reject) => {
      const settle = (error: unknown): void => (error ? reject(error as Error) : resolve());
      channel.sendToQueue('raw', Buffer.from(lines.join('\n')), { persistent: true }, settle);
    });
    const sending = confirmed.then(() => void underWay.delete(sending));
    underWay.add(sending);
    if (underWay.size >= APPENDS_UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function insertAll(
  channel: Channel,
  count: number,
  insert: (rows: readonly (readonly [number, Buffer])[]) => Promise<unknown>,
): Promise<void> {
  const waiting: [number, Buffer][] = [];
  let consumed = 0;
  await channel.prefetch(100);
  await channel.consume(
    'raw',
    (message) => {
      for (const line of message!.content.toString().split('\n')) waiting.push([++consumed, Buffer.from(line)]);
      channel.ack(message!);
    },
    { arguments: { 'x-stream-offset': 'first' } },
  );
  for (let inserted = 0; inserted < count;) {
    const rows = waiting.splice(0, INSERTED_AT_ONCE);
    if (rows.length === 0) await new Promise((turn) => setTimeout(turn, 1));
    else await insert(rows);
    inserted += rows.length;
  }
}

function figure(name: string, value: number, unit: string, limit: number, isSmallerBetter: boolean): Figure {
  const ratio = isSmallerBetter ? limit / value : value / limit;
  return { name: `cluster: ${name}`, value, unit, peer: limit, ratio };
}
