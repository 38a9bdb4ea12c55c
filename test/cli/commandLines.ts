import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '../support/shared';
import type { Finished } from './cliProcess';

/**
 * Reads command lines, a JSON list each, and runs one after the other with the built program, as the command
 * does. What each came to is a line of JSON.
 */
const SCRIPT = `
  const load = (name) => require(${JSON.stringify(path.join(PROJECT_ROOT, 'dist/apps/cli/src'))} + '/' + name);
  const { buildProgram } = load('program.js');
  const { Terminal } = load('terminal/terminal.js');
  const { reportFailure } = load('terminal/reportFailure.js');
  const run = async (args) => {
    const written = { stdout: '', stderr: '' };
    const sink = (name) => ({ write: (text) => (written[name] += text), isTTY: false, columns: 120 });
    const terminal = new Terminal({
      stdout: sink('stdout'), stderr: sink('stderr'), env: {}, cwd: '/', nowMs: () => Date.now(),
    });
    try {
      await buildProgram(terminal).parseAsync(args, { from: 'user' });
      return { code: terminal.exitCode, ...written };
    } catch (error) {
      return { code: reportFailure(error, terminal), ...written };
    }
  };
  (async () => {
    for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
      console.log(JSON.stringify(await run(JSON.parse(line))));
    }
  })();`;

/** Many command lines in one process, where the start of a process would be most of what a question costs. */
export class CommandLines {
  private readonly child: ChildProcess;
  private readonly waiting: ((finished: Finished) => void)[] = [];

  constructor() {
    this.child = spawn(process.execPath, ['-e', SCRIPT], {
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.waiting.shift()!(JSON.parse(line) as Finished);
    });
  }

  /** Runs one, after those before it. */
  run(args: readonly string[]): Promise<Finished> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin!.write(`${JSON.stringify(args)}\n`);
    });
  }

  /** Ends the process. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('close', () => resolve());
      this.child.stdin!.end();
    });
  }
}
