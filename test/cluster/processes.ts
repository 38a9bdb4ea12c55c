import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@wherefore/model';
import { PROJECT_ROOT } from '../support/projectRoot';

/** A process of Wherefore under test, of the build. */
export interface TestProcess {
  readonly pid: number;
  /** The lines of its log so far. */
  log(): readonly JsonObject[];
  /** Everything that it wrote, as it is. */
  written(): string;
  /** Where it answers about its health; waits until it says so. */
  healthUrl(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  isRunning(): boolean;
  /** Ends it, if it is not at its end yet. */
  dispose(): Promise<void>;
}

const LOG_WAIT_MS = 60_000;

/** Starts a program below `dist`, or `wherefore` with a command. */
export function startProcess(
  args: readonly string[],
  env: { readonly [name: string]: string },
  program = 'apps/cli/bin/wherefore.js',
): TestProcess {
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: path.join(tmpdir(), 'wherefore-no-home'), TZ: 'UTC' };
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, program), ...args], {
    cwd: tmpdir(),
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watched(child);
}

function watched(child: ChildProcess): TestProcess {
  let written = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (written += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (written += text));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal!));
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const log = (): readonly JsonObject[] => written.split('\n').flatMap(lineOf);
  return {
    pid: child.pid!,
    log,
    written: () => written,
    healthUrl: async () => {
      const found = await eventually(() => log().find(({ health, url }) => health ?? url), LOG_WAIT_MS);
      return String(found['health'] ?? found['url']);
    },
    signal: (name) => void child.kill(name),
    ended,
    isRunning,
    dispose: async () => {
      if (isRunning()) child.kill('SIGKILL');
      await ended;
    },
  };
}

function lineOf(line: string): JsonObject[] {
  try {
    return [JSON.parse(line) as JsonObject];
  } catch {
    return [];
  }
}

/** Waits until there is something, and gives it. What `find` rejects with counts as nothing. */
export async function eventually<T>(find: () => T | undefined | Promise<T | undefined>, withinMs = 20_000): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await find();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > giveUpAt) throw new Error(`it did not come to be so in ${withinMs} ms`, { cause: last });
    await delay(25);
  }
}
