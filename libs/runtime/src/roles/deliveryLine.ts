import type { Delivery, DeliveryKey, NewDelivery, Outbox, Receiver, SendResult, Timer } from '@wherefore/ports';
import { Bell, backoffMs, isPassing, pause, type Backoff, type Warn } from './waiting';

/** Knows the receivers by the names that delivery rows bear. */
export interface ReceiverBook {
  /**
   * The receiver; `undefined` only when it is known that there is none of that name any more: its rows go then.
   * Asked before every delivery: cheap. May reject `log-unavailable` (retryable).
   */
  find(name: string): Promise<Receiver | undefined>;
}

export interface LineOptions {
  /** Deliveries under way to one receiver at once. */
  readonly windowOf: (receiver: string) => number;
  /** Deliveries with the same subject keep their order, whatever the window is; those without one need not. */
  readonly subjectOf: (row: NewDelivery) => string | undefined;
  /** Rows kept in memory; the rest is read from the outbox as the line gets shorter. */
  readonly rowsMax: number;
  /** Characters of bodies kept in memory, about. */
  readonly charsMax: number;
  /** After so many attempts in vain a delivery becomes a dead letter. */
  readonly attemptsMax: number;
  readonly backoff: Backoff;
  readonly warn: Warn;
}

/** How one receiver is doing. */
export interface LineStatus {
  readonly receiver: string;
  /** Rows in memory that are not delivered. */
  readonly waiting: number;
  /** Whether there are more in the outbox. */
  readonly hasMore: boolean;
  /** Attempts in vain since the last success. */
  readonly failures: number;
  readonly lastFailure: string;
}

/** Tells the desk what became of rows. */
export interface LineJournal {
  delivered(key: DeliveryKey): void;
  /** Settles when everything reported as delivered is recorded. */
  flushed(): Promise<void>;
}

interface Waiting extends NewDelivery {
  readonly attempts: number;
  readonly notBeforeMs: number;
  /** How long it still has to wait once it is the first: reckoned once, so that no clock that jumps keeps it. */
  readonly waitMs: number;
  readonly chars: number;
}

const STORE_RETRY_MS = 500;

/**
 * What waits for one receiver, oldest first. Rows come from the notifier as they are stored, as long as there is room;
 * what found no room, or was there before this process led, is read from the outbox.
 */
export class DeliveryLine {
  private readonly rows: Waiting[] = [];
  private chars = 0;
  /** Rows of the outbox are not all here: they have to be read when the line is empty. */
  private isBehind = true;
  /** One found no room: those after it must not get in before it. */
  private isFull = false;
  private failures = 0;
  private lastFailure = '';
  /** Rows that were stored while the outbox is being read. */
  private meanwhile: NewDelivery[] | undefined;
  private readonly arrived = new Bell();

  constructor(
    readonly receiver: string,
    private readonly outbox: Pick<Outbox, 'waiting' | 'settle'>,
    private readonly book: ReceiverBook,
    private readonly journal: LineJournal,
    private readonly timer: Timer,
    private readonly options: LineOptions,
  ) {}

  get status(): LineStatus {
    const { receiver, failures, lastFailure } = this;
    return { receiver, waiting: this.rows.length, hasMore: this.isBehind, failures, lastFailure };
  }

  /** A row that was just stored, after all those before. */
  accept(row: NewDelivery): void {
    if (this.isBehind) this.meanwhile?.push(row);
    else this.take(row);
    this.arrived.ring();
  }

  /** Delivers until the signal aborts. `isHeld` is asked before each delivery. */
  async run(signal: AbortSignal, isHeld: () => boolean): Promise<void> {
    while (!signal.aborted) {
      if (this.rows.length === 0 && this.isBehind) await this.refill(signal);
      else if (this.rows.length === 0) await this.arrived.heard(signal);
      else if (isHeld()) await this.deliverSome(signal);
      else await pause(this.timer, STORE_RETRY_MS, signal);
    }
  }

  private async refill(signal: AbortSignal): Promise<void> {
    try {
      // What was delivered, but is not recorded as such yet, must not come again.
      await this.journal.flushed();
      this.meanwhile = [];
      this.isFull = false;
      const found = await this.outbox.waiting(this.receiver, this.options.rowsMax);
      this.isBehind = found.length >= this.options.rowsMax;
      for (const row of found) this.take(row);
      const known = new Set(found.map((row) => row.effectId));
      for (const row of this.meanwhile) if (!known.has(row.effectId)) this.take(row);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.options.warn(error);
      await pause(this.timer, STORE_RETRY_MS, signal);
    } finally {
      this.meanwhile = undefined;
    }
  }

  /** At the end of the line, if there is room; if there is none, the rest is left to the outbox. */
  private take(row: NewDelivery & Partial<Pick<Delivery, 'attempts' | 'notBeforeMs'>>): void {
    const chars = sizeOf(row);
    const { rowsMax, charsMax } = this.options;
    const isFirst = this.rows.length === 0;
    const hasRoom = this.rows.length < rowsMax && this.chars + chars <= charsMax;
    if (this.isFull || (!isFirst && !hasRoom)) {
      this.isFull = true;
      this.isBehind = true;
      return;
    }
    const { effectId, receiver, body, attempts = 0, notBeforeMs = 0 } = row;
    const waitMs = Math.min(notBeforeMs - this.timer.nowMs(), this.options.backoff.maxMs);
    this.rows.push({ effectId, receiver, body, attempts, notBeforeMs, waitMs, chars });
    this.chars += chars;
  }

