import { brotliCompressSync, constants } from 'node:zlib';
import { type EngineState, encodeSnapshot, initialState, step } from '@wherefore/engine';
import type { LogEntry } from '@wherefore/model';
import { costFigures, expectEqual, type Figure, liveHeapBytes, measure, rateFigures, Rounds } from './measure';
import { type CloudSize, entitiesOf, EntryMill, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const ALARMED_HOSTS_MAX = 480;
const ROUNDS = { least: 5, most: 25 };
const COST_HOSTS = 48;
/** A round is so long that it has its share of garbage collection. */
const COST_CYCLES = 20;
/** What the names of the figures of `costCase` begin with. */
export const COST = 'cost';

/** Vitrage 9.0.0 on a machine of the same kind; see docs/performance.md. */
const VITRAGE = {
  topologyPerCpuSecond: 626,
  deducedPerCpuSecond: { '1k': 784, '10k': 879, '200k': 656 } as { readonly [size: string]: number },
  hostDownPerCpuSecond: { '1k': 129, '10k': 204, '200k': 140 } as { readonly [size: string]: number },
};

interface Cloud {
  readonly state: EngineState;
  readonly mill: EntryMill;
}

function applyAll(state: EngineState, entries: readonly LogEntry[]): void {
  for (const entry of entries) step(state, entry);
}

function emptyCloud(): Cloud {
  const state = initialState();
  const mill = new EntryMill();
  expectEqual('templates', step(state, mill.templates(MATCHING_TEMPLATES)).outcome.kind, 'applied');
  return { state, mill };
}

function buildCloud(size: CloudSize): { cloud: Cloud; seconds: number; events: number } {
  const cloud = emptyCloud();
  const entries = topologyEvents(size).map((event) => cloud.mill.entry(event));
  const seconds = measure(() => applyAll(cloud.state, entries));
  expectEqual('entities', cloud.state.graph.vertexCount, entitiesOf(size) + 1);
  return { cloud, seconds, events: entries.length };
}

/** Runs the code until it is compiled; what a server does in its first second. */
export function warmUp(): void {
  const size = { name: 'warm-up', hosts: 96 };
  for (let round = 0; round < 6; round++) {
    const { cloud } = buildCloud(size);
    for (const [service, status] of PHASES) alarmPhase(cloud, size, service, status);
  }
}

const PHASES = [
  ['CPU load', 'WARNING'],
  ['CPU load', 'OK'],
  ['Host down', 'CRITICAL'],
  ['Host down', 'OK'],
] as const;

/** One alarm changes on each of many hosts. CPU seconds. */
function alarmPhase(
  { state, mill }: Cloud,
  size: CloudSize,
  service: string,
  status: string,
  hostsMax = ALARMED_HOSTS_MAX,
): number {
  const hosts = Math.min(size.hosts, hostsMax);
  // Spread over the cloud, as failures are.
  const stride = Math.floor(size.hosts / hosts);
  const entries = Array.from({ length: hosts }, (_, at) => mill.entry(hostAlarm(at * stride, service, status)));
  const seconds = measure(() => applyAll(state, entries));
  const isRaised = status !== 'OK';
  const isDown = service === 'Host down';
  const deduced = isDown ? 'vitrage/Instance down/CRITICAL' : 'vitrage/Degraded/WARNING';
  const reported = `nagios/${service}/${isDown ? 'CRITICAL' : 'WARNING'}`;
  expectEqual(`after ${service} ${status}`, countAlarms(state), {
    alarms: isRaised ? { [reported]: hosts, [deduced]: hosts * 20 } : {},
    markedDown: isRaised && isDown ? hosts * 21 : 0,
  });
  return seconds;
}

/** What the answer has to be, counted without leaving garbage that the next phase would pay for. */
function countAlarms(state: EngineState): { alarms: { [line: string]: number }; markedDown: number } {
  const alarms: { [line: string]: number } = {};
  let markedDown = 0;
  for (const vertex of state.graph.vertices()) {
    if (vertex.isMarkedDown) markedDown += 1;
    if (vertex.category !== 'ALARM') continue;
    const line = `${vertex.type}/${String(vertex.properties['name'])}/${String(vertex.operational)}`;
    alarms[line] = (alarms[line] ?? 0) + 1;
  }
  return { alarms, markedDown };
}

/** Topology events with templates that match: the rate at which a whole cloud is built. */
export function topologyCase(size: CloudSize): Figure[] {
  const rounds = new Rounds({ ...ROUNDS, least: 3 });
  const seconds: number[] = [];
  let count = 0;
  while (rounds.next()) {
    const build = buildCloud(size);
    seconds.push(build.seconds);
    count = build.events;
  }
  return rateFigures(`topology with matching templates, ${size.name}`, count, seconds, VITRAGE.topologyPerCpuSecond);
}

/** Deduced alarms raised and cleared, and a failed host with marks and causal links. */
export function alarmCase(size: CloudSize): Figure[] {
  const { cloud } = buildCloud(size);
  const seconds = PHASES.map(() => [] as number[]);
  const rounds = new Rounds(ROUNDS);
  while (rounds.next()) {
    PHASES.forEach(([service, status], at) => seconds[at]!.push(alarmPhase(cloud, size, service, status)));
    step(cloud.state, cloud.mill.tick());
  }
  const deduced = Math.min(size.hosts, ALARMED_HOSTS_MAX) * 20;
  const [raise, clear, down, up] = seconds as [number[], number[], number[], number[]];
  const alarmPeer = VITRAGE.deducedPerCpuSecond[size.name] ?? null;
  const downPeer = VITRAGE.hostDownPerCpuSecond[size.name] ?? null;
  return [
    ...rateFigures(`deduced alarms raised, ${size.name}`, deduced, raise, alarmPeer),
    ...rateFigures(`deduced alarms cleared, ${size.name}`, deduced, clear, alarmPeer),
    ...rateFigures(`host down: alarms, links and marks raised, ${size.name}`, deduced, down, downPeer),
    ...rateFigures(`host down: the same cleared, ${size.name}`, deduced, up, downPeer),
  ];
}

/** What one entity costs: on the heap with the provenance of its deductions, and in a snapshot. */
export function sizeCase(size: CloudSize): Figure[] {
  const before = liveHeapBytes();
  const { cloud } = buildCloud(size);
  alarmPhase(cloud, size, 'CPU load', 'WARNING');
  const entities = cloud.state.graph.vertexCount;
  const heap = (liveHeapBytes() - before) / entities;
  const bytes = encodeSnapshot(cloud.state);
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }).length / entities;
  return [
    { name: `memory per entity, ${size.name}`, value: heap, unit: 'bytes', peer: 3000, ratio: 3000 / heap },
    { name: `snapshot per entity, ${size.name}`, value: packed, unit: 'bytes', peer: 150, ratio: 150 / packed },
  ];
}

/**
 * CPU microseconds of a host alarm with its 20 deductions, raised or cleared, on the same number of
 * hosts whatever the size of the cloud around them.
 */
export function costCase(size: CloudSize): Figure[] {
  const { cloud } = buildCloud(size);
  const costs: number[] = [];
  const rounds = new Rounds(ROUNDS);
  while (rounds.next()) {
    let seconds = 0;
    for (let cycle = 0; cycle < COST_CYCLES; cycle++) {
      for (const status of ['WARNING', 'OK']) seconds += alarmPhase(cloud, size, 'CPU load', status, COST_HOSTS);
      step(cloud.state, cloud.mill.tick());
    }
    costs.push((seconds / COST_CYCLES / COST_HOSTS / 2) * 1e6);
  }
  return costFigures(`${COST} ${size.name}`, costs, 'cpu-microseconds', null);
}
