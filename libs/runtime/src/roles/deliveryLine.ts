import { type Json, PassingMap, PassingSet } from '@wherefore/model';
import type { Delivery, DeliveryKey, NewDelivery, Outbox, Receiver, SendResult, Timer } from '@wherefore/ports';
import type { LineRoom } from './lineRoom';
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
  /** Rows kept in memory; the rest is read from the outbox when the line is empty. */
  readonly rowsMax: number;
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
  /** One more was delivered. */
  delivered(): void;
  /** The row of one that was delivered has to go. */
  record(key: DeliveryKey): void;
  /** Settles when everything reported as delivered is recorded. */
  flushed(): Promise<void>;
  /** Settles when the rows that are being stored now are, and were accepted. */
  stored(): Promise<unknown>;
}

interface Waiting extends NewDelivery {
  readonly attempts: number;
  readonly notBeforeMs: number;
  /** How long it still has to wait once it is the first: reckoned once, so that no clock that jumps keeps it. */
  readonly waitMs: number;
  readonly chars: number;
}

type StoredRow = NewDelivery & Partial<Pick<Delivery, 'attempts' | 'notBeforeMs'>>;
type Failure = Exclude<SendResult, { kind: 'delivered' }>;

const STORE_RETRY_MS = 500;
/** Rows read from the outbox at once. */
const PAGE_ROWS = 5000;
const DELIVERED = 'delivered';

/**
 * What waits for one receiver, oldest first. Rows come from the notifier, before or after they are stored, as long as
 * there is room; what found no room, or was there before this process led, is read from the outbox. What becomes of a row
 * is recorded once it is stored; one that is delivered sooner need not be stored at all.
 *
 * Deliveries begin in the order of the rows, as many at once as the window has room for; once it is full, when half of it is
 * free again. A row that comes due about
 * the same subject as one under way waits for it, and so do those behind it. When one fails nothing more begins until
 * the others have ended; then the first that failed is tried again, alone, or becomes a dead letter.
 */
export class DeliveryLine {
  private readonly rows: Waiting[] = [];
  private chars = 0;
  /** So many of the first rows are under way, or have failed. */
  private begun = 0;
  private readonly underWay = new PassingSet<Waiting>();
  /** Until it is half empty: many that begin together are written together, and cost less. */
  private isWindowFull = false;
  private readonly failed = new Map<Waiting, Failure>();
  /** What was offered, by effect, until it is stored or need not be. */
  private readonly unstored = new PassingMap<string, Waiting | typeof DELIVERED>();
  /** Under way, and not to be looked after any more. */
  private readonly forgotten = new Set<Waiting>();
  /** A receiver threw what is no failure to deliver. */
  private broken: { readonly error: unknown } | undefined;
  /** Rows of the outbox are not all here: they have to be read when the line is empty. */
  private isBehind = true;
  /** So often it was told to read them again. */
  private readings = 0;
  /** One found no room: those after it must not get in before it. */
  private isFull = false;
  private failures = 0;
  private lastFailure = '';
  /** Rows that were stored while the outbox is being read. */
  private meanwhile: NewDelivery[] | undefined;
  /** A row arrived, or one that was under way has ended. */
  private readonly changed = new Bell();

  constructor(
    readonly receiver: string,
    private readonly outbox: Pick<Outbox, 'waiting' | 'settle'>,
    private readonly book: ReceiverBook,
    private readonly journal: LineJournal,
    private readonly room: LineRoom,
    private readonly timer: Timer,
    private readonly options: LineOptions,
  ) {}

  get status(): LineStatus {
    const { receiver, failures, lastFailure } = this;
    return { receiver, waiting: this.rows.length, hasMore: this.isBehind, failures, lastFailure };
  }

  /** Takes a row that is not stored, after all those before, when there is room and nothing is wrong with the receiver. */
  offer(row: NewDelivery): boolean {
    if (this.isBehind || this.isFull || this.failures > 0 || this.failed.size > 0) return false;
    const taken = this.takeIfRoom(row);
    if (!taken) return false;
    this.unstored.set(row.effectId, taken);
    this.changed.ring();
    return true;
  }

