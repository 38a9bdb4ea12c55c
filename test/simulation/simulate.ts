import { ENTRY_VERSION, type NewEntry } from '@wherefore/model';
import type { Machine, MachineState } from '@wherefore/runtime';
import type { Chance } from '../fuzz/chance';
import { Cluster, type Services } from './cluster';
import { FAULTS_UNTIL_MS, heal, planFaults } from './faults';
import { Violation, checkCluster, isSettled } from './invariants';
import { World } from './world';

export interface SimulationOptions<S extends MachineState> {
  readonly machine: Machine<S>;
  /** What the sources send. Default: alarms that are raised and cleared, among entries that do nothing. */
  readonly batches?: (chance: Chance) => (readonly NewEntry[])[][];
  readonly alter?: (services: Services) => Services;
  readonly isVerbose?: boolean;
}

export interface SimulationResult {
  /** What did not hold; `undefined` when all did. */
  readonly violation: string | undefined;
  readonly course: readonly string[];
  /** To see that a run was worth it. */
  readonly seen: {
    readonly terms: number;
    readonly takeOvers: number;
    readonly entries: number;
    /** Notifications that came, repeated ones not counted. */
    readonly told: number;
    /** Of those: delivered before anybody stored them. */
    readonly unstored: number;
    readonly events: number;
    readonly repeats: number;
    readonly epochs: number;
  };
}

/** How long the cluster may take to come to rest once all is well. */
const REST_WITHIN_MS = 30_000;

/** One run of the cluster, decided by the seed alone. */
export async function simulate<S extends MachineState>(
  seed: number,
  options: SimulationOptions<S>,
): Promise<SimulationResult> {
  const world = new World(seed, options.isVerbose);
  const isArchivedFirst = world.chance.oneIn(2);
  const batches = (options.batches ?? alarmBatches)(world.chance);
  const cluster = new Cluster<S>(world, { ...options, isArchivedFirst, batches });
  let violation: string | undefined;
  try {
    cluster.start();
    planFaults(cluster);
    await world.time.pass(FAULTS_UNTIL_MS);
    heal(cluster);
    await rest(cluster);
    await checkCluster(cluster);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
  } finally {
    for (const process of cluster.running.values()) process.crash();
  }
  const { deeds, received, opened } = cluster;
  const terms = new Set(deeds.filter(({ what }) => what === 'outbox').map(({ epoch }) => epoch)).size;
  const told = new Set(received.map(({ receiver, effectId }) => receiver + effectId));
  const repeats = received.length - told.size;
  const unstored = [...told].filter((each) => !cluster.stored.has(each)).length;
  const entries = opened.reduce(
    (sum, { streamId }) => sum + cluster.broker.past.find(({ id }) => id === streamId)!.entries.length,
    0,
  );
  return {
    violation,
    course: world.course,
    seen: {
      terms,
      takeOvers: terms - 1,
      told: told.size,
      unstored,
      entries,
      repeats,
      events: world.time.events,
      epochs: opened.length,
    },
  };
}

async function rest<S extends MachineState>(cluster: Cluster<S>): Promise<void> {
  const { world, defects } = cluster;
  for (let passedMs = 0; !(await isSettled(cluster)); passedMs += 40) {
    if (defects.length > 0) return;
    if (passedMs > REST_WITHIN_MS) throw new Violation(await describeUnrest(cluster));
    await world.time.pass(40);
  }
}

async function describeUnrest<S extends MachineState>(cluster: Cluster<S>): Promise<string> {
  const { services, isAllSent, processors, opened } = cluster;
  const places = [...processors].map(([name, { follower, term }]) => [name, follower?.position, term?.epoch]);
  return `it does not come to rest: ${JSON.stringify({
    isAllSent,
    opened,
    places,
    archive: await services.archive.cursor(),
    history: await services.history.cursor(),
    watermark: await services.outbox.watermark(),
    waiting: await services.outbox.due(1e15, 5),
    lines: [...processors.values()].map(({ desk }) => desk.status),
    leader: (await services.leases.current('leader'))?.holder,
    persister: (await services.leases.current('persister'))?.holder,
  })}`;
}

function alarmBatches(chance: Chance): (readonly NewEntry[])[][] {
  return [0, 1].map((source) =>
    Array.from({ length: 11 }, (_, batch) =>
      Array.from({ length: 1 + chance.below(3) }, (__, place) => {
        const verb = chance.pick(['raise', 'raise', 'clear', 'note']);
        const name = `${chance.below(8)}`;
        return entryOf(
          verb === 'note' ? `note ${batch}.${place}` : `${verb}-${name}-${batch}.${place}`,
          `source-${source}`,
        );
      }),
    ),
  );
}

function entryOf(id: string, source: string): NewEntry {
  return { kind: 'tick', id: `${id}`, version: ENTRY_VERSION, source, ingestedAtMs: 0, atMs: 0 };
}
