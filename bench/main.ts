import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { apiCase } from './apiCase';
import { clusterCase } from './clusterCase';
import { clusterRatesCase } from './clusterRates';
import { type PlannedCase, readCommandLine } from './commandLine';
import { alarmCase, COST, costCase, sizeCase, topologyCase, warmUp } from './engineCases';
import { historyCase } from './historyCase';
import { mariadbCase } from './mariadbCases';
import { BEST_ROUND, calibrate, coreWatch, type Figure, OWN_CORE } from './measure';
import { NODE_FLAGS } from './nodeFlags';
import { MARKDOWN, TEXT } from './pages';
import { replayCase } from './replayCase';
import { sqliteCase } from './sqliteCases';
import { manyTemplatesCase, restoreCase, worstStepsCase } from './stepCases';
import { structureCase } from './structureCase';
import { whyCase } from './whyCase';
import type { CloudSize } from './workload';

const SIZES: readonly CloudSize[] = [
  { name: '1k', hosts: 48 },
  { name: '2k', hosts: 96 },
  { name: '10k', hosts: 480 },
  { name: '50k', hosts: 2380 },
  { name: '200k', hosts: 9600 },
  { name: '1M', hosts: 48_000 },
];

type Measure = (size: CloudSize) => Figure[] | Promise<Figure[]>;

/** Each case runs in a process of its own, so that none inherits another's heap. */
const CASES: readonly (PlannedCase & { readonly measure: Measure })[] = [
  {
    name: 'topology',
    sizes: ['1k', '10k', '200k'],
    about: 'a cloud is built with templates that match',
    measure: topologyCase,
  },
  {
    name: 'alarms',
    sizes: ['1k', '10k', '200k'],
    about: 'deduced alarms raised and cleared, hosts down and up',
    measure: alarmCase,
  },
  { name: 'sizes', sizes: ['10k', '200k'], about: 'memory and snapshot of an entity', measure: sizeCase },
  {
    name: COST,
    sizes: ['1k', '200k', '1M'],
    about: 'an event in a large cloud over one in a small, the first',
    measure: costCase,
  },
  { name: 'sqlite', sizes: ['10k'], about: 'the same through the embedded store', measure: sqliteCase },
  { name: 'mariadb', sizes: ['10k'], about: 'the archive and the history in MariaDB', measure: mariadbCase },
  { name: 'replay', sizes: ['10k'], about: 'two hours of polls, replayed from SQLite', measure: replayCase },
  { name: 'restore', sizes: ['10k'], about: 'a snapshot of 50,000 entities, decoded', measure: restoreCase },
  { name: 'steps', sizes: ['200k'], about: 'the longest single steps', measure: worstStepsCase },
  { name: 'templates', sizes: ['10k'], about: 'a hundred templates over two', measure: manyTemplatesCase },
  { name: 'why', sizes: ['10k'], about: 'questions about the past of a million entries', measure: whyCase },
  { name: 'structures', sizes: ['10k'], about: "the graph's own structure beside graphology", measure: structureCase },
  { name: 'history', sizes: ['1M'], about: 'pages of the history of a million alarms', measure: historyCase },
  { name: 'api', sizes: ['1k', '2k', '10k', '50k'], about: 'a server over HTTP, with its reads', measure: apiCase },
  { name: 'cluster', sizes: ['1k'], about: 'takeovers of a cluster with its services', measure: clusterCase },
  {
    name: 'cluster-rates',
    sizes: ['50k'],
    about: 'a flood of events through a cluster',
    measure: clusterRatesCase,
  },
];

async function runCase(name: string, sizeName: string): Promise<void> {
  warmUp();
  const { measure } = CASES.find((planned) => planned.name === name)!;
  const figures = await measure(SIZES.find((size) => size.name === sizeName)!);
  process.stdout.write(JSON.stringify([...figures, ...ownCore(`${name}, ${sizeName}`)]));
}

/** Of how much that this process measured its core was its own when it began. */
function ownCore(what: string): Figure[] {
  const value = coreWatch.aloneShare();
  return value === undefined ? [] : [{ name: `${OWN_CORE}${what}`, value, unit: '%', peer: null, ratio: null }];
}

function runInProcess(name: string, size: string): Figure[] {
  const args = [...NODE_FLAGS, __filename, '--case', name, size];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Figure[];
}

function runAll(plan: readonly PlannedCase[], jsonFile: string | undefined, isMarkdown: boolean): void {
  const page = isMarkdown ? MARKDOWN : TEXT;
  const figures: Figure[] = [];
  const tell = (told: readonly Figure[]): void => {
    for (const figure of told) process.stdout.write(page.line(figure));
    figures.push(...told);
    if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
  };
  // The first loop of a process is compiled on its way.
  calibrate();
  process.stderr.write(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}\n`);
  process.stdout.write(page.head);
  tell([loop('calibration loop')]);
  for (const { name, sizes } of plan) {
    const costs: Figure[] = [];
    for (const size of sizes) {
      const before = loop(`calibration loop before ${name}, ${size}`);
      const measured = runInProcess(name, size);
      const after = loop(`calibration loop after ${name}, ${size}`);
      const moment = measured.filter((figure) => figure.name.startsWith(OWN_CORE));
      const figures = measured.filter((figure) => !moment.includes(figure));
      if (name === COST) costs.push(...figures);
      else tell(figures);
      tell([before, after, ...moment]);
    }
    tell(compareCosts(costs));
  }
}

function loop(name: string): Figure {
  return { name, value: calibrate(), unit: 'million steps per cpu-second', peer: null, ratio: null };
}

/** How many times dearer an event may be in a large cloud than in one of a thousand entities. */
const COST_LIMITS: readonly (readonly [size: string, limit: number])[] = [
  ['200k', 1.5],
  ['1M', 2],
];

/** The costs at each size over those at the smallest, by median and by best round; as they are, where there is none to compare. */
function compareCosts(costs: readonly Figure[]): readonly Figure[] {
  const at = (size: string, round: string) => costs.find(({ name }) => name === `${COST} ${size}${round}`)?.value;
  const compared = COST_LIMITS.flatMap(([size, limit]) =>
    ['', BEST_ROUND].flatMap((round): Figure[] => {
      const [from, to] = [at('1k', round), at(size, round)];
      if (from === undefined || to === undefined) return [];
      const name = `cost of an event at ${size} over 1k (${to.toFixed(0)} over ${from.toFixed(0)} cpu-µs)${round}`;
      const value = to / from;
      const against = round === '' ? { peer: limit, ratio: limit / value } : { peer: null, ratio: null };
      return [{ name, value, unit: 'times', ...against }];
    }),
  );
  return compared.length > 0 ? compared : costs;
}

const command = readCommandLine(
  process.argv.slice(2),
  CASES,
  SIZES.map(({ name }) => name),
);
if (command.kind === 'case') void runCase(command.name, command.size);
else if (command.kind === 'run') runAll(command.plan, command.jsonFile, command.isMarkdown);
else if (command.kind === 'help') process.stdout.write(command.text);
else {
  process.stderr.write(command.text);
  process.exitCode = 2;
}
