import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { AnswerService } from '@wherefore/answering';
import type { AskedMoment } from '@wherefore/contract';
import type { EngineState } from '@wherefore/engine';
import type { RoleStatus, StatusAsker } from '@wherefore/host';
import {
  refusedInput,
  ENTRY_VERSION,
  WhereforeError,
  type Json,
  type NewEntry,
  type Position,
  type Rejection,
  type TemplateSource,
} from '@wherefore/model';
import type { Clock, EventLog, Webhooks } from '@wherefore/ports';
import type { AppliedOutcome, Follower } from '@wherefore/runtime';
import { loadTemplates, type LoadOutcome } from '@wherefore/templates';
import { slicesOf } from './http/jsonText';
import { KeptGraphs, type GraphBytes } from './keptGraphs';
import { type GraphJob, liveGraphText } from './vitrage/graphJob';

/** Of so many vertices a graph is described within some ten milliseconds. */
const LIVE_GRAPH_MAX = 6_000;

/** How long a node may take to apply what was appended: who waits for ever can neither be answered nor be ended. */
const APPLIED_WITHIN_MS = 20_000;

function notApplied(): WhereforeError {
  const message = `what was appended was not applied here within ${APPLIED_WITHIN_MS / 1000} s`;
  return new WhereforeError('log-unavailable', message, {
    hint: 'Send it again with the same Idempotency-Key: it counts once.',
    retryable: true,
  });
}

/** Members of an entry that are the same for all that a node appends. */
export type EntryBase = Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'>;

/** What an api node is made of. */
export interface ApiParts {
  readonly log: EventLog;
  readonly webhooks: Webhooks;
  readonly clock: Clock;
}

/** Whether it answers of now, or still of the past. */
export interface Readiness {
  readonly isReady: boolean;
  readonly offsetsBehind?: number;
  /** Why not. */
  readonly reason?: string;
}

/**
 * What REST stands on: a follower of the log with the state that it answers from, and the way to append. What else the
 * process does is another matter; nothing of HTTP is in it.
 */
export abstract class ApiNode {
  abstract readonly answers: AnswerService;
  /** Settles when the node no longer follows: with `undefined` after `stop`, else with what ended it. */
  abstract readonly ended: Promise<unknown>;
  protected stopping: Promise<void> | undefined;
  private readonly pending = new Set<Promise<void>>();
  private readonly graphs = new KeptGraphs();

  protected constructor(private readonly apiParts: ApiParts) {}

  /** The follower that stands now; another one when it had to begin again. */
  protected abstract get follower(): Follower<EngineState>;

  /** How it is, for whoever looks after it. */
  abstract status(asker: StatusAsker): RoleStatus | Promise<RoleStatus>;

  abstract readiness(): Promise<Readiness>;

  /** While answers would be of a past that nobody asked for: settles when they no longer are. Never rejects. */
  get catchingUp(): Promise<void> | undefined {
    return undefined;
  }

  /** Ends everything; what was appended has been settled. */
  protected abstract drain(): Promise<void>;

  /** The live state. To be read between steps only, and never changed. */
  get state(): EngineState {
    return this.follower.state;
  }

  get position(): Position {
    return this.follower.position;
  }

  /** Receivers that were registered over REST. */
  get webhooks(): Webhooks {
    return this.apiParts.webhooks;
  }

  /**
   * A graph as text. A large one, and one of the past, is written in the thread of replays: nobody else waits for
   * it. Rejects `bad-request`, and as questions about the past do.
   */
  graphText(moment: AskedMoment, job: GraphJob): Promise<GraphBytes> {
    const isNow = moment.atMs === undefined && moment.position === undefined;
    const make = (): Promise<GraphBytes> =>
      isNow && this.state.graph.vertexCount <= LIVE_GRAPH_MAX ? this.liveGraph(job) : this.graphAside(moment, job);
    // The shape of our own names the time of the question.
    return isNow && job.ask === 'topology' ? this.graphs.of(this.position, JSON.stringify(job), make) : make();
  }

  /** Settles once the log has been applied up to there. Rejects with the signal's reason on abort. */
  waitForPosition(position: Position, signal: AbortSignal): Promise<void> {
    return this.follower.waitForPosition(position, signal);
  }

  /** What every entry of this node begins with. */
  entryBase(source = 'api', id: string = randomUUID()): EntryBase {
    return { id, version: ENTRY_VERSION, source, ingestedAtMs: this.apiParts.clock.nowMs() };
  }

  nowMs(): number {
    return this.apiParts.clock.nowMs();
  }

  /** Settles when the entries are durable. Rejects as the log does, and `log-unavailable` while stopping. */
  append(entries: readonly NewEntry[]): Promise<void> {
    if (this.stopping) {
      return Promise.reject(new WhereforeError('log-unavailable', 'the node is stopping', { retryable: true }));
    }
    const appended = this.apiParts.log.append(entries);
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

  /**
   * Appends the entries together, and waits until this node has applied them all. Rejects as `append` does, and
   * `log-unavailable` when they do not come by in time: the node is far behind, or they were lost with their stream.
   */
  async appendAllAndWait(entries: readonly NewEntry[]): Promise<AppliedOutcome[]> {
    const giveUp = new AbortController();
    setMaxListeners(0, giveUp.signal);
    const waiting = Promise.all(entries.map((entry) => this.follower.waitForEntry(entry, giveUp.signal)));
    waiting.catch(() => undefined);
    try {
      await this.append(entries);
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
    const late = setTimeout(() => giveUp.abort(notApplied()), APPLIED_WITHIN_MS);
    try {
      return await waiting;
    } finally {
      clearTimeout(late);
    }
  }

  /** Keeps input that could not become an event, for the operator to see. */
  keepRejected(rejection: Rejection, input: string): Promise<AppliedOutcome> {
    return this.appendAndWait(refusedInput(rejection, input, this.entryBase()));
  }

  /** What would become of templates if they were added now. Nothing is appended. */
  examineTemplates(sources: readonly TemplateSource[], overwrite: boolean): readonly LoadOutcome[] {
    return loadTemplates(sources, this.state.shelf.loaded(), { overwrite }).outcomes;
  }

  /** Settles what was appended, and ends. */
  stop(): Promise<void> {
    return (this.stopping ??= this.settlePending().then(() => this.drain()));
  }

  private async liveGraph(job: GraphJob): Promise<GraphBytes> {
    const { answeredAt, ...graph } = await this.answers.graph({});
    return { answeredAt, slices: [...slicesOf(liveGraphText(graph, job))] };
  }

  private async graphAside(moment: AskedMoment, job: GraphJob): Promise<GraphBytes> {
    const { answeredAt, bytes } = await this.answers.seenBy(job.viewer).raw.aside(moment, job as unknown as Json);
    return { answeredAt, slices: bytes };
  }

  private async settlePending(): Promise<void> {
    await Promise.all(this.pending);
  }
}
