import type { LogEntry } from '@wherefore/model';

interface Clocked {
  readonly logTimeMs: number;
  readonly lastTickMs: number;
  readonly limits: { readonly clockLeadMaxMs: number };
}

/**
 * Log time once `entry` has been applied: a tick moves it to the leader's clock, any other entry to
 * the time at which it was taken in, but once ticks flow not far beyond the last one. Never back.
 */
export function logTimeAfter(state: Clocked, { entry }: LogEntry): number {
  if (entry.kind === 'tick') return Math.max(state.logTimeMs, entry.atMs);
  const ceiling = state.lastTickMs > 0 ? state.lastTickMs + state.limits.clockLeadMaxMs : Infinity;
  return Math.max(state.logTimeMs, Math.min(entry.ingestedAtMs, ceiling));
}
