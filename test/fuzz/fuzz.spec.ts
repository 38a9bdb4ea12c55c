import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileProgram, type CompiledProgram } from '../durability/compiledProgram';
import { describeWithShared, PROJECT_ROOT } from '../support/shared';
import { table } from './table';

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const FIRST = Number(process.env['FIRST'] ?? 0);
const RUNS = Number(process.env['RUNS'] ?? 3_000);

/** Generous, for a machine with other work: some 500 mutants take a second. */
const EACH_MS_MAX = 100;
/** So long without a batch of mutants done means that one hangs. */
const SILENCE_MS_MAX = 120_000;

const PARTS = ['batch', 'byteMutations', 'chance', 'inputs', 'jsonMutations', 'mutant', 'oddValues', 'watchedState'];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in a process of its own, and ends it where it says nothing for long. */
function run(program: CompiledProgram, order: object, progress: boolean): Promise<Ended> {
  const child = spawn(process.execPath, [program.path, JSON.stringify(order)]);
  let stdout = '';
  let stderr = '';
  let silence: NodeJS.Timeout | undefined;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS_MAX);
  };
  listen();
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    listen();
    stderr += chunk.toString();
    if (progress) process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(silence);
      resolve({ status, stdout, stderr });
    });
  });
}

describeWithShared('inputs with something wrong with them', (sharedDir) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-fuzz-'));
  let program: CompiledProgram;
  let failed = true;

  beforeAll(() => {
    const others = PARTS.map((part) => path.join(__dirname, `${part}.ts`));
    program = compileProgram(path.join(__dirname, 'main.ts'), others);
  });

  afterAll(() => {
    program.remove();
    // After a failure the folder holds the mutant.
    if (!failed) rmSync(folder, { recursive: true });
  });

  it(
    `never crash or hang, are entries or refused with reasons, and leave the good ones alone (seed ${SEED})`,
    async () => {
      const workFile = path.join(folder, 'work');
      const order = { sharedDir, root: PROJECT_ROOT, seed: SEED, first: FIRST, runs: RUNS, workFile };
      const { status, stdout, stderr } = await run(program, order, process.env['RUNS'] !== undefined);
      if (status !== 0) {
        const at = status === null ? `mutant ${readFileSync(workFile, 'utf8').trim()} hangs` : `status ${status}`;
        throw new Error(`${at}, seed ${SEED}\n${stderr.slice(-8_000)}`);
      }
      const tally = JSON.parse(stdout) as { readonly [kind: string]: { readonly [verdict: string]: number } };
      const counts = Object.values(tally).flatMap((verdicts) => Object.entries(verdicts));
      const sum = (isCounted: (verdict: string) => boolean) =>
        counts.reduce((total, [verdict, count]) => total + (isCounted(verdict) ? count : 0), 0);
      if (process.env['RUNS'] !== undefined) process.stderr.write(`${table(tally)}\n`);
      expect(sum(() => true)).toBe(RUNS);
      // Neither all refused nor all taken: the mutants are worth their name.
      if (RUNS >= 1_000) {
        expect(sum((verdict) => verdict === 'entries')).toBeGreaterThan(RUNS / 10);
        expect(sum((verdict) => verdict === 'malformed-json')).toBeGreaterThan(RUNS / 10);
        expect(sum((verdict) => verdict === 'malformed-event')).toBeGreaterThan(RUNS / 100);
        expect(sum((verdict) => verdict === 'missing-id')).toBeGreaterThan(0);
        expect(sum((verdict) => verdict === 'entry-too-large')).toBeGreaterThan(0);
      }
      failed = false;
    },
    60_000 + RUNS * EACH_MS_MAX,
  );
});
