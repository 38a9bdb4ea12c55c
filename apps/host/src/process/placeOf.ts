import { type EngineState, stateHash } from '@wherefore/engine';
import type { RoleStatus } from './role';

/** Where a follower stands: all of it read in one turn, so that the hash is of that very position. O(1). */
export function placeOf(
  state: EngineState,
): Required<Pick<RoleStatus, 'position' | 'ordinal' | 'logTimeMs' | 'stateHash'>> {
  const { position, ordinal, logTimeMs } = state;
  return { position, ordinal, logTimeMs, stateHash: stateHash(state) };
}
