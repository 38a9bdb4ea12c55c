import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, type Reply } from './client';
import { LeanConnection } from './leanConnection';
import { expectEqual, type Figure, median } from './measure';
import { NODE_FLAGS } from './nodeFlags';
import { readFromAside } from './readLoad';
import { type CloudSize, entitiesOf, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const BATCH = 500;
const ROUNDS = 100;
const SLOW_ROUNDS = 20;
const BESIDE_SECONDS = 3;
const MIXED_SECONDS = 5;
const READS_PER_SECOND = 1_000;
const EVENTS_PER_SECOND = 500;
const EVENTS_PER_POST = 5;
const READS = ['/v1/status', '/v1/alarm/count/', '/v1/alarm/?limit=20', '/v1/resources/?resource_type=nova.zone'];
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
    const figures = await latencies(client, url, size);
    // The compiler takes half a core for the first seconds of such a load, which no server has for long.
    await mixed(client, url, size, REAL_MIX);
    figures.push(...(await mixed(client, url, size, REAL_MIX)));
    if (size.hosts <= 48) figures.push(...(await mixed(client, url, size, ALARMS_ONLY)));
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
  const env = { ...process.env, WHEREFORE_STORE__FOLDER: folder, WHEREFORE_SERVER__PORT: '0' };
  // With its access log, as it runs anywhere.
  const log = openSync(join(folder, 'server.log'), 'a');
  const child = spawn(process.execPath, [...NODE_FLAGS, program], { env, cwd: folder, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const [url] = (await once(createInterface(child.stdout!), 'line')) as [string];
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

async function latencies(client: EventClient, url: string, size: CloudSize): Promise<Figure[]> {
  const at = (what: string): string => `${what}, ${entitiesOf(size).toLocaleString('en-US')} entities`;
  const alarms = JSON.parse((await client.expect('GET', '/v1/alarm/?limit=0')).text) as {
    vitrage_id: string;
    name: string;
  }[];
  const hostsDown = alarms.filter(({ name }) => name === 'Host down').map(({ vitrage_id }) => vitrage_id);
  const connection = await LeanConnection.open(new URL(url));
  const p50 = async (rounds: number, ask: () => Promise<number>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push(await ask());
    return median(times);
  };
  const host = { number: size.hosts - 1, isDown: false };
  /** Something happens to an alarm before each. */
  const anew = async (rounds: number, ask: () => Promise<number>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      host.isDown = !host.isDown;
      await client.post([hostAlarm(host.number, 'CPU load', host.isDown ? 'WARNING' : 'OK')]);
      times.push(await ask());
    }
    return median(times);
  };
  const rca = (of = 0): Promise<number> => connection.get(`/v1/rca/${hostsDown[of]}`);
  let asked = 0;
  const topology = (): Promise<number> => client.discard('POST', '/v1/topology/', {});
  const alarmList = (): Promise<number> => connection.get('/v1/alarm/?limit=1000');
  const listed = `list of ${Math.min(1000, alarms.length)} alarms`;
  const rounds = size.hosts > 480 ? 6 : SLOW_ROUNDS;
  const figures = [
    figure(at('status p50'), await p50(ROUNDS, () => connection.get('/v1/status')), 290),
    figure(at('RCA, of one alarm after the other p50'), await p50(hostsDown.length, () => rca(asked++)), 371),
    figure(at('RCA, of the same alarm again p50'), await p50(ROUNDS, () => rca()), 371),
    figure(at('RCA, right after a change p50'), await anew(ROUNDS, () => rca()), 371),
    figure(at(`${listed}, after a change p50`), await anew(SLOW_ROUNDS, alarmList), 569),
    figure(at(`${listed}, nothing changed p50`), await p50(SLOW_ROUNDS, alarmList), 569),
    figure(at('topology, after a change p50'), await anew(rounds, topology), 753),
    figure(at('topology, nothing changed p50'), await p50(rounds, topology), 753),
    figure(at('longest wait of others while the topology is sent'), await waitBeside(client, url), null),
    figure(at('event to its deduced alarms visible p50'), await eventToAlarms(client, size), 959),
  ];
  connection.close();
  return figures;
}

/**
 * How long a status takes at most while topologies are answered, each after a change. It is asked from a process of its own:
 * this one is busy with what it receives.
 */
async function waitBeside(client: EventClient, url: string): Promise<number> {
  let isReading = true;
  const reading = readFromAside({
    ...{ url, paths: ['/v1/status'], perSecond: 200, seconds: BESIDE_SECONDS, connections: 4 },
  }).finally(() => (isReading = false));
  for (let i = 0; isReading; i++) {
    await client.post([hostAlarm(0, 'CPU load', i % 2 === 0 ? 'WARNING' : 'OK')]);
    await client.discard('POST', '/v1/topology/', {});
  }
  return (await reading).longestMs;
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
async function mixed(client: EventClient, url: string, size: CloudSize, mix: Mix): Promise<Figure[]> {
  const events = mixedEvents(size, mix);
  const pending: Promise<Reply>[] = [];
  const startedMs = performance.now();
  let isReading = true;
  const reading = readFromAside({
    ...{ url, paths: READS, perSecond: READS_PER_SECOND, seconds: MIXED_SECONDS, connections: 32 },
  }).finally(() => (isReading = false));
  for (let sent = 0; isReading; await new Promise((wait) => setTimeout(wait, 5))) {
    const elapsed = Math.min(MIXED_SECONDS, (performance.now() - startedMs) / 1000);
    for (; sent < elapsed * EVENTS_PER_SECOND; sent += EVENTS_PER_POST) {
      pending.push(client.post(Array.from({ length: EVENTS_PER_POST }, () => events.next().value)));
    }
  }
  const { answered, seconds, p50Ms, p99Ms } = await reading;
  const posts = (await Promise.all(pending)).map(({ ms }) => ms);
  const name = `reads beside ${EVENTS_PER_SECOND} ${mix.name}, ${entitiesOf(size).toLocaleString('en-US')} entities`;
  return [
    { name: `api: ${name}`, value: answered / seconds, unit: 'per second', peer: null, ratio: null },
    figure(`${name}, p50`, p50Ms, null),
    figure(`${name}, p99`, p99Ms, null),
    figure(`posts of ${EVENTS_PER_POST} beside them, p50`, median(posts), null),
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
