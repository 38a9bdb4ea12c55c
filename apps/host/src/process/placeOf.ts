import { type EngineState, stateHash } from '@wherefore/engine';
import type { RoleStatus, StatusAsker } from './role';

/** Where a follower stands: all of it read in one turn, so that the hash is of that very position. */
export function placeOf(
  state: EngineState,
  asker: StatusAsker,
): Pick<RoleStatus, 'position' | 'ordinal' | 'logTimeMs' | 'stateHash'> {
  const { position, ordinal, logTimeMs } = state;
  return { position, ordinal, logTimeMs, ...(asker === 'board' ? { stateHash: stateHash(state) } : {}) };
}
