import { spawnSync } from 'node:child_process';
import path from 'node:path';

/**
 * Proves that lint fails on each violation of the floor plan and of the determinism rules, and that it lets
 * pass what is allowed. One child process lints all snippets, with the real configuration.
 */

interface Case {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  /** The rule that must report; `undefined` when the snippet is clean. */
  readonly rule: string | undefined;
}

const use = (specifier: string) => `import { x } from '${specifier}';\nexport const y = x;\n`;
const IMPORTS = 'floors/imports';

function importCases(lib: string, file: string, allowed: readonly string[], refused: readonly string[]): Case[] {
  const one = (specifier: string, rule: string | undefined) => ({
    title: `floors: ${lib} ${rule === undefined ? 'may' : 'may not'} import ${specifier}`,
    file,
    code: use(specifier),
    rule,
  });
  return [...allowed.map((name) => one(name, undefined)), ...refused.map((name) => one(name, IMPORTS))];
}

const own = (...names: string[]) => names.map((name) => `@wherefore/${name}`);
const LIBS = ['model', 'graph', 'templates', 'datasources', 'evaluator', 'engine', 'ports', 'contract', 'runtime'];

/** The floor plan, written a second time by hand: a slip in floors.mjs shows here. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  graph: ['model'],
  templates: ['model'],
  datasources: ['model'],
  ports: ['model'],
  contract: ['model'],
  evaluator: ['model', 'graph', 'templates'],
  engine: ['model', 'graph', 'templates', 'datasources', 'evaluator'],
  runtime: ['model', 'engine', 'ports'],
};

const floorCases: Case[] = LIBS.flatMap((lib) => {
  const allowed = MAY_IMPORT[lib]!;
  const refused = LIBS.filter((other) => other !== lib && !allowed.includes(other));
  return importCases(lib, `libs/${lib}/src/snippet.ts`, own(...allowed), [
    ...own(...refused, 'sqlite', 'api'),
    '@nestjs/common',
    'class-validator',
    'express',
  ]);
});

const edgeCases: Case[] = [
  ...importCases(
    'an adapter',
    'libs/adapters/sqlite/src/snippet.ts',
    [...own('model', 'ports'), 'libsql', 'node:fs'],
    [...own('engine', 'runtime', 'graph', 'contract', 'api'), '@nestjs/common'],
  ),
  ...importCases(
    'an app',
    'apps/api/src/snippet.ts',
    [...own(...LIBS, 'sqlite'), '@nestjs/common', 'node:fs'],
    own('cli'),
  ),
  ...importCases('the cli', 'apps/cli/src/snippet.ts', own('api'), ['@wherefore/engine/src/step']),
  ...importCases('runtime', 'libs/runtime/src/snippet.ts', ['node:worker_threads'], ['libsql']),
  ...importCases(
    'graph',
    'libs/graph/src/snippet.ts',
    ['./other'],
    ['graphology', 'node:fs', 'fs', 'fs/promises', 'libsql', '../../model/src/index', '../../templates/src/plan'],
  ),
  ...importCases(
    'a test of graph',
    'libs/graph/src/snippet.spec.ts',
    ['node:fs', 'fast-check', '../../../test/support/shared', '../../model/src/index'],
    [...own('templates', 'engine'), '../../templates/src/plan'],
  ),
  ...importCases('a test of the whole', 'test/acceptance/snippet.spec.ts', own('engine', 'sqlite', 'cli'), []),
];

const spellings: Case[] = [
  ['export from', `export { x } from '@wherefore/engine';`],
  ['import type', `import type { X } from '@wherefore/engine';\nexport type Y = X;`],
  ['an import() type', `export type Y = import('@wherefore/engine').X;`],
  ['import()', `export const y = () => import('@wherefore/engine');`],
  ['import = require', `import x = require('@wherefore/engine');\nexport const y = x;`],
  ['require', `export const y = require('@wherefore/engine');`],
  ['a side-effect import', `import '@wherefore/engine';`],
].map(([spelling, code]) => ({
  title: `floors: an upward import is seen however it is spelled: ${spelling}`,
  file: 'libs/graph/src/snippet.ts',
  code: code!,
  rule: IMPORTS,
}));

const GLOBALS = 'no-restricted-globals';
const PROPERTIES = 'no-restricted-properties';
const SYNTAX = 'no-restricted-syntax';

const nondeterminism: readonly (readonly [string, string])[] = [
  ['export const y = Date.now();', PROPERTIES],
  ['export const y = new Date();', SYNTAX],
  ['export const y = new Date(2026, 1, 1);', SYNTAX],
  ['export const y = Date();', SYNTAX],
  ['export const y = new Date(0).getHours();', PROPERTIES],
  ['export const y = performance.now();', GLOBALS],
  ['export const y = Math.random();', PROPERTIES],
  ['export const y = crypto.randomUUID();', GLOBALS],
  ['export const y = new Intl.Collator();', GLOBALS],
  [`export const y = 'a'.localeCompare('b');`, PROPERTIES],
  [`export const y = (1.5).toLocaleString();`, PROPERTIES],
  [`export const y = 'i'.toLocaleUpperCase();`, PROPERTIES],
  ['export const y = setTimeout(() => 1, 1);', GLOBALS],
  ['export const y = setInterval(() => 1, 1);', GLOBALS],
  ['export const y = setImmediate(() => 1);', GLOBALS],
  ['export const y = process.env.HOME;', GLOBALS],
  ['export const y = globalThis.process;', GLOBALS],
];

const awaiting: readonly (readonly [string, string])[] = [
  ['export async function y() {}', SYNTAX],
  ['export const y = async () => 1;', SYNTAX],
  ['export class Y { async z() {} }', SYNTAX],
  ['export const y = Promise.resolve(1);', GLOBALS],
];

const determinismCases: Case[] = [
  ...['model', 'graph', 'templates', 'datasources', 'evaluator', 'engine', 'contract', 'ports'].flatMap((lib) =>
    nondeterminism.map(([code, rule]) => ({
      title: `determinism: ${lib}: ${code}`,
      file: `libs/${lib}/src/snippet.ts`,
      code,
      rule,
    })),
  ),
  ...['model', 'graph', 'templates', 'datasources', 'evaluator', 'engine'].flatMap((lib) =>
    awaiting.map(([code, rule]) => ({
      title: `determinism: ${lib} is synchronous: ${code}`,
      file: `libs/${lib}/src/snippet.ts`,
      code,
      rule,
    })),
  ),
  ...(
    [
      ['a test may read the clock', 'libs/engine/src/snippet.spec.ts', 'export const y = Date.now();'],
      ['runtime may read the clock', 'libs/runtime/src/snippet.ts', 'export const y = Date.now();'],
      ['ports may promise', 'libs/ports/src/snippet.ts', 'export const y = async () => 1;'],
      ['a time from a number', 'libs/engine/src/snippet.ts', 'export const y = new Date(0).toISOString();'],
    ] as const
  ).map(([title, file, code]) => ({ title: `determinism: allowed: ${title}`, file, code, rule: undefined })),
];

const styleCases: Case[] = [
  ['export *', 'libs/graph/src/snippet.ts', `export * from './other';`, SYNTAX],
  ['any', 'libs/graph/src/snippet.ts', 'export const y: any = 1;', '@typescript-eslint/no-explicit-any'],
  ['unused', 'libs/graph/src/snippet.ts', 'const y = 1;\nexport {};', '@typescript-eslint/no-unused-vars'],
  [
    'a type imported as a value',
    'libs/graph/src/snippet.ts',
    `import { X } from './other';\nexport type Y = X;`,
    '@typescript-eslint/consistent-type-imports',
  ],
  ...['utils', 'common', 'helpers', 'types'].map((folder) => [
    `a folder named ${folder}`,
    `libs/graph/src/${folder}/snippet.ts`,
    'export const y = 1;',
    'floors/folder-names',
  ]),
].map(([title, file, code, rule]) => ({ title: `style: ${title}`, file: file!, code: code!, rule }));

const cases = [...floorCases, ...edgeCases, ...spellings, ...determinismCases, ...styleCases];
const answers = lint(cases);

function lint(snippets: readonly Case[]): { rules: string[]; messages: string[] }[] {
  const script = path.resolve(__dirname, '../support/lintSnippets.mjs');
  const input = JSON.stringify(snippets.map(({ file, code }) => ({ file, code })));
  const child = spawnSync(process.execPath, [script], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (child.status !== 0) throw new Error(`lintSnippets failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as { rules: string[]; messages: string[] }[];
}

describe('the floor plan', () => {
  it.each(cases.map((each, i) => [each.title, i] as const))('%s', (_title, i) => {
    const { rule } = cases[i]!;
    const answer = answers[i]!;
    if (rule === undefined) expect(answer.messages).toEqual([]);
    else expect(answer.rules).toContain(rule);
  });
});
