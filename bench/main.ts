import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { alarmCase, eventCost, sizeCase, topologyCase, warmUp } from './engineCases';
import { mariadbCase } from './mariadbCases';
import { calibrate, type Figure } from './measure';
import { replayCase } from './replayCase';
import { sqliteCase } from './sqliteCases';
import { structureCase } from './structureCase';
import type { CloudSize } from './workload';

const SIZES: readonly CloudSize[] = [
  { name: '1k', hosts: 48 },
  { name: '10k', hosts: 480 },
  { name: '200k', hosts: 9600 },
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
  structures: structureCase,
};

const PLAN: readonly (readonly [name: string, sizes: readonly string[]])[] = [
  ['topology', ['1k', '10k', '200k']],
  ['alarms', ['1k', '10k', '200k']],
  ['sizes', ['10k', '200k']],
  ['cost', ['1k', '200k']],
  ['sqlite', ['10k']],
  ['mariadb', ['10k']],
  ['replay', ['10k']],
  ['structures', ['10k']],
];

async function runCase(name: string, sizeName: string): Promise<void> {
  warmUp();
  const figures = await CASES[name]!(SIZES.find((size) => size.name === sizeName)!);
  process.stdout.write(JSON.stringify(figures));
}

function runAll(jsonFile: string | undefined): void {
  const calibration = calibrate();
  const figures: Figure[] = [
    { name: 'calibration loop', value: calibration, unit: 'million steps per cpu-second', peer: null, ratio: null },
  ];
  process.stderr.write(`${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}\n`);
  print(figures[0]!);
  for (const [name, sizes] of PLAN) {
    const measured = sizes.flatMap((size) => {
      const text = execFileSync(process.execPath, [...NODE_FLAGS, __filename, '--case', name, size], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      return JSON.parse(text) as Figure[];
    });
    const shown = name === 'cost' ? [compareCosts(measured)] : measured;
    for (const figure of shown) print(figure);
    figures.push(...shown);
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
}

/** The cost of an event must not grow with the cloud: at most 1.5 times. */
function compareCosts([small, large]: readonly Figure[]): Figure {
  const value = large!.value / small!.value;
  const name = `cost of an event at 200k over 1k (${large!.value.toFixed(0)} over ${small!.value.toFixed(0)} cpu-µs)`;
  return { name, value, unit: 'times', peer: 1.5, ratio: 1.5 / value };
}

function print({ name, value, unit, peer, ratio }: Figure): void {
  const shown = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
  const against =
    peer === null || ratio === null ? '' : `  ${ratio.toFixed(ratio < 10 ? 2 : 0)}× of ${peer.toLocaleString('en-US')}`;
  process.stdout.write(`${name.padEnd(64)} ${shown.padStart(10)} ${unit}${against}\n`);
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--case') void runCase(rest[0]!, rest[1]!);
else runAll(first === '--json' ? rest[0] : undefined);
