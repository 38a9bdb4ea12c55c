import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal';

/** What the processes of the distributed shape do, a line each. */
const ROLE_SUMMARIES = {
  api: 'answer over REST, from a state of its own',
  processor: 'notify and tick; a second one stands by and takes the snapshots',
  persister: 'keep the archive and the history; a second one stands by',
} as const;

export type HostedRole = keyof typeof ROLE_SUMMARIES;

/** The processes of the distributed shape, over RabbitMQ and MariaDB. */
export function addRoles(program: Command, terminal: Terminal): void {
  for (const [role, summary] of Object.entries(ROLE_SUMMARIES)) {
    program
      .command(role)
      .helpGroup('Processes over RabbitMQ and MariaDB:')
      .summary(summary)
      .description(
        `Runs one process with the role ${role}, over the RabbitMQ at broker.urls and the MariaDB at database.host. ` +
          'Any number may run, on any machines. SIGTERM or Ctrl-C ends it. It answers /healthz, /readyz and /metrics.',
      )
      .option('--config <FILE>', 'configuration, the same for every process, else ./wherefore.yaml if there is one')
      .action(async (options) => (await import('./commands/role.js')).runRole(role as HostedRole, options, terminal));
  }
}
