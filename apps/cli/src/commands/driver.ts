import { startDriver } from '@wherefore/driver';
import { runProcess } from '@wherefore/host';
import type { Terminal } from '../terminal/terminal';

/** `wherefore driver`: polls a cloud until SIGTERM or Ctrl-C. */
export async function driver({ config: file }: { readonly config?: string }, terminal: Terminal): Promise<void> {
  const { env, cwd } = terminal.surroundings;
  terminal.exitCode = await runProcess('driver', startDriver, { env, cwd, ...(file === undefined ? {} : { file }) });
}
