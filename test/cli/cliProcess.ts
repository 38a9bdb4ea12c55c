import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/shared';

const PROGRAM = path.join(PROJECT_ROOT, 'apps/cli/bin/wherefore.js');

/** What a command line came to. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
}

/** Runs `wherefore` with nothing of this machine's environment but the path. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  return finished(spawnCli(args, options));
}

/** Starts `wherefore`; for servers. */
export function spawnCli(args: readonly string[], { env = {}, cwd = tmpdir() }: CliOptions = {}): ChildProcess {
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: path.join(tmpdir(), 'wherefore-no-home'), TZ: 'UTC' };
  return spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { ...inherited, ...env }, stdio: 'pipe' });
}

/** The same with stdout and stderr in one pipe, as with `2>&1`: all of it is its stdout. */
export function spawnCliInOnePipe(args: readonly string[], cwd: string): ChildProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, TZ: 'UTC' };
  const program = [process.execPath, PROGRAM, ...args];
  return spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...program], { cwd, env, stdio: 'pipe' });
}

/** Waits for the end of a process, and gives what it wrote. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A server that was started by `wherefore serve`. */
export interface ServedCli {
  readonly url: string;
  /** What it has written to stdout so far. */
  readonly stdout: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<Finished>;
}

/** Starts `wherefore serve …` on a free port, and waits until it answers. */
export async function serveCli(args: readonly string[], options: CliOptions = {}): Promise<ServedCli> {
  const child = spawnCli(['serve', '--port', '0', ...args], options);
  const end = finished(child);
  let written = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer | string) => {
      written += text.toString();
      const found = /Wherefore answers on (http:\S+?),/.exec(written)?.[1];
      if (found !== undefined) resolve(found);
    });
    void end.then(({ code, stderr }) => reject(new Error(`serve ended with ${code}: ${stderr}`)));
  });
  return {
    url,
    stdout: () => written,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
  };
}

/** A folder for one test file, and how to remove it. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-cli-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** A port on which nothing listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
