import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { AnswerService, liveSource } from '@wherefore/answering';
import type { AnsweredAt, AskedMoment } from '@wherefore/contract';
import type { EngineState } from '@wherefore/engine';
import { type Config, type Log, silentLog } from '@wherefore/host';
import {
  refusedInput,
  ENTRY_VERSION,
  WhereforeError,
  formatPosition,
  type Json,
  type NewEntry,
  type Position,
  type Rejection,
  type TemplateSource,
} from '@wherefore/model';
import type { Clock, Webhooks } from '@wherefore/ports';
import { TimeTravel, type AppliedOutcome, type Lag } from '@wherefore/runtime';
import { openStore } from '@wherefore/sqlite';
import { loadTemplates, type LoadOutcome } from '@wherefore/templates';
import { proposalsOf } from './fileProposals';
import { JsonText } from './http/jsonText';
import { assemble, type CatchUp, type NodeParts } from './nodeParts';
import { graphText, type GraphJob } from './vitrage/graphJob';

export interface NodeOptions {
  readonly log?: Log;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  readonly onProgress?: (progress: CatchUp) => void;
}

/** Members of an entry that are the same for all that a node appends. */
export type EntryBase = Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'>;

/** Of so many vertices a graph is described within some ten milliseconds. */
const LIVE_GRAPH_MAX = 6_000;

const machineClock: Clock = { nowMs: () => Date.now() };

/**
 * All roles in one process over one embedded store: follows the log, leads, keeps the history, takes
 * snapshots, answers. Composed of plain classes; nothing of HTTP is in it.
 */
export class WhereforeNode {
  readonly answers: AnswerService;
  /** Settles when the node no longer follows: with `undefined` after `stop`, else with what ended it. */
  readonly ended: Promise<unknown>;
  private readonly following = new AbortController();
  private readonly notifying = new AbortController();
  /** Settles when nobody is notified any more. */
  private readonly notified: Promise<void>;
  private defect: unknown;
  private readonly pending = new Set<Promise<void>>();
  private ticking: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;

  private constructor(private readonly parts: NodeParts) {
    const { store, follower, projector, host, clock } = parts;
    const source = liveSource({
      state: () => follower.state,
      travel: new TimeTravel(host),
      archive: store.archive,
      history: store.history,
      snapshots: store.snapshots,
      historyReady: () => projector.flush(),
    });
    this.answers = new AnswerService(source, clock);
    this.notified = parts.notify(this.notifying.signal).catch((error: unknown) => {
      this.defect = error ?? new Error('the notifier ended');
      this.following.abort();
    });
    this.ended = follower.run(this.following.signal).then(
      () => this.defect,
      (error: unknown) => error ?? new Error('the follower ended'),
    );
  }

  /**
   * Opens the store, applies what it holds, proposes what the configured files ask for, and leads.
   * Rejects as `openStore` does (`store-locked`, `store-newer`, …), `file-unreadable`, `invalid-config`.
   */
  static async open(config: Config, options: NodeOptions = {}): Promise<WhereforeNode> {
    const { log = silentLog, clock = machineClock, onProgress = () => undefined } = options;
    const { folder } = config.store;
    const store = await openStore({ folder, create: true });
    let node: WhereforeNode | undefined;
    try {
      node = new WhereforeNode(await assemble(config, store, clock, log, onProgress));
      await node.catchUp(onProgress);
      await node.tick();
      await node.propose(config);
      node.startTicking(config.ticks.everySeconds * 1000);
      log.info(
        { store: folder, position: formatPosition(node.position), ordinal: node.state.ordinal },
        'following the log',
      );
      return node;
    } catch (error) {
      await (node === undefined ? store.close() : node.stop());
      throw error;
    }
  }

  /** The live state. To be read between steps only, and never changed. */
  get state(): EngineState {
    return this.parts.follower.state;
  }

  get position(): Position {
    return this.parts.follower.position;
  }

  /** Receivers that were registered over REST. */
  get webhooks(): Webhooks {
    return this.parts.notifier.webhooks;
  }

  /**
   * A graph as text. A large one, and one of the past, is written in the thread of replays: nobody else waits for
   * it. Rejects `bad-request`, and as questions about the past do.
   */
  async graphText(
    moment: AskedMoment,
    job: GraphJob,
  ): Promise<{ readonly answeredAt: AnsweredAt; readonly text: JsonText }> {
    const isNow = moment.atMs === undefined && moment.position === undefined;
    if (isNow && this.state.graph.vertexCount <= LIVE_GRAPH_MAX) {
      const { answeredAt, ...graph } = await this.answers.graph(moment);
      return { answeredAt, text: graphText(graph, job) };
    }
    const { answeredAt, answer } = await this.answers.seenBy(job.viewer).aside(moment, job as unknown as Json);
    return { answeredAt, text: new JsonText(answer as readonly string[]) };
  }

