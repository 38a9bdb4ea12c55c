/** How often, and with which pauses, what may be transient is tried. */
export interface Patience {
  /** In all, the first one included. */
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly pauseMaxMs: number;
}

/**
 * The pause after an attempt that failed, from 1: doubled with each, and of that a random part between a half and
 * the whole, so that those who failed together do not come back together. `random` gives 0 up to 1.
 */
export function pauseMs({ firstPauseMs, pauseMaxMs }: Patience, attempt: number, random: () => number): number {
  const whole = Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole * (0.5 + random() / 2));
}

/** What a `Retry-After` asks for, in milliseconds from `nowMs`: seconds, or a date. Undefined when it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
