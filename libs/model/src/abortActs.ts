import { PassingSet } from './passing';

/** What is to be done when a signal aborts. */
const ACTS = new WeakMap<AbortSignal, PassingSet<() => void>>();

/**
 * Calls `act` once when the signal aborts; at once if it has. For signals that outlive what listens to them: a process, a
 * term. They are listened to once, however many acts there are. Listeners of an `EventTarget` form a chain, and one that
 * was removed still points to those that came after it; once one of them is old, all that follow are taken for alive
 * until the next full collection (see `passing.ts`).
 */
export function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) return act();
  let acts = ACTS.get(signal);
  if (acts === undefined) {
    ACTS.set(signal, (acts = new PassingSet()));
    signal.addEventListener('abort', () => actAll(signal), { once: true });
  }
  acts.add(act);
}

/** It is not called any more. */
export function notWhenAborted(signal: AbortSignal, act: () => void): void {
  ACTS.get(signal)?.delete(act);
}

/** One may take back others while it is called. */
function actAll(signal: AbortSignal): void {
  const acts = ACTS.get(signal)!;
  for (const act of [...acts]) if (acts.delete(act)) act();
}
