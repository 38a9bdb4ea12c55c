import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BEHAVIOUR_MAX } from '@wherefore/engine';
import { STORE_VERSION } from '@wherefore/sqlite';

/** What this program is, what it writes, and by which rules it works. */
export function describeVersions(): string {
  return `wherefore ${programVersion()}\nstore format ${STORE_VERSION}\nbehaviour ${BEHAVIOUR_MAX}`;
}

/** Sources and compiled files lie at different depths below the package. */
function programVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === 'wherefore') return version ?? 'unknown';
  }
  return 'unknown';
}
