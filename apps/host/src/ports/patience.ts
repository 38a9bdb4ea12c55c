import { WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * Tries until it succeeds, with longer and longer pauses. What is not retryable is thrown at once; on abort, the
 * signal's reason.
 */
export async function untilItSucceeds<T>(
  attempt: () => Promise<T>,
  timer: Timer,
  signal: AbortSignal,
  /** Hears of every failure, and of the success as `undefined`. */
  saw: (trouble: unknown) => void,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    signal.throwIfAborted();
    try {
      const result = await attempt();
      saw(undefined);
      return result;
    } catch (error) {
      if (!(error instanceof WhereforeError) || !error.retryable) throw error;
      saw(error);
    }
    // Processes that start together do not come back together.
    await timer.sleep(pauseMs * (0.5 + Math.random() / 2), signal);
  }
}
