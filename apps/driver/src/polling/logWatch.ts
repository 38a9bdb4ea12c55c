import { WhereforeError } from '@wherefore/model';
import type { LogReader, Timer } from '@wherefore/ports';
import type { PollRequests } from './pollRequests';

const PAUSE_MS = 2_000;

/**
 * Reads the log from its end on, for what calls for full polls: `poll-requested`, and `epoch-opened`, for what was
 * told to the epoch before may be lost. Where the log was lost to it for a while it cannot know, and asks for all.
 */
export class LogWatch {
  constructor(
    private readonly log: Pick<LogReader, 'read' | 'newest'>,
    private readonly requests: PollRequests,
    private readonly timer: Timer,
    private readonly troubled: (error: WhereforeError) => void,
  ) {}

  /** Until the signal aborts. Rejects with what is no operating failure. */
  async run(signal: AbortSignal): Promise<void> {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        const newest = await this.log.newest();
        if (!isFirst) this.requests.request();
        for await (const { entry } of this.log.read(newest, { signal })) {
          if (entry.kind === 'poll-requested') this.requests.request(entry.datasource);
          else if (entry.kind === 'epoch-opened') this.requests.request();
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof WhereforeError)) throw error;
        this.troubled(error);
      }
      await this.timer.sleep(PAUSE_MS, signal).catch(() => undefined);
    }
  }
}
