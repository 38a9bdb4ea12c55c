import { ENTRY_VERSION, type NewEntry } from '@wherefore/model';
import type { EventLog, Timer } from '@wherefore/ports';
import type { Term } from './term';
import { isPassing, pause, type Warn } from './waiting';

export interface TickerOptions {
  /** How often. Default 5 s. */
  readonly everyMs?: number;
  /** How soon after one that could not be appended. Default 1 s. */
  readonly retryMs?: number;
  readonly warn?: Warn;
}

/** Carries the leader's clock into the log: one tick as the term begins, then one every so often. */
export class Ticker {
  private appended = 0;

  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly timer: Timer,
    private readonly options: TickerOptions = {},
  ) {}

  /** Ticks appended in all terms. */
  get count(): number {
    return this.appended;
  }

  /** Until the signal aborts. A tick that may be in the log or not is not repeated: the next one says more. */
  async run(term: Term, signal: AbortSignal = term.signal): Promise<void> {
    const { everyMs = 5000, retryMs = 1000, warn } = this.options;
    for (let number = 1; !signal.aborted; number++) {
      try {
        await this.log.append([this.tick(term, number)]);
        this.appended += 1;
        await pause(this.timer, everyMs, signal);
      } catch (error) {
        if (!isPassing(error)) throw error;
        warn?.(error);
        await pause(this.timer, retryMs, signal);
      }
    }
  }

  private tick({ epoch, fence }: Term, number: number): NewEntry {
    const nowMs = this.timer.nowMs();
    return {
      kind: 'tick',
      id: `tick-${epoch}-${number}`,
      version: ENTRY_VERSION,
      source: 'leader',
      ingestedAtMs: nowMs,
      atMs: nowMs,
      fence,
    };
  }
}
