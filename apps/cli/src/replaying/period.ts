import { type EngineState, logTimeAfter, type Outcome, step } from '@wherefore/engine';
import { type LogEntry, type NewEntry, ORIGIN, type Position, WhereforeError } from '@wherefore/model';
import { engineMachine, Replayer, type ReplaySource } from '@wherefore/runtime';

/** Where a period begins: with the first entry known at that time, or with the entry at a position. */
export type PeriodStart = 'first' | { readonly atMs: number } | { readonly position: Position };

export interface PeriodBounds {
  readonly from: PeriodStart;
  /** The last log time that belongs to it; without one it ends where the archive ends. */
  readonly toMs?: number;
}

/** An entry of a period, and what became of it where it comes from. */
export interface PeriodEntry {
  readonly position: Position;
  /** Log time after it; never goes back. */
  readonly logTimeMs: number;
  readonly entry: NewEntry;
  readonly outcome: Outcome;
  /** Of the completion of a poll: the ids of the rows that were seen of it. */
  readonly rowIds?: readonly string[];
}

const PAGE_ENTRIES = 500;

/**
 * The entries of a period, in order, each with what became of it: the log is followed by an engine of its own, from the
 * newest snapshot before the period on. Only so is it known when an entry became known, and which ones counted for
 * nothing because their leader had been replaced. O(entries), and at most a snapshot's gap before them.
 */
export async function* entriesOf(
  source: Pick<ReplaySource, 'archive' | 'snapshots'>,
  { from, toMs = Infinity }: PeriodBounds,
): AsyncGenerator<PeriodEntry> {
  const state = await stateBefore(source, from);
  for (;;) {
    const page = await source.archive.readRange(state.position, PAGE_ENTRIES);
    if (page.length === 0) return;
    for (const logEntry of page) {
      if (logTimeAfter(state, logEntry) > toMs) return;
      yield follow(state, logEntry);
    }
  }
}

function follow(state: EngineState, logEntry: LogEntry): PeriodEntry {
  const { entry, position } = logEntry;
  const rowIds = entry.kind === 'poll-completed' ? rowsSeen(state, entry.datasource, entry.pollId) : undefined;
  const { outcome } = step(state, logEntry);
  return { position, entry, outcome, logTimeMs: state.logTimeMs, ...(rowIds === undefined ? {} : { rowIds }) };
}

function rowsSeen({ polls }: EngineState, datasource: string, pollId: string): readonly string[] {
  const poll = polls.underWay().find(([name, { pollId: id }]) => name === datasource && id === pollId);
  return poll?.[1].rowIds ?? [];
}

async function stateBefore(
  source: Pick<ReplaySource, 'archive' | 'snapshots'>,
  from: PeriodStart,
): Promise<EngineState> {
  const replayer = new Replayer(engineMachine, source);
  if (from === 'first') return replayer.stateAtOrBefore(ORIGIN);
  if ('position' in from) return (await replayer.materialise({ position: justBefore(from.position) })).state;
  try {
    return (await replayer.materialise({ atMs: from.atMs - 1 })).state;
  } catch (error) {
    // A period that begins before all that is known begins with the first entry.
    if (error instanceof WhereforeError && error.code === 'before-first-entry') return engineMachine.initialState();
    throw error;
  }
}

/** After it comes that place, and nothing in between. */
function justBefore({ epoch, offset, index }: Position): Position {
  if (index > 0) return { epoch, offset, index: index - 1 };
  return offset > 0 ? { epoch, offset: offset - 1, index: Number.MAX_SAFE_INTEGER } : { epoch, offset: 0, index: 0 };
}
