import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = join(__dirname, '../..');

/** Plain JavaScript of the libraries and of one program, in a folder of their own. */
export interface CompiledProgram {
  /** Path of the compiled program; runs under plain `node`. */
  readonly path: string;
  /** Path of a compiled file of the repository, such as `libs/runtime/src/index.ts`. */
  pathOf(source: string): string;
  /** The exports of such a file, in this process. */
  load(source: string): unknown;
  remove(): void;
}

/**
 * Paths are relative to the repository. Compiles the libraries and the named apps as they are now, the program, and other files it needs, without checking types: processes and
 * threads under test run the very sources under test, whatever state `dist` is in. The folder lies
 * below node_modules, so that packages resolve.
 */
export function compileProgram(
  program: string,
  others: readonly string[] = [],
  apps: readonly string[] = [],
): CompiledProgram {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'wherefore-'));
  const pathOf = (source: string) => join(folder, source.replace(/\.ts$/, '.js'));
  for (const library of [...libraries(), ...apps.map((app) => join('apps', app))]) {
    for (const file of readdirSync(join(ROOT, library, 'src'), { recursive: true, encoding: 'utf8' })) {
      const isSource = file.endsWith('.ts') && !/\.(spec|conformance|sim|bench)\.ts$/.test(file);
      if (isSource) compile(join(ROOT, library, 'src', file), pathOf(join(library, 'src', file)));
    }
    linkPackage(folder, library, pathOf(join(library, 'src/index.ts')));
  }
  for (const file of [program, ...others]) compile(file, pathOf(relative(ROOT, file)));
  const load = (source: string): unknown => createRequire(__filename)(pathOf(source));
  return { path: pathOf(relative(ROOT, program)), pathOf, load, remove: () => rmSync(folder, { recursive: true }) };
}

function libraries(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(join(ROOT, folder, entry.name)).includes('src'))
      .map((entry) => join(folder, entry.name));
  return [...inFolder('libs'), ...inFolder('libs/adapters')];
}

function compile(source: string, target: string): void {
  const { code } = transformSync(readFileSync(source, 'utf8'), {
    filename: source,
    configFile: false,
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

function linkPackage(folder: string, library: string, main: string): void {
  const packageFolder = join(folder, 'node_modules/@wherefore', basename(library));
  mkdirSync(packageFolder, { recursive: true });
  const manifest = { name: `@wherefore/${basename(library)}`, main: relative(packageFolder, main) };
  writeFileSync(join(packageFolder, 'package.json'), JSON.stringify(manifest));
}