  /** Of a row that was offered: whether it is not delivered, and nothing is wrong with the receiver. */
  mayWait({ effectId }: NewDelivery): boolean {
    if (this.failures > 0 || this.failed.size > 0) return false;
    const offered = this.unstored.get(effectId);
    return offered !== undefined && offered !== DELIVERED;
  }

  /** Of a row that was offered, and is about to be stored. */
  hasToBeStored({ effectId }: NewDelivery): boolean {
    if (this.unstored.get(effectId) !== DELIVERED) return true;
    this.unstored.delete(effectId);
    return false;
  }

  /** A row that was just stored, after all those before. */
  accept(row: NewDelivery): void {
    const offered = this.unstored.get(row.effectId);
    this.unstored.delete(row.effectId);
    if (offered === DELIVERED) this.journal.record(row);
    else if (offered === undefined && !this.isBehind) this.takeOrLeave(row);
    else if (offered === undefined) this.meanwhile?.push(row);
    this.changed.ring();
  }

  /** What was read of the outbox may lack rows of an earlier leader: it is read again once the line is empty. */
  readAgain(): void {
    this.readings += 1;
    this.isBehind = true;
    this.changed.ring();
  }

  /** Of what was offered and is not stored nothing is left, but for what is under way: that will leave as soon as it ends. */
  forgetOffered(): void {
    for (const row of this.unstored.values()) {
      if (row === DELIVERED) continue;
      this.forgotten.add(row);
      if (!this.underWay.has(row)) this.drop(row);
    }
    this.unstored.clear();
    this.changed.ring();
  }

