import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { fromNotification } from '@wherefore/datasources';
import { stateHash } from '@wherefore/engine';
import { ENTRY_VERSION } from '@wherefore/model';
import { Batch, describeState, goodLog, goodState, MutantFailure, type Tally } from './batch';
import { exampleTemplates, postedInputs, recordedInputs } from './inputs';
import { type Mutant, MutantMaker } from './mutant';
import { expectThat } from './watchedState';

const BATCH = 2_000;

interface Order {
  readonly sharedDir: string;
  readonly root: string;
  readonly seed: number;
  readonly first: number;
  readonly runs: number;
  /** A file that says which mutant is at work: what is left of a process that hangs. */
  readonly workFile: string;
}

/**
 * Tries mutants of everything that was recorded. Prints what they came to as JSON; ends with status 1
 * and a description of the first mutant that broke something.
 */
function main(order: Order): void {
  const recorded = recordedInputs(order.sharedDir);
  const good = goodLog(recorded, {
    kind: 'template-add',
    id: 'templates',
    version: ENTRY_VERSION,
    source: 'fuzz',
    ingestedAtMs: recorded[0]!.atMs,
    templates: exampleTemplates(order.root),
  });
  const alone = goodState(good);
  const expected = describeState(alone);
  const posts = postedInputs(order.root, recorded[0]!.atMs);
  const maker = new MutantMaker(
    order.seed,
    {
      notification: recorded.filter(({ way }) => way === 'notification'),
      answer: recorded.filter(({ way }) => way === 'answer'),
      post: posts,
    },
    ({ bytes }) => 'events' in fromNotification({ exchange: '', routing_key: '', received_at: '', body: bytes }),
    recorded.length,
  );
  const tally: Tally = new Map();
  const workFile = openSync(order.workFile, 'w');
  const note = (mutant: Mutant): void => {
    writeSync(workFile, `${mutant.index} `.padEnd(16), 0);
  };
  const end = order.first + order.runs;
  for (let first = order.first; first < end; first += BATCH) {
    const mutants: Mutant[] = [];
    for (let index = first; index < Math.min(first + BATCH, end); index++) mutants.push(maker.make(index));
    new Batch(good, tally, note).run(mutants, expected);
    process.stderr.write(`${Math.min(first + BATCH, end) - order.first} of ${order.runs} mutants\n`);
  }
  closeSync(workFile);
  // Nothing of it all is left anywhere: the good log gives the hash that it gave at first.
  expectThat(stateHash(goodState(good)) === stateHash(alone), 'the good log gives another hash by now');
  expectThat(Object.keys(Object.prototype).length === 0, 'the prototype of objects has been written to');
  const rows = [...tally].map(([kind, verdicts]) => [kind, Object.fromEntries(verdicts)]);
  process.stdout.write(JSON.stringify(Object.fromEntries(rows)));
}

function tellFailure(order: Order, { mutant, message }: MutantFailure): void {
  const lines = [message, `seed ${order.seed}, mutants ${order.first} to ${order.first + order.runs - 1}`];
  if (mutant !== undefined) {
    const file = `${order.workFile}.mutant-${mutant.index}`;
    writeFileSync(file, mutant.input.bytes);
    lines.push(
      `mutant ${mutant.index} of ${mutant.input.way} ${mutant.input.name}: ${mutant.kinds.join(', ')}`,
      `its ${mutant.input.bytes.length} bytes are in ${file}; they begin`,
      mutant.input.bytes.subarray(0, 1_500).toString('utf8'),
      `alone: SEED=${order.seed} FIRST=${mutant.index} RUNS=1 npm run fuzz`,
    );
  }
  process.stderr.write(`${lines.join('\n')}\n`);
}

const order = JSON.parse(process.argv[2]!) as Order;
try {
  main(order);
} catch (error) {
  tellFailure(order, error instanceof MutantFailure ? error : new MutantFailure(undefined, error));
  process.exitCode = 1;
}
