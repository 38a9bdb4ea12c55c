import path from 'node:path';
import type { Json, JsonObject } from '@wherefore/model';
import { describeWithShared } from '../support/shared';
import {
  type Kind,
  publisherOf,
  type RecordedAnswer,
  RecordedCloud,
  type RecordedMessage,
  readRecording,
  type Seen,
} from './recordedCloud';

const SEED = Number(process.env['SEED'] ?? 20_261_121);
const RUNS = Number(process.env['RUNS'] ?? 3);
const KINDS: readonly Kind[] = ['nova.instance', 'neutron.port', 'cinder.volume'];
/** How long a process's connection to the bus may hold its messages up. */
const DELAY_MAX_MS = 100;
/** A moment is quiet when so long before it nothing was sent. */
const QUIET_MS = 400;

/** A small generator of chance that a seed repeats (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Delivery {
  readonly atMs: number;
  readonly message: RecordedMessage;
}

/** One way in which the recorded messages might have arrived. */
interface Arrival {
  /** Which of the two layouts of a message of Nova is dropped; neither for undefined. */
  readonly isDropped: (message: RecordedMessage) => boolean;
  readonly isDelayed: boolean;
  readonly isRepeated: boolean;
}

const AS_RECORDED: Arrival = { isDropped: () => false, isDelayed: false, isRepeated: false };

/**
 * Each process sends through a connection of its own, which keeps the order of its messages and holds them up for
 * a while. Some messages are delivered a second time, up to a minute later.
 */
function deliveries(messages: readonly RecordedMessage[], arrival: Arrival, chance: () => number): Delivery[] {
  const sentUntil = new Map<string, number>();
  const made: Delivery[] = [];
  for (const message of messages) {
    if (arrival.isDropped(message)) continue;
    const receivedMs = Date.parse(message.received_at);
    const publisher = publisherOf(message);
    const delayMs = arrival.isDelayed ? chance() * DELAY_MAX_MS : 0;
    const atMs = Math.max(receivedMs + delayMs, sentUntil.get(publisher) ?? 0);
    sentUntil.set(publisher, atMs);
    made.push({ atMs, message });
    if (arrival.isRepeated && chance() < 0.2) made.push({ atMs: atMs + chance() ** 4 * 60_000, message });
  }
  // The sort is stable: what arrives together keeps its order.
  return made.sort((a, b) => a.atMs - b.atMs);
}

/** Times before which nothing was sent for a while, at least some seconds apart. */
function quietMoments(messages: readonly RecordedMessage[]): number[] {
  const moments: number[] = [];
  for (const [index, message] of messages.entries()) {
    const sentMs = Date.parse(message.received_at);
    const nextMs = Date.parse(messages[index + 1]?.received_at ?? '2100-01-01T00:00:00Z');
    if (nextMs - sentMs > QUIET_MS) moments.push(sentMs + QUIET_MS - 1);
  }
  return moments;
}

function stateOf(cloud: RecordedCloud): { [kind: string]: [string, Seen][] } {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, [...cloud.entities(kind)].sort(([a], [b]) => (a < b ? -1 : 1))]),
  );
}

/** The state at each of the moments. A poll is taken of the state of `polled` at its time, if there is one. */
function statesAt(
  moments: readonly number[],
  first: readonly RecordedAnswer[],
  delivered: readonly Delivery[],
  polls: ReadonlyMap<number, readonly [string, Json][]> = new Map(),
): { states: string[]; cloud: RecordedCloud } {
  const cloud = new RecordedCloud();
  for (const answer of first) cloud.poll(answer);
  const states: string[] = [];
  let next = 0;
  const pollTimes = [...polls.keys()].sort((a, b) => a - b);
  const events = [
    ...pollTimes.map((atMs) => ({ atMs, isPoll: true })),
    ...moments.map((atMs) => ({ atMs, isPoll: false })),
  ];
  for (const { atMs, isPoll } of events.sort((a, b) => a.atMs - b.atMs)) {
    for (; next < delivered.length && delivered[next]!.atMs <= atMs; next++) {
      cloud.tell(delivered[next]!.message, delivered[next]!.atMs);
    }
    if (!isPoll) states.push(JSON.stringify(stateOf(cloud)));
    else for (const [name, body] of polls.get(atMs)!) cloud.pollBody(name, body, new Date(atMs).toISOString());
  }
  return { states, cloud };
}

