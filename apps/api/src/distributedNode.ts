import { AnswerService, liveSource, replayParts } from '@wherefore/answering';
import type { EngineState } from '@wherefore/engine';
import {
  type DistributedPorts,
  type ProcessContext,
  distributed,
  placeOf,
  type RoleStatus,
  type StatusAsker,
  Warnings,
  webhookNetworks,
} from '@wherefore/host';
import { WhereforeError, comparePositions, type Position } from '@wherefore/model';
import type { Timer, Webhooks } from '@wherefore/ports';
import {
  Follower,
  ReplayHost,
  Replayer,
  TimeTravel,
  type Warn,
  backoffMs,
  engineMachine,
  gatheredLog,
  isPassing,
  persist,
} from '@wherefore/runtime';
import { ApiNode, type Readiness } from './apiNode';
import { ANSWERS_ASIDE, ASIDE_NICENESS } from './nodeParts';

/** The time until what the archive held is applied. */
class Warming {
  end: () => void = () => undefined;
  readonly done = new Promise<void>((resolve) => (this.end = resolve));
}

interface NodeParts {
  readonly ports: DistributedPorts;
  /** Takes none that leads to where it may not. */
  readonly webhooks: Webhooks;
  readonly host: ReplayHost;
  readonly timer: Timer;
  readonly warn: Warn;
}

const RETRY = { firstMs: 200, maxMs: 5000, random: Math.random };
/** How long an answer from the history waits for the persister to have written what this node has applied. */
const HISTORY_WAIT_MS = 2000;
/** By so much an answer may be older than it had to be. Whoever has written something waits for it, and not for this. */
const GATHER_MS = 20;

/**
 * One of several processes that answer: follows the log, and leads nothing. The history is what the persister writes;
 * the past is replayed in a thread over the database.
 */
export class DistributedNode extends ApiNode {
  readonly answers: AnswerService;
  readonly ended: Promise<unknown>;
  private readonly following = new AbortController();
  /** Kept while it begins, or begins again. */
  private warming: Warming | undefined = new Warming();

  private constructor(
    private readonly parts: NodeParts,
    private current: Follower<EngineState>,
  ) {
    const { ports, webhooks, host, timer } = parts;
    super({ log: ports.log, webhooks, clock: timer });
    const source = liveSource({
      state: () => this.current.state,
      travel: new TimeTravel(host),
      archive: ports.archive,
      history: ports.history,
      snapshots: ports.snapshots,
      historyReady: () => this.untilHistory(this.position),
    });
    this.answers = AnswerService.over(source, timer);
    this.ended = this.follow(this.following.signal).then(
      () => undefined,
      (error: unknown) => error ?? new Error('the follower ended'),
    );
  }

  /** Starts from the newest snapshot; ready once it has come as far as the archive was. */
  static async open(context: ProcessContext): Promise<DistributedNode> {
    const { config, log, timer, signal } = context;
    const ports = distributed(context.ports);
    const { warn } = new Warnings(log, timer);
    const aside = { ...replayParts(ports.replaySource, ANSWERS_ASIDE), niceness: ASIDE_NICENESS };
    const host = await ReplayHost.open(aside);
    try {
      const webhooks = webhookNetworks(config).guard(ports.webhooks);
      const parts = { ports, webhooks, host, timer, warn };
      return new DistributedNode(parts, await begin(parts, signal));
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  async readiness(): Promise<Readiness> {
    return this.warming === undefined ? { isReady: true } : { isReady: false, reason: 'applying what was archived' };
  }

  override get catchingUp(): Promise<void> | undefined {
    return this.warming?.done;
  }

  async status(asker: StatusAsker): Promise<RoleStatus> {
    const { reason } = await this.readiness();
    return { ...placeOf(this.state, asker), ...(reason === undefined ? {} : { unready: reason }) };
  }

  protected get follower(): Follower<EngineState> {
    return this.current;
  }

  protected async drain(): Promise<void> {
    this.following.abort();
    await this.ended;
    await this.parts.host.close();
  }

  /** Begins again, from a snapshot, where the log does not go on: entries may be lost with their stream. */
  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const from = this.position;
      void this.warmUp(this.current, signal);
      try {
        await this.current.run(signal);
        return;
      } catch (error) {
        const isHole = error instanceof WhereforeError && error.code === 'log-hole';
        if (!isHole || comparePositions(from, this.position) >= 0) throw error;
        this.parts.warn(error);
        this.warming ??= new Warming();
      }
      this.current = await begin(this.parts, signal);
    }
  }

  private async warmUp(follower: Follower<EngineState>, signal: AbortSignal): Promise<void> {
    const { ports, timer, warn } = this.parts;
    try {
      const cursor = await persist(() => ports.archive.cursor(), { timer, backoff: RETRY, warn, signal });
      await follower.waitForPosition(cursor, signal);
      if (follower !== this.current) return;
      this.warming?.end();
      this.warming = undefined;
    } catch {
      // The follower ended, and says itself why; or the node is stopping.
    }
  }

  /** Who asks for the history after a write sees it. A persister that is away holds nobody up for long. */
  private async untilHistory(position: Position): Promise<void> {
    const { ports, timer } = this.parts;
    const giveUpAtMs = timer.nowMs() + HISTORY_WAIT_MS;
    for (let tries = 1; timer.nowMs() < giveUpAtMs; tries++) {
      if (comparePositions((await ports.history.cursor()).position, position) >= 0) return;
      await timer.sleep(backoffMs({ firstMs: 10, maxMs: 200, random: () => 1 }, tries));
    }
  }
}

async function begin({ ports, timer, warn }: NodeParts, signal: AbortSignal): Promise<Follower<EngineState>> {
  const { archive, snapshots } = ports;
  const replayer = new Replayer(
    engineMachine,
    { archive, snapshots },
    (warning) => isPassing(warning) || warn(warning),
  );
  const state = await persist(async () => replayer.stateAtOrBefore(await archive.cursor()), {
    ...{ timer, backoff: RETRY, warn, signal },
  });
  const log = gatheredLog(ports.log, () => (follower.isAwaited ? 0 : GATHER_MS));
  const follower: Follower<EngineState> = new Follower(log, engineMachine, state);
  return follower;
}
