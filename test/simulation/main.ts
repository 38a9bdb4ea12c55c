import type { EngineState } from '@wherefore/engine';
import { engineMachine, type MachineState } from '@wherefore/runtime';
import { breakages, type Breakage } from './breakages';
import { engineBatches } from './engineBatches';
import { ledgerMachine, type LedgerState } from './ledgerMachine';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate';

/** What a program that simulates is asked for. */
export interface Order {
  readonly first: number;
  readonly runs: number;
  /** Default: the ledger, which is much faster than the engine. */
  readonly machine?: 'ledger' | 'engine';
  /** What is taken away from the cluster, to see whether it is missed. */
  readonly breakage?: Breakage;
}

/** What it answers, as one line of JSON. */
export interface Report {
  readonly runs: number;
  readonly seen: SimulationResult['seen'] & { readonly cpuMs?: number };
  readonly failed?: { readonly seed: number; readonly violation: string; readonly course: readonly string[] };
}

function main(order: Order): Promise<Report> {
  const { machine = 'ledger', breakage } = order;
  if (machine === 'engine') return run<EngineState>(order, { machine: engineMachine, batches: engineBatches });
  return run<LedgerState>(order, { machine: ledgerMachine(), ...(breakage && breakages[breakage]) });
}

/** Runs seed after seed until one fails. */
async function run<S extends MachineState>({ first, runs }: Order, options: SimulationOptions<S>): Promise<Report> {
  const seen = { terms: 0, entries: 0, repeats: 0, epochs: 0, takeOvers: 0, told: 0, unstored: 0, events: 0 };
  const began = process.cpuUsage();
  for (let seed = first; seed < first + runs; seed++) {
    const result = await simulate(seed, options);
    for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += result.seen[name];
    if ((seed - first) % 100 === 99) process.stderr.write(`${seed - first + 1} of ${runs} seeds\n`);
    if (result.violation === undefined) continue;
    const { course } = await simulate(seed, { ...options, isVerbose: true });
    return { runs: seed - first + 1, seen, failed: { seed, violation: result.violation, course } };
  }
  const { user, system } = process.cpuUsage(began);
  return { runs, seen: { ...seen, cpuMs: Math.round((user + system) / 1000) } };
}

main(JSON.parse(process.argv[2]!) as Order).then(
  (report) => process.stdout.write(JSON.stringify(report)),
  (error: unknown) => {
    process.stderr.write(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
