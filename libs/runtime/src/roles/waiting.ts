import { setMaxListeners } from 'node:events';
import { notWhenAborted, WhereforeError, whenAborted } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';

/** Hears of trouble that passes, and of what was tried again. Never throws. */
export type Warn = (error: WhereforeError) => void;

/** Waits, or not so long when the signal aborts: then it settles all the same. */
export async function pause(timer: Timer, ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timer.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Settles when the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => whenAborted(signal, resolve));
}

/** Settles when one of the two has aborted. */
export function eitherAborted(a: AbortSignal, b: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      notWhenAborted(a, settle);
      notWhenAborted(b, settle);
      resolve();
    };
    if (a.aborted || b.aborted) return resolve();
    whenAborted(a, settle);
    whenAborted(b, settle);
  });
}

/** Whether the same call may go through later. */
export function isPassing(error: unknown): error is WhereforeError {
  return error instanceof WhereforeError && error.retryable;
}

/** A controller that follows a signal, until it is let go. */
export class LinkedAbort {
  private readonly control = new AbortController();
  private readonly follow = () => this.abort(this.parent.reason);

  constructor(private readonly parent: AbortSignal) {
    // As many wait for it as there are receivers, and more.
    setMaxListeners(0, this.control.signal);
    whenAborted(parent, this.follow);
  }

  get signal(): AbortSignal {
    return this.control.signal;
  }

  abort(reason?: unknown): void {
    this.letGo();
    if (!this.control.signal.aborted) this.control.abort(reason);
  }

  /** It hears of the parent no longer. */
  letGo(): void {
    notWhenAborted(this.parent, this.follow);
  }
}

/** A reason costs nothing; without one an error with a stack is made, each time. */
const WOKEN = 'woken';

/** Wakes whoever waits for something to happen. What happened before is not remembered: look first, then wait. */
export class Bell {
  private waiting: (() => void)[] = [];
  /** The one that is waited under, for hours mostly: it is listened to once, and not anew each time. */
  private heeded: AbortSignal | undefined;

  readonly ring = (): void => {
    const woken = this.waiting;
    if (woken.length === 0) return;
    this.waiting = [];
    for (const wake of woken) wake();
  };

  /** Settles when it rings or the signal aborts; also when somebody else begins to wait under another signal: look again. */
  heard(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.heed(signal);
      this.waiting.push(resolve);
    });
  }

  /** The same, or after that long. */
  async heardWithin(timer: Timer, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const control = new AbortController();
    const wake = () => control.abort(WOKEN);
    this.waiting.push(wake);
    whenAborted(signal, wake);
    await pause(timer, ms, control.signal);
    this.waiting = this.waiting.filter((each) => each !== wake);
    notWhenAborted(signal, wake);
  }

  private heed(signal: AbortSignal | undefined): void {
    if (signal === undefined || signal === this.heeded) return;
    if (this.heeded) notWhenAborted(this.heeded, this.ring);
    // Nobody would hear of the other one any more.
    this.ring();
    this.heeded = signal;
    whenAborted(signal, this.ring);
  }
}

/**
 * Runs tasks side by side until all have ended. When one fails the others are told to stop, and the first
 * failure is thrown once all have stopped. What a task throws because it was told to stop is no failure.
 */
export async function runTogether(
  parent: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const link = new LinkedAbort(parent);
  let failure: { readonly error: unknown } | undefined;
  const guarded = tasks.map(async (task) => {
    try {
      await task(link.signal);
    } catch (error) {
      if (link.signal.aborted && isAbort(error, link.signal)) return;
      failure ??= { error };
      link.abort(error);
    }
  });
  await Promise.all(guarded);
  link.letGo();
  if (failure) throw failure.error;
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

/** How long to wait before the n-th attempt: doubled each time up to a bound, half of it by chance. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** After `failures` failures in a row; at least one. */
export function backoffMs({ firstMs, maxMs, random }: Backoff, failures: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full / 2 + (full / 2) * random());
}

/**
 * Tries until it goes through, the signal aborts (then with the signal's reason), or it fails for good.
 * Trouble that passes is told to `warn`.
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  { timer, backoff, warn, signal }: Persistence & { readonly signal: AbortSignal },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error)) throw error;
      warn(error);
      await pause(timer, backoffMs(backoff, failures), signal);
    }
  }
}

/** With what a role keeps trying. */
export interface Persistence {
  readonly timer: Timer;
  readonly backoff: Backoff;
  readonly warn: Warn;
}
