import { WhereforeError } from '@wherefore/model';
import type { Timer, Webhook, Webhooks } from '@wherefore/ports';

const REFRESH_MS = 1_000;

/** The registered webhooks as of a moment ago: what a step is turned into news with, which cannot wait. */
export class RegisteredWebhooks {
  private webhooks: readonly Webhook[] = [];
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly store: Pick<Webhooks, 'list'>,
    private readonly timer: Timer,
    private readonly refreshMs = REFRESH_MS,
  ) {}

  get list(): readonly Webhook[] {
    return this.webhooks;
  }

  /** Settles when everything registered until now is in the list. Rejects as the store does. */
  async refresh(): Promise<void> {
    // One that is under way may have read before.
    await this.refreshing?.catch(() => undefined);
    this.refreshing ??= this.read().finally(() => (this.refreshing = undefined));
    await this.refreshing;
  }

  /** Keeps the list fresh until the signal aborts. While the store is out of reach the last list counts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.refresh().catch((error: unknown) => {
        if (!(error instanceof WhereforeError) || !error.retryable) throw error;
      });
      await this.timer.sleep(this.refreshMs, signal).catch(() => undefined);
    }
  }

  private async read(): Promise<void> {
    this.webhooks = await this.store.list();
  }
}
