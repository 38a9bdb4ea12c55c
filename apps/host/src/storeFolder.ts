import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The variables of the environment that decide where things are. */
export type Environment = { readonly [name: string]: string | undefined };

/**
 * Where a store is when nobody says: `$WHEREFORE_HOME`; else `.wherefore` at the top of this project,
 * when `cwd` lies in it; else the folder for data of the XDG specification.
 */
export function defaultStoreFolder(env: Environment, cwd: string): string {
  const chosen = env['WHEREFORE_HOME'];
  if (chosen) return resolve(cwd, chosen);
  const project = projectFolder(cwd);
  if (project !== undefined) return join(project, '.wherefore');
  const data = env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share');
  return join(data, 'wherefore');
}

/** The nearest folder at or above `from` whose package.json is this project's. */
function projectFolder(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (isProject(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function isProject(manifest: string): boolean {
  if (!existsSync(manifest)) return false;
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name === 'wherefore';
  } catch {
    return false;
  }
}