  /** Delivers until the signal aborts, once. `isHeld` is asked before deliveries begin. Nothing is under way when it settles. */
  async run(signal: AbortSignal, isHeld: () => boolean): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.rows.length === 0 && this.isBehind) await this.refill(signal);
        else if (this.failed.size > 0 && this.underWay.size === 0) await this.recordFailed(signal);
        else if (!this.mayBegin()) await this.changed.heard(signal);
        else if (isHeld()) await this.beginSome(signal);
        else await pause(this.timer, STORE_RETRY_MS, signal);
        if (this.broken) throw this.broken.error;
      }
    } finally {
      while (this.underWay.size > 0) await this.changed.heard();
    }
  }

  private async refill(signal: AbortSignal): Promise<void> {
    try {
      // What was delivered, but is not recorded as such yet, must not come again.
      await this.journal.flushed();
      this.meanwhile = [];
      this.isFull = false;
      const { readings } = this;
      const page = Math.min(this.options.rowsMax, PAGE_ROWS);
      const found = await this.outbox.waiting(this.receiver, page);
      // Rows may be among those found before their storing has ended: they are accepted meanwhile, and are no others.
      await this.journal.stored();
      this.isBehind = found.length >= page || readings !== this.readings;
      for (const row of found) this.takeOrLeave(row);
      const known = new Set(found.map((row) => row.effectId));
      for (const row of this.meanwhile) if (!known.has(row.effectId)) this.takeOrLeave(row);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.options.warn(error);
      await pause(this.timer, STORE_RETRY_MS, signal);
    } finally {
      this.meanwhile = undefined;
    }
  }

  /** At the end of the line, if there is room; if there is none, the rest is left to the outbox. */
  private takeOrLeave(row: StoredRow): void {
    if (this.isFull || !this.takeIfRoom(row)) this.isFull = this.isBehind = true;
  }

  private takeIfRoom(row: StoredRow): Waiting | undefined {
    const chars = charsOf(row);
    const hasRoom = this.rows.length < this.options.rowsMax && this.room.isFor(this.chars, chars);
    if (!hasRoom && this.rows.length > 0) return undefined;
    const { effectId, receiver, body, attempts = 0, notBeforeMs = 0 } = row;
    const waitMs = Math.min(notBeforeMs - this.timer.nowMs(), this.options.backoff.maxMs);
    const taken = { effectId, receiver, body, attempts, notBeforeMs, waitMs, chars };
    this.rows.push(taken);
    this.chars += chars;
    this.room.take(chars);
    return taken;
  }

  private letGo({ chars }: Waiting): void {
    this.chars -= chars;
    this.room.free(chars);
  }

  /** Whether the delivery of the next row may begin: rows begin in their order. */
  private mayBegin(): boolean {
    const next = this.rows[this.begun];
    if (next === undefined || this.failed.size > 0) return false;
    if (this.underWay.size === 0) return true;
    // After a failure, and for one that has failed before: one at a time.
    const isAlone = this.failures > 0 || this.rows[0]!.attempts > 0 || next.attempts > 0;
    if (isAlone || this.isWindowFull) return false;
    const subject = this.options.subjectOf(next);
    if (subject === undefined) return true;
    for (const row of this.underWay) if (this.options.subjectOf(row) === subject) return false;
    return true;
  }

  private async beginSome(signal: AbortSignal): Promise<void> {
    const next = this.rows[this.begun]!;
    if (next.waitMs > 0 && this.underWay.size === 0) {
      this.rows[this.begun] = { ...next, waitMs: 0 };
      return pause(this.timer, next.waitMs, signal);
    }
    let found: Receiver | undefined;
    try {
      found = await this.book.find(this.receiver);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.options.warn(error);
      return pause(this.timer, STORE_RETRY_MS, signal);
    }
    if (signal.aborted) return;
    if (!found) return this.abandon(next, signal);
    while (this.mayBegin()) {
      const row = this.rows[this.begun++]!;
      this.underWay.add(row);
      this.isWindowFull = this.underWay.size >= this.options.windowOf(this.receiver);
      void this.deliver(found, row, signal);
    }
  }

  /** There is nobody any more to take it. */
  private async abandon(row: Waiting, signal: AbortSignal): Promise<void> {
    if (this.underWay.size > 0) await this.changed.heard(signal);
    else if (this.isDone(row)) this.drop(row);
    else await this.settleHead({ kind: 'abandoned' }, signal);
  }

  /** Never rejects. When it was aborted nobody knows whether it was delivered: the row stays. */
  private async deliver(receiver: Receiver, row: Waiting, signal: AbortSignal): Promise<void> {
    const { effectId, body, attempts, notBeforeMs } = row;
    const { lastFailure } = this;
    try {
      const delivery = { effectId, receiver: this.receiver, body, attempts, notBeforeMs, lastFailure };
      const result = await receiver.send(delivery, signal);
      if (result.kind === 'delivered') this.leave(row);
      else if (this.forgotten.has(row)) this.drop(row);
      else this.failed.set(row, result);
    } catch (error) {
      if (!signal.aborted) this.broken ??= { error };
    } finally {
      this.underWay.delete(row);
      if (this.underWay.size * 2 <= this.options.windowOf(this.receiver)) this.isWindowFull = false;
      this.changed.ring();
    }
  }

  private leave(row: Waiting): void {
    if (!this.isDone(row) && !this.forgotten.has(row)) this.journal.record(row);
    this.journal.delivered();
    this.drop(row);
    this.failures = 0;
    this.lastFailure = '';
  }

  /** One that is not stored yet need not be any more: whoever is about to store it asks. */
  private isDone(row: Waiting): boolean {
    if (this.unstored.get(row.effectId) !== row) return false;
    this.unstored.set(row.effectId, DELIVERED);
    return true;
  }

  private drop(row: Waiting): void {
    const place = this.rows.indexOf(row);
    this.rows.splice(place, 1);
    if (place < this.begun) this.begun -= 1;
    this.letGo(row);
    this.failed.delete(row);
    this.forgotten.delete(row);
  }

  /** The first that failed is tried again, or becomes a dead letter. Others that failed are tried again after it. */
  private async recordFailed(signal: AbortSignal): Promise<void> {
    const row = this.rows[0]!;
    const result = this.failed.get(row)!;
    // What becomes of it is recorded in its row.
    while (this.unstored.has(row.effectId)) {
      await this.changed.heard(signal);
      if (signal.aborted) return;
    }
    if (this.rows[0] !== row) return;
    this.failed.clear();
    this.begun = 0;
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
    this.letGo(row);
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

/** About: the text itself is made elsewhere, where it is needed. */
function charsOf({ effectId, body }: NewDelivery): number {
  return effectId.length + charsOfText(body);
}

function charsOfText(body: Json): number {
  if (typeof body === 'string') return body.length + 2;
  if (typeof body !== 'object' || body === null) return 8;
  let chars = 2;
  const members = body as { readonly [name: string]: Json };
  for (const name of Object.keys(members)) chars += name.length + charsOfText(members[name]!) + 4;
  return chars;
}
