import {
  ORIGIN,
  comparePositions,
  formatPosition,
  parsePosition,
  type LogEntry,
  type Position,
} from '@wherefore/model';
import { MemoryHistory, type History } from '@wherefore/ports';
import type { MachineState } from '@wherefore/runtime';
import { RECEIVERS, REFUSED, newsOf, type Cluster } from './cluster';

/** What has to hold, and did not. */
export class Violation extends Error {}

function expectThat(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Violation(otherwise());
}

/** The log as it was in truth: of each epoch what its stream held, up to where it was sealed. */
export function trueLog<S extends MachineState>({ broker, opened }: Cluster<S>): LogEntry[] {
  return opened.flatMap(({ streamId }, place) => {
    const entries = broker.past.find(({ id }) => id === streamId)!.entries;
    const next = opened[place + 1];
    return next ? entries.filter(({ position }) => comparePositions(position, next.sealedAt) <= 0) : entries;
  });
}

/** Whether everything that was sent has gone all the way. */
export async function isSettled<S extends MachineState>(cluster: Cluster<S>): Promise<boolean> {
  const { services, isAllSent, processors } = cluster;
  if (!isAllSent) return false;
  const cursor = await services.archive.cursor();
  const end = trueLog(cluster).at(-1)?.position ?? ORIGIN;
  const history = await services.history.cursor();
  const { position } = await services.outbox.watermark();
  const places = [
    history.position,
    position,
    ...[...processors.values()].map(({ follower }) => follower?.position ?? ORIGIN),
  ];
  if (comparePositions(cursor, end) !== 0 || places.some((place) => comparePositions(place, end) !== 0)) return false;
  return (await services.outbox.receivers()).length === 0;
}

/** Everything that has to hold at the end of a run. Throws `Violation`. */
export async function checkCluster<S extends MachineState>(cluster: Cluster<S>): Promise<void> {
  expectThat(cluster.defects.length === 0, () => `a process met a defect: ${String(cluster.defects[0])}`);
  const log = trueLog(cluster);
  await checkArchive(cluster, log);
  const { machine } = cluster.options;
  const state = machine.initialState();
  const history = new MemoryHistory();
  const authors = new Map<string, string>();
  const epochs = new Map<string, number>();
  const expected = new Map<string, string[]>(RECEIVERS.map((receiver) => [receiver, []]));
  for (const entry of log) {
    const { outcome, effects } = machine.step(state, entry);
    const placed = effects.map((effect) => ({ position: entry.position, logTimeMs: state.logTimeMs, effect }));
    const { position: before, epoch, generation } = await history.cursor();
    await history.apply({ expected: before, position: entry.position, epoch, generation, effects: placed });
    const { fence } = entry.entry;
    if (fence && outcome.kind !== 'stale-epoch') {
      const author = cluster.broker.authors.get(formatPosition(entry.position))!;
      const lease = `${fence.lease} in epoch ${fence.epoch}`;
      const first = authors.get(lease) ?? author;
      expectThat(first === author, () => `${first} and ${author} both had entries applied as ${lease}`);
      authors.set(lease, author);
      const latest = epochs.get(fence.lease) ?? 0;
      expectThat(
        fence.epoch >= latest,
        () => `${author} had an entry applied as ${lease} after one of epoch ${latest}`,
      );
      epochs.set(fence.lease, fence.epoch);
    }
    if (comparePositions(entry.position, cluster.firstWatermark!) <= 0) continue;
    for (const { receiver, effectId } of newsOf({ entry, effects })) expected.get(receiver)!.push(effectId);
  }
  await checkHistory(cluster.services.history, history);
  for (const [name, { follower }] of cluster.processors) {
    const hash = machine.stateHash(follower!.state);
    expectThat(hash === machine.stateHash(state), () => `${name} has another state than a replay from nothing`);
  }
  checkDeeds(cluster);
  for (const [receiver, effectIds] of expected) await checkReceived(cluster, receiver, effectIds);
}

