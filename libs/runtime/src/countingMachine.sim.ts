import { BrokenInvariant, ORIGIN, WhereforeError, type Effect, type LogEntry, type NewEntry } from '@wherefore/model';
import type { Machine, MachineState } from './machine';
import type { PackedSnapshot } from './snapshotCodec';

/** A state small enough to be compared by eye. */
export interface CountingState extends MachineState {
  /** Ids of all entries, in order. */
  readonly ids: string[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A machine for tests: remembers ids. Ids tell it what to do: `alarm…` raises one, `reject…` is
 * refused, `boom…` breaks an invariant. Log time is the time of ingestion, never back.
 */
export const countingMachine: Machine<CountingState> = {
  snapshotFormat: 7,
  initialState: () => ({ position: ORIGIN, ordinal: 0, logTimeMs: 0, behaviour: 1, ids: [] }),
  logTimeAfter: (state, { entry }) => Math.max(state.logTimeMs, entry.ingestedAtMs),
  step: (state, logEntry) => {
    const { id } = logEntry.entry;
    if (id.startsWith('boom')) throw new BrokenInvariant(id);
    const writable: Writable<CountingState> = state;
    writable.logTimeMs = countingMachine.logTimeAfter(state, logEntry);
    writable.position = logEntry.position;
    writable.ordinal += 1;
    writable.ids.push(id);
    return stepResult(id, logEntry);
  },
  stateHash: (state) => `${state.ordinal}:${state.ids.join(',').length}:${state.ids.at(-1) ?? ''}`,
  *snapshotInPieces(state) {
    yield;
    return new TextEncoder().encode(JSON.stringify(state));
  },
  decodeSnapshot: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as CountingState,
  // The hash is made of the state whenever it is asked for.
  isAsHashed: () => true,
};

function stepResult(id: string, { entry }: LogEntry): ReturnType<Machine<CountingState>['step']> {
  if (id.startsWith('reject')) {
    const rejection = { code: 'missing-id', message: `${id} of ${entry.source}` } as const;
    const effect: Effect = { kind: 'entry-rejected', entityId: id, ...rejection };
    return { outcome: { kind: 'rejected', rejection }, effects: [effect] };
  }
  const raised: Effect = { kind: 'alarm-raised', entityId: id, properties: { name: id }, changes: {} };
  return { outcome: { kind: 'applied' }, effects: id.startsWith('alarm') ? [raised] : [] };
}

/** An entry with that id, taken in at that time. */
export function counted(id: string, ingestedAtMs = 1000): NewEntry {
  return { kind: 'tick', id, version: 1, source: 'test', ingestedAtMs, atMs: ingestedAtMs };
}

/** A snapshot without compression, which takes turns of the event loop that no virtual time decides about. */
export function plainSnapshot(state: CountingState, createdAtMs: number): PackedSnapshot {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const { position, ordinal, logTimeMs, behaviour } = state;
  const place = { position, ordinal, logTimeMs, behaviour, stateHash: countingMachine.stateHash(state) };
  return { header: { ...place, formatVersion: 701, byteCount: bytes.length, createdAtMs }, bytes };
}

/** Answers with the ids, the number of archived entries, or an error: whatever is asked for. */
export async function answerAboutIds(
  state: CountingState,
  question: unknown,
  source: { archive: { count(): Promise<number> } },
): Promise<string | number | readonly string[]> {
  if (question === 'ids') return [...state.ids];
  if (question === 'archived') return source.archive.count();
  throw new WhereforeError('alarm-not-found', `nothing is known of ${String(question)}`, { hint: 'Ask for ids.' });
}
