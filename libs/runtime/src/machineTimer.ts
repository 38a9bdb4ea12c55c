import { setTimeout as delay } from 'node:timers/promises';
import type { Timer } from '@wherefore/ports';

/** The machine's own clock. */
export const machineTimer: Timer = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