/** What the APIs would answer while a cloud is in this state. */
function answersOf(cloud: RecordedCloud): [string, Json][] {
  const rows = (kind: Kind, row: (id: string, seen: Seen) => JsonObject): Json =>
    [...cloud.entities(kind)].map(([id, seen]) => row(id, seen));
  const servers = rows('nova.instance', (id, { name, status, host, project }) => ({
    id,
    name: name!,
    status: status!,
    'OS-EXT-SRV-ATTR:host': host!,
    tenant_id: project!,
  }));
  const ports = rows('neutron.port', (id, { name, status, host, project, server }) => ({
    id,
    name: name!,
    status: status!,
    'binding:host_id': host!,
    tenant_id: project!,
    device_id: server!,
    device_owner: 'compute:az',
  }));
  const volumes = rows('cinder.volume', (id, { name, status, project, size, attachments }) => ({
    id,
    name: name!,
    status: status!,
    'os-vol-tenant-attr:tenant_id': project!,
    size: size!,
    attachments: (attachments as readonly string[]).map((server_id) => ({ server_id })),
  }));
  return [
    ['nova-servers', { servers }],
    ['neutron-ports', { ports }],
    ['cinder-volumes', { volumes }],
  ];
}

describeWithShared('the state at quiet moments', (sharedDir) => {
  const { messages: all, answers } = readRecording(path.join(sharedDir, 'data/openstack'));
  const first = answers.filter(({ moment, status }) => moment === '00-empty' && status === 200);
  const messages = all.filter((message) => message.received_at > first.at(-1)!.at);
  const moments = quietMoments(messages);
  const recorded = deliveries(messages, AS_RECORDED, () => 0);
  const expected = statesAt(moments, first, recorded).states;

  function compare(seed: number, found: readonly string[]): void {
    for (const [index, state] of found.entries()) {
      if (state === expected[index]) continue;
      const at = new Date(moments[index]!).toISOString();
      expect({ seed, at, state: JSON.parse(state) as Json }).toEqual({
        seed,
        at,
        state: JSON.parse(expected[index]!) as Json,
      });
    }
    expect(found).toHaveLength(expected.length);
  }

  const seeds = Array.from({ length: RUNS }, (_, run) => SEED + run);

  it('are some: enough to compare at', () => {
    expect(moments.length).toBeGreaterThan(100);
    expect(new Set(expected).size).toBeGreaterThan(50);
  });

  it.each(seeds)('is the same when the processes hold each other’s messages up (seed %i)', (seed) => {
    const arrival = { ...AS_RECORDED, isDelayed: true };
    const delivered = deliveries(messages, arrival, chanceOf(seed));
    expect(delivered.map(({ message }) => message.seq)).not.toEqual(recorded.map(({ message }) => message.seq));
    compare(seed, statesAt(moments, first, delivered).states);
  });

  it.each(seeds)('is the same when messages are delivered twice, the second time late (seed %i)', (seed) => {
    const arrival = { ...AS_RECORDED, isDelayed: true, isRepeated: true };
    const { states, cloud } = statesAt(moments, first, deliveries(messages, arrival, chanceOf(seed)));
    compare(seed, states);
    expect(cloud.outcomes.get('duplicate')).toBeGreaterThan(100);
  });

  it.each(seeds)('is the same when polls are taken anywhere in between (seed %i)', (seed) => {
    const chance = chanceOf(seed);
    const [fromMs, untilMs] = [moments[0]!, moments.at(-1)!];
    const pollTimes = Array.from({ length: 40 }, () => Math.floor(fromMs + chance() * (untilMs - fromMs)));
    const polls = new Map<number, [string, Json][]>();
    const source = new RecordedCloud();
    for (const answer of first) source.poll(answer);
    let next = 0;
    for (const atMs of pollTimes.sort((a, b) => a - b)) {
      while (next < recorded.length && recorded[next]!.atMs <= atMs) source.tell(recorded[next++]!.message);
      polls.set(atMs, answersOf(source));
    }
    const delivered = deliveries(messages, { ...AS_RECORDED, isDelayed: true }, chance);
    compare(seed, statesAt(moments, first, delivered, polls).states);
  });

  it.each(seeds)('is the same when one of Nova’s two layouts is lost now and then (seed %i)', (seed) => {
    const chance = chanceOf(seed);
    const isDropped = lossOf(chance);
    compare(seed, statesAt(moments, first, deliveries(messages, { ...AS_RECORDED, isDropped }, chance)).states);
  });
});

/** That a volume is claimed, a port attached, and whether a resized server runs, only the versioned layout tells. */
const IN_ONE_LAYOUT = /instance\.(volume_(attach|detach)|interface_attach|resize_finish)/;

/** Loses one layout for some seconds, then the other, then none. What only one of them tells is never lost. */
function lossOf(chance: () => number): (message: RecordedMessage) => boolean {
  let untilMs = 0;
  let lost = 0;
  return (message) => {
    const nowMs = Date.parse(message.received_at);
    if (nowMs > untilMs) {
      untilMs = nowMs + 2_000 + chance() * 8_000;
      lost = Math.floor(chance() * 3);
    }
    if (message.exchange !== 'nova' || lost === 0 || IN_ONE_LAYOUT.test(message.body)) return false;
    return message.routing_key.startsWith('versioned') === (lost === 1);
  };
}
