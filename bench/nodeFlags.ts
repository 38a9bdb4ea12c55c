import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The command, as it is installed. */
export const PROGRAM_FILE = resolve(__dirname, '../../apps/cli/bin/wherefore.js');

/** What Node itself is told when `wherefore` runs: in its first line. */
export const NODE_FLAGS: readonly string[] = readFileSync(PROGRAM_FILE, 'utf8')
  .split('\n', 1)[0]!
  .split(' ')
  .filter((word) => word.startsWith('--'));
