import { CommanderError } from 'commander';
import { buildProgram } from './program';
import { EXIT } from './terminal/exitCodes';
import { reportFailure } from './terminal/reportFailure';
import { type Surroundings, Terminal } from './terminal/terminal';

/** Runs one command line and gives its exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = new Terminal(surroundings);
  try {
    if (args[0] === '--version' || args[0] === '-V') {
      const { describeVersions } = await import('./commands/version.js');
      terminal.data(describeVersions());
      return EXIT.ok;
    }
    const program = buildProgram(terminal);
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync([...args], { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    // Commander has said already what was wrong; help that was asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportFailure(error, terminal);
  }
}

/** A reader that goes away, such as `head`, has what it wanted. */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}

async function main(): Promise<void> {
  endWithReader(process.stdout);
  endWithReader(process.stderr);
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    nowMs: () => Date.now(),
  });
}

void main();
