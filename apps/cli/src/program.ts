import { Command, InvalidArgumentError, Option } from 'commander';
import { addReplay } from './programReplay';
import { addRoles, addStatus } from './programRoles';
import type { Terminal } from './terminal/terminal';
import { INSTANT_EXAMPLES } from './time/instantExamples';

const WHERE_FROM = `
Where the answer comes from: the server at --url, or the store in the folder --store. Without either:
the server on http://127.0.0.1:8999 if it answers, else the default store ($WHEREFORE_HOME, else
./.wherefore in a project, else the data folder of the user), else the store of the example cloud.
What answered is said on stderr.`;

const WHEN = `
WHEN is read in your time zone: ${INSTANT_EXAMPLES.join(', ')}.
It means the end of what it names: 17:26 is 17:26:59.999, a date is the end of that day. The answer is
what Wherefore knew then.`;

/** The command line: what there is to say, and which module does it. Modules are loaded when needed. */
export function buildProgram(terminal: Terminal): Command {
  const { stdout, stderr } = terminal.surroundings;
  const program = new Command('wherefore')
    .description('What caused this alarm at 17:26 yesterday? Root causes in a cloud, now and at any past moment.')
    .option('-V, --version', 'print the versions of the program, of its store format and of its behaviour')
    .helpCommand('help [command]', 'explain a command')
    .showHelpAfterError('(wherefore --help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .configureHelp({ sortSubcommands: false, helpWidth: terminal.width })
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore serve --example', 'a cloud to try it on: its host failed yesterday'],
          ['wherefore alarms', 'what is wrong now'],
          ['wherefore why "Host down"', 'what caused it'],
          ['wherefore why "Host down" --at "yesterday 17:26"', 'what caused it then'],
          ['wherefore topology', 'what there is, and in which state'],
        ) + '\nExit codes: 0 ok, 1 failure, 2 usage, 3 not found or before the first entry, 4 ambiguous.',
    );
  addServe(program, terminal);
  addImport(program, terminal);
  addWhy(program, terminal);
  addLists(program, terminal);
  addSpans(program, terminal);
  addTemplates(program, terminal);
  addStore(program, terminal);
  addReplay(program, terminal);
  addRun(program, terminal);
  addStatus(program, terminal);
  addRoles(program, terminal);
  for (const command of program.commands) inherit(command, program);
  return program;
}

