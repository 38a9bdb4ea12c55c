import { comparePositions, PassingSet, type Position } from '@wherefore/model';
import type { NewDelivery } from '@wherefore/ports';

/** What receivers are to be told of one step. */
export interface StepNews {
  readonly position: Position;
  /** By the steady clock: when it came. */
  readonly sinceMs: number;
  readonly rows: readonly NewDelivery[];
}

/** Who may take a row before it is stored. */
export interface Taker {
  /** Takes a row that nobody has stored, to deliver it at once; `false` when it cannot: then it has to be stored first. */
  offer(row: NewDelivery): boolean;
  /** Of a row that it took: whether it is not delivered yet, by a receiver that is well and may be about to take it. */
  mayWait(row: NewDelivery): boolean;
  /** Of a row that it took, right before it is stored: whether it has to be, because it is not delivered yet. If not, it is forgotten. */
  hasToBeStored(row: NewDelivery): boolean;
}

/**
 * News beyond the watermark, oldest first. A row is *offered* when the taker has it, and *held* until then. Only when all
 * those before it, for the same receiver, are with the taker or stored is it offered.
 */
export class KeptNews {
  private steps: StepNews[] = [];
  private rows = 0;
  private readonly offered = new PassingSet<NewDelivery>();
  /** How many are held, by receiver. */
  private readonly held = new Map<string, number>();

  constructor(private readonly taker: Taker) {}

  get stepCount(): number {
    return this.steps.length;
  }

  get rowCount(): number {
    return this.rows;
  }

  get hasOffered(): boolean {
    return this.offered.size > 0;
  }

  get hasHeld(): boolean {
    return this.held.size > 0;
  }

  /** Adds the news of the next step, and offers it where it may be. */
  add(news: StepNews, mayOffer: boolean): void {
    this.steps.push(news);
    this.rows += news.rows.length;
    for (const row of news.rows) {
      const held = this.held.get(row.receiver) ?? 0;
      if (mayOffer && held === 0 && this.taker.offer(row)) this.offered.add(row);
      else this.held.set(row.receiver, held + 1);
    }
  }

  /** Offers what is held, as far as it is taken: else everything that comes after it would be held as well. */
  offerHeld(): void {
    const refused = new Set<string>();
    for (const { rows } of this.steps) {
      if (refused.size >= this.held.size) return;
      for (const row of rows) {
        const { receiver } = row;
        if (refused.has(receiver) || !this.held.has(receiver) || this.offered.has(row)) continue;
        if (this.taker.offer(row)) {
          this.release(receiver);
          this.offered.add(row);
        } else refused.add(receiver);
      }
    }
  }

  /** What was offered is held again: who took it does not have it any more. */
  takeBack(): void {
    for (const { receiver } of this.offered) this.held.set(receiver, (this.held.get(receiver) ?? 0) + 1);
    this.offered.clear();
  }

  /**
   * Over how many of the first steps the watermark may move: about so many rows, and not over what came after `sinceMs` and
   * may wait. If that is over for the first which may, nothing waits: then all of it is stored together.
   */
  countToMove(rowsMax: number, sinceMs: number): number {
    let mayWait = true;
    let count = 0;
    for (let rows = 0; count < this.steps.length && rows < rowsMax; count++) {
      const news = this.steps[count]!;
      if (mayWait && news.rows.some((row) => this.offered.has(row) && this.taker.mayWait(row))) {
        if (news.sinceMs > sinceMs) return count;
        mayWait = false;
      }
      rows += news.rows.length;
    }
    return count;
  }

  /** Where the first so many steps end; at least one. */
  endOf(count: number): Position {
    return this.steps[count - 1]!.position;
  }

  /** Of the first so many steps what is not delivered. Ask right before it is stored. */
  toStore(count: number): NewDelivery[] {
    return this.steps
      .slice(0, count)
      .flatMap((news) => news.rows)
      .filter((row) => !this.offered.has(row) || this.taker.hasToBeStored(row));
  }

  /** What came up to there is delivered or stored. */
  forgetUpTo(position: Position): void {
    let count = 0;
    while (count < this.steps.length && comparePositions(this.steps[count]!.position, position) <= 0) {
      const { rows } = this.steps[count]!;
      this.rows -= rows.length;
      for (const row of rows) if (!this.offered.delete(row)) this.release(row.receiver);
      count += 1;
    }
    this.steps.splice(0, count);
  }

  clear(): void {
    this.steps = [];
    this.rows = 0;
    this.offered.clear();
    this.held.clear();
  }

  private release(receiver: string): void {
    const held = this.held.get(receiver)! - 1;
    if (held > 0) this.held.set(receiver, held);
    else this.held.delete(receiver);
  }
}
