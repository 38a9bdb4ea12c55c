import { replayParts } from '@wherefore/answering';
import type { EngineState } from '@wherefore/engine';
import type { Config, Log } from '@wherefore/host';
import { comparePositions, ORIGIN, type Position } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import { Follower, HistoryProjector, ReplayHost, Replayer, Snapshotter, engineMachine } from '@wherefore/runtime';
import type { SqliteStore } from '@wherefore/sqlite';
import { EmbeddedNotifier, type Notifying } from './embeddedNotifier';
import { Leadership } from './leadership';

/** How far a node has come in applying what its store already holds. */
export interface CatchUp {
  readonly applied: number;
  readonly total: number;
}

/** What a node is made of. */
export interface NodeParts {
  readonly store: SqliteStore;
  readonly leadership: Leadership;
  readonly follower: Follower<EngineState>;
  readonly projector: HistoryProjector;
  readonly snapshotter: Snapshotter;
  readonly host: ReplayHost;
  readonly notifier: EmbeddedNotifier;
  readonly notifying: Notifying;
  readonly clock: Clock;
  readonly log: Log;
}

const PROGRESS_STEPS = 1000;
/** Where the cores are full, whoever asks of now goes before replays and large graphs. */
export const ASIDE_NICENESS = 5;
/** Large graphs are written in the thread of replays. */
export const ANSWERS_ASIDE = { path: require.resolve('./vitrage/graphJob'), exportName: 'answerAside' };

/** Builds the parts over an open store. Nothing runs yet. */
export async function assemble(
  config: Config,
  store: SqliteStore,
  clock: Clock,
  log: Log,
  onProgress: (progress: CatchUp) => void,
): Promise<NodeParts> {
  const leadership = await Leadership.take(store.leases, clock);
  const warn = (error: unknown) => log.warn({ err: error }, 'going on all the same');
  const projector = await HistoryProjector.open(store.history, leadership.epoch, warn);
  const notifier = await EmbeddedNotifier.open(config, store, log);
  const start = startingPlace(projector.cursor.position, notifier.watermark.position);
  const state = await new Replayer(engineMachine, store, warn).stateAtOrBefore(start);
  const { folder } = config.store;
  const source = { path: require.resolve('@wherefore/sqlite'), exportName: 'openReader', argument: { folder } };
  const host = await ReplayHost.open({ ...replayParts(source, ANSWERS_ASIDE), niceness: ASIDE_NICENESS });
  const { everyEntries, everyMinutes } = config.snapshots;
  const policy = {
    everyEntries,
    everyMs: everyMinutes * 60_000,
    warn,
    cursors: async () => [projector.cursor.position],
  };
  const snapshotter = new Snapshotter((nowMs) => host.takeSnapshot(nowMs), store.snapshots, clock, policy);
  const follower = new Follower(store.log, engineMachine, state);
  const total = await store.archive.count();
  follower.subscribe(projector.accept);
  follower.subscribe(snapshotter.accept);
  follower.subscribe(({ ordinal }) => {
    if (ordinal < total && ordinal % PROGRESS_STEPS === 0) onProgress({ applied: ordinal, total });
  });
  const notifying = notifier.start(follower, leadership);
  return { store, leadership, follower, projector, snapshotter, host, notifier, notifying, clock, log };
}

/** Where history and watermark both still have to go on from. Nobody was ever notified: then history alone counts. */
function startingPlace(history: Position, notified: Position): Position {
  if (comparePositions(notified, ORIGIN) === 0) return history;
  return comparePositions(history, notified) < 0 ? history : notified;
}