/** Sub-commands made before their parent was configured do not inherit from it by themselves. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
}

function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .summary('run the server on this machine')
    .description(
      'Runs Wherefore in this process: it takes events in, and answers over REST. SIGTERM or Ctrl-C ends it.',
    )
    .option('--config <FILE>', 'configuration, else ./wherefore.yaml if there is one')
    .option('--example', 'serve the example cloud from a store of its own; your stores are not touched')
    .option('--fresh', 'with --example: make its store anew')
    .option('--store <DIR>', 'folder of the store')
    .option('--port <N>', 'port to listen on; 0 takes a free one (default: 8999)', wholeNumber(0, 65_535))
    .addHelpText('after', () =>
      examples(
        ['wherefore serve', 'on the default store'],
        ['wherefore serve --example', 'on a recorded cloud that failed yesterday'],
        ['wherefore serve --config wherefore.yaml --port 9000', ''],
      ),
    )
    .action(async (options) => (await import('./commands/serve.js')).serve(options, terminal));
}

function addImport(program: Command, terminal: Terminal): void {
  program
    .command('import')
    .summary('bring recorded notifications and answers of OpenStack into a store')
    .description(
      'Brings what was recorded of an OpenStack into a store, at the times it bears, so that every moment of the recording can be asked about. What the store holds already is recognised: the same input again changes nothing, and an import that was interrupted goes on.',
    )
    .requiredOption('--store <DIR>', 'folder of the store; made when there is none')
    .option(
      '--notifications <FILE...>',
      'messages of the bus, one JSON object a line: received_at, exchange, routing_key, body',
    )
    .option('--api <DIR...>', 'answers of the REST APIs: a folder with an index.json, or a folder of such folders')
    .option('--templates <PATH...>', 'template files, or folders of them: they hold from the first entry on')
    .addOption(
      new Option('--ports <OWNERS>', 'whose ports are resources: those of servers, or of routers and DHCP, too')
        .choices(['compute', 'all'])
        .default('compute'),
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore import --store cloud/ --notifications notifications.ndjson --api api/', ''],
          ['wherefore resources --store cloud/ --type nova.instance --at "2026-11-22 00:00:10"', 'as it was then'],
        ) + IMPORT_RULES,
    )
    .action(async (options) => (await import('./commands/importRecording.js')).importRecording(options, terminal));
}

const IMPORT_RULES = `
All inputs are merged by time: received_at of a message, at of an answer in its index.json. A message that
cannot be read is kept (wherefore rejected) and counted. An answer whose status is not 200, or that cannot be
read, is a failed poll and deletes nothing. Files that no index.json lists are not read. What lies before the
time that the store has come to is refused.`;

function addWhy(program: Command, terminal: Terminal): void {
  answering(program.command('why'))
    .summary('what caused an alarm')
    .description('Shows what caused an alarm, what else that brought about, by which templates and events it is known.')
    .argument('<alarm...>', 'name or id of the alarm; quotes are not needed')
    .option('--on <RESOURCE>', 'name or id of the resource it is on, where several have such an alarm')
    .option('--at <WHEN>', 'as it was then (default: now)')
    .option('--all', 'show all of it, repetitions and bindings included')
    .option('--limit <N>', 'alarms to explain at most', wholeNumber(1, 100_000))
    .option('--json', 'print the whole answer as JSON')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore why "Instance unreachable" --on web-3', ''],
          ['wherefore why Host down --at "yesterday 17:26"', ''],
          ['wherefore why Host down --at 2026-11-21T17:26Z --json', 'for machines'],
        ) +
        WHEN +
        WHERE_FROM,
    )
    .action(async (words: string[], options) =>
      (await import('./commands/why.js')).why(words.join(' '), options, terminal),
    );
}

function addLists(program: Command, terminal: Terminal): void {
  answering(program.command('alarms'))
    .summary('list the alarms')
    .description('Lists the active alarms, the worst first.')
    .argument('[name...]', 'only those of this name or id')
    .option('--at <WHEN>', 'as it was then (default: now)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      () => examples(['wherefore alarms', ''], ['wherefore alarms --at 17:26', '']) + WHEN + WHERE_FROM,
    )
    .action(async (words: string[], options) =>
      (await import('./commands/alarms.js')).alarms(words.join(' '), options, terminal),
    );
  answering(program.command('resources'))
    .summary('list the resources')
    .description('Lists the resources with their states.')
    .argument('[id]', 'only the one of this id')
    .option('--type <TYPE>', 'only those of this type, such as nova.instance')
    .option('--at <WHEN>', 'as it was then (default: now)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore resources --type nova.host', ''],
          ['wherefore resources --at "10 minutes ago" --json', ''],
        ) +
        WHEN +
        WHERE_FROM,
    )
    .action(async (id: string | undefined, options) =>
      (await import('./commands/resources.js')).resources(id, options, terminal),
    );
  answering(program.command('topology'))
    .summary('show the cloud as a tree')
    .description('Shows cluster, zones, hosts, instances and what is attached to them, with states and alarms.')
    .option('--root <RESOURCE>', 'only what is below this resource (name or id)')
    .option('--depth <N>', 'levels to show', wholeNumber(1, 100))
    .option('--at <WHEN>', 'as it was then (default: now)')
    .option('--json', 'print the whole graph as JSON: vertices, edges')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore topology --root compute-01', ''],
          ['wherefore topology --depth 3 --at "yesterday 17:26"', ''],
        ) +
        WHEN +
        WHERE_FROM,
    )
    .action(async (options) => (await import('./commands/topology.js')).topology(options, terminal));
}

function addSpans(program: Command, terminal: Terminal): void {
  answering(program.command('diff'))
    .summary('what is different between two moments')
    .description(
      'Shows what appeared, went and changed between two moments, property by property, and which alarms were raised and cleared: each with the entry that made it so. What came and went in between is only counted.',
    )
    .requiredOption('--from <WHEN>', 'the earlier moment')
    .option('--to <WHEN>', 'the later moment (default: now)')
    .option('--type <TYPE>', 'only resources of this type, such as nova.instance, and alarms on them')
    .option('--about <NAME>', 'only what has this name or id, and alarms on it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore diff --from "yesterday 17:24" --to "yesterday 17:26"', ''],
          ['wherefore diff --from "1 hour ago" --type nova.instance', ''],
        ) +
        WHEN +
        WHERE_FROM,
    )
    .action(async (options) => (await import('./commands/diff.js')).diff(options, terminal));
  answering(program.command('log'))
    .summary('the entries of the log around a moment')
    .description(
      'Lists the entries around a moment: what each says of whom, and what became of it: applied, with what it changed; unchanged, when it told nothing new; outdated, when something newer was known; duplicate; rejected, with the reason.',
    )
    .option('--at <WHEN>', 'the moment (default: now)')
    .option('--around <SPAN>', 'so long before and after it: 90s, 5m, 1.5h', '5m')
    .option('--about <NAME>', 'only entries about what has this name or id')
    .option('--limit <N>', 'entries at most, the nearest ones (default: 1000)', wholeNumber(1, 100_000))
    .option('--all', 'ticks too, and every row of every poll')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      () =>
        examples(
          ['wherefore log --at "yesterday 17:24" --around 30s', ''],
          ['wherefore log --at 17:24 --about compute-03', ''],
        ) +
        WHEN +
        WHERE_FROM,
    )
    .action(async (options) => (await import('./commands/log.js')).log(options, terminal));
}

function addTemplates(program: Command, terminal: Terminal): void {
  const templates = program
    .command('templates')
    .summary('add, list, show, validate and delete templates')
    .description('Templates say what one alarm does to the rest of the cloud.')
    .addHelpText('after', () =>
      examples(
        ['wherefore templates validate my-templates/', ''],
        ['wherefore templates add my-templates/host_down.yaml', ''],
        ['wherefore templates list', ''],
      ),
    );
  const load = async () => import('./commands/templates.js');
  answering(templates.command('list'))
    .summary('list the templates')
    .description('Lists the templates that are loaded, and those in error with what is wrong with them.')
    .option('--at <WHEN>', 'as it was then (default: now)')
    .option('--json', 'print JSON')
    .action(async (options) => (await load()).listTemplates(options, terminal));
  answering(templates.command('show'))
    .summary('show one template')
    .description('Prints the content of a template as YAML.')
    .argument('<template>', 'its name or id')
    .option('--json', 'print JSON')
    .action(async (name: string, options) => (await load()).showTemplate(name, options, terminal));
  templates
    .command('validate')
    .summary('check templates without adding them')
    .description(
      'Checks files on this machine, all together: they may include one another. Exits with 1 if one is invalid.',
    )
    .argument('<path...>', 'template files, or folders of them')
    .addOption(typeOption())
    .option('--json', 'print JSON')
    .action(async (paths: string[], options) => (await load()).validateTemplates(paths, options, terminal));
  answering(templates.command('add'))
    .summary('add templates')
    .description('Adds templates to a running server; to the store itself when no server runs. All of them, or none.')
    .argument('<path...>', 'template files, or folders of them')
    .addOption(typeOption())
    .option('--overwrite', 'replace templates of the same name')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nParameter values are taken from params.yaml beside the templates.${WHERE_FROM}`)
    .action(async (paths: string[], options) => (await load()).addTemplates(paths, options, terminal));
  answering(templates.command('delete'))
    .summary('delete templates')
    .description('Deletes templates; what they deduced is gone with them.')
    .argument('<template...>', 'names or ids')
    .action(async (names: string[], options) => (await load()).deleteTemplates(names, options, terminal));
}

function typeOption(): Option {
  return new Option('--type <TYPE>', 'for templates without metadata.type').choices([
    'standard',
    'definition',
    'equivalence',
  ]);
}

function addStore(program: Command, terminal: Terminal): void {
  answering(program.command('rejected'))
    .summary('list refused events')
    .description('Lists what was refused, with the reason: nothing that arrives is dropped in silence.')
    .option('--limit <N>', 'how many, the newest first', wholeNumber(1, 100_000), 50)
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/rejected.js')).rejected(options, terminal));
  answering(program.command('snapshots'))
    .summary('list the snapshots of a store')
    .description('Lists the snapshots: from the nearest one before it a past moment is replayed.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/snapshots.js')).snapshots(options, terminal));
  program
    .command('verify')
    .summary('replay a store and compare it with its snapshots')
    .description(
      'Replays every entry of a store from the first on, and compares the state with every snapshot: the proof that the same entries still give the same state. Exits with 1 when they do not.',
    )
    .option('--store <DIR>', 'folder of the store')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA snapshot of another version (format or behaviour) proves nothing and is no mismatch. A server may run meanwhile.',
    )
    .action(async (options) => (await import('./commands/verify.js')).verify(options, terminal));
}

function addRun(program: Command, terminal: Terminal): void {
  program
    .command('run')
    .summary('feed recorded events to an engine in memory')
    .description(
      'Feeds files of driver-shaped events (one JSON object a line) to an engine in memory, and prints a JSON list with the state after each file. It reads no clock: the same input prints the same bytes.',
    )
    .option('--templates <PATH...>', 'template files, or folders of them', [])
    .requiredOption('--events <FILE...>', 'event files, in this order; one may occur twice')
    .option(
      '--start <TIME>',
      'absolute time at which the clock of the run starts; it advances 1 s an event',
      DEFAULT_START,
    )
    .addHelpText(
      'after',
      () =>
        examples(['wherefore run --templates templates/ --events 01-topology.ndjson 02-raise.ndjson', '']) +
        '\nLines that are refused are told on stderr with file and line, and the run goes on. Templates are loaded first:\ndefinitions, equivalences, standard ones, each by file name; params.yaml beside them gives parameter values.',
    )
    .action(async (options) => (await import('./commands/run.js')).run(options, terminal));
}

/** Any fixed moment serves. */
const DEFAULT_START = '2026-11-21T00:00:00Z';

function answering(command: Command): Command {
  return command
    .option('--url <URL>', 'ask the server there')
    .addOption(new Option('--store <DIR>', 'ask the store in that folder').conflicts('url'));
}

function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const drawn = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd());
  return `\nExamples:\n${drawn.join('\n')}\n`;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
  };
}
