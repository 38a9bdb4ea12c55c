import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/shared';
import { temporaryFolder } from './cliProcess';

/** A command takes what V8 made of its modules from the build: no module of it is compiled when it runs. */

jest.setTimeout(60_000);

const PROGRAM = 'apps/cli/bin/wherefore.js';
const MAIN = 'dist/apps/cli/src/program.js';
const REPORTER = path.join(__dirname, 'reportCompiled.js');
const FLAGS = readFileSync(path.join(PROJECT_ROOT, PROGRAM), 'utf8')
  .split('\n', 1)[0]!
  .split(' ')
  .filter((word) => word.startsWith('--'));

const { folder, remove } = temporaryFolder();

afterAll(remove);

/** What the help says, and which files Node's own loader compiled for it, from the root. */
function help(root: string, flags: readonly string[]): { text: string; compiled: string[] } {
  const said = execFileSync(process.execPath, [...flags, '--require', REPORTER, path.join(root, PROGRAM), '--help'], {
    encoding: 'utf8',
  });
  const end = said.lastIndexOf('\n');
  const files = JSON.parse(said.slice(end + 1)) as string[];
  return { text: said.slice(0, end), compiled: files.map((file) => path.relative(root, file)) };
}

describe('the code that the build keeps', () => {
  it('serves a command that is started as the program says', () => {
    expect(existsSync(path.join(PROJECT_ROOT, 'dist/codeCache.bin'))).toBe(true);
    expect(help(PROJECT_ROOT, FLAGS).compiled).toEqual([PROGRAM, 'apps/cli/bin/codeCache.js']);
  });

  it('is left alone where Node has other flags: everything loads as ever, and says the same', () => {
    const { text, compiled } = help(PROJECT_ROOT, ['--max-semi-space-size=8']);
    expect(compiled).toContain(MAIN);
    expect(text).toBe(help(PROJECT_ROOT, FLAGS).text);
  });

  it('is not taken for a module that was changed since, be it as long as before', () => {
    const packages = ['commander', 'picocolors'].map((name) => `node_modules/${name}`);
    for (const part of ['apps/cli/bin', 'dist/apps/cli/src', 'dist/codeCache.bin', ...packages]) {
      cpSync(path.join(PROJECT_ROOT, part), path.join(folder, part), { recursive: true });
    }
    const ours = 'node_modules/@wherefore';
    symlinkSync(path.join(PROJECT_ROOT, ours), path.join(folder, ours));
    const file = path.join(folder, MAIN);
    writeFileSync(file, readFileSync(file, 'utf8').replace('What caused this alarm', 'Whom caused this alarm'));
    const { text, compiled } = help(folder, FLAGS);
    expect(text).toContain('Whom caused this alarm');
    expect(compiled).toContain(MAIN);
    expect(compiled).not.toContain('dist/apps/cli/src/main.js');
  });
});
