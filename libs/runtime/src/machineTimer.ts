import { notWhenAborted, whenAborted } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';

/** The machine's own clock. */
export const machineTimer: Timer = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      const timer = setTimeout(() => {
        if (signal) notWhenAborted(signal, stop);
        resolve();
      }, ms);
      if (signal) whenAborted(signal, stop);
    }),
};