  /** Settles once the log has been applied up to there. Rejects with the signal's reason on abort. */
  waitForPosition(position: Position, signal: AbortSignal): Promise<void> {
    return this.parts.follower.waitForPosition(position, signal);
  }

  /** How far behind the log the state is. */
  lag(): Promise<Lag> {
    return this.parts.follower.lag();
  }

  /** What every entry of this node begins with. */
  entryBase(source = 'api', id: string = randomUUID()): EntryBase {
    return { id, version: ENTRY_VERSION, source, ingestedAtMs: this.parts.clock.nowMs() };
  }

  nowMs(): number {
    return this.parts.clock.nowMs();
  }

  /** Settles when the entries are durable. Rejects as the log does, and `log-unavailable` while stopping. */
  append(entries: readonly NewEntry[]): Promise<void> {
    if (this.stopping) {
      return Promise.reject(new WhereforeError('log-unavailable', 'the node is stopping', { retryable: true }));
    }
    const appended = this.parts.store.log.append(entries);
    const settled = appended.catch(() => undefined);
    this.pending.add(settled);
    void settled.finally(() => this.pending.delete(settled));
    return appended;
  }

  /** Appends, and waits until this node has applied the entry. */
  async appendAndWait(entry: NewEntry): Promise<AppliedOutcome> {
    const [outcome] = await this.appendAllAndWait([entry]);
    return outcome!;
  }

  /** Appends the entries together, and waits until this node has applied them all. */
  async appendAllAndWait(entries: readonly NewEntry[]): Promise<AppliedOutcome[]> {
    const giveUp = new AbortController();
    setMaxListeners(0, giveUp.signal);
    const waiting = Promise.all(entries.map((entry) => this.parts.follower.waitForEntry(entry, giveUp.signal)));
    waiting.catch(() => undefined);
    try {
      await this.append(entries);
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
    return waiting;
  }

  /** Keeps input that could not become an event, for the operator to see. */
  keepRejected(rejection: Rejection, input: string): Promise<AppliedOutcome> {
    return this.appendAndWait(refusedInput(rejection, input, this.entryBase()));
  }

  /** What would become of templates if they were added now. Nothing is appended. */
  examineTemplates(sources: readonly TemplateSource[], overwrite: boolean): readonly LoadOutcome[] {
    return loadTemplates(sources, this.state.shelf.loaded(), { overwrite }).outcomes;
  }

  /** Moves log time to the clock, and waits until it has. */
  async tick(): Promise<void> {
    await this.appendAndWait(await this.parts.leadership.nextTick());
  }

  /** A snapshot now, whether one is due or not. */
  async takeSnapshot(): Promise<void> {
    await this.parts.snapshotter.takeNow();
  }

  /** Settles what was appended, applies and writes it down, and lets the store go. */
  stop(): Promise<void> {
    clearInterval(this.ticking);
    return (this.stopping ??= this.drain());
  }

  private async drain(): Promise<void> {
    const { store, leadership, follower, projector, snapshotter, host, log } = this.parts;
    await Promise.all(this.pending);
    try {
      const newest = await store.log.newest();
      await Promise.race([follower.waitForPosition(newest), this.ended]);
      await projector.close();
      await leadership.resign();
    } catch (error) {
      // What was confirmed is in the log; a start replays it.
      log.warn({ err: error }, 'stopping before everything was applied');
    } finally {
      this.following.abort();
      this.notifying.abort();
      await Promise.all([this.ended, this.notified]);
      await host.close();
      await snapshotter.idle();
      await store.close();
    }
    log.info('stopped');
  }

  private async catchUp(onProgress: (progress: CatchUp) => void): Promise<void> {
    const { store, follower } = this.parts;
    await Promise.race([follower.waitForPosition(await store.log.newest()), this.failure()]);
    const { ordinal } = this.state;
    onProgress({ applied: ordinal, total: ordinal });
  }

  private async failure(): Promise<never> {
    throw await this.ended;
  }

  private startTicking(everyMs: number): void {
    let isTicking = false;
    this.ticking = setInterval(() => {
      if (isTicking || this.stopping) return;
      isTicking = true;
      this.tick()
        .catch((error: unknown) => this.parts.log.warn({ err: error }, 'a tick could not be appended'))
        .finally(() => (isTicking = false));
    }, everyMs);
  }

  /** What the files ask for is proposed once, here; whether it holds is decided by the log. */
  private async propose(config: Config): Promise<void> {
    const { templates, sections } = proposalsOf(config, this.state);
    const entries: NewEntry[] = sections.map((each) => ({ kind: 'config-set', ...this.entryBase('files'), ...each }));
    if (templates.length > 0) {
      entries.push({ kind: 'template-add', ...this.entryBase('files'), templates, overwrite: true });
    }
    for (const { outcome } of await this.appendAllAndWait(entries)) {
      if ('rejection' in outcome)
        this.parts.log.warn({ ...outcome.rejection }, 'a file of the configuration was refused');
    }
  }
}
