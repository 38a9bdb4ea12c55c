import fc from 'fast-check';
import { naiveDeductions, shownDeductions } from '@wherefore/evaluator';
import type { LogEntry } from '@wherefore/model';
import { analyseDependencies } from '@wherefore/templates';
import { cloudHistory, type Deed, deedEntry } from './randomCloud.sim';
import { LogScript } from './cloudScript.sim';
import { activeScenarios } from './graphCodec';
import { type EngineState, initialState } from './state';
import { step } from './step';

/** What the oracle makes of the state, and what the graph shows. */
function bothWays(state: EngineState): { naive: readonly string[]; shown: readonly string[] } | undefined {
  const scenarios = activeScenarios(state);
  const { stratum, unstratified } = analyseDependencies(scenarios);
  if (unstratified.includes(true)) return undefined;
  return { naive: naiveDeductions(state.graph, scenarios, stratum, state.values), shown: shownDeductions(state.graph) };
}

function play(deeds: readonly Deed[]): { compared: number; skipped: number; deduced: number; refused: number } {
  const state = initialState();
  const script = new LogScript();
  const counts = { compared: 0, skipped: 0, deduced: 0, refused: 0 };
  for (const deed of deeds) {
    const entry: LogEntry = deedEntry(script, deed);
    const { outcome } = step(state, entry);
    if (outcome.kind === 'failed') throw new Error(`${JSON.stringify(deed)}: ${outcome.rejection.message}`);
    if (deed.kind === 'template') counts.refused += state.shelf.list().filter(({ name, status }) => name === deed.name && status === 'ERROR').length;
    if (process.env['SHOW'] === '2') for (const row of state.shelf.list()) if (row.status==='ERROR') console.log(row.statusDetails, JSON.stringify(row.content['scenarios']));
    if (state.suspensions.length > 0) return { ...counts, skipped: counts.skipped + 1 };
    const both = bothWays(state);
    if (both === undefined) counts.skipped += 1;
    else {
      expect(both.shown).toEqual(both.naive);
      counts.compared += 1;
      counts.deduced += both.naive.length;
    }
  }
  return counts;
}

describe('deductions', () => {
  it('equal what a fresh evaluation of everything gives, after every event', () => {
    const sum = { compared: 0, skipped: 0, deduced: 0, refused: 0 };
    fc.assert(
      fc.property(cloudHistory(30), (deeds) => {
        const counts = play(deeds);
        for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name];
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300), seed: Number(process.env['SEED'] ?? 20261121), endOnFailure: process.env['FAST'] === '1' },
    );
    if (process.env['SHOW']) console.log(sum);
    expect(sum.skipped).toBeLessThan(sum.compared / 4);
    expect(sum.deduced).toBeGreaterThan(sum.compared);
  }, 600_000);
});
