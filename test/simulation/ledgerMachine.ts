import { ORIGIN, type Effect, type LogEntry } from '@wherefore/model';
import type { Machine, MachineState, PackedSnapshot } from '@wherefore/runtime';

/** What was applied, in order, and the fences seen: small enough for thousands of runs. */
export interface LedgerState extends MachineState {
  /** Ids of applied entries, in order. */
  readonly applied: string[];
  /** Highest epoch seen, by lease. */
  readonly fences: { [lease: string]: number };
  readonly known: { [id: string]: true };
  readonly active: { [alarm: string]: true };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Whether the machine looks at fences; a test takes that away to see what comes of it. */
export interface LedgerOptions {
  readonly isFenced: boolean;
}

/**
 * The rules of the engine that the roles rely on, and nothing else: a repeated id changes nothing, nor does an entry
 * of a lease that has passed on. An entry called `raise-…` or `clear-…` raises or clears an alarm.
 */
export function ledgerMachine({ isFenced }: LedgerOptions = { isFenced: true }): Machine<LedgerState> {
  return {
    snapshotFormat: 1,
    initialState: () => ({
      ...{ position: ORIGIN, ordinal: 0, logTimeMs: 0, behaviour: 1 },
      ...{ applied: [], fences: {}, known: {}, active: {} },
    }),
    logTimeAfter: (state) => state.ordinal + 1,
    isAsHashed: () => true,
    step: (state, logEntry) => {
      const { fence, id, source } = logEntry.entry;
      const writable: Writable<LedgerState> = state;
      writable.position = logEntry.position;
      writable.ordinal += 1;
      writable.logTimeMs = writable.ordinal;
      if (isFenced && fence && fence.epoch < (state.fences[fence.lease] ?? 0)) {
        return { outcome: { kind: 'stale-epoch' }, effects: [] };
      }
      const key = `${source}/${id}`;
      if (state.known[key]) return { outcome: { kind: 'duplicate' }, effects: [] };
      state.known[key] = true;
      if (fence) state.fences[fence.lease] = fence.epoch;
      state.applied.push(key);
      return { outcome: { kind: 'applied' }, effects: effectsOf(state, logEntry) };
    },
    stateHash: (state) => JSON.stringify([state.ordinal, state.applied, state.fences, Object.keys(state.active)]),
    *snapshotInPieces(state) {
      yield;
      return bytesOf(state);
    },
    decodeSnapshot: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as LedgerState,
  };
}

function effectsOf(state: LedgerState, { entry: { id } }: LogEntry): Effect[] {
  const [verb, name] = id.split('-') as [string, string | undefined];
  if (name === undefined) return [];
  const alarm = { entityId: name, properties: { name }, changes: {} };
  if (verb === 'raise' && !state.active[name]) {
    state.active[name] = true;
    return [{ kind: 'alarm-raised', ...alarm }];
  }
  if (verb === 'clear' && state.active[name]) {
    delete state.active[name];
    return [{ kind: 'alarm-cleared', ...alarm }];
  }
  return [];
}

function bytesOf(state: MachineState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state));
}

/** A snapshot without compression, which takes turns of the event loop that no seed decides about. */
export function plainSnapshot<S extends MachineState>(
  machine: Machine<S>,
  state: S,
  createdAtMs: number,
): PackedSnapshot {
  const bytes = bytesOf(state);
  const { position, ordinal, logTimeMs, behaviour } = state;
  const stateHash = machine.stateHash(state);
  const byteCount = bytes.length;
  const header = { position, ordinal, logTimeMs, stateHash, behaviour, formatVersion: 1, byteCount, createdAtMs };
  return { header, bytes };
}
