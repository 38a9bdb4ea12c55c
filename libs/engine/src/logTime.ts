import type { LogEntry, NewEntry, PollHead, RowHead } from '@wherefore/model';
import type { EngineState } from './state';

/** The parts of the state that decide about an entry before it is looked into. */
type Doorkeeper = Pick<EngineState, 'logTimeMs' | 'lastTickMs' | 'limits' | 'fences' | 'dedupe'>;

/** Whether the entry was made under a lease that another process has since taken. */
export function isStale({ fences }: Doorkeeper, { fence }: Pick<NewEntry, 'fence'>): boolean {
  return fence !== undefined && fence.epoch < (fences.get(fence.lease) ?? 0);
}

/** Whether the entry came before, as far as that is remembered. */
export function isDuplicate({ dedupe }: Doorkeeper, { source, id }: NewEntry | RowHead): boolean {
  return dedupe.has(source, id);
}

/** The same for an entry that is told by its poll and the key of its row. */
export function isDuplicateRow({ dedupe }: Doorkeeper, { source, id }: PollHead, key: string): boolean {
  return dedupe.hasJoined(source, id, key);
}

/**
 * Log time once `entry` has been applied: a tick moves it to the leader's clock, any other entry to
 * the time at which it was taken in, but once ticks flow not far beyond the last one. Never back. An
 * entry that changes nothing does not move it: the clock of a leader that was replaced may be ahead.
 */
export function logTimeAfter(state: Doorkeeper, logEntry: LogEntry): number {
  const { pollHead, row } = logEntry;
  const entry = pollHead ?? logEntry.head ?? logEntry.entry;
  const nowMs = clockAfter(state, entry);
  // Most entries of a poll bear one time: whether they came before makes no difference to it.
  if (nowMs === state.logTimeMs) return nowMs;
  const isKnown = pollHead === undefined ? isDuplicate(state, entry) : isDuplicateRow(state, pollHead, row!.key);
  return isKnown || isStale(state, entry) ? state.logTimeMs : nowMs;
}

/** Log time once an entry has been applied that is neither stale nor a duplicate. */
export function clockAfter(state: Doorkeeper, entry: NewEntry | RowHead): number {
  if (entry.kind === 'tick') return Math.max(state.logTimeMs, entry.atMs);
  const ceiling = state.lastTickMs > 0 ? state.lastTickMs + state.limits.clockLeadMaxMs : Infinity;
  return Math.max(state.logTimeMs, Math.min(entry.ingestedAtMs, ceiling));
}
