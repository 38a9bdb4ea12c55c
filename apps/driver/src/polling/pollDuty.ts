import type { Fence } from '@wherefore/model';
import { type Patience, pauseMs } from '@wherefore/openstack';
import type { Timer } from '@wherefore/ports';
import type { PollSource } from '../sources/pollSource';
import type { PollCalls } from './pollCalls';
import type { Poller, PollReport } from './poller';

import type { Slots } from './slots';

export interface DutySettings {
  /** From the end of one poll to the beginning of the next. A tenth of it, more or less, is left to chance. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** How soon a poll that failed is tried again; never later than the interval. */
  readonly afterFailure: Pick<Patience, 'firstPauseMs' | 'pauseMaxMs'>;
}

/** What the duties of one driver share. */
export interface DutyTools {
  readonly poller: Poller;
  readonly calls: PollCalls;
  /** Polls at a time. */
  readonly slots: Slots;
  readonly timer: Timer;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly polled: (report: PollReport) => void;
}

/** The time in which it is this process that polls. */
export interface DutyTerm {
  readonly fence?: Fence;
  readonly signal: AbortSignal;
}

const JITTER = 0.1;

/** Polls one source again and again: by interval, sooner after a failure, at once when it is asked for or has changed. */
export class PollDuty {
  constructor(
    private readonly source: PollSource,
    private readonly settings: DutySettings,
    private readonly tools: DutyTools,
  ) {}

  /** Until the signal aborts; the first poll comes at once. Rejects with what is no operating failure. */
  async run({ fence, signal }: DutyTerm): Promise<void> {
    const { poller, calls, slots, polled } = this.tools;
    const { timeoutMs } = this.settings;
    const options = { ...(fence === undefined ? {} : { fence }), timeoutMs, signal };
    let failures = 0;
    try {
      while (!signal.aborted) {
        // What is asked for while a poll goes on may have happened after the rows were read.
        const ear = calls.listen(this.source.datasources);
        try {
          const report = await slots.take(() => poller.poll(this.source, options), signal);
          failures = report.kind === 'complete' ? 0 : failures + 1;
          polled(report);
          await this.rest(failures, ear.heard, signal);
        } finally {
          ear.close();
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private async rest(failures: number, asked: Promise<void>, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const stop = () => woken.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const changed = this.source.changed?.(woken.signal) ?? asked;
    // The watch may end in trouble: then the interval has to do.
    const earlier = changed.catch(() => asked);
    try {
      await Promise.race([this.tools.timer.sleep(this.pauseMs(failures), woken.signal), asked, earlier]);
    } finally {
      signal.removeEventListener('abort', stop);
      woken.abort(new Error('no longer waited for'));
    }
  }

  private pauseMs(failures: number): number {
    const { intervalMs, afterFailure } = this.settings;
    const spreadMs = Math.round(intervalMs * (1 + JITTER * (2 * this.tools.random() - 1)));
    if (failures === 0) return spreadMs;
    return Math.min(spreadMs, pauseMs({ ...afterFailure, attempts: Infinity }, failures, this.tools.random));
  }
}
