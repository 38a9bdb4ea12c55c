import { ledgerMachine } from './ledgerMachine';
import { simulate } from './simulate';

const SEED = Number(process.env['SEED'] ?? 20_261_127);
const RUNS = Number(process.env['RUNS'] ?? 1500);

describe('the cluster in bad weather', () => {
  it(`loses nothing, and comes to rest (${RUNS} seeds from ${SEED})`, async () => {
    const sums = { terms: 0, entries: 0, repeats: 0, epochs: 0 };
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const { violation, seen } = await simulate(seed, { machine: ledgerMachine() });
      if (violation !== undefined) {
        const { course } = await simulate(seed, { machine: ledgerMachine(), isVerbose: true });
        throw new Error(
          `seed ${seed}: ${violation}\n${course.join('\n')}\nalone: SEED=${seed} RUNS=1 npm run simulate`,
        );
      }
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += seen[name];
    }
    console.log(sums);
  }, 1000_000);
});
