import { setTimeout as pause } from 'node:timers/promises';
import { clusterNeed } from '../test/cluster/services';
import { ClusterStand, LEASE_TTL_MS } from './clusterStand';
import { type Figure, median } from './measure';

const RUNS = 20;
/** Until what is at work all the time is compiled. */
const WARM_UP_SECONDS = 60;
const LATENCY_SECONDS = 20;
const EVENTS_PER_SECOND = 500;
/** What comes within ten milliseconds is published together. */
const PUBLISH_EVERY_MS = 10;
/** Single posts over REST cost far more: a server answers each. */
const POSTS_PER_SECOND = 100;
const GIVE_UP_MS = 30_000;

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
  const publish = (hosts: readonly string[]) => stand.publishDown(hosts);
  await webhookTimes(stand, EVENTS_PER_SECOND, WARM_UP_SECONDS, publish);
  const post = (hosts: readonly string[]) => Promise.all(hosts.map((host) => stand.postDown(host)));
  const published = await webhookTimes(stand, EVENTS_PER_SECOND, LATENCY_SECONDS, publish);
  const posted = await webhookTimes(stand, POSTS_PER_SECOND, LATENCY_SECONDS, post);
  return [
    ...quantiles(`event published at ${EVENTS_PER_SECOND}/s to webhook`, published, true),
    ...quantiles(`event posted over REST at ${POSTS_PER_SECOND}/s to webhook`, posted, false),
  ];
}

/** Milliseconds from each event to its webhook, shortest first. */
async function webhookTimes(
  stand: ClusterStand,
  perSecond: number,
  seconds: number,
  send: (hosts: readonly string[]) => Promise<unknown>,
): Promise<number[]> {
  const sent: { readonly host: string; readonly at: number }[] = [];
  const pending: Promise<unknown>[] = [];
  const begunAt = performance.now();
  for (let now = begunAt; now - begunAt < seconds * 1000; now = performance.now()) {
    const due = Math.floor(((now - begunAt) / 1000) * perSecond) - sent.length;
    const hosts = Array.from({ length: due }, () => stand.nextHost());
    for (const host of hosts) sent.push({ host, at: now });
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
