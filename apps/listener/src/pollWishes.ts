import { WhereforeError } from '@wherefore/model';
import type { PollRequests, Timer } from '@wherefore/ports';

const PAUSE_MS = 1_000;

/**
 * Wishes for polls on their way to where drivers find them. A wish waits until it is stored, however long the
 * database is away; wishes for one datasource become one.
 */
export class PollWishes {
  private readonly waiting = new Map<string, string>();
  private readonly stopping = new AbortController();
  private storing: Promise<void> | undefined;

  constructor(
    private readonly polls: PollRequests,
    private readonly timer: Timer,
  ) {}

  want(datasource: string, reason: string): void {
    this.waiting.set(datasource, reason);
    this.storing ??= this.store().finally(() => (this.storing = undefined));
  }

  /** Wishes that cannot be stored now are given up: whoever listens next has none of its own to make. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.storing;
  }

  private async store(): Promise<void> {
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined) return;
      const [datasource, reason] = next;
      // Out of the list before it is stored: a wish that comes meanwhile is another one.
      this.waiting.delete(datasource);
      try {
        await this.polls.request(datasource, reason);
      } catch (error) {
        if (!(error instanceof WhereforeError)) throw error;
        if (!this.waiting.has(datasource)) this.waiting.set(datasource, reason);
        if (this.stopping.signal.aborted) return;
        await this.timer.sleep(PAUSE_MS, this.stopping.signal).catch(() => undefined);
      }
    }
  }
}
