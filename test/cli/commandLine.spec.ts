import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/shared';
import { runCli } from './cliProcess';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const COMMANDS = [
  'serve',
  'why',
  'alarms',
  'resources',
  'topology',
  'templates',
  'rejected',
  'snapshots',
  'verify',
  'run',
];

describe('help', () => {
  it('goes to stdout when it was asked for, and lists every command with examples and exit codes', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes: 0 ok, 1 failure, 2 usage, 3 not found');
  });

  it.each(COMMANDS)('explains %s', async (command) => {
    const { code, stdout, stderr } = await runCli([command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: wherefore ${command}`);
  });

  it.each(['why', 'alarms', 'resources', 'topology', 'serve', 'run'])('of %s shows examples', async (command) => {
    expect((await runCli([command, '--help'])).stdout).toContain(`Examples:\n  wherefore ${command}`);
  });

  it('goes to stderr, as a usage error, when no command is given', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: wherefore');
  });
});

describe('the version', () => {
  it('is that of the program, of its store format, and of its behaviour', async () => {
    const { code, stdout } = await runCli(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wherefore \d+\.\d+\.\d+\nstore format \d+\nbehaviour \d+\n$/);
  });
});

describe('a command line that cannot be read exits with 2', () => {
  it.each([
    [['whi'], "unknown command 'whi'"],
    [['why'], "missing required argument 'alarm'"],
    [['why', 'x', '--limit', 'many'], 'It is a whole number from 1'],
    [['why', 'x', '--frobnicate'], "unknown option '--frobnicate'"],
    [['alarms', '--url', 'http://127.0.0.1:1', '--store', '/nowhere'], 'cannot be used with'],
    [['alarms', '--at', 'banana'], '"banana" cannot be read as a time'],
    [['alarms', '--url', 'ftp://somewhere'], 'is not the address of a server'],
    [['serve', '--fresh'], '--fresh makes the example anew, and needs --example'],
    [['serve', '--port', '70000'], 'It is a whole number from 0 to 65535'],
    [['run'], "required option '--events <FILE...>'"],
    [['run', '--events', __filename, '--start', 'yesterday'], 'is not an absolute time'],
    [['templates', 'frob'], "unknown command 'frob'"],
    [['templates', 'validate', 'x.yaml', '--type', 'odd'], 'Allowed choices are standard'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('and says how to write a time', async () => {
    const { stderr } = await runCli(['why', 'x', '--at', 'some day']);
    expect(stderr).toContain('Write for instance "yesterday 17:26", 17:26, "10 minutes ago"');
  });
});

describe('failures exit with 1', () => {
  it('of a server that does not answer', async () => {
    const { code, stderr } = await runCli(['alarms', '--url', 'http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(stderr).toContain('the server on http://127.0.0.1:1 does not answer');
  });

  it('of a server that is not Wherefore', async () => {
    const other = createServer((_, response) => response.end('{"reason": "OK"}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runCli(['alarms', '--url', `127.0.0.1:${port}`]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`what answers on http://127.0.0.1:${port} is not Wherefore`);
  });

  it('of a store that is not there', async () => {
    const { code, stderr } = await runCli(['alarms', '--store', path.join(PROJECT_ROOT, 'docs')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: there is no store in .*docs\n/);
  });
});

describe('a reader that goes away', () => {
  it('is no failure', async () => {
    const program = path.join(PROJECT_ROOT, 'apps/cli/bin/wherefore.js');
    const child = spawn(process.execPath, [program, 'run', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });
});
