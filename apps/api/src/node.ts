import { AnswerService, liveSource } from '@wherefore/answering';
import type { EngineState } from '@wherefore/engine';
import {
  type Config,
  type Log,
  placeOf,
  proposalsOf,
  type RoleStatus,
  silentLog,
  type StatusAsker,
} from '@wherefore/host';
import { formatPosition, type NewEntry } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import { type Follower, TimeTravel } from '@wherefore/runtime';
import { openStore } from '@wherefore/sqlite';
import { ApiNode, type Readiness } from './apiNode';
import { assemble, type CatchUp, type NodeParts } from './nodeParts';

export interface NodeOptions {
  readonly log?: Log;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  readonly onProgress?: (progress: CatchUp) => void;
}

/** Entries behind the log from which on a server is not ready. */
const READY_LAG_MAX = 1000;

const machineClock: Clock = { nowMs: () => Date.now() };

/**
 * All roles in one process over one embedded store: follows the log, leads, keeps the history, takes
 * snapshots, answers. Composed of plain classes; nothing of HTTP is in it.
 */
export class WhereforeNode extends ApiNode {
  readonly answers: AnswerService;
  /** Settles when the node no longer follows: with `undefined` after `stop`, else with what ended it. */
  readonly ended: Promise<unknown>;
  private readonly following = new AbortController();
  private readonly notifying = new AbortController();
  /** Settles when nobody is notified any more. */
  private readonly notified: Promise<void>;
  private defect: unknown;
  private ticking: NodeJS.Timeout | undefined;

  private constructor(private readonly parts: NodeParts) {
    const { store, follower, projector, host, clock } = parts;
    super({ log: store.log, webhooks: parts.notifier.webhooks, clock });
    const source = liveSource({
      state: () => follower.state,
      travel: new TimeTravel(host),
      archive: store.archive,
      history: store.history,
      snapshots: store.snapshots,
      historyReady: () => projector.flush(),
      isHistoryWhole: true,
    });
    this.answers = AnswerService.over(source, clock);
    this.notified = parts.notifying.run(this.notifying.signal).catch((error: unknown) => {
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
      // What is posted as soon as the server answers is no history.
      await Promise.race([node.parts.notifying.begun, node.failure()]);
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

  /** Moves log time to the clock, and waits until it has. */
  async tick(): Promise<void> {
    await this.appendAndWait(await this.parts.leadership.nextTick());
  }

  /** A snapshot now, whether one is due or not. */
  async takeSnapshot(): Promise<void> {
    await this.parts.snapshotter.takeNow();
  }

  async readiness(): Promise<Readiness> {
    const { isCaughtUp, offsetsBehind } = await this.follower.lag();
    // A server between two entries is a moment behind; one that is far behind would answer of the past.
    const isReady = isCaughtUp || offsetsBehind < READY_LAG_MAX;
    return { isReady, offsetsBehind, ...(isReady ? {} : { reason: 'catching up' }) };
  }

  async status(asker: StatusAsker): Promise<RoleStatus> {
    const newest = await this.parts.store.snapshots.newest();
    const { isReady, reason } = await this.readiness();
    return {
      ...placeOf(this.state, asker),
      leads: [this.parts.leadership.held],
      ...(newest === undefined ? {} : { lastSnapshot: newest }),
      ...(isReady ? {} : { unready: reason ?? '' }),
    };
  }

  protected get follower(): Follower<EngineState> {
    return this.parts.follower;
  }

  /** Settles what was appended, applies and writes it down, and lets the store go. */
  override stop(): Promise<void> {
    clearInterval(this.ticking);
    return super.stop();
  }

  protected async drain(): Promise<void> {
    const { store, leadership, follower, projector, snapshotter, host, log } = this.parts;
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
