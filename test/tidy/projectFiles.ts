import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/shared';

const SKIPPED = new Set(['.git', 'node_modules', 'dist', 'coverage', '.wherefore']);
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|gz|db|sqlite3?|bin)$/;

/** Paths below the root, forward slashes, of every file that belongs to the project. In code-unit order. */
export function projectFiles(): string[] {
  const files = gitFiles() ?? [...walk('')];
  return files.filter((file) => existsSync(path.join(PROJECT_ROOT, file))).sort();
}

/** Tracked files and new ones that are not ignored; `undefined` where there is no git (an unpacked archive). */
function gitFiles(): string[] | undefined {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const list = execFileSync('git', args, {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(list.split('\0').filter((file) => file !== ''))];
  } catch {
    return undefined;
  }
}

function* walk(folder: string): Generator<string> {
  for (const item of readdirSync(path.join(PROJECT_ROOT, folder), { withFileTypes: true })) {
    const file = folder === '' ? item.name : `${folder}/${item.name}`;
    if (item.isDirectory() && !SKIPPED.has(item.name)) yield* walk(file);
    else if (item.isFile()) yield file;
  }
}

export function isText(file: string): boolean {
  return !BINARY.test(file);
}

export function readProjectFile(file: string): string {
  return readFileSync(path.join(PROJECT_ROOT, file), 'utf8');
}

/** TypeScript sources and tests of the libraries, apps, tests and benches. */
export function typescriptFiles(): string[] {
  return projectFiles().filter((file) => /^(libs|apps|test|bench)\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'));
}

export function isSpec(file: string): boolean {
  return /\.(spec|conformance|sim)\.ts$/.test(file);
}
