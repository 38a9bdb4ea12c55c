import fc from 'fast-check';
import { naiveDeductions, shownDeductions } from '@wherefore/evaluator';
import { analyseDependencies } from '@wherefore/templates';
import { LogScript } from './cloudScript.sim';
import { activeScenarios } from './graphCodec';
import { cloudHistory, type Deed, deedEntry, tellHistory } from './randomCloud.sim';
import { type EngineState, initialState } from './state';
import { step } from './step';

const SEED = Number(process.env['SEED'] ?? 20_261_121);
const RUNS = Number(process.env['RUNS'] ?? 200);

/** What was seen on the way, to prove that the property is about something. */
interface Tally {
  compared: number;
  /** Entries after which the scenarios had no order in which to take them. */
  skipped: number;
  deduced: number;
}

/** What the oracle makes of the state, and what the graph shows; nothing where there is no right answer. */
function bothWays(state: EngineState): { naive: readonly string[]; shown: readonly string[] } | undefined {
  const scenarios = activeScenarios(state);
  const { stratum, unstratified } = analyseDependencies(scenarios);
  if (unstratified.includes(true)) return undefined;
  return { naive: naiveDeductions(state.graph, scenarios, stratum, state.values), shown: shownDeductions(state.graph) };
}

function play(deeds: readonly Deed[], tally: Tally): void {
  const [script, state] = [new LogScript(), initialState()];
  for (const deed of deeds) {
    const { outcome } = step(state, deedEntry(script, deed));
    expect(outcome.kind).not.toBe('failed');
    expect(state.shelf.list().filter(({ status }) => status === 'ERROR')).toEqual([]);
    const both = bothWays(state);
    if (both === undefined) {
      tally.skipped += 1;
      continue;
    }
    expect(both.shown).toEqual(both.naive);
    tally.compared += 1;
    tally.deduced += both.naive.length;
  }
}

describe('deductions', () => {
  it('equal what a fresh evaluation of everything gives, after every event', () => {
    const tally: Tally = { compared: 0, skipped: 0, deduced: 0 };
    const found = fc.check(
      fc.property(cloudHistory(30), (deeds) => play(deeds, tally)),
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 400_000 },
    );
    if (found.counterexample !== null) {
      const story = tellHistory(found.counterexample[0]);
      throw new Error(`seed ${found.seed}, path ${found.counterexamplePath}\n${story}\n${String(found.errorInstance)}`);
    }
    expect(tally.compared).toBeGreaterThan(RUNS * 10);
    expect(tally.skipped).toBeLessThan(tally.compared / 4);
    expect(tally.deduced).toBeGreaterThan(tally.compared);
  }, 450_000);
});