  private async deliverSome(signal: AbortSignal): Promise<void> {
    const { receiver } = this;
    const head = this.rows[0]!;
    if (head.waitMs > 0) {
      this.rows[0] = { ...head, waitMs: 0 };
      return pause(this.timer, head.waitMs, signal);
    }
    let found: Receiver | undefined;
    try {
      found = await this.book.find(receiver);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.options.warn(error);
      return pause(this.timer, STORE_RETRY_MS, signal);
    }
    if (signal.aborted) return;
    if (!found) return this.settleHead({ kind: 'abandoned' }, signal);
    const window = this.failures > 0 || head.attempts > 0 ? 1 : this.options.windowOf(receiver);
    const batch = this.firstRows(window);
    const results = await Promise.all(batch.map((row) => this.send(found, row, signal)));
    if (signal.aborted && results.every((result) => result === undefined)) return;
    await this.record(batch, results, signal);
  }

  /** The first rows, up to one whose subject comes before it among them. */
  private firstRows(countMax: number): readonly Waiting[] {
    const subjects = new Set<string>();
    let count = 0;
    while (count < Math.min(countMax, this.rows.length)) {
      const subject = this.options.subjectOf(this.rows[count]!);
      if (subject !== undefined && subjects.has(subject)) break;
      if (subject !== undefined) subjects.add(subject);
      count += 1;
    }
    return this.rows.slice(0, count);
  }

  /** Nothing when it was aborted: then nobody knows. */
  private async send(receiver: Receiver, row: Waiting, signal: AbortSignal): Promise<SendResult | undefined> {
    const { effectId, body, attempts, notBeforeMs } = row;
    const delivery: Delivery = {
      effectId,
      receiver: this.receiver,
      body,
      attempts,
      notBeforeMs,
      lastFailure: this.lastFailure,
    };
    try {
      return await receiver.send(delivery, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Those that were delivered leave; the first that was not is tried again, or becomes a dead letter. */
  private async record(
    batch: readonly Waiting[],
    results: readonly (SendResult | undefined)[],
    signal: AbortSignal,
  ): Promise<void> {
    let failed: { readonly row: Waiting; readonly result: Exclude<SendResult, { kind: 'delivered' }> } | undefined;
    const left: Waiting[] = [];
    batch.forEach((row, place) => {
      const result = results[place];
      if (result?.kind === 'delivered') {
        this.journal.delivered(row);
        this.chars -= row.chars;
        return;
      }
      left.push(row);
      if (result) failed ??= { row, result };
    });
    this.rows.splice(0, batch.length, ...left);
    if (failed) return this.recordFailure(failed.row, failed.result, signal);
    this.failures = 0;
    this.lastFailure = '';
  }

  private async recordFailure(
    row: Waiting,
    result: Exclude<SendResult, { kind: 'delivered' }>,
    signal: AbortSignal,
  ): Promise<void> {
    // Rows before it that were aborted have no result: it is not the first then, and is tried again.
    if (this.rows[0] !== row) return;
    const { reason } = result;
    this.lastFailure = reason;
    if (result.kind === 'refused') {
      this.failures = 0;
      return this.settleHead({ kind: 'dead', reason, atMs: this.timer.nowMs() }, signal);
    }
    this.failures += 1;
    const { attemptsMax, backoff } = this.options;
    // One that has been down for so long gets one attempt for each: it is not waited for again and again.
    if (Math.max(this.failures, row.attempts + 1) >= attemptsMax) {
      await this.settleHead({ kind: 'dead', reason, atMs: this.timer.nowMs() }, signal);
      return pause(this.timer, backoffMs(backoff, this.failures), signal);
    }
    const waitMs = backoffMs(backoff, Math.max(this.failures, row.attempts + 1));
    const notBeforeMs = this.timer.nowMs() + waitMs;
    this.rows[0] = { ...row, attempts: row.attempts + 1, notBeforeMs, waitMs };
    await this.settle(row, { kind: 'failed', reason, notBeforeMs }, signal);
  }

  private async settleHead(outcome: Parameters<Outbox['settle']>[1], signal: AbortSignal): Promise<void> {
    const row = this.rows[0]!;
    if (!(await this.settle(row, outcome, signal))) return;
    this.rows.shift();
    this.chars -= row.chars;
  }

  /** Whether it is recorded: not when it was told to stop first. */
  private async settle(
    row: DeliveryKey,
    outcome: Parameters<Outbox['settle']>[1],
    signal: AbortSignal,
  ): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await this.outbox.settle({ effectId: row.effectId, receiver: this.receiver }, outcome);
        return true;
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.options.warn(error);
        await pause(this.timer, STORE_RETRY_MS, signal);
      }
    }
    return false;
  }
}

function sizeOf({ effectId, body }: NewDelivery): number {
  return effectId.length + JSON.stringify(body).length;
}
