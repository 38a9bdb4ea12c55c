import { type EngineState, initialState, type Outcome, stateHash, step } from '@wherefore/engine';
import { comparePositions, formatPosition, type LogEntry, ORIGIN, type Position } from '@wherefore/model';
import { deriveNews, type Told } from '@wherefore/notifying';
import { type Archive, MemoryHistory, type NewDelivery, type PlacedEffect } from '@wherefore/ports';

/** An entry, and what became of it. */
export interface Applied extends LogEntry {
  readonly outcome: Outcome;
}

/** What a replay of the archive from nothing comes to: what everything else is held against. */
export interface Truth {
  readonly entries: readonly Applied[];
  readonly state: EngineState;
  readonly history: MemoryHistory;
  /** What receivers are to be told, of entries after `toldAfter`. */
  readonly news: readonly NewDelivery[];
  /** The ids of everything that was to be told before. */
  readonly earlier: ReadonlySet<string>;
  /** Hashes of the state at the places that were asked for, as far as there are such. */
  readonly hashes: ReadonlyMap<string, string>;
}

export interface TruthOptions {
  readonly told: Told;
  readonly toldAfter: Position;
  /** Places, as texts, at which the hash of the state is wanted. */
  readonly hashesAt: ReadonlySet<string>;
}

const READ_MAX = 2_000;

/** Replays. What is derived is derived as processors do it. */
export async function replayedTruth(
  archive: Pick<Archive, 'readRange'>,
  { told, toldAfter, hashesAt }: TruthOptions,
): Promise<Truth> {
  const state = initialState();
  const entries: Applied[] = [];
  const effects: PlacedEffect[] = [];
  const news: NewDelivery[] = [];
  const earlier = new Set<string>();
  // A process may say where it is before it has applied anything.
  const hashes = new Map([[formatPosition(state.position), stateHash(state)]]);
  for (let found = await archive.readRange(ORIGIN, READ_MAX); found.length > 0;) {
    for (const { position, entry } of found) {
      const { outcome, effects: done } = step(state, { position, entry });
      entries.push({ position, entry, outcome });
      const { ordinal, logTimeMs } = state;
      for (const effect of done) effects.push({ position, logTimeMs, effect });
      const applied = { entry: { position, entry }, ordinal, logTimeMs, outcome, effects: done };
      const rows = deriveNews(applied, state, told);
      if (comparePositions(position, toldAfter) > 0) news.push(...rows);
      else for (const { effectId } of rows) earlier.add(effectId);
      const place = formatPosition(position);
      if (hashesAt.has(place)) hashes.set(place, stateHash(state));
    }
    found = await archive.readRange(state.position, READ_MAX);
  }
  const history = new MemoryHistory();
  await history.apply({ expected: ORIGIN, position: state.position, epoch: 0, generation: 1, effects });
  return { entries, state, history, news, earlier, hashes };
}
