import {
  SNAPSHOT_FORMAT,
  decodeSnapshot,
  initialState,
  logTimeAfter,
  snapshotInPieces,
  stateHash,
  step,
  type EngineState,
} from '@wherefore/engine';
import type { Machine } from './machine';

/** The engine that answers questions. */
export const engineMachine: Machine<EngineState> = {
  snapshotFormat: SNAPSHOT_FORMAT,
  initialState,
  step,
  stateHash,
  snapshotInPieces,
  decodeSnapshot,
  isAsHashed: ({ graph }) => {
    const { high, low } = graph.digestAnew();
    return high === graph.digest.high && low === graph.digest.low;
  },
  logTimeAfter,
};
