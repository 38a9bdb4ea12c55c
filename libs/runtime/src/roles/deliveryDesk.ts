import type { DeliveryKey, NewDelivery, Outbox, Timer } from '@wherefore/ports';
import { DeliveryLine, type LineOptions, type LineStatus, type ReceiverBook } from './deliveryLine';
import { LineRoom } from './lineRoom';
import type { Term } from './term';
import {
  Bell,
  LinkedAbort,
  aborted,
  backoffMs,
  isPassing,
  pause,
  persist,
  runTogether,
  type Backoff,
  type Warn,
} from './waiting';

export interface DeskOptions {
  /** Deliveries under way to one receiver at once. Default 1: then all of them keep their order. */
  readonly windowOf?: (receiver: string) => number;
  /** What a delivery is about: those about the same keep their order in a window above 1. Default: about nothing. */
  readonly subjectOf?: (row: NewDelivery) => string | undefined;
  /** Rows of one receiver kept in memory. Default 20,000. */
  readonly rowsMax?: number;
  /** Characters of bodies of all receivers kept in memory, about; each has a sixteenth in any case. Default 32 Mi. */
  readonly charsMax?: number;
  /** After so many attempts in vain a delivery becomes a dead letter. Default 12: with the default backoff about an hour. */
  readonly attemptsMax?: number;
  /** Between attempts. Default: from 1 s to 10 minutes. */
  readonly backoff?: Partial<Backoff>;
  /** How often the outbox is searched for receivers that wait and have no line. Default 10 s. */
  readonly lookEveryMs?: number;
  readonly warn?: Warn;
}

/** What the desk has done since the process began. */
export interface DeskCounts {
  readonly delivered: number;
}

const CHARS_MAX = 32 * 1024 * 1024;
const RECORD_ROWS_MAX = 500;
/** How long a delivered row waits for others to be recorded with it: bounds the transactions, and what may be told twice. */
const RECORD_GATHER_MS = 50;
const RECORD_BACKOFF: Backoff = { firstMs: 100, maxMs: 5000, random: () => 1 };

/**
 * Delivers the rows of the outbox. Each receiver has a line of its own, in which rows keep their order: a slow or
 * dead one holds up nobody else. At least once: a row that was delivered and is not recorded yet when the process
 * ends is delivered again, with the same effect id.
 */
export class DeliveryDesk {
  private readonly lines = new Map<string, DeliveryLine>();
  private readonly options: LineOptions;
  private room: LineRoom;
  private deliveredCount = 0;
  /** Of those that were delivered, to be recorded. */
  private unrecorded: DeliveryKey[] = [];
  private notedCount = 0;
  private recording: Promise<void> | undefined;
  private readonly noted = new Bell();
  private storingNow: Promise<unknown> = Promise.resolve();
  private start: ((line: DeliveryLine) => void) | undefined;

  constructor(
    private readonly outbox: Pick<Outbox, 'waiting' | 'settle' | 'settleDelivered' | 'receivers'>,
    private readonly book: ReceiverBook,
    private readonly timer: Timer,
    private readonly deskOptions: DeskOptions = {},
  ) {
    const { windowOf = () => 1, subjectOf = () => undefined, attemptsMax = 12, warn = () => undefined } = deskOptions;
    const { rowsMax = 20_000 } = deskOptions;
    const backoff = { firstMs: 1000, maxMs: 600_000, random: Math.random, ...deskOptions.backoff };
    this.options = { windowOf, subjectOf, rowsMax, attemptsMax, backoff, warn };
    this.room = this.emptyRoom();
  }

  get counts(): DeskCounts {
    return { delivered: this.deliveredCount };
  }

  /** Receivers with a line, in the order in which they were first met. */
  get status(): readonly LineStatus[] {
    return [...this.lines.values()].map((line) => line.status);
  }

  /**
   * Takes a row that is not stored, when its line is well and has room: it is delivered at once, and is not lost as long as
   * the caller keeps it until it is delivered or stored. Between terms nothing is taken.
   */
  offer(row: NewDelivery): boolean {
    return this.start !== undefined && this.lineOf(row.receiver).offer(row);
  }

  /** Of a row that was taken: whether it is still to be delivered, and nothing is wrong with its receiver. */
  mayWait(row: NewDelivery): boolean {
    return this.start !== undefined && this.lines.get(row.receiver)?.mayWait(row) === true;
  }

  /** Of a row that was taken: false when it is delivered, and nobody needs to know of it any more. Ask right before storing it. */
  hasToBeStored(row: NewDelivery): boolean {
    return this.lines.get(row.receiver)?.hasToBeStored(row) ?? true;
  }

