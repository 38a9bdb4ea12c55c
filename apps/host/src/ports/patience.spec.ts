import { WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import { untilItSucceeds } from './patience';

/** A timer whose sleeps are over at once, and are written down. */
function countingTimer(): Timer & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    nowMs: () => 0,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
    },
  };
}

const away = () => new WhereforeError('log-unavailable', 'no broker answers', { retryable: true });

describe('untilItSucceeds', () => {
  it('tries again after longer and longer pauses, and tells of every failure and of the success', async () => {
    const timer = countingTimer();
    const seen: unknown[] = [];
    let attempts = 0;
    const attempt = async () => {
      attempts += 1;
      if (attempts < 9) throw away();
      return 'open';
    };
    const saw = (trouble: unknown) => void seen.push(trouble);
    expect(await untilItSucceeds(attempt, timer, new AbortController().signal, saw)).toBe('open');
    expect(seen.map((each) => each !== undefined)).toEqual([...Array<boolean>(8).fill(true), false]);
    [100, 200, 400, 800, 1600, 3200, 5000, 5000].forEach((pauseMs, i) => {
      expect(timer.slept[i]).toBeGreaterThanOrEqual(pauseMs / 2);
      expect(timer.slept[i]).toBeLessThanOrEqual(pauseMs);
    });
  });

  it('does not wait for what waiting does not help', async () => {
    const refused = new WhereforeError('store-refused', 'the database does not let this program in');
    const attempt = () => Promise.reject(refused);
    const waiting = untilItSucceeds(attempt, countingTimer(), new AbortController().signal, () => undefined);
    await expect(waiting).rejects.toBe(refused);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('ended by SIGTERM');
    const saw = () => controller.abort(reason);
    const waiting = untilItSucceeds(() => Promise.reject(away()), countingTimer(), controller.signal, saw);
    await expect(waiting).rejects.toBe(reason);
  });
});
