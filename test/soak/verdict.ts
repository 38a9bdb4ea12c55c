import { describeVertex } from '@wherefore/graph';
import { formatPosition, type Position } from '@wherefore/model';
import { BUS_RECEIVER } from '@wherefore/notifying';
import { engineMachine, verifyReplay } from '@wherefore/runtime';
import type { MariadbStore } from '@wherefore/mariadb';
import { connect } from 'amqplib';
import type { BusLoad } from './busLoad';
import {
  alarmOf,
  byId,
  confirmedFaults,
  copyFaults,
  type Faults,
  fenceFaults,
  hashFaults,
  historyFaults,
  messageFaults,
  refusalFaults,
  repetitions,
  toldFaults,
} from './checks';
import type { BusEars, Heard, WebhookEars } from './ears';
import { processFaults, warningCounts } from './processFaults';
import type { RestLoad } from './restLoad';
import type { SoakOptions } from './soak';
import type { Stand } from './stand';
import type { StaticLoad } from './staticLoad';
import { rawStream } from './stream';
import { replayedTruth, type Truth } from './truth';
import type { Watch } from './watch';
import type { Weather } from './weather';

/** Everything that is left of a run when its processes have ended. */
export interface Remains {
  readonly stand: Stand;
  readonly store: MariadbStore;
  readonly rest: RestLoad;
  readonly bus: BusLoad;
  readonly files: StaticLoad;
  readonly ears: WebhookEars;
  readonly busEars: BusEars;
  readonly watch: Watch;
  readonly weather: Weather;
  readonly toldAfter: Position;
  readonly secrets: readonly string[];
  readonly options: SoakOptions;
}

export interface Check {
  /** What was to hold, in a sentence. */
  readonly name: string;
  readonly faults: Faults;
}

