import { formatPosition, type NewEntry, type Position, WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import { asFromSource, type CarryOptions, type LeftOut } from './asFromSources';
import { dueAfterMs, type Pace } from './pace';
import type { PeriodEntry } from './period';

/** What entries are pushed into: the exchange of another log. */
export interface RelayTarget {
  /** Settles when they are kept. Rejects `target-unavailable` (retryable): then they may be kept or not. */
  append(entries: readonly NewEntry[]): Promise<void>;
}

export interface RelayOptions extends CarryOptions {
  readonly pace: Pace;
  /** How long a target may be away before it is given up. */
  readonly waitMs: number;
  /** Ends the relay between two messages. */
  readonly signal: AbortSignal;
  /** Hears how far it has come, after every message. */
  readonly onProgress: (progress: RelayProgress) => void;
  /** Hears that the target is away, and `undefined` when it is there again. */
  readonly onTrouble: (trouble: WhereforeError | undefined) => void;
}

export interface RelayProgress {
  readonly sent: number;
  readonly logTimeMs: number;
}

interface Batch {
  readonly entries: NewEntry[];
  bytes: number;
  /** Of the last entry in it. */
  position: Position;
  logTimeMs: number;
}

const MESSAGE_ENTRIES_MAX = 500;
const MESSAGE_BYTES_MAX = 256 * 1024;
/** Entries that are due within so long go together. */
const TOGETHER_MS = 10;
/** What was confirmed so shortly before a connection was lost is sent again: a broker that is killed may lose it. */
const REPEATED_MS = 5_000;
const REPEATED_MESSAGES_MAX = 200;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Pushes the entries of a period in their order, one message after the other, each when it is due. */
export class Relay {
  readonly sent = new Map<NewEntry['kind'], number>();
  readonly leftOut = new Map<LeftOut, number>();
  /** Entries that were sent again because the connection was lost. */
  repeated = 0;
  /** The last entry that was dealt with. */
  position: Position | undefined;
  logTimeMs = 0;
  private sentCount = 0;
  private startedMs: number | undefined;
  private firstLogTimeMs = 0;
  private batch: Batch | undefined;
  private recent: { readonly atMs: number; readonly entries: readonly NewEntry[] }[] = [];

  constructor(
    private readonly target: RelayTarget,
    private readonly timer: Timer,
    private readonly options: RelayOptions,
  ) {}

  /**
   * True when all of them are kept by the target, false when the signal ended it before. Rejects
   * `target-unavailable` when the target is away for too long, and whatever the entries reject with.
   */
  async run(entries: AsyncIterable<PeriodEntry>): Promise<boolean> {
    const { signal } = this.options;
    try {
      for await (const each of entries) {
        signal.throwIfAborted();
        await this.take(each);
      }
      await this.flush();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  get count(): number {
    return this.sentCount;
  }

  private async take(from: PeriodEntry): Promise<void> {
    const carried = asFromSource(from, this.options);
    if (typeof carried === 'string') {
      this.leftOut.set(carried, (this.leftOut.get(carried) ?? 0) + 1);
      // What comes before it may still wait to be sent.
      if (this.batch === undefined) this.passed(from);
      return;
    }
    await this.untilDue(from.logTimeMs);
    const { position, logTimeMs } = from;
    const batch = (this.batch ??= { entries: [], bytes: 0, position, logTimeMs });
    batch.entries.push(carried);
    batch.bytes += JSON.stringify(carried).length;
    Object.assign(batch, { position, logTimeMs });
    if (batch.entries.length >= MESSAGE_ENTRIES_MAX || batch.bytes >= MESSAGE_BYTES_MAX) await this.flush();
  }

  private async untilDue(logTimeMs: number): Promise<void> {
    const { timer } = this;
    if (this.startedMs === undefined) {
      this.startedMs = timer.nowMs();
      this.firstLogTimeMs = logTimeMs;
    }
    const waiting = this.batch?.entries.length ?? 0;
    const before = this.sentCount + waiting;
    const dueMs = this.startedMs + dueAfterMs(this.options.pace, logTimeMs, before, this.firstLogTimeMs);
    if (dueMs - timer.nowMs() <= TOGETHER_MS) return;
    await this.flush();
    for (let leftMs = dueMs - timer.nowMs(); leftMs > 0; leftMs = dueMs - timer.nowMs()) {
      await timer.sleep(Math.min(leftMs, LONGEST_SLEEP_MS), this.options.signal);
    }
  }

  private async flush(): Promise<void> {
    const { batch, timer, options } = this;
    if (batch === undefined) return;
    await this.send(batch.entries);
    this.batch = undefined;
    for (const { kind } of batch.entries) this.sent.set(kind, (this.sent.get(kind) ?? 0) + 1);
    this.sentCount += batch.entries.length;
    const nowMs = timer.nowMs();
    this.recent.push({ atMs: nowMs, entries: batch.entries });
    while (this.recent.length > REPEATED_MESSAGES_MAX || this.recent[0]!.atMs < nowMs - REPEATED_MS) {
      this.recent.shift();
    }
    this.passed(batch);
    options.onProgress({ sent: this.sentCount, logTimeMs: batch.logTimeMs });
  }

  private passed({ position, logTimeMs }: { readonly position: Position; readonly logTimeMs: number }): void {
    this.position = position;
    this.logTimeMs = logTimeMs;
  }

  /** Tries until the target has them; after a loss, what it may have lost goes before. */
  private async send(entries: readonly NewEntry[]): Promise<void> {
    const { timer, target, options } = this;
    let awaySinceMs: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        if (awaySinceMs !== undefined) await this.repeat(awaySinceMs);
        await this.unlessAborted(target.append(entries));
        if (awaySinceMs !== undefined) options.onTrouble(undefined);
        return;
      } catch (error) {
        if (!(error instanceof WhereforeError) || !error.retryable) throw error;
        if (awaySinceMs === undefined) options.onTrouble(error);
        awaySinceMs ??= timer.nowMs();
        if (timer.nowMs() - awaySinceMs >= options.waitMs) throw error;
      }
      await timer.sleep(pauseMs, options.signal);
    }
  }

  /** Whoever ends the relay does not wait for a target that hangs: what was under way is sent again by the next one. */
  private unlessAborted(appending: Promise<void>): Promise<void> {
    const { signal } = this.options;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      appending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  private async repeat(awaySinceMs: number): Promise<void> {
    for (const { atMs, entries } of this.recent) {
      if (atMs < awaySinceMs - REPEATED_MS) continue;
      await this.unlessAborted(this.target.append(entries));
      this.repeated += entries.length;
    }
  }
}

/** A timer holds no more than some 24 days. */
const LONGEST_SLEEP_MS = 3_600_000;

/** The command's end that goes on after what was dealt with: from the entry behind it. */
export function goOnFrom(position: Position): string {
  const { epoch, offset, index } = position;
  return formatPosition({ epoch, offset, index: index + 1 });
}
