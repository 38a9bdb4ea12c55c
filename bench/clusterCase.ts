import { setTimeout as pause } from 'node:timers/promises';
import type { NewEntry } from '@wherefore/model';
import { clusterNeed } from '../test/cluster/services';
import { ClusterStand, LEASE_TTL_MS } from './clusterStand';
import { type Figure, median } from './measure';
import { RealCloud } from './realCloud';

const RUNS = 20;
/** Until what is at work all the time is compiled; the same load as is measured then. */
const WARM_UP_SECONDS = 60;
const MIXED_WARM_UP_SECONDS = 15;
const LATENCY_SECONDS = 20;
const EVENTS_PER_SECOND = 500;
/** Of an everyday load one in so many raises an alarm. */
const TOLD_OF_MIXED = 10;
const MIXED_SERVERS = 2000;
/** What comes within ten milliseconds is published together. */
const PUBLISH_EVERY_MS = 10;
/** Single posts over REST cost far more: a server answers each. */
const POSTS_PER_SECOND = 100;
const GIVE_UP_MS = 120_000;

/** What a source says, evenly. */
interface Load {
  readonly perSecond: number;
  /** Every how manieth event raises an alarm that is told. */
  readonly toldEvery: number;
  readonly seconds: number;
  /** Of each event the host that it says is down; `undefined` for one that is not told. */
  send(hosts: readonly (string | undefined)[]): Promise<unknown>;
}

/**
 * Two processors, a persister and an api over a RabbitMQ and a MariaDB of their own: from an event to the call of a
 * webhook, and from the loss of the leader to the first call for an event that is posted meanwhile.
 */
export async function clusterCase(): Promise<Figure[]> {
  if (!clusterNeed.available()) {
    process.stderr.write(`Left out: the cluster. It needs ${clusterNeed.needs}.\n`);
    return [];
  }
  const stand = await ClusterStand.open();
  try {
    const [api] = await Promise.all([
      stand.start('api'),
      stand.start('persister'),
      stand.start('processor'),
      stand.start('processor'),
    ]);
    await stand.registerWebhook(api!);
    return [...(await latencies(stand)), ...(await failover(stand, 'SIGKILL')), ...(await failover(stand, 'SIGSTOP'))];
  } finally {
    await stand.close();
  }
}

async function latencies(stand: ClusterStand): Promise<Figure[]> {
  const seconds = LATENCY_SECONDS;
  const hard: Omit<Load, 'seconds'> = {
    perSecond: EVENTS_PER_SECOND,
    toldEvery: 1,
    send: (hosts) => stand.publish(hosts.map((host) => stand.downEntry(host!))),
  };
  const overRest: Omit<Load, 'seconds'> = {
    perSecond: POSTS_PER_SECOND,
    toldEvery: 1,
    send: (hosts) => Promise.all(hosts.map((host) => stand.postDown(host!))),
  };
  await webhookTimes(stand, { ...hard, seconds: WARM_UP_SECONDS });
  const published = await webhookTimes(stand, { ...hard, seconds });
  const posted = await webhookTimes(stand, { ...overRest, seconds });
  const everyday = await everydayLoad(stand);
  await webhookTimes(stand, { ...everyday, seconds: MIXED_WARM_UP_SECONDS });
  const mixed = await webhookTimes(stand, { ...everyday, seconds });
  const told = EVENTS_PER_SECOND / TOLD_OF_MIXED;
  return [
    ...quantiles(`event published at ${EVENTS_PER_SECOND}/s, each told, to webhook`, published, true),
    ...quantiles(`everyday mix at ${EVENTS_PER_SECOND}/s, of which ${told}/s are told, to webhook`, mixed, true),
    ...quantiles(`event posted over REST at ${POSTS_PER_SECOND}/s to webhook`, posted, false),
  ];
}

/** What sources say on most days: rows of polls and notifications, nine of ten without news, and now and then an alarm. */
async function everydayLoad(stand: ClusterStand): Promise<Omit<Load, 'seconds'>> {
  const cloud = new RealCloud(MIXED_SERVERS, Date.now() - 7_200_000);
  // The leader of this cluster ticks itself.
  const poll = (): NewEntry[] => cloud.nextTenMinutes().filter(({ kind }) => kind !== 'tick');
  // What is new at the first poll is no everyday load.
  await stand.publish(poll());
  // They stand ready: making them up while it publishes would hold up source and receiver.
  const seconds = MIXED_WARM_UP_SECONDS + LATENCY_SECONDS + 1;
  const rows: NewEntry[] = [];
  while (rows.length < EVENTS_PER_SECOND * seconds) rows.push(...poll());
  let place = 0;
  const next = (): NewEntry => rows[place++]!;
  return {
    perSecond: EVENTS_PER_SECOND,
    toldEvery: TOLD_OF_MIXED,
    send: (hosts) => stand.publish(hosts.map((host) => (host === undefined ? next() : stand.downEntry(host)))),
  };
}

/** Milliseconds from each event that is told to its webhook, shortest first. */
async function webhookTimes(stand: ClusterStand, { perSecond, toldEvery, seconds, send }: Load): Promise<number[]> {
  const sent: { readonly host: string; readonly at: number }[] = [];
  const pending: Promise<unknown>[] = [];
  const begunAt = performance.now();
  let count = 0;
  for (let now = begunAt; now - begunAt < seconds * 1000; now = performance.now()) {
    const due = Math.floor(((now - begunAt) / 1000) * perSecond) - count;
    const hosts = Array.from({ length: due }, () => (count++ % toldEvery === 0 ? stand.nextHost() : undefined));
    for (const host of hosts) if (host !== undefined) sent.push({ host, at: now });
    if (due > 0) pending.push(send(hosts));
    await pause(PUBLISH_EVERY_MS);
  }
  await Promise.all(pending);
  const times: number[] = [];
  for (const { host, at } of sent) times.push((await stand.whenCalled(host, GIVE_UP_MS)) - at);
  return times.sort((a, b) => a - b);
}

function quantiles(name: string, times: readonly number[], isGoal: boolean): Figure[] {
  const at = (share: number): number => times[Math.floor(times.length * share)]!;
  return [figure(`${name}, p50`, at(0.5), isGoal ? 15 : null), figure(`${name}, p99`, at(0.99), isGoal ? 100 : null)];
}

/** From the signal to the leader until a webhook is called about an event that is posted right after it. */
async function failover(stand: ClusterStand, signal: 'SIGKILL' | 'SIGSTOP'): Promise<Figure[]> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const leader = await stand.leader();
    const at = performance.now();
    leader.signal(signal);
    times.push(await stand.untilCalled(at, GIVE_UP_MS));
    if (signal === 'SIGSTOP') leader.signal('SIGCONT');
    else {
      await stand.end(leader);
      await stand.start('processor');
    }
    // The one that is new, or woke up, has to stand by again.
    await Promise.all(stand.processors.map((each) => stand.ready(each)));
    await pause(1500);
  }
  const [name, limit] = signal === 'SIGKILL' ? ['killed', 1000] : ['hung', LEASE_TTL_MS + 1000];
  return [
    figure(`leader ${name}: until the next one notifies, median of ${RUNS}`, median(times), limit),
    figure(`leader ${name}: the same, the longest`, Math.max(...times), null),
  ];
}

function figure(name: string, ms: number, limit: number | null): Figure {
  return { name: `cluster: ${name}`, value: ms, unit: 'ms', peer: limit, ratio: limit === null ? null : limit / ms };
}