export interface Verdict {
  readonly checks: readonly Check[];
  /** Figures of the run, to be read. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly warnings: ReadonlyMap<string, number>;
  readonly remains: Remains;
  readonly entries: Truth['entries'];
}

const LISTENERS_DEAD = 'wherefore.notifications.dead';

/** Holds everything against a replay of the archive from nothing. */
export async function verdictOn(remains: Remains): Promise<Verdict> {
  const { store, stand, rest, bus, busEars, watch, toldAfter } = remains;
  const webhooks = await store.webhooks.list();
  const truth = await replayedTruth(store.archive, {
    told: { webhooks, bus: true },
    toldAfter,
    hashesAt: watch.places,
  });
  const ids = byId(truth.entries);
  const epoch = (await store.epochs.current())!;
  const stream = await rawStream(stand.services.broker.url, epoch, truth.state.position);
  const calls = webhooks.map(({ id, url }) => ({ id, path: new URL(url).pathname }));
  const heardAt = (path: string): readonly Heard[] => remains.ears.heard.get(path) ?? [];
  const check = (name: string, faults: Faults): Check => ({ name, faults });
  const checks = [
    check('everything that was sent was confirmed in the end', sendingFaults(rest, bus)),
    check('every confirmed event is in the archive, applied once, in order', confirmedFaults(ids, rest.confirmed)),
    check('every message that the broker took is in the archive, applied once, in order', messageFaults(ids, bus.kept)),
    check('the archive is the stream of the broker, entry by entry', copyFaults(stream, truth.entries)),
    check('the log lives in its first stream', epoch.number === 1 ? [] : [`it is in epoch ${epoch.number}`]),
    check('nothing was refused, nothing failed', refusalFaults(truth.entries)),
    check('leases hand over upwards', fenceFaults(truth.entries)),
    check('the history is that of a replay from nothing', await historyFaults(store.history, truth.history)),
    check('every follower had the states of the replay', hashFaults(watch.said, truth.hashes)),
    check('every snapshot is sound', await snapshotFaults(store)),
    check('the files are in the state', staticFaults(truth, remains.files)),
    ...calls.map(({ id, path }) =>
      check(
        `the webhook ${path} was told everything, of each alarm in order`,
        toldFaults({ called: path, receiver: id, heard: heardAt(path), subjectOf: alarmOf }, truth),
      ),
    ),
    check(
      'the bus was told everything, in order',
      toldFaults({ called: 'the bus', receiver: BUS_RECEIVER, heard: busEars.heard, subjectOf: () => '' }, truth),
    ),
    check('no process ended by itself, met a defect, or told a secret', processFaults(stand.actors, remains.secrets)),
    check('every process ended as it was told', await endingFaults(stand)),
    check('nothing is left over', await leftoverFaults(remains)),
  ];
  return {
    checks,
    figures: figuresOf(remains, truth),
    warnings: warningCounts(stand.actors),
    remains,
    entries: truth.entries,
  };
}

function sendingFaults(rest: RestLoad, bus: BusLoad): Faults {
  return [
    ...rest.refused,
    ...[...rest.waiting].map((id) => `${id} was never confirmed`),
    ...(bus.waiting === undefined ? [] : [`the message ${bus.waiting} was never taken by the broker`]),
  ];
}

async function snapshotFaults({ archive, snapshots }: MariadbStore): Promise<Faults> {
  const { checks } = await verifyReplay(engineMachine, { archive, snapshots });
  const wrong = checks.filter(({ verdict }) => verdict !== 'match');
  return wrong.map(({ position, verdict }) => `the snapshot at ${formatPosition(position)}: ${verdict}`);
}

/** The last poll of the files is in the state: exactly the switches that they name. */
function staticFaults({ state }: Truth, { switches }: StaticLoad): Faults {
  const there = [...state.graph.vertices()]
    .map(describeVertex)
    .filter((each) => each['vitrage_type'] === 'switch' && each['vitrage_is_deleted'] !== true)
    .map(({ id }) => String(id));
  const missing = switches.filter((id) => !there.includes(id));
  const extra = there.filter((id) => !switches.includes(id));
  return [
    ...missing.map((id) => `${id} is in the file, and not in the state`),
    ...extra.map((id) => `${id} is in the state, and not in the file`),
  ];
}

async function endingFaults({ actors }: Stand): Promise<Faults> {
  const codes = await Promise.all(actors.map(async ({ name, current }) => ({ name, code: await current.ended })));
  return codes.filter(({ code }) => code !== 0).map(({ name, code }) => `${name} ended with ${code}`);
}

async function leftoverFaults({ store, stand }: Remains): Promise<Faults> {
  const dead = await store.outbox.deadLetters(10);
  const receivers = await store.outbox.receivers();
  const connection = await connect(stand.services.broker.url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(LISTENERS_DEAD);
  const { messageCount: waiting } = await channel.checkQueue('wherefore.notifications');
  await connection.close();
  return [
    ...dead.map(({ effectId, receiver, reason }) => `a dead letter for ${receiver}: ${effectId}, ${reason}`),
    ...receivers.map((receiver) => `the outbox still has rows for ${receiver}`),
    ...(messageCount > 0 ? [`${messageCount} messages in ${LISTENERS_DEAD}`] : []),
    ...(waiting > 0 ? [`${waiting} messages wait for the listeners`] : []),
  ];
}

function figuresOf(
  { rest, bus, busEars, ears, watch, weather, stand, files }: Remains,
  truth: Truth,
): Verdict['figures'] {
  const tookMs = rest.confirmed.map((each) => each.tookMs).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? 0} ms`;
  const duplicates = truth.entries.filter(({ outcome }) => outcome.kind === 'duplicate').length;
  const stale = truth.entries.filter(({ outcome }) => outcome.kind === 'stale-epoch').length;
  const heard = [...ears.heard.values(), busEars.heard];
  const told = heard.reduce((sum, each) => sum + each.length, 0);
  const again = heard.reduce((sum, each) => sum + repetitions(each), 0);
  const failed = heard.flat().filter(({ isTaken }) => !isTaken).length;
  const deeds = (deed: string): number => weather.struck.filter((each) => each.deed === deed).length;
  const retried = rest.confirmed.filter(({ attempts }) => attempts > 1).length;
  const runs = stand.actors.reduce((sum, actor) => sum + actor.runs.length, 0);
  return [
    [
      'strikes',
      `${deeds('kill')} by kill -9, ${deeds('stop')} by SIGSTOP; ${runs} runs of ${stand.actors.length} processes`,
    ],
    ['entries', `${truth.entries.length}, of them ${duplicates} duplicates and ${stale} of leaders that woke up`],
    ['posts confirmed', `${rest.confirmed.length}, ${retried} of them sent more than once`],
    ...[...rest.reasons]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 8)
      .map(([reason, count]) => ['not confirmed', `${count} × ${reason}`] as const),
    ['time to a confirm', `median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}`],
    ['messages taken', `${bus.kept.length}, after ${bus.failures} failures`],
    ['files written', `${files.writes}`],
    ['notifications', `${truth.news.length} due, ${told} came, ${again} of them again, ${failed} failed on purpose`],
    ['states compared', `${watch.said.length}`],
  ];
}
