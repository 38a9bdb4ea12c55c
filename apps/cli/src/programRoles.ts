import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal';

interface RoleText {
  readonly summary: string;
  /** What it does, in the description. */
  readonly does: string;
  readonly more?: string;
}

const DRIVER_SOURCES = `
Sources, for driver.sources and driver.intervals (openstack stands for all but the last two):
  nova-services nova-availability-zones nova-hypervisors nova-aggregates nova-servers nova-migrations
  neutron-networks neutron-subnets neutron-routers neutron-ports neutron-floatingips neutron-agents
  cinder-services cinder-pools cinder-volumes cinder-snapshots heat-stacks aodh-alarms glance-images
  keystone-domains keystone-projects keystone-users alertmanager static

Examples:
  wherefore driver --config wherefore.yaml
  WHEREFORE_OPENSTACK__PASSWORD=… wherefore driver  with the password from the environment`;

/** The processes of the distributed shape. */
const ROLE_TEXTS = {
  listener: {
    summary: 'take in the notifications of a cloud; others stand by',
    does: 'Takes in the notifications on the message bus of a cloud, from a queue of its own, and tells the log. Of several one is at work, and the others stand by.',
  },
  driver: {
    summary: 'poll a cloud; each source is polled by one of them',
    does: 'Polls the OpenStack, the Alertmanager and the static files that the configuration names, and tells the log. Each source is polled by one of several, and another takes over.',
    more: DRIVER_SOURCES,
  },
  processor: {
    summary: 'notify and tick; others stand by and take the snapshots',
    does: 'Follows the log. The one that leads ticks and notifies; the others hold the same state, take the snapshots, and take over.',
  },
  persister: {
    summary: 'keep the archive and the history; others stand by',
    does: 'Copies the log into the archive and writes the history, one at a time; another takes over.',
  },
  api: {
    summary: 'answer over REST, from a state of its own',
    does: 'Follows the log and answers over REST at server.host and server.port. Any number answer side by side.',
  },
} as const satisfies { readonly [role: string]: RoleText };

export type HostedRole = keyof typeof ROLE_TEXTS;

/** The processes of the distributed shape, over RabbitMQ and MariaDB. */
export function addRoles(program: Command, terminal: Terminal): void {
  for (const [role, { summary, does, more = '' }] of Object.entries<RoleText>(ROLE_TEXTS)) {
    program
      .command(role)
      .helpGroup('Processes over one RabbitMQ and one MariaDB:')
      .summary(summary)
      .description(
        `${does} Needs broker.urls and database.host, and waits for both. Answers /healthz, /readyz and /metrics. ` +
          'SIGTERM or Ctrl-C ends it.',
      )
      .option('--config <FILE>', 'configuration, the same for every process, else ./wherefore.yaml if there is one')
      .addHelpText('after', more)
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
