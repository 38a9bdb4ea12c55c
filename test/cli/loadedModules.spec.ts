import path from 'node:path';
import { engineMachine, packSnapshot, Replayer } from '@wherefore/runtime';
import { openStore } from '@wherefore/sqlite';
import { PROJECT_ROOT } from '../support/shared';
import { runCli, type ServedCli, serveCli, temporaryFolder } from './cliProcess';
import { makeStore } from './smallCloud';

/** Loading took longer than most answers: what a command has no use for stays where it is. */

jest.setTimeout(60_000);

const AT = '2026-11-20T10:05:00Z';

const { folder, remove } = temporaryFolder();
const store = path.join(folder, 'store');
const served = path.join(folder, 'served');
let server: ServedCli;

beforeAll(async () => {
  await makeStore(store);
  await makeStore(served);
  await takeSnapshot();
  server = await serveCli(['--store', served]);
});

afterAll(async () => {
  await server.stop();
  remove();
});

/** Once a template has been read, its text is not read again: a snapshot holds what it says. */
async function takeSnapshot(): Promise<void> {
  const opened = await openStore({ folder: store, writer: 'inline' });
  const { state } = await new Replayer(engineMachine, opened).materialise({ atMs: Date.parse(AT) - 1 });
  const { header, bytes } = await packSnapshot(engineMachine, state, Date.parse(AT));
  await opened.snapshots.save(header, bytes);
  await opened.close();
}

const REPORTER = path.join(__dirname, 'reportModules.js');

/** Parts of this project, and npm packages, of which a command has loaded anything, apart from their faces. */
async function loadedBy(...args: string[]): Promise<{ parts: string[]; packages: string[] }> {
  const { code, stderr } = await runCli(args, { env: { NODE_OPTIONS: `--require ${REPORTER}` } });
  if (code !== 0) throw new Error(stderr);
  const files = JSON.parse(stderr.slice(stderr.lastIndexOf('\n') + 1)) as string[];
  const names = files.map((file) => path.relative(PROJECT_ROOT, file).split(path.sep).join('/'));
  const namesIn = (pattern: RegExp): string[] =>
    [...new Set(names.flatMap((name) => pattern.exec(name)?.[1] ?? []))].sort();
  return {
    parts: namesIn(/^dist\/(?:libs|libs\/adapters|apps)\/([a-z]+)\/src\/(?!index\.js$)/),
    // The database's binary has the name of the platform.
    packages: namesIn(/^node_modules\/(@libsql|(?:@[^/]+\/)?[^/]+)/),
  };
}

const COMMAND_LINE = ['commander', 'picocolors'];
/** What decides about a store: the database, and the regular expressions of templates. */
const STORE = [...COMMAND_LINE, '@libsql', '@neon-rs/load', 'libsql', 're2js'];
const QUESTION = 'answering cli datasources engine evaluator graph model ports runtime sqlite templates'.split(' ');

/** The native part of libsql is another package on each platform. */
function withoutPlatform(packages: readonly string[]): string[] {
  return packages.map((name) => name.replace(/^@libsql\/.*/, '@libsql')).sort();
}

describe('what a command loads', () => {
  it.each([[['--help']], [['why', '--help']], [['templates', 'add', '--help']]])(
    'for %p, nothing but the command line',
    async (args) => {
      expect(await loadedBy(...args)).toEqual({ parts: ['cli', 'model'], packages: COMMAND_LINE });
    },
  );

  it('for --version, only what bears a version', async () => {
    expect(await loadedBy('--version')).toEqual({
      parts: ['cli', 'engine', 'host', 'model', 'sqlite'],
      packages: COMMAND_LINE,
    });
  });

  it.each([
    [['why', 'Instance unreachable', '--on', 'web-1', '--at', AT]],
    [['alarms', '--at', AT]],
    [['resources', '--at', AT]],
    [['topology', '--at', AT]],
    [['diff', '--from', AT, '--to', '2026-11-20T10:06:00Z']],
    [['log', '--at', '2026-11-20T10:05:30Z', '--around', '1s']],
  ])('for %p of a store, the engine and the store: no server, no broker, no YAML', async (args) => {
    const { parts, packages } = await loadedBy(...args, '--store', store);
    expect(parts.filter((part) => part !== 'contract' && !QUESTION.includes(part))).toEqual([]);
    expect(withoutPlatform(packages).filter((name) => !STORE.includes(name))).toEqual([]);
  });

  it('for a question to a server, neither engine nor store', async () => {
    const { parts, packages } = await loadedBy('alarms', '--at', AT, '--url', server.url);
    expect(parts).toEqual(['cli', 'model']);
    expect(packages).toEqual(COMMAND_LINE);
  });

  it('for a time in words, what reads words besides', async () => {
    const { packages } = await loadedBy('alarms', '--at', 'now', '--url', server.url);
    expect(packages).toEqual(['chrono-node', ...COMMAND_LINE]);
  });
});
