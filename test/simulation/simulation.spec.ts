import { spawn } from 'node:child_process';
import path from 'node:path';
import { compileProgram, type CompiledProgram } from '../durability/compiledProgram';
import type { Breakage } from './breakages';
import type { Order, Report } from './main';

const SEED = Number(process.env['SEED'] ?? 20_261_127);
const RUNS = Number(process.env['RUNS'] ?? 2000);
/** Of the real engine there are fewer: each takes many times as long. */
const ENGINE_RUNS = Math.ceil(RUNS / 200);
/** Generous, for a machine with other work. */
const EACH_MS_MAX = 400;

const ROOT = path.join(__dirname, '../..');
const PARTS = [
  'breakages',
  'cluster',
  'engineBatches',
  'faults',
  'invariants',
  'ledgerMachine',
  'simulate',
  'simulatedLog',
];
const OTHERS = [
  'test/fuzz/chance.ts',
  'libs/engine/src/cloudScript.sim.ts',
  'libs/runtime/src/roles/virtualTime.sim.ts',
];

/** In a process of its own: under the test runner promises cost twice as much. */
function run(program: CompiledProgram, order: Order): Promise<Report> {
  const child = spawn(process.execPath, [program.path, JSON.stringify(order)]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (process.env['RUNS'] !== undefined) process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(stdout) as Report);
      else reject(new Error(`the simulation ended with status ${status}:\n${stderr}`));
    });
  });
}

/** The report, or an error that tells of the seed that failed, and what happened in it. */
function withoutFailure(report: Report): Report {
  const { failed } = report;
  if (!failed) return report;
  const again = `alone: SEED=${failed.seed} RUNS=1 npm run simulate`;
  throw new Error(`seed ${failed.seed}: ${failed.violation}\n${failed.course.join('\n')}\n${again}`);
}

describe('the whole cluster, simulated', () => {
  let program: CompiledProgram;
  beforeAll(() => {
    const parts = [...PARTS, 'simulatedPresence', 'world'].map((part) => `test/simulation/${part}.ts`);
    const others = [...parts, ...OTHERS].map((file) => path.join(ROOT, file));
    program = compileProgram(path.join(__dirname, 'main.ts'), others);
  });
  afterAll(() => program.remove());

  it(
    `loses nothing, tells everything, and agrees with itself after bad weather (${RUNS} seeds from ${SEED})`,
    async () => {
      const { seen, runs } = withoutFailure(await run(program, { first: SEED, runs: RUNS }));
      if (process.env['RUNS'] !== undefined) console.log(seen);
      expect(runs).toBe(RUNS);
      if (RUNS < 300) return;
      // The weather was bad enough to be worth it.
      expect(seen.takeOvers).toBeGreaterThan(RUNS / 4);
      expect(seen.repeats).toBeGreaterThan(RUNS / 20);
      expect(seen.epochs - RUNS).toBeGreaterThan(RUNS / 20);
      // Both ways to be told are trodden: before it is stored, and after.
      expect(seen.unstored).toBeGreaterThan(seen.told / 10);
      expect(seen.told - seen.unstored).toBeGreaterThan(seen.told / 10);
    },
    60_000 + RUNS * EACH_MS_MAX,
  );

  it(
    `does so with the real engine (${ENGINE_RUNS} seeds from ${SEED})`,
    async () => {
      const order = { first: SEED, runs: ENGINE_RUNS, machine: 'engine' } as const;
      const { runs, seen } = withoutFailure(await run(program, order));
      // A host with an alarm tells of its instances too.
      expect(seen.told).toBeGreaterThan(ENGINE_RUNS * 5);
      expect(runs).toBe(ENGINE_RUNS);
    },
    60_000 + ENGINE_RUNS * EACH_MS_MAX,
  );

  it.each<Breakage>([
    'entries without a fence',
    'outbox without a fence',
    'archive without a cursor',
    'lease for everybody',
    'outbox that forgets',
  ])(
    'notices: %s',
    async (breakage) => {
      const { failed } = await run(program, { first: 1, runs: 300, breakage });
      expect(failed?.violation).toBeDefined();
    },
    120_000,
  );
});
