import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import { BrokerLink } from '@wherefore/rabbitmq';
import type { ChannelModel } from 'amqplib';
import { lastValueFrom } from 'rxjs';
import { type BusBatch, BusLine } from './busLine';
import { type BusMessage, type DeadLetter, NOTIFICATIONS, type TakenBatch } from './busMessage';
import type { BusSettings } from './busSettings';
import { bindExchanges, type Bindings, busTrouble, ensureQueues } from './busTopology';

/** What happens to the bus, for whoever listens with `on`. */
export type TransportEvents = {
  /** Messages may have been lost: why. */
  readonly gap: (reason: string) => void;
  /** What holds it up; `undefined` when nothing does any more. */
  readonly trouble: (trouble: WhereforeError | undefined) => void;
  /** Exchanges that are bound, and those that are not. Told when it changes. */
  readonly bindings: (bindings: Bindings) => void;
  /** A batch was kept and acknowledged. */
  readonly kept: (messages: readonly BusMessage[], dead: readonly DeadLetter[]) => void;
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Nest's transport for the notifications of a cloud. It hands batches, in the order of the queue, to the one handler of
 * `NOTIFICATIONS`, and acknowledges a batch when the handler says that it is kept. One batch at a time: order is
 * what the queue is for. Whatever fails for now is tried again, with growing pauses; meanwhile nothing is
 * acknowledged, so that the broker keeps it and soon sends no more.
 */
export class NotificationTransport extends Server<TransportEvents> implements CustomTransportStrategy {
  /** Settles when it listens no more: with what ended it, or with `undefined` after `close`. */
  readonly ended: Promise<unknown>;
  private end!: (reason: unknown) => void;
  private readonly stopping = new AbortController();
  private readonly link: BrokerLink;
  private readonly heard: { [Name in keyof TransportEvents]?: TransportEvents[Name] } = {};
  private connection: ChannelModel | undefined;
  private failures = 0;
  private prefetch: number;
  private missing: ReadonlySet<string> = new Set();
  private hasBound = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: BusSettings,
    private readonly timer: Timer,
    /** Settles when the log can be written to; rejects while it cannot. */
    private readonly probeLog: () => Promise<unknown>,
  ) {
    super();
    this.prefetch = settings.prefetch;
    this.link = new BrokerLink(settings.broker, () => undefined, busTrouble);
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  listen(callback: () => void): void {
    this.running = this.run();
    callback();
  }

  /** What is being kept is finished and acknowledged; the rest goes back to the queue. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.link.close();
    this.end(undefined);
  }

  override on<Name extends keyof TransportEvents, Callback extends TransportEvents[Name]>(
    event: Name,
    callback: Callback,
  ): void {
    this.heard[event] = callback;
  }

  override unwrap<T>(): T {
    return this.link as T;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.session();
      } catch (error) {
        if (!isPassing(error)) return this.end(error);
        this.heard.trouble?.(error);
        this.failures += 1;
        await this.pause(this.failures);
      }
    }
  }

  /** From attaching to the queue until the line is lost, or left to another listener. */
  private async session(): Promise<void> {
    const connection = await this.link.get();
    const isAnother = connection !== this.connection;
    const wasAway = isAnother && (this.connection !== undefined || this.failures > 0);
    const isNew = await ensureQueues(connection, this.settings);
    await this.bind(connection);
    // Told once the queue is bound: a poll that begins now finds whatever is not announced any more.
    if (isNew) this.heard.gap?.(`the queue ${this.settings.queue} was not there`);
    else if (wasAway) this.heard.gap?.('the connection to the bus was lost');
    this.connection = connection;
    const line = await BusLine.open(connection, this.settings, this.prefetch);
    this.prefetch = this.settings.prefetch;
    this.failures = 0;
    this.heard.trouble?.(undefined);
    const checking = new AbortController();
    const checked = this.checkBindings(connection, checking.signal);
    try {
      await this.consume(line);
    } finally {
      checking.abort();
      await checked;
      await line.close();
    }
  }

  private async consume(line: BusLine): Promise<void> {
    for (;;) {
      const batch = await line.next(this.stopping.signal);
      if (batch === undefined || this.isOverBudget(line)) return;
      const dead = await this.keep(batch, line);
      if (dead === undefined) return;
      if (dead.length > 0) await line.bury(dead);
      line.acknowledge(batch);
      this.heard.kept?.(batch.messages, dead);
    }
  }

  /** Messages larger than usual: begins anew with fewer at once. What it held is delivered again. */
  private isOverBudget(line: BusLine): boolean {
    const { heldBytesMax } = this.settings;
    if (line.heldBytes <= heldBytesMax || line.heldCount === 1) return false;
    this.prefetch = Math.max(1, Math.floor(line.heldCount * (heldBytesMax / line.heldBytes) * 0.8));
    return true;
  }

  /** Settles with what cannot be read when the rest is kept; with `undefined` when another listener is to have it. */
  private async keep(batch: BusBatch, line: BusLine): Promise<readonly DeadLetter[] | undefined> {
    const since = performance.now();
    for (let attempt = 1; ; attempt++) {
      const taken = await this.hand(batch.messages);
      if (taken.kind === 'kept') {
        if (attempt > 1) this.heard.trouble?.(undefined);
        return taken.dead;
      }
      if (!isPassing(taken.error)) throw taken.error;
      this.heard.trouble?.(taken.error);
      if (line.trouble !== undefined) throw line.trouble;
      if (performance.now() - since >= this.settings.handOverMs) {
        await line.close();
        await this.untilLogIsThere();
        return undefined;
      }
      await this.pause(attempt);
      if (this.stopping.signal.aborted) return undefined;
    }
  }

  private async hand(messages: readonly BusMessage[]): Promise<TakenBatch> {
    const handler = this.getHandlerByPattern(NOTIFICATIONS);
    if (handler === null) throw new Error(`nothing handles ${NOTIFICATIONS}`);
    const answer = this.transformToObservable(await handler(messages, new BaseRpcContext([])));
    return (await lastValueFrom(answer)) as TakenBatch;
  }

  private async untilLogIsThere(): Promise<void> {
    for (let attempt = 1; !this.stopping.signal.aborted; attempt++) {
      try {
        await this.probeLog();
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.pause(attempt);
      }
    }
  }

  private async checkBindings(connection: ChannelModel, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.timer.sleep(this.settings.bindingCheckMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      // A connection that is lost is noticed by the line.
      await this.bind(connection).catch(() => undefined);
    }
  }

  /** Binds what is there. What came to be since may have announced something before it was bound. */
  private async bind(connection: ChannelModel): Promise<void> {
    const bindings = await bindExchanges(connection, this.settings);
    const missing = new Set(bindings.missing.keys());
    const late = [...this.missing].filter((exchange) => !missing.has(exchange));
    const hasChanged = !this.hasBound || missing.size !== this.missing.size || late.length > 0;
    this.missing = missing;
    this.hasBound = true;
    if (hasChanged) this.heard.bindings?.(bindings);
    for (const exchange of late) this.heard.gap?.(`the exchange ${exchange} was not bound before`);
  }

  /** Longer after each failure in a row, with some chance in it. Ends early when it is to stop. */
  private async pause(failures: number): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    await this.timer.sleep(longest * (0.5 + Math.random() / 2), this.stopping.signal).catch(() => undefined);
  }
}

function isPassing(error: unknown): error is WhereforeError {
  return error instanceof WhereforeError && error.retryable;
}
