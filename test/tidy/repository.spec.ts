import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CODES } from '@wherefore/model';
import ts from 'typescript';
import { PROJECT_ROOT } from '../support/shared';
import { isSpec, isText, projectFiles, readProjectFile, typescriptFiles } from './projectFiles';

/** Lines of the project's text files that match, as `file:line: text`. */
function linesMatching(pattern: RegExp, files: readonly string[]): string[] {
  return files.filter(isText).flatMap((file) =>
    readProjectFile(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

/** Folders with a package.json below libs and apps: the parts that the floor plan knows. */
function parts(): string[] {
  return projectFiles()
    .filter((file) => /^(libs|apps)\/.*package\.json$/.test(file))
    .map((file) => path.posix.dirname(file));
}

describe('libraries', () => {
  it('each says in a README what it hides', () => {
    const withSource = parts().filter((part) =>
      projectFiles().some((file) => file.startsWith(`${part}/src/`) && file.endsWith('.ts')),
    );
    expect(withSource.filter((part) => !existsSync(path.join(PROJECT_ROOT, part, 'README.md')))).toEqual([]);
  });

  it('each folder of libs is a part that the floor plan knows', () => {
    const folders = ['libs', 'libs/adapters'].flatMap((top) =>
      readdirSync(path.join(PROJECT_ROOT, top), { withFileTypes: true })
        .filter((item) => item.isDirectory() && item.name !== 'adapters')
        .map((item) => `${top}/${item.name}`),
    );
    const floors = readProjectFile('test/tidy/floors.mjs');
    const unknown = folders.filter((folder) => !new RegExp(`^ {2}${path.basename(folder)}: `, 'm').test(floors));
    expect(unknown).toEqual([]);
  });

  it('no folder is named after nothing', () => {
    const banned = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'types', 'misc']);
    const named = typescriptFiles().filter((file) => file.split('/').some((folder) => banned.has(folder)));
    expect(named).toEqual([]);
  });

  it('no face is an accident: nothing exports *', () => {
    const sources = typescriptFiles().filter((file) => !isSpec(file));
    expect(linesMatching(/^\s*export \* /, sources)).toEqual([]);
  });
});

describe('errors', () => {
  it('every code is documented, and every documented code exists', () => {
    const documented = [...readProjectFile('docs/errors.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(
      (match) => match[1]!,
    );
    expect(documented.filter((code, i) => documented.indexOf(code) !== i)).toEqual([]);
    expect([...documented].sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });
});

describe('the floor plan', () => {
  it('is printed in the documentation as lint enforces it', async () => {
    const printed = [...readProjectFile('docs/architecture.md').matchAll(/^\| `([a-z]+)` \| ([^|]*) \|/gm)].map(
      (match) => [match[1]!, [...match[2]!.matchAll(/`([a-z]+)`/g)].map((name) => name[1]!).sort()],
    );
    const text = readProjectFile('test/tidy/floors.mjs');
    const enforced = [...text.matchAll(/^ {2}([a-z]+): \{\s*imports: \[([^\]]*)\]/gm)].map((match) => [
      match[1]!,
      [...match[2]!.matchAll(/'([a-z]+)'/g)].map((name) => name[1]!).sort(),
    ]);
    expect(enforced.length).toBeGreaterThan(0);
    expect(Object.fromEntries(printed)).toEqual(Object.fromEntries(enforced));
  });
});

describe('leftovers', () => {
  it('nothing is marked to be done later', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
    expect(linesMatching(marks, sourcesAndProse())).toEqual([]);
  });

  it('no test is the only one that runs', () => {
    expect(linesMatching(/\b(describe|it|test)\.only\(|\bf(describe|it)\(/, typescriptFiles().filter(isSpec))).toEqual(
      [],
    );
  });
});

describe('tests', () => {
  it('no two tests of a file have the same name', () => {
    expect(
      typescriptFiles()
        .filter(isSpec)
        .flatMap((file) => duplicateTests(file, readProjectFile(file))),
    ).toEqual([]);
  });

  it('sees two tests of one name, but not when their suites differ', () => {
    const text = `describe('a', () => { it('x', f); it('x', f); });\ndescribe('b', () => { it('x', f); it.each([])('y', f); });`;
    expect(duplicateTests('t.spec.ts', text)).toEqual(['t.spec.ts: a > x']);
  });
});

/** Names of tests written as plain texts, with the suites around them; those that occur twice. */
function duplicateTests(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const seen = new Set<string>();
  const twice = new Set<string>();
  const visit = (node: ts.Node, suites: readonly string[]): void => {
    const call = ts.isCallExpression(node) ? testCall(node) : undefined;
    if (call === undefined) {
      ts.forEachChild(node, (child) => visit(child, suites));
      return;
    }
    const title = [...suites, call.title];
    if (call.isSuite) {
      ts.forEachChild(node, (child) => visit(child, title));
    } else {
      const name = title.join(' > ');
      if (seen.has(name)) twice.add(name);
      seen.add(name);
    }
  };
  visit(source, []);
  return [...twice].map((name) => `${file}: ${name}`);
}

function testCall(node: ts.CallExpression): { title: string; isSuite: boolean } | undefined {
  const callee = node.expression.getText().split('.')[0]!;
  const title = node.arguments[0];
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  if (/^describe/.test(callee)) return { title: title.text, isSuite: true };
  return callee === 'it' || callee === 'test' ? { title: title.text, isSuite: false } : undefined;
}

describe('the lock file', () => {
  const lock = JSON.parse(readProjectFile('package-lock.json')) as {
    lockfileVersion: number;
    packages: { [place: string]: { resolved?: string; link?: boolean; integrity?: string; version?: string } };
  };
  const installed = Object.entries(lock.packages).filter(([place]) => place.includes('node_modules/'));

  it('names no registry: entries resolve by name, and workspaces by folder', () => {
    const elsewhere = installed.filter(([, entry]) => entry.resolved !== undefined && entry.link !== true);
    expect(elsewhere.map(([place]) => place)).toEqual([]);
    const folders = installed.filter(([, entry]) => entry.link === true).map(([, entry]) => entry.resolved!);
    expect(folders.filter((folder) => !existsSync(path.join(PROJECT_ROOT, folder, 'package.json')))).toEqual([]);
    expect(linesMatching(/"resolved": "[a-z+]+:/, ['package-lock.json'])).toEqual([]);
  });

  it('knows every package by its content', () => {
    const unknown = installed.filter(([, entry]) => entry.link !== true && entry.integrity === undefined);
    expect(unknown.map(([place]) => place)).toEqual([]);
  });

  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])('has the binaries of %s', (platform) => {
    const gnu = platform.startsWith('linux') ? '-gnu' : '';
    const binaries = [
      `@libsql/${platform}${gnu}`,
      `@swc/core-${platform}${gnu}`,
      `@unrs/resolver-binding-${platform}${gnu}`,
    ];
    expect(binaries.filter((name) => !(`node_modules/${name}` in lock.packages))).toEqual([]);
  });
});

/** Everything that people read. Recorded data and the lock file speak for themselves. */
function sourcesAndProse(): string[] {
  return projectFiles().filter(
    (file) => file !== 'package-lock.json' && file !== 'LICENSE' && !file.startsWith('examples/'),
  );
}

describe('the project speaks of itself alone', () => {
  it('names no folder of one machine', () => {
    const folders = ['work', 'root', 'home', 'Users'].map((name) => `/${name}/`).join('|');
    const files = projectFiles().filter((file) => file !== 'package-lock.json');
    expect(linesMatching(new RegExp(`(^|[\\s'"\`(=:])(${folders})`), files)).toEqual([]);
  });

  it('does not tell how it was written', () => {
    const words = [
      ['co-authored', 'by'],
      ['language', 'model'],
      ['coding', 'agent'],
      ['sub', 'agent'],
      ['ai', 'generated'],
    ];
    const pattern = new RegExp(`\\b(${words.map((pair) => pair.join('[- ]?')).join('|')})\\b`, 'i');
    expect(linesMatching(pattern, sourcesAndProse())).toEqual([]);
  });
});
