import { WhereforeError } from '@wherefore/model';
import { ALL_DATASOURCES, type EpochBook, type PollRequests, type Timer } from '@wherefore/ports';
import type { PollCalls } from './pollCalls';

const LOOK_EVERY_MS = 1_000;

/** What may call for polls; each is there in the distributed shape. */
export interface CallSources {
  readonly requests?: Pick<PollRequests, 'list'>;
  readonly epochs?: Pick<EpochBook, 'current'>;
}

/**
 * Looks every second whether another process asked for polls, and whether the log began a new epoch: what was
 * told to the one before may be lost, so everything is polled.
 */
export class CallWatch {
  private epoch: number | undefined;
  /** Datasource to the number of the last request for it. */
  private served: Map<string, number> | undefined;

  constructor(
    private readonly from: CallSources,
    private readonly calls: PollCalls,
    private readonly timer: Timer,
    private readonly troubled: (error: WhereforeError) => void,
  ) {}

  /** Until the signal aborts. Rejects with what is no operating failure. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        if (!(error instanceof WhereforeError)) throw error;
        this.troubled(error);
      }
      await this.timer.sleep(LOOK_EVERY_MS, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  private async look(): Promise<void> {
    const epoch = (await this.from.epochs?.current())?.number;
    // The first polls of every term come at once: only what is asked for from then on needs a call.
    if (this.epoch !== undefined && epoch !== this.epoch) this.calls.call();
    this.epoch = epoch ?? this.epoch;
    const requests = (await this.from.requests?.list()) ?? [];
    for (const { datasource, number } of requests) {
      if (this.served === undefined || this.served.get(datasource) === number) continue;
      this.calls.call(datasource === ALL_DATASOURCES ? undefined : datasource);
    }
    this.served = new Map(requests.map(({ datasource, number }) => [datasource, number]));
  }
}
