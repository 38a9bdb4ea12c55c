import { WhereforeError, assert, comparePositions, type LogEntry, type Position } from '@wherefore/model';
import {
  readTogether,
  type Archive,
  type ArchiveWriter,
  type LogEpochs,
  type LogReader,
  type Timer,
} from '@wherefore/ports';
import { Bell, backoffMs, isPassing, pause, runTogether, type Backoff, type Warn } from './waiting';

export interface ArchiverParts {
  readonly log: LogReader;
  readonly archive: Pick<Archive, 'cursor'>;
  readonly writer: ArchiveWriter;
  readonly timer: Timer;
  /** Where the log's stream can be lost: what this process has read is copied even then. */
  readonly epochs?: Pick<LogEpochs, 'heldAfter'>;
}

export interface ArchiverOptions {
  /** Entries in one transaction at most. Default 2,000. */
  readonly batchEntriesMax?: number;
  /** Entries read ahead, about, at most; then the log is held back. Default 8,000. */
  readonly bufferedEntriesMax?: number;
  /** How long a lonely entry waits for company: bounds the transactions of a quiet log. Default 25 ms. */
  readonly gatherMs?: number;
  /** Default: from 100 ms to 5 s. */
  readonly backoff?: Backoff;
  /** How often an idle archiver looks for entries that only this process still has. Default 1 s. */
  readonly idleCheckMs?: number;
  /** Hears of the entries of each batch that this process wrote, and where the cursor was before. */
  readonly written?: (expected: Position, entries: readonly LogEntry[]) => void;
  readonly warn?: Warn;
}

/** What became of the work so far. */
export interface ArchiverCounts {
  /** Entries that this process has copied. */
  readonly entries: number;
  readonly batches: number;
  /** Times that a write failed and was tried again. */
  readonly retries: number;
  /** The archive's cursor as last seen; absent before the first look. */
  readonly cursor: Position | undefined;
}

const BATCH_ENTRIES_MAX = 2000;
const BUFFERED_ENTRIES_MAX = 8000;
const GATHER_MS = 25;

/**
 * Copies the log into the archive. It knows no engine and looks into no entry, so no content can stop it. It reads
 * ahead while it writes. Two of them are harmless: a batch goes in from where the cursor stands, or not at all.
 */
export class Archiver {
  private readonly batchEntriesMax: number;
  private readonly bufferedEntriesMax: number;
  private readonly backoff: Backoff;
  private readonly warn: Warn;
  private buffer: LogEntry[] = [];
  private written: Position | undefined;
  private counted = { entries: 0, batches: 0, retries: 0 };
  private readonly arrived = new Bell();
  private readonly madeRoom = new Bell();

  constructor(
    private readonly parts: ArchiverParts,
    private readonly options: ArchiverOptions = {},
  ) {
    this.batchEntriesMax = options.batchEntriesMax ?? BATCH_ENTRIES_MAX;
    this.bufferedEntriesMax = options.bufferedEntriesMax ?? BUFFERED_ENTRIES_MAX;
    this.backoff = options.backoff ?? { firstMs: 100, maxMs: 5000, random: () => 1 };
    this.warn = options.warn ?? (() => undefined);
  }

  get counts(): ArchiverCounts {
    return { ...this.counted, cursor: this.written };
  }