  /** An attempt to store rows that were taken: what comes of them meanwhile waits for its end. */
  storing(attempt: Promise<unknown>): void {
    this.storingNow = attempt.catch(() => undefined);
  }

  /** Rows that were just stored. Between terms they are left to the outbox. */
  accept(rows: readonly NewDelivery[]): void {
    if (!this.start) return;
    for (const row of rows) this.lineOf(row.receiver).accept(row);
  }

  /**
   * From now on nobody else stores rows. An earlier leader may have done so since the lines read theirs, and what comes
   * next may be about the same subject.
   */
  readAgain(): void {
    for (const line of this.lines.values()) line.readAgain();
  }

  /** Whoever offered rows will offer those that are not stored anew: here they are dropped. */
  forgetOffered(): void {
    for (const line of this.lines.values()) line.forgetOffered();
  }

  /** Delivers until the signal aborts; settles when nothing is under way any more. */
  async run(term: Pick<Term, 'isHeld' | 'signal'>, signal: AbortSignal = term.signal): Promise<void> {
    this.lines.clear();
    this.room = this.emptyRoom();
    this.forget();
    try {
      await runTogether(signal, [
        (stop) => this.keepLines(term, stop),
        (stop) => this.findReceivers(stop),
        (stop) => this.recordDelivered(stop),
      ]);
    } finally {
      // What was delivered while it was told to stop. If it cannot be recorded it is delivered again.
      await this.storingNow
        .then(() => this.flush())
        .catch((error: unknown) => {
          if (!isPassing(error)) throw error;
        });
    }
  }

  /** Runs every line, those that are still to come too. */
  private async keepLines(term: Pick<Term, 'isHeld'>, parent: AbortSignal): Promise<void> {
    const link = new LinkedAbort(parent);
    const running: Promise<void>[] = [];
    let failure: { readonly error: unknown } | undefined;
    this.start = (line) => {
      const run = line
        .run(link.signal, () => term.isHeld())
        .catch((error: unknown) => {
          failure ??= { error };
          link.abort(error);
        });
      running.push(run);
    };
    for (const line of this.lines.values()) this.start(line);
    await aborted(link.signal);
    this.start = undefined;
    await Promise.all(running);
    if (failure) throw failure.error;
  }

  private async findReceivers(signal: AbortSignal): Promise<void> {
    const { timer } = this;
    const keeping = { timer, backoff: RECORD_BACKOFF, warn: this.options.warn, signal };
    while (!signal.aborted) {
      const names = await persist(() => this.outbox.receivers(), keeping);
      for (const name of names) this.lineOf(name);
      await pause(timer, this.deskOptions.lookEveryMs ?? 10_000, signal);
    }
  }

  private lineOf(receiver: string): DeliveryLine {
    const known = this.lines.get(receiver);
    if (known) return known;
    const journal = {
      delivered: () => void (this.deliveredCount += 1),
      record: (key: DeliveryKey) => this.note(key),
      flushed: () => this.storingNow.then(() => this.flush()),
      stored: () => this.storingNow,
    };
    const line = new DeliveryLine(receiver, this.outbox, this.book, journal, this.room, this.timer, this.options);
    this.lines.set(receiver, line);
    this.start?.(line);
    return line;
  }

  private emptyRoom(): LineRoom {
    return new LineRoom(this.deskOptions.charsMax ?? CHARS_MAX);
  }

  /** What an earlier term could not record any more is delivered again. */
  private forget(): void {
    this.notedCount -= this.unrecorded.length;
    this.unrecorded = [];
  }

  private note({ effectId, receiver }: DeliveryKey): void {
    this.unrecorded.push({ effectId, receiver });
    this.notedCount += 1;
    this.noted.ring();
  }

  /** Records deliveries, many at once while the one before is on its way. */
  private async recordDelivered(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      if (this.unrecorded.length === 0) await this.noted.heard(signal);
      await pause(this.timer, RECORD_GATHER_MS, signal);
      try {
        await this.flush();
        failures = 0;
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.options.warn(error);
        failures += 1;
        await pause(this.timer, backoffMs(RECORD_BACKOFF, failures), signal);
      }
    }
  }

  /** Settles when everything noted so far is recorded. */
  private async flush(): Promise<void> {
    const upTo = this.notedCount;
    while (this.notedCount - this.unrecorded.length < upTo) {
      this.recording ??= this.record().finally(() => (this.recording = undefined));
      await this.recording;
    }
  }

  private async record(): Promise<void> {
    const batch = this.unrecorded.slice(0, RECORD_ROWS_MAX);
    await this.outbox.settleDelivered(batch);
    this.unrecorded.splice(0, batch.length);
  }
}
