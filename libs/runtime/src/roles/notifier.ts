import { ORIGIN, WhereforeError, comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { Advance, Clock, LogReader, NewDelivery, Outbox, Timer, Watermark, LogEpoch } from '@wherefore/ports';
import type { AppliedStep } from '../follower';
import { steadyClock } from '../workSlice';
import { KeptNews, type Taker } from './keptNews';
import type { Term } from './term';
import { Bell, backoffMs, isPassing, pause, persist, type Backoff, type Warn } from './waiting';

/** What receivers are told of a step: one delivery for each receiver and effect. The state is that right after the step. */
export type DeriveNews<S> = (step: AppliedStep, state: S) => readonly NewDelivery[];

/** Who delivers: `DeliveryDesk`. */
export interface Deliverer extends Taker {
  /** Told of each attempt to store, while it is under way. */
  storing(attempt: Promise<unknown>): void;
  /** Takes rows that were just stored, those too that it was offered before. */
  accept(rows: readonly NewDelivery[]): void;
  /** What it was offered and was not stored will be derived again. */
  forgetOffered(): void;
  /** Nobody else stores rows from now on; some may have been since it read them. */
  readAgain(): void;
}

export interface NotifierParts {
  readonly outbox: Pick<Outbox, 'watermark' | 'claim' | 'advance'>;
  readonly log: Pick<LogReader, 'newest'>;
  readonly desk: Deliverer;
  readonly timer: Timer;
  readonly derive: (step: AppliedStep) => readonly NewDelivery[];
  /** Where the log's stream can be lost: the epoch that it lives in, and where the one before was sealed. */
  readonly currentEpoch?: () => Promise<LogEpoch | undefined>;
}

export interface NotifierOptions {
  /** Deliveries stored in one transaction, about: those of a step are never parted. Default 1,000. */
  readonly batchRowsMax?: number;
  /** Deliveries that may wait to be stored; beyond, the follower is held back. Default 20,000. */
  readonly keptRowsMax?: number;
  /** How often the watermark moves while news is being delivered. Default 100 ms. */
  readonly gatherMs?: number;
  /**
   * How long the watermark waits for news that receivers which are well have not taken yet, before that is stored. A
   * leader that dies has so much told again. Default 1 s.
   */
  readonly holdMs?: number;
  /**
   * How long after the watermark was moved news is delivered before it is stored: for so long two leaders that do not
   * know of each other may tell the same. Default 500 ms.
   */
  readonly trustMs?: number;
  /** By which that is measured. Default: the machine's monotone clock. */
  readonly steady?: Clock;
  /** How often the watermark follows a log without news, and a standby looks how far the leader is. Default 1 s. */
  readonly idleMs?: number;
  /** Default: from 50 ms to 2 s. */
  readonly backoff?: Backoff;
  /** Told when the follower has to wait because too much is kept: somebody has to lead for it to go on. */
  readonly heldBack?: () => void;
  readonly warn?: Warn;
}

type Moving = Pick<Advance, 'position' | 'deliveries'>;

/**
 * Sees to it that whatever a follower's steps did is told, and known to be told: delivered, or stored as rows of the
 * outbox.
 *
 * A leader that has just proved that it is one, by moving the watermark, has news delivered as it comes; one that has not
 * proves it first. The watermark then moves over what is delivered, and waits a while for what receivers that are well are
 * about to take. What they did not take by then, and what the deliverer has no room for, is stored. A row is
 * offered only when all those before it, for the same receiver, are with the deliverer.
 *
 * The watermark says up to where that is done. A standby derives the same news as the leader, keeps what lies beyond
 * the watermark, and forgets it as the watermark moves; when its term begins it stores what is left. So the follower
 * has to begin at a state at or before the watermark.
 *
 * What is kept is bounded. Beyond the bound the follower waits, on a standby too: news that nobody could store
 * would be lost otherwise. It goes on when the leader moves the watermark, or when this one leads.
 */
export class Notifier {
  private readonly batchRowsMax: number;
  private readonly keptRowsMax: number;
  private readonly idleMs: number;
  private readonly backoff: Backoff;
  private readonly warn: Warn;
  private readonly gatherMs: number;
  private readonly holdMs: number;
  private readonly trustMs: number;
  private readonly steady: Clock;
  private readonly kept: KeptNews;
  /** By the steady clock: until then news is delivered before it is stored. */
  private trustedUntilMs = -Infinity;
  /** The last step that was heard of. */
  private seen: Position = ORIGIN;
  /** As last read, or moved by this one. */
  private mark: Watermark = { position: ORIGIN, epoch: 0 };
  private isLeading = false;
  /** The follower began again since the seal of the last epoch was looked at. */
  private isAnew = true;
  private readonly arrived = new Bell();
  private readonly waiting = new Set<() => void>();
  private tellBegun: () => void = () => undefined;
  /** Settles when a term has claimed the watermark: whatever is appended from then on is notified. */
  readonly begun = new Promise<void>((resolve) => (this.tellBegun = resolve));

  constructor(
    private readonly parts: NotifierParts,
    private readonly options: NotifierOptions = {},
  ) {
    this.kept = new KeptNews(parts.desk);
    this.batchRowsMax = options.batchRowsMax ?? 1000;
    this.keptRowsMax = options.keptRowsMax ?? 20_000;
    this.idleMs = options.idleMs ?? 1000;
    this.backoff = options.backoff ?? { firstMs: 50, maxMs: 2000, random: () => 1 };
    this.warn = options.warn ?? (() => undefined);
    this.gatherMs = options.gatherMs ?? 100;
    this.holdMs = options.holdMs ?? 1000;
    this.trustMs = options.trustMs ?? 500;
    this.steady = options.steady ?? steadyClock;
  }

  /** The watermark as far as this process knows. */
  get watermark(): Watermark {
    return this.mark;
  }

  /** Deliveries that wait to be stored, by this process or by the leader. */
  get waitingRows(): number {
    return this.kept.rowCount;
  }

  /**
   * Another follower begins, from a state at or before this watermark: it derives again what the one before has left
   * behind.
   */
  beginAgain(watermark: Watermark): void {
    this.parts.desk.forgetOffered();
    this.kept.clear();
    this.seen = ORIGIN;
    this.isAnew = true;
    this.moveTo(watermark);
    this.letGo();
  }

  /** The listener to subscribe with. Gives a promise while too much is kept. */
  readonly accept = (step: AppliedStep): void | Promise<void> => {
    const { position } = step.entry;
    this.seen = position;
    if (comparePositions(position, this.mark.position) <= 0) return;
    const rows = this.parts.derive(step);
    if (rows.length === 0) return;
    const sinceMs = this.steady.nowMs();
    this.kept.add({ position, sinceMs, rows }, sinceMs < this.trustedUntilMs);
    this.arrived.ring();
    if (this.kept.rowCount <= this.keptRowsMax) return;
    this.options.heldBack?.();
    return new Promise((resolve) => this.waiting.add(resolve));
  };

  /** Looks how far the leader is, and forgets what is stored, until the signal aborts. */
  async standBy(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const watermark = await this.parts.outbox.watermark();
        // A leader moves it itself, in step with what it hands on.
        if (!this.isLeading) this.moveTo(watermark);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
      }
      await pause(this.parts.timer, this.idleMs, signal);
    }
  }

  /**
   * Has news told until the signal aborts. Rejects `stale-epoch` when a later leader has claimed the watermark.
   * Passing trouble is tried again; meanwhile news waits.
   */
  async run(term: Term, signal: AbortSignal = term.signal): Promise<void> {
    this.isLeading = true;
    try {
      await this.lead(term, signal);
    } finally {
      this.isLeading = false;
    }
  }

  private async lead(term: Term, signal: AbortSignal): Promise<void> {
    const { timer } = this.parts;
    const keeping = { timer, backoff: this.backoff, warn: this.warn, signal };
    this.trustedUntilMs = -Infinity;
    // In a term before it was offered, and it is not known whether it was told.
    this.kept.takeBack();
    const claimed = await persist(() => this.parts.outbox.claim(term.epoch), keeping);
    if (claimed.kind !== 'advanced') throw stale(term.epoch);
    this.parts.desk.readAgain();
    this.moveTo(claimed.watermark);
    if (comparePositions(this.mark.position, ORIGIN) === 0) await this.beginAtHead(term, signal);
    if (!signal.aborted) this.tellBegun();
    while (!signal.aborted) {
      if (this.isAnew) await this.returnToSeal(term, signal);
      if (this.kept.stepCount === 0) await this.arrived.heardWithin(timer, this.idleMs, signal);
      if (this.kept.hasHeld && !this.isTrusted) await this.prove(term, signal);
      // What is being told may wait a little, and perhaps need not be stored.
      if (this.kept.hasOffered) await pause(timer, this.gatherMs, signal);
      if (!signal.aborted) await this.moveOn(term, signal);
    }
  }

  /**
   * After `run`, when no delivery is under way any more: stores what is left, in one attempt, so that the next leader
   * tells nothing twice. Trouble is only told of: then the next leader does.
   */
  async settle(term: Term): Promise<void> {
    if (!this.kept.hasOffered) return;
    try {
      await this.storeKept(term, this.kept.stepCount);
    } catch (error) {
      if (!(error instanceof WhereforeError)) throw error;
      this.warn(error);
    }
  }

  /** What is known before the first start, or was imported, is history: nobody is notified of it. */
  private async beginAtHead(term: Term, signal: AbortSignal): Promise<void> {
    const { timer, log } = this.parts;
    const keeping = { timer, backoff: this.backoff, warn: this.warn, signal };
    let head = await persist(() => log.newest(), keeping);
    while (comparePositions(head, ORIGIN) === 0 && !signal.aborted) {
      // The leader's first tick is on its way.
      await pause(timer, Math.min(this.idleMs, 100), signal);
      head = await persist(() => log.newest(), keeping);
    }
    if (!signal.aborted) await this.advance(term, { position: head, deliveries: [] }, signal);
  }

  /** What was told of entries beyond the place at which their epoch was sealed did not happen: they do not count. */
  private async returnToSeal(term: Term, signal: AbortSignal): Promise<void> {
    const { timer, currentEpoch } = this.parts;
    this.isAnew = false;
    if (!currentEpoch) return;
    const keeping = { timer, backoff: this.backoff, warn: this.warn, signal };
    const epoch = await persist(currentEpoch, keeping);
    const { position } = this.mark;
    if (!epoch || position.epoch >= epoch.number || comparePositions(position, epoch.sealedAt) <= 0) return;
    const sealedAt = formatPosition(epoch.sealedAt);
    this.warn(
      new WhereforeError(
        'log-hole',
        `notified up to ${formatPosition(position)}, but the log was sealed at ${sealedAt}`,
        {
          hint: `Notifications whose id begins with a position after ${sealedAt}, in that epoch, were of entries that are lost.`,
        },
      ),
    );
    await this.advance(term, { position: epoch.sealedAt, deliveries: [] }, signal);
  }

  private get isTrusted(): boolean {
    return this.steady.nowMs() < this.trustedUntilMs;
  }

  /** That nobody later has claimed the watermark, by moving it to where it is. */
  private prove(term: Term, signal: AbortSignal): Promise<void> {
    return this.advance(term, { position: this.mark.position, deliveries: [] }, signal);
  }

  private async moveOn(term: Term, signal: AbortSignal): Promise<void> {
    const { kept, keptRowsMax } = this;
    // With so much kept the follower would have to wait before long.
    const holdMs = kept.rowCount * 2 > keptRowsMax ? 0 : this.holdMs;
    const count = kept.countToMove(this.batchRowsMax, this.steady.nowMs() - holdMs);
    if (count === 0 && kept.stepCount > 0) await this.prove(term, signal);
    else await this.storeKept(term, count, signal);
  }

  /** Moves the watermark over so much of what is kept, and stores what is not delivered yet. Without a signal: one attempt. */
  private async storeKept(term: Term, count: number, signal?: AbortSignal): Promise<void> {
    const { kept } = this;
    // Where nothing is left the watermark goes as far as the follower is.
    const position = count === kept.stepCount ? this.seen : kept.endOf(count);
    if (comparePositions(position, this.mark.position) <= 0) return;
    const { desk } = this.parts;
    const deliveries = kept.toStore(count);
    const moving = { position, deliveries };
    const storing = signal ? this.advance(term, moving, signal) : this.attemptAdvance(term, moving);
    desk.storing(storing);
    await storing;
  }

  /** Tries until it is stored, or it is told to stop. */
  private async advance(term: Term, moving: Moving, signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await this.attemptAdvance(term, moving);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
        await pause(this.parts.timer, backoffMs(this.backoff, failures), signal);
      }
    }
  }

  private async attemptAdvance({ epoch }: Term, { position, deliveries }: Moving): Promise<void> {
    const { outbox, desk } = this.parts;
    const expected = this.mark.position;
    const begunAtMs = this.steady.nowMs();
    // Due at once, whatever the clocks of processes say.
    const { kind, watermark } = await outbox.advance({ expected, position, epoch, deliveries, notBeforeMs: 0 });
    if (kind === 'stale-epoch') throw stale(epoch);
    // In this epoch nobody else moves it: an attempt before this one went through, and its answer was lost.
    const isThere = comparePositions(watermark.position, position) === 0;
    if (!isThere) throw moved(expected, watermark.position);
    this.trustedUntilMs = begunAtMs + this.trustMs;
    // Before the next row may be offered: those that were stored first have to be in line before it.
    desk.accept(deliveries);
    this.moveTo(watermark);
    if (this.isTrusted) this.kept.offerHeld();
  }

  private moveTo(watermark: Watermark): void {
    if (comparePositions(watermark.position, this.mark.position) < 0 && watermark.epoch < this.mark.epoch) return;
    this.mark = watermark;
    this.kept.forgetUpTo(watermark.position);
    if (this.kept.rowCount <= this.keptRowsMax) this.letGo();
  }

  private letGo(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function stale(epoch: number): WhereforeError {
  return new WhereforeError('stale-epoch', `a later leader than that of epoch ${epoch} has claimed the watermark`);
}

function moved(expected: Position, found: Position): WhereforeError {
  return new WhereforeError(
    'stale-epoch',
    `the watermark is at ${formatPosition(found)}, not at ${formatPosition(expected)}: somebody else has moved it`,
  );
}
