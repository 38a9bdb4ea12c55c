import { runProcess, type StartRole } from '@wherefore/host';
import type { HostedRole } from '../programRoles';
import type { Terminal } from '../terminal/terminal';

/** Only the role that runs is loaded. */
const LOAD: { readonly [Role in HostedRole]: () => Promise<StartRole> } = {
  api: async () => (await import('@wherefore/api')).startApi,
  listener: async () => (await import('@wherefore/listener')).startListener,
  processor: async () => (await import('@wherefore/processor')).startProcessor,
  persister: async () => (await import('@wherefore/persister')).startPersister,
};

/** `wherefore processor`, `wherefore persister`, …: one process with one role, until a signal ends it. */
export async function runRole(
  role: HostedRole,
  { config: file }: { config?: string },
  terminal: Terminal,
): Promise<void> {
  const { env, cwd } = terminal.surroundings;
  const start = await LOAD[role]();
  terminal.exitCode = await runProcess(role, start, { env, cwd, ...(file === undefined ? {} : { file }) });
}
