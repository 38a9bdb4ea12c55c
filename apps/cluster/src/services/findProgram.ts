import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** Servers often lie where the PATH of an ordinary user does not lead. */
const FURTHER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/lib/rabbitmq/bin',
];

/** Full path of the first of `names` that is an executable file; `undefined` when there is none. */
export function findProgram(...names: readonly string[]): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of [...onPath, ...FURTHER_FOLDERS]) {
      const full = path.join(folder, name);
      if (isExecutable(full)) return full;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
