import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { apiCase } from './apiCase';
import { clusterCase } from './clusterCase';
import { clusterRatesCase } from './clusterRates';
import { alarmCase, eventCost, sizeCase, topologyCase, warmUp } from './engineCases';
import { historyCase } from './historyCase';
import { mariadbCase } from './mariadbCases';
import { calibrate, type Figure } from './measure';
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

/** The young generation that `wherefore` itself runs with: see its first line. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/** Each case runs in a process of its own, so that none inherits another's heap. */
const CASES: { readonly [name: string]: (size: CloudSize) => Figure[] | Promise<Figure[]> } = {
  topology: topologyCase,
  alarms: alarmCase,
  sizes: sizeCase,
  cost: (size) => [
    { name: `cost ${size.name}`, value: eventCost(size), unit: 'cpu-microseconds', peer: null, ratio: null },
  ],
  sqlite: sqliteCase,
  mariadb: mariadbCase,
  replay: replayCase,
  restore: restoreCase,
  steps: worstStepsCase,
  templates: manyTemplatesCase,
  why: whyCase,
  structures: structureCase,
  history: historyCase,
  api: apiCase,
  cluster: clusterCase,
  'cluster-rates': clusterRatesCase,
};

const PLAN: readonly (readonly [name: string, sizes: readonly string[]])[] = [
  ['topology', ['1k', '10k', '200k']],
  ['alarms', ['1k', '10k', '200k']],
  ['sizes', ['10k', '200k']],
  ['cost', ['1k', '200k', '1M']],
  ['sqlite', ['10k']],
  ['mariadb', ['10k']],
  ['replay', ['10k']],
  ['restore', ['10k']],
  ['steps', ['200k']],
  ['templates', ['10k']],
  ['why', ['10k']],
  ['structures', ['10k']],
  ['history', ['1M']],
  ['api', ['1k', '2k', '10k', '50k']],
  ['cluster', ['1k']],
  ['cluster-rates', ['50k']],
];

async function runCase(name: string, sizeName: string): Promise<void> {
  warmUp();
  const figures = await CASES[name]!(SIZES.find((size) => size.name === sizeName)!);
  process.stdout.write(JSON.stringify(figures));
}

function runAll(only: string | undefined, jsonFile: string | undefined, isMarkdown: boolean): void {
  const plan = PLAN.filter(([name]) => only === undefined || name === only);
  if (plan.length === 0) {
    process.stderr.write(`There is no case "${only}". Cases: ${Object.keys(CASES).join(', ')}.\n`);
    process.exitCode = 2;
    return;
  }
  const figures: Figure[] = [
    { name: 'calibration loop', value: calibrate(), unit: 'million steps per cpu-second', peer: null, ratio: null },
  ];
  process.stderr.write(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}\n`);
  const tell = isMarkdown ? printRow : print;
  if (isMarkdown) process.stdout.write(MARKDOWN_HEAD);
  tell(figures[0]!);
  for (const [name, sizes] of plan) {
    const measured = sizes.flatMap((size) => {
      const text = execFileSync(process.execPath, [...NODE_FLAGS, __filename, '--case', name, size], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      return JSON.parse(text) as Figure[];
    });
    const shown = name === 'cost' ? compareCosts(measured) : measured;
    for (const figure of shown) tell(figure);
    figures.push(...shown);
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
}

/** How many times dearer an event may be in a large cloud than in one of a thousand entities. */
const COST_LIMITS: readonly (readonly [size: string, limit: number])[] = [
  ['200k', 1.5],
  ['1M', 2],
];

function compareCosts([small, ...large]: readonly Figure[]): Figure[] {
  return COST_LIMITS.map(([size, limit], at) => {
    const [from, to] = [small!.value, large[at]!.value];
    const name = `cost of an event at ${size} over 1k (${to.toFixed(0)} over ${from.toFixed(0)} cpu-µs)`;
    return { name, value: to / from, unit: 'times', peer: limit, ratio: limit / (to / from) };
  });
}

const MARKDOWN_HEAD = '| figure | measured | unit | peer or limit | ratio |\n|---|---:|---|---:|---:|\n';

/** A row of the table in docs/performance.md. */
function printRow({ name, value, unit, peer, ratio }: Figure): void {
  const against = peer === null || ratio === null ? ['', ''] : [peer.toLocaleString('en-US'), shownNumber(ratio)];
  process.stdout.write(`| ${[name, shownNumber(value), unit, ...against].join(' | ')} |\n`);
}

function shownNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 0);
}

function print({ name, value, unit, peer, ratio }: Figure): void {
  const shown = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
  const against =
    peer === null || ratio === null ? '' : `  ${ratio.toFixed(ratio < 10 ? 2 : 0)}× of ${peer.toLocaleString('en-US')}`;
  process.stdout.write(`${name.padEnd(64)} ${shown.padStart(10)} ${unit}${against}\n`);
}

const [first, ...rest] = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
if (first === '--case') void runCase(rest[0]!, rest[1]!);
else runAll(option('--only'), option('--json'), process.argv.includes('--markdown'));
