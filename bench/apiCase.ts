import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, type Reply } from './client';
import { expectEqual, type Figure, median } from './measure';
import { type CloudSize, entitiesOf, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const BATCH = 500;
const ROUNDS = 100;
const SLOW_ROUNDS = 20;
const MIXED_SECONDS = 5;
const READS_PER_SECOND = 1_000;
const EVENTS_PER_SECOND = 500;
/** What is sent beside reads, and how many of a hundred events are of a host that goes down or comes back, with 20 deductions. */
interface Mix {
  readonly name: string;
  readonly alarmPercent: number;
}
/** As in the recording of a real cloud, where 92 of 100 rows tell nothing new. */
const REAL_MIX: Mix = { name: "events/s of a real cloud's mix", alarmPercent: 8 };
const ALARMS_ONLY: Mix = { name: 'host alarms/s, 20 deductions each', alarmPercent: 100 };
const START_MS = Date.UTC(2026, 1, 1);

/** A client that posts events, each a second later than the one before. */
class EventClient extends Client {
  private sampleMs = START_MS;

  async post(events: readonly object[]): Promise<Reply> {
    const stamped = events.map((event) => {
      this.sampleMs += 1000;
      return { ...event, vitrage_sample_date: `${new Date(this.sampleMs).toISOString().slice(0, 19)}Z` };
    });
    return this.expect('POST', '/v1/event/', stamped);
  }
}

/** The REST API of a server in a process of its own, measured from here. */
export async function apiCase(size: CloudSize): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-bench-api-'));
  const { child, url } = await startServer(folder);
  const client = new EventClient(new URL(url));
  try {
    await fill(client, size);
    const figures = await latencies(client, size);
    if (size.hosts <= 480) figures.push(...(await mixed(client, size, REAL_MIX)));
    if (size.hosts <= 48) figures.push(...(await mixed(client, size, ALARMS_ONLY)));
    return figures;
  } finally {
    client.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startServer(folder: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const program = resolve(__dirname, '../apps/api/src/testing/serve.sim.js');
  const env = {
    ...process.env,
    WHEREFORE_STORE__FOLDER: folder,
    WHEREFORE_SERVER__PORT: '0',
    WHEREFORE_LOG__LEVEL: 'warn',
  };
  const flags = ['--max-semi-space-size=32'];
  const child = spawn(process.execPath, [...flags, program], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

async function fill(client: EventClient, size: CloudSize): Promise<void> {
  const templates = MATCHING_TEMPLATES.map(({ path, text }) => [path, text]);
  await client.expect('PUT', '/v1/template/', { templates });
  const events = topologyEvents(size);
  for (let at = 0; at < events.length; at += BATCH) await client.post(events.slice(at, at + BATCH));
  // So many hosts that their alarms, and those deduced from them, are about a thousand.
  const hosts = Math.min(size.hosts, 48);
  await client.post(Array.from({ length: hosts }, (_, host) => hostAlarm(host, 'Host down', 'CRITICAL')));
}

function figure(name: string, ms: number, peer: number | null): Figure {
  return { name: `api: ${name}`, value: ms, unit: 'ms', peer, ratio: peer === null ? null : peer / ms };
}

async function latencies(client: EventClient, size: CloudSize): Promise<Figure[]> {
  const at = (what: string): string => `${what}, ${entitiesOf(size).toLocaleString('en-US')} entities`;
  const alarms = JSON.parse((await client.expect('GET', '/v1/alarm/?limit=0')).text) as {
    vitrage_id: string;
    name: string;
  }[];
  const list = await client.p50(SLOW_ROUNDS, 'GET', '/v1/alarm/?limit=1000');
  const { vitrage_id: id } = alarms.find(({ name }) => name === 'Host down')!;
  const topology = await client.p50(size.hosts > 480 ? 5 : SLOW_ROUNDS, 'POST', '/v1/topology/', {});
  return [
    figure(at('status p50'), await client.p50(ROUNDS, 'GET', '/v1/status'), 290),
    figure(at('RCA p50'), await client.p50(ROUNDS, 'GET', `/v1/rca/${id}`), 371),
    figure(at(`list of ${Math.min(1000, alarms.length)} alarms p50`), list, 569),
    figure(at('topology p50'), topology, 753),
    figure(at('longest wait of others while the topology is sent'), await waitBeside(client), null),
    figure(at('event to its deduced alarms visible p50'), await eventToAlarms(client, size), 959),
  ];
}

/** How long a status takes at most while topologies are answered. */
async function waitBeside(client: EventClient): Promise<number> {
  let isDone = false;
  const topologies = (async () => {
    for (let i = 0; i < 3; i++) await client.expect('POST', '/v1/topology/', {});
    isDone = true;
  })();
  let longest = 0;
  while (!isDone) {
    longest = Math.max(longest, (await client.expect('GET', '/v1/status')).ms);
    await new Promise((wait) => setTimeout(wait, 2));
  }
  await topologies;
  return longest;
}

/** A host goes down, and whoever asks then sees its alarm and those of its instances. */
async function eventToAlarms(client: EventClient, size: CloudSize): Promise<number> {
  const host = size.hosts - 1;
  const times: number[] = [];
  const count = async (): Promise<number> => {
    const { text } = await client.expect('GET', '/v1/alarm/count/');
    return Object.values(JSON.parse(text) as { [severity: string]: number }).reduce((all, each) => all + each, 0);
  };
  await client.post([hostAlarm(host, 'Host down', 'OK')]);
  const before = await count();
  for (let i = 0; i < SLOW_ROUNDS; i++) {
    const startedMs = performance.now();
    await client.post([hostAlarm(host, 'Host down', 'CRITICAL')]);
    const after = await count();
    times.push(performance.now() - startedMs);
    if (after - before < 20) throw new Error(`only ${after - before} alarms are visible`);
    await client.post([hostAlarm(host, 'Host down', 'OK')]);
  }
  expectEqual('alarms afterwards', await count(), before);
  return median(times);
}

/** Reads at a fixed rate beside events at a fixed rate; what could not be sent in time counts as late. */
async function mixed(client: EventClient, size: CloudSize, mix: Mix): Promise<Figure[]> {
  const reads = ['/v1/status', '/v1/alarm/count/', '/v1/alarm/?limit=20', '/v1/resources/?resource_type=nova.zone'];
  const events = mixedEvents(size, mix);
  const times: number[] = [];
  const pending: Promise<unknown>[] = [];
  const startedMs = performance.now();
  let sentReads = 0;
  let sentEvents = 0;
  while (performance.now() - startedMs < MIXED_SECONDS * 1000) {
    const elapsed = (performance.now() - startedMs) / 1000;
    for (; sentReads < elapsed * READS_PER_SECOND; sentReads++) {
      pending.push(client.expect('GET', reads[sentReads % reads.length]!).then(({ ms }) => times.push(ms)));
    }
    for (; sentEvents < elapsed * EVENTS_PER_SECOND; sentEvents += 5) {
      pending.push(client.post(Array.from({ length: 5 }, () => events.next().value)));
    }
    await new Promise((wait) => setTimeout(wait, 1));
  }
  await Promise.all(pending);
  const seconds = (performance.now() - startedMs) / 1000;
  times.sort((a, b) => a - b);
  const name = `reads beside ${EVENTS_PER_SECOND} ${mix.name}, ${entitiesOf(size).toLocaleString('en-US')} entities`;
  return [
    { name: `api: ${name}`, value: times.length / seconds, unit: 'per second', peer: null, ratio: null },
    figure(`${name}, p50`, median(times), null),
    figure(`${name}, p99`, times[Math.floor(times.length * 0.99)]!, null),
  ];
}

/** Alarms of hosts one after the other, on and off, among rows that say what they said before. */
function* mixedEvents(size: CloudSize, { alarmPercent }: Mix): Generator<object, never> {
  const rows = topologyEvents(size);
  let alarms = 0;
  for (let at = 0; ; at++) {
    if (Math.floor((at * alarmPercent) / 100) === Math.floor(((at + 1) * alarmPercent) / 100)) {
      yield rows[at % rows.length]!;
      continue;
    }
    const status = Math.floor(alarms / size.hosts) % 2 === 0 ? 'WARNING' : 'OK';
    yield hostAlarm(alarms % size.hosts, 'CPU load', status);
    alarms += 1;
  }
}