  /**
   * Copies under the lease of that epoch until the signal aborts. Passing trouble is tried again. Rejects
   * `stale-epoch` when a process with a higher epoch writes the archive, and `log-hole` when the log does not go on
   * from where the archive ends.
   */
  async run(epoch: number, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const before = this.counted.entries;
      try {
        await this.copyFromCursor(epoch, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof WhereforeError) || !this.mayGoOn(error, failures)) throw error;
        this.warn(error);
      }
      failures = this.counted.entries > before ? 1 : failures + 1;
      if (!signal.aborted) await pause(this.parts.timer, backoffMs(this.backoff, failures), signal);
    }
  }

  /** A hole may be mended by the leader, which opens another epoch, for as long as a dozen attempts take. */
  private mayGoOn(error: WhereforeError, failures: number): boolean {
    const isMendable = error.code === 'log-hole' && this.parts.epochs !== undefined && failures < 12;
    return isMendable || isPassing(error);
  }

  /** One stretch: ends without an error when the cursor was moved in a way that needs another beginning. */
  private async copyFromCursor(epoch: number, parent: AbortSignal): Promise<void> {
    this.written = await this.parts.archive.cursor();
    this.buffer = [];
    const from = this.written;
    await runTogether(parent, [(signal) => this.readAhead(from, signal), (signal) => this.writeBehind(epoch, signal)]);
  }

  private async readAhead(from: Position, signal: AbortSignal): Promise<void> {
    for await (const entries of readTogether(this.parts.log, from, { signal })) {
      for (const entry of entries) {
        const end = this.buffer.at(-1)?.position ?? this.written!;
        if (comparePositions(entry.position, end) > 0) this.buffer.push(entry);
      }
      this.arrived.ring();
      while (this.buffer.length >= this.bufferedEntriesMax && !signal.aborted) {
        await this.madeRoom.heard(signal);
      }
      if (signal.aborted) return;
    }
  }

  private async writeBehind(epoch: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.buffer.length === 0) await this.waitForEntries(signal);
      if (this.buffer.length < this.batchEntriesMax) await this.gather(signal);
      if (signal.aborted) return;
      await this.writeBatch(epoch, this.buffer.slice(0, this.batchEntriesMax), signal);
      this.madeRoom.ring();
    }
  }

  private async gather(signal: AbortSignal): Promise<void> {
    const { gatherMs = GATHER_MS } = this.options;
    if (gatherMs > 0) await pause(this.parts.timer, gatherMs, signal);
  }

  private async waitForEntries(signal: AbortSignal): Promise<void> {
    const { timer, epochs } = this.parts;
    while (this.buffer.length === 0 && !signal.aborted) {
      await this.arrived.heardWithin(timer, this.options.idleCheckMs ?? 1000, signal);
      // Entries that were read elsewhere in this process and come by here no more: their stream is gone.
      if (this.buffer.length > 0 || !epochs) continue;
      const held = await epochs.heldAfter(this.written!);
      if (this.buffer.length === 0) this.buffer.push(...held);
    }
  }

  private async writeBatch(epoch: number, entries: readonly LogEntry[], signal: AbortSignal): Promise<void> {
    const expected = this.written!;
    const result = await this.retrying(() => this.parts.writer.append({ expected, epoch, entries }), signal);
    if (!result) return;
    const { kind, cursor } = result;
    if (kind === 'stale-epoch') throw new WhereforeError('stale-epoch', 'another process has taken over the archive');
    if (kind === 'written') {
      this.counted.entries += entries.length;
      this.counted.batches += 1;
      this.options.written?.(expected, entries);
    }
    if (comparePositions(cursor, expected) < 0) {
      throw new WhereforeError('log-unavailable', 'the archive went back: it was restored from a copy, perhaps', {
        hint: 'The entries are copied again from where it stands now, as far as the log still has them.',
        retryable: true,
      });
    }
    this.written = cursor;
    this.forgetUpTo(cursor);
  }

  /** Gives nothing when it was told to stop meanwhile. */
  private async retrying<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.counted.retries += 1;
        this.warn(error);
        await pause(this.parts.timer, backoffMs(this.backoff, failures), signal);
      }
    }
    return undefined;
  }

  private forgetUpTo(cursor: Position): void {
    let count = 0;
    while (count < this.buffer.length && comparePositions(this.buffer[count]!.position, cursor) <= 0) count += 1;
    assert(count > 0 || this.buffer.length === 0, 'a cursor moved, but not past the first entry that waits');
    this.buffer.splice(0, count);
  }
}
