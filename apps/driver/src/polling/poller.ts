import { PollTelling } from '@wherefore/datasources';
import { type Fence, type NewEntry, WhereforeError } from '@wherefore/model';
import type { EventLog, Timer } from '@wherefore/ports';
import type { PollSource } from '../sources/pollSource';

/** How one poll went. */
export interface PollReport {
  readonly source: string;
  readonly pollId: string;
  /** `failed` deleted nothing: the log has the reason as an entry, unless it could not be written either. */
  readonly kind: 'complete' | 'failed';
  readonly reason?: string;
  readonly rowCount: number;
  readonly pageCount: number;
  readonly startedAtMs: number;
  readonly tookMs: number;
}

export interface PollOptions {
  /** The lease under which it is done; its entries carry it. */
  readonly fence?: Fence;
  /** A poll that takes longer has failed. */
  readonly timeoutMs: number;
  /** Ends the poll without a word. */
  readonly signal: AbortSignal;
}

/** Entries of one append: few enough to be small, many enough to be fast. */
const BATCH_ENTRIES = 200;
/** How long the log is tried before a poll is given up. */
const APPEND_ATTEMPTS = 6;
const APPEND_PAUSE_MS = 500;

/**
 * Tells the log one poll at a time: its beginning before the first question, so that what is announced while it goes
 * on counts as seen; rows as pages come; its end. Whatever goes wrong ends it as failed. Holds one page and the keys
 * of the rows in memory.
 */
export class Poller {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly timer: Timer,
  ) {}

  /** Polls a source once. Rejects with the signal's reason, and with what is no operating failure. */
  async poll(source: PollSource, options: PollOptions): Promise<PollReport> {
    const startedAtMs = this.timer.nowMs();
    const { fence, signal } = options;
    const at = new Date(startedAtMs).toISOString();
    const pollId = `${source.name}/${at}${fence === undefined ? '' : `/${fence.epoch}`}`;
    const poll = new OnePoll(source, pollId, this.log, this.timer, options);
    let reason: string | undefined;
    try {
      reason = await poll.run(startedAtMs);
    } catch (error) {
      if (signal.aborted || !(error instanceof WhereforeError)) throw signal.aborted ? signal.reason : error;
      reason = `${error.code}: ${error.message}`;
      await poll.fail(reason, error);
    }
    const { rowCount, pageCount } = poll;
    const tookMs = this.timer.nowMs() - startedAtMs;
    const report = { source: source.name, pollId, rowCount, pageCount, startedAtMs, tookMs };
    return reason === undefined ? { ...report, kind: 'complete' } : { ...report, kind: 'failed', reason };
  }
}

class OnePoll {
  pageCount = 0;
  private readonly tellings: readonly PollTelling[];

  constructor(
    private readonly source: PollSource,
    pollId: string,
    private readonly log: Pick<EventLog, 'append'>,
    private readonly timer: Timer,
    private readonly options: PollOptions,
  ) {
    this.tellings = source.datasources.map((datasource) => new PollTelling(datasource, pollId));
  }

  get rowCount(): number {
    return this.tellings.reduce((sum, telling) => sum + telling.rowCount, 0);
  }

  /** From its beginning to its end; gives why it is not complete, if it is not. */
  async run(startedAtMs: number): Promise<string | undefined> {
    await this.append(this.tellings.map((telling) => telling.begin(startedAtMs)));
    await this.withinTime(async (signal) => {
      for await (const { polls, atMs } of this.source.read(signal)) {
        signal.throwIfAborted();
        this.pageCount += 1;
        for (const poll of polls) {
          const telling = this.tellings.find(({ datasource }) => datasource === poll.datasource);
          if (telling !== undefined) await this.append(telling.rows(poll, atMs));
        }
      }
      signal.throwIfAborted();
    });
    const ends = this.tellings.map((telling) => telling.end(this.timer.nowMs()));
    await this.append(ends);
    return ends.flatMap((end) => (end.kind === 'poll-failed' ? [end.reason] : []))[0];
  }

  /** Tells the log why it is not complete, unless the log itself is why. */
  async fail(reason: string, { code }: WhereforeError): Promise<void> {
    if (code === 'log-unavailable' || code === 'store-full') return;
    await this.append(this.tellings.map((telling) => telling.fail(reason, this.timer.nowMs())));
  }

  private async withinTime(read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal, timeoutMs } = this.options;
    const reading = new AbortController();
    const done = new AbortController();
    const stop = () => reading.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const late = new WhereforeError('source-unavailable', `the poll took longer than ${timeoutMs / 1000} s`, {
      retryable: true,
    });
    const timeout = this.timer.sleep(timeoutMs, done.signal).then(
      () => reading.abort(late),
      () => undefined,
    );
    try {
      await read(reading.signal);
    } finally {
      signal.removeEventListener('abort', stop);
      done.abort();
      await timeout;
    }
  }

  /** In batches; an attempt that may have succeeded is repeated, for the ids make a second one harmless. */
  private async append(entries: readonly NewEntry[]): Promise<void> {
    const { fence } = this.options;
    for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
      const batch = entries.slice(at, at + BATCH_ENTRIES);
      await this.appendBatch(fence === undefined ? batch : batch.map((entry): NewEntry => ({ ...entry, fence })));
    }
  }

  private async appendBatch(batch: readonly NewEntry[]): Promise<void> {
    const { signal } = this.options;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await this.log.append(batch);
      } catch (error) {
        if (!(error instanceof WhereforeError && error.retryable) || attempt >= APPEND_ATTEMPTS) throw error;
        await this.timer.sleep(APPEND_PAUSE_MS * 2 ** (attempt - 1), signal);
      }
    }
  }
}
