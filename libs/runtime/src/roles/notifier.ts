import { ORIGIN, WhereforeError, comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { Advance, LogReader, NewDelivery, Outbox, Timer, Watermark, LogEpoch } from '@wherefore/ports';
import type { AppliedStep } from '../follower';
import type { Term } from './term';
import { Bell, backoffMs, isPassing, pause, persist, type Backoff, type Warn } from './waiting';

/** What receivers are told of a step: one delivery for each receiver and effect. The state is that right after the step. */
export type DeriveNews<S> = (step: AppliedStep, state: S) => readonly NewDelivery[];

/** Takes rows that were just stored: `DeliveryDesk`. */
export interface StoredRowsTaker {
  accept(rows: readonly NewDelivery[]): void;
}

export interface NotifierParts {
  readonly outbox: Pick<Outbox, 'watermark' | 'claim' | 'advance'>;
  readonly log: Pick<LogReader, 'newest'>;
  readonly desk: StoredRowsTaker;
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
  /** How often the watermark follows a log without news, and a standby looks how far the leader is. Default 1 s. */
  readonly idleMs?: number;
  /** Default: from 50 ms to 2 s. */
  readonly backoff?: Backoff;
  /** Told when the follower has to wait because too much is kept: somebody has to lead for it to go on. */
  readonly heldBack?: () => void;
  readonly warn?: Warn;
}

interface KeptNews {
  readonly position: Position;
  readonly rows: readonly NewDelivery[];
}

/**
 * Turns what a follower's steps did into rows of the outbox, each once, and hands the rows on at once.
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
  private kept: KeptNews[] = [];
  private keptRows = 0;
  /** The last step that was heard of. */
  private seen: Position = ORIGIN;
  /** As last read, or moved by this one. */
  private mark: Watermark = { position: ORIGIN, epoch: 0 };
  /** The follower began again since the seal of the last epoch was looked at. */
  private isAnew = true;
  private readonly arrived = new Bell();
  private readonly held = new Set<() => void>();
  private tellBegun: () => void = () => undefined;
  /** Settles when a term has claimed the watermark: whatever is appended from then on is notified. */
  readonly begun = new Promise<void>((resolve) => (this.tellBegun = resolve));

  constructor(
    private readonly parts: NotifierParts,
    private readonly options: NotifierOptions = {},
  ) {
    this.batchRowsMax = options.batchRowsMax ?? 1000;
    this.keptRowsMax = options.keptRowsMax ?? 20_000;
    this.idleMs = options.idleMs ?? 1000;
    this.backoff = options.backoff ?? { firstMs: 50, maxMs: 2000, random: () => 1 };
    this.warn = options.warn ?? (() => undefined);
  }

  /** The watermark as far as this process knows. */
  get watermark(): Watermark {
    return this.mark;
  }

  /** Deliveries that wait to be stored, by this process or by the leader. */
  get waitingRows(): number {
    return this.keptRows;
  }

  /**
   * Another follower begins, from a state at or before this watermark: it derives again what the one before has left
   * behind.
   */
  beginAgain(watermark: Watermark): void {
    this.kept = [];
    this.keptRows = 0;
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
    this.kept.push({ position, rows });
    this.keptRows += rows.length;
    this.arrived.ring();
    if (this.keptRows <= this.keptRowsMax) return;
    this.options.heldBack?.();
    return new Promise((resolve) => this.held.add(resolve));
  };

  /** Looks how far the leader is, and forgets what is stored, until the signal aborts. */
  async standBy(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.moveTo(await this.parts.outbox.watermark());
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
      }
      await pause(this.parts.timer, this.idleMs, signal);
    }
  }

  /**
   * Stores news until the signal aborts. Rejects `stale-epoch` when a later leader has claimed the watermark.
   * Passing trouble is tried again; meanwhile news waits.
   */
  async run(term: Term, signal: AbortSignal = term.signal): Promise<void> {
    const { timer } = this.parts;
    const keeping = { timer, backoff: this.backoff, warn: this.warn, signal };
    const claimed = await persist(() => this.parts.outbox.claim(term.epoch), keeping);
    if (claimed.kind !== 'advanced') throw stale(term.epoch);
    this.moveTo(claimed.watermark);
    if (comparePositions(this.mark.position, ORIGIN) === 0) await this.beginAtHead(term, signal);
    if (!signal.aborted) this.tellBegun();
    while (!signal.aborted) {
      if (this.isAnew) await this.returnToSeal(term, signal);
      await this.waitForNews(signal);
      if (!signal.aborted) await this.storeBatch(term, signal);
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

  private async waitForNews(signal: AbortSignal): Promise<void> {
    if (this.kept.length === 0) await this.arrived.heardWithin(this.parts.timer, this.idleMs, signal);
  }

  private async storeBatch(term: Term, signal: AbortSignal): Promise<void> {
    let count = 0;
    let rows = 0;
    while (count < this.kept.length && rows < this.batchRowsMax) rows += this.kept[count++]!.rows.length;
    const batch = this.kept.slice(0, count);
    // Where nothing is left the watermark goes as far as the follower is.
    const position = count === this.kept.length ? this.seen : batch.at(-1)!.position;
    if (comparePositions(position, this.mark.position) <= 0) return;
    const deliveries = batch.flatMap((news) => news.rows);
    if (await this.advance(term, { position, deliveries }, signal)) this.parts.desk.accept(deliveries);
  }

  /** Whether it was stored: not when it was told to stop first. */
  private async advance(
    term: Term,
    { position, deliveries }: Pick<Advance, 'position' | 'deliveries'>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const expected = this.mark.position;
    const { epoch } = term;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        // Due at once, whatever the clocks of processes say.
        const advance = { expected, position, epoch, deliveries, notBeforeMs: 0 };
        const { kind, watermark } = await this.parts.outbox.advance(advance);
        if (kind === 'stale-epoch') throw stale(epoch);
        // In this epoch nobody else moves it: an attempt before this one went through, and its answer was lost.
        const isThere = comparePositions(watermark.position, position) === 0;
        if (!isThere) throw moved(expected, watermark.position);
        this.moveTo(watermark);
        return true;
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
        await pause(this.parts.timer, backoffMs(this.backoff, failures), signal);
      }
    }
    return false;
  }

  private moveTo(watermark: Watermark): void {
    if (comparePositions(watermark.position, this.mark.position) < 0 && watermark.epoch < this.mark.epoch) return;
    this.mark = watermark;
    let count = 0;
    while (count < this.kept.length && comparePositions(this.kept[count]!.position, watermark.position) <= 0) {
      this.keptRows -= this.kept[count]!.rows.length;
      count += 1;
    }
    this.kept.splice(0, count);
    if (this.keptRows <= this.keptRowsMax) this.letGo();
  }

  private letGo(): void {
    for (const resolve of this.held) resolve();
    this.held.clear();
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
