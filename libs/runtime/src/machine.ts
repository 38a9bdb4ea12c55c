import type { StepResult } from '@wherefore/engine';
import type { LogEntry, Position } from '@wherefore/model';

/** What the runtime reads of a state. Everything else in it is the engine's. */
export interface MachineState {
  /** The last entry applied; `ORIGIN` before the first. */
  readonly position: Position;
  /** How many entries were applied. */
  readonly ordinal: number;
  /** Never decreases. */
  readonly logTimeMs: number;
  readonly behaviour: number;
}

/**
 * The engine as the runtime sees it: a deterministic function of entries, and an encoding of its
 * state. Handed in, so that whoever waits, retries and leads can be tested on a machine of ten lines.
 */
export interface Machine<S extends MachineState> {
  initialState(): S;
  /** Applies the entry in place, and moves `position` to it whatever the outcome. */
  step(state: S, entry: LogEntry): StepResult;
  /** Version of what `snapshotInPieces` gives. */
  readonly snapshotFormat: number;
  stateHash(state: S): string;
  /** The encoded state, with rests between pieces of the work. The state must not change before the last of them. */
  snapshotInPieces(state: S): Iterator<unknown, Uint8Array>;
  decodeSnapshot(bytes: Uint8Array): S;
  /** Whether a state that was read from a snapshot is what its hash says, which reading it takes on trust. O(state). */
  isAsHashed(state: S): boolean;
  /** The log time that the state would have after the entry. Changes nothing. */
  logTimeAfter(state: S, entry: LogEntry): number;
}
