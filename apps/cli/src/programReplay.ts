import { type Command, Option } from 'commander';
import type { Terminal } from './terminal/terminal';

const RULES = `
What goes: what came from sources and operators, which is events, polls, what could not be read, templates and
configuration (with --events-only not the latter two). What does not: ticks, epochs and changes of behaviour, which the
Wherefore over there has of its own, and entries of a leader that had been replaced.

Times: without a shift they are kept, and so are the ids: the same period again changes nothing, as far back as the
target remembers ids. With --shift-to now everything happens now, its end when the replay ends; each shift has ids of
its own, so that a period can be replayed once more. Where a leader ticks, an entry becomes known when it arrives; its
time, and that of the alarm, are those that it bears.

FROM and TO are read in your time zone, and whole: from 17:24 to 17:26 is 17:24:00.000 to 17:26:59.999. FROM may also
be the position of an entry, as a replay that ends early prints it.

Where the entries come from: the store at --store; else the database, where the configuration has one; else the
default store. The target must have a log: start a processor of the Wherefore that is to follow it, and neither
listener nor driver, whose place the replay takes.

Examples:
  wherefore replay --from "yesterday 17:20" --to "yesterday 17:40" --target amqp://user:password@staging:5672
  wherefore replay --store cloud/ --speed max --shift-to now --target amqp://user:password@staging:5672/vhost
  wherefore replay --store cloud/ --rate 500 --events-only --dry-run --target amqp://user:password@staging:5672`;

/** `wherefore replay`. */
export function addReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .summary('push the entries of a period onto the broker of another Wherefore')
    .description(
      'Pushes the entries of a period onto another broker as if they came from the sources, for staging or for study. ' +
        'Ctrl-C ends it, and it tells how to go on.',
    )
    .requiredOption('--target <URL>', 'the other broker: amqp://user:password@host:5672/vhost')
    .option('--exchange <NAME>', 'the exchange of the log there, its broker.exchange', 'wherefore.log')
    .option('--from <FROM>', 'where the period begins (default: with the first entry)')
    .option('--to <TO>', 'where it ends (default: with the last entry)')
    .option('--speed <N>', 'as many times as fast as it was, or max (default: 1)')
    .addOption(new Option('--rate <N>', 'so many entries a second, evenly').conflicts('speed'))
    .option('--shift-to <now>', 'move all times, so that it happens now')
    .addOption(new Option('--shift-by <SPAN>', 'move all times by that: 24h, -90s').conflicts('shiftTo'))
    .option('--events-only', 'without templates and configuration: those of the target hold')
    .option('--wait <SPAN>', 'how long to wait for a target that went away', '60s')
    .option('--dry-run', 'read all of it, look whether the target is there, and push nothing')
    .option('--store <DIR>', 'folder of the store to replay')
    .addOption(new Option('--config <FILE>', 'configuration, else ./wherefore.yaml if there is one').conflicts('store'))
    .option('--json', 'print the report as JSON')
    .addHelpText('after', RULES)
    .action(async (options) => (await import('./commands/replay.js')).replay(options, terminal));
}
