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

/** Entries of one append: few enough to be small, many enough to be fast. */
const BATCH_ENTRIES = 200;
/** How long the log is tried before a poll is given up. */
const APPEND_ATTEMPTS = 6;
const APPEND_PAUSE_MS = 500;

/**
 * Tells the log one poll at a time: its beginning before the first question, so that what is announced while it goes
 * on counts as seen; rows as pages come; its end. Whatever goes wrong ends it as failed. Holds one page and
 * the keys of the rows in memory.
 */
export class Poller {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly timer: Timer,
  ) {}

  /**
   * Polls a source once. Its entries carry the fence, if there is one. Rejects only with the signal's reason, and with what
   * the log answers when it is neither full nor away.
   */
  async poll(source: PollSource, fence: Fence | undefined, signal: AbortSignal): Promise<PollReport> {
    const startedAtMs = this.timer.nowMs();
    const pollId = `${source.name}/${new Date(startedAtMs).toISOString()}${fence === undefined ? '' : `/${fence.epoch}`}`;
    const tellings = source.datasources.map((datasource) => new PollTelling(datasource, pollId));
    const append = (entries: readonly NewEntry[]) => this.append(entries, fence, signal);
    let pageCount = 0;
    let failure: string | undefined;
    try {
      await append(tellings.map((telling) => telling.begin(startedAtMs)));
      for await (const { polls, atMs } of source.read(signal)) {
        pageCount += 1;
        for (const poll of polls) {
          const telling = tellings.find(({ datasource }) => datasource === poll.datasource);
          if (telling !== undefined) await append(telling.rows(poll, atMs));
        }
      }
      signal.throwIfAborted();
      const ends = tellings.map((telling) => telling.end(this.timer.nowMs()));
      await append(ends);
      failure = ends.map((end) => (end.kind === 'poll-failed' ? end.reason : '')).find((reason) => reason !== '');
    } catch (error) {
      if (signal.aborted || !(error instanceof WhereforeError)) throw error;
      failure = `${error.code}: ${error.message}`;
      const reason = failure;
      const isLogAtFault = error.code === 'log-unavailable' || error.code === 'store-full';
      if (!isLogAtFault) await append(tellings.map((telling) => telling.fail(reason, this.timer.nowMs())));
    }
    const rowCount = tellings.reduce((sum, telling) => sum + telling.rowCount, 0);
    const tookMs = this.timer.nowMs() - startedAtMs;
    const report = { source: source.name, pollId, rowCount, pageCount, startedAtMs, tookMs };
    return failure === undefined ? { ...report, kind: 'complete' } : { ...report, kind: 'failed', reason: failure };
  }

  /** In batches; an attempt that may have succeeded is repeated, for the ids make a second one harmless. */
  private async append(entries: readonly NewEntry[], fence: Fence | undefined, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
      const batch = entries.slice(at, at + BATCH_ENTRIES);
      const fenced = fence === undefined ? batch : batch.map((entry): NewEntry => ({ ...entry, fence }));
      await this.appendBatch(fenced, signal);
    }
  }

  private async appendBatch(batch: readonly NewEntry[], signal: AbortSignal): Promise<void> {
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
