import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal';

/** What the processes of the distributed shape do, a line each. */
const ROLE_SUMMARIES = {
  api: 'answer over REST, from a state of its own',
  listener: 'take in the notifications of a cloud; a second one stands by',
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

export function addStatus(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .summary('every process, who leads, how far behind each is, and what is wrong')
    .description(
      'Shows every process: its role, how far it has come in the log and how far it is behind, who leads since when, ' +
        'the last snapshot, and whether broker and database can be reached. Exits with 1 when something is wrong.',
    )
    .option('--url <URL>', 'ask the server there')
    .option('--config <FILE>', 'configuration, else ./wherefore.yaml if there is one')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Where there is a database it is asked, so that the answer comes whichever processes run; else the server.
STATE: ● leads, ○ ready, ◌ starting or not ready, ✗ silent or ended. LAG is what a process is known to be
behind the others, in entries and in log time.`,
    )
    .action(async (options) => (await import('./commands/status.js')).status(options, terminal));
}
