import { BEHAVIOUR_MAX } from '@wherefore/engine';
import { programVersion } from '@wherefore/host';
import { STORE_VERSION } from '@wherefore/sqlite';

/** What this program is, what it writes, and by which rules it works. */
export function describeVersions(): string {
  return `wherefore ${programVersion()}\nstore format ${STORE_VERSION}\nbehaviour ${BEHAVIOUR_MAX}`;
}