async function checkArchive<S extends MachineState>(
  { services, confirmed }: Cluster<S>,
  log: readonly LogEntry[],
): Promise<void> {
  const archived = await services.archive.readRange(ORIGIN, 1_000_000);
  const ids = archived.map(({ position, entry }) => `${formatPosition(position)} ${entry.id}`);
  const truth = log.map(({ position, entry }) => `${formatPosition(position)} ${entry.id}`);
  const place = truth.findIndex((each, i) => each !== ids[i]);
  expectThat(place < 0 && ids.length === truth.length, () => `the archive is no copy of the log at its entry ${place}`);
  const kept = new Set(archived.map(({ entry }) => `${entry.source}/${entry.id}`));
  const lost = [...confirmed].find((id) => !kept.has(id));
  expectThat(lost === undefined, () => `${lost} was confirmed, and is not in the archive`);
}

async function checkHistory(history: History, replayed: History): Promise<void> {
  const told = async (each: History) => ({
    alarms: await each.alarmsBetween(0, 1e15, 1e6),
    changes: await each.changesBetween(0, 1e15, 1e6),
  });
  const [kept, right] = [await told(history), await told(replayed)].map((each) => JSON.stringify(each));
  expectThat(kept === right, () => `the history is not that of a replay from nothing:\n${kept}\n${right}`);
}

/** In one epoch of one lease the writes of one process count, and no earlier epoch writes after a later one. */
function checkDeeds<S extends MachineState>({ deeds }: Cluster<S>): void {
  for (const kind of ['outbox', 'archive', 'history'] as const) {
    let last = 0;
    const writers = new Map<number, string>();
    for (const { what, epoch, process } of deeds) {
      if (what !== kind) continue;
      const first = writers.get(epoch) ?? process;
      expectThat(first === process, () => `${first} and ${process} both wrote the ${kind} in epoch ${epoch}`);
      expectThat(epoch >= last, () => `${process} wrote the ${kind} in epoch ${epoch} after one in epoch ${last}`);
      writers.set(epoch, process);
      last = epoch;
    }
  }
}

/** Each effect came, none came that did not happen, and first receipts are in order. */
async function checkReceived<S extends MachineState>(
  cluster: Cluster<S>,
  receiver: string,
  effectIds: readonly string[],
): Promise<void> {
  const came = cluster.received.filter((each) => each.receiver === receiver).map(({ effectId }) => effectId);
  const firsts = [...new Set(came)];
  const dead = new Set((await cluster.services.outbox.deadLetters(1e6)).map(({ effectId }) => effectId));
  const isRefused = (effectId: string) => receiver === REFUSED.receiver && effectId.endsWith(REFUSED.ending);
  const right = effectIds.filter((effectId) => !isRefused(effectId));
  const missing = right.find((effectId) => !firsts.includes(effectId));
  expectThat(missing === undefined, () => `${receiver} was never told of ${missing}`);
  const unburied = effectIds.find((effectId) => isRefused(effectId) && !dead.has(effectId));
  expectThat(unburied === undefined, () => `${unburied} was refused, and is no dead letter`);
  const invented = firsts.find((effectId) => !effectIds.includes(effectId) && !isVoid(cluster, effectId));
  expectThat(invented === undefined, () => `${receiver} was told of ${invented}, which did not happen`);
  // One at a time keeps the order; several at once need not when one of them fails.
  if (receiver !== 'bus') return;
  const inOrder = firsts.filter((effectId) => effectIds.includes(effectId));
  const place = inOrder.findIndex((effectId, i) => effectId !== right[i]);
  expectThat(place < 0, () => `${receiver} heard of ${inOrder[place]} where ${right[place]} was due`);
}

/** Of an entry beyond the place where its epoch was sealed: it was lost with its stream after it was told. */
function isVoid<S extends MachineState>({ opened }: Cluster<S>, effectId: string): boolean {
  const position: Position = parsePosition(effectId.split('/')[0]!);
  const next = opened.find(({ number }) => number === position.epoch + 1);
  return next !== undefined && comparePositions(position, next.sealedAt) > 0;
}
