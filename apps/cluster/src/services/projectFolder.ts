import { existsSync } from 'node:fs';
import path from 'node:path';

/** The top folder of this project; sources and compiled files lie at different depths below it. */
export function projectFolder(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package-lock.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return folder;
}
