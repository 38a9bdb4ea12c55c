import { canonicalJson, digestText, formatDigest, type Json, Mixer } from '@wherefore/model';
import type { EngineState } from './state';

const mixer = new Mixer();

/**
 * 32 hexadecimal digits: equal on every machine that applied the same entries, whatever the
 * positions they had. O(1) but for polls under way and the kept refusals of the last step.
 */
export function stateHash(state: EngineState): string {
  mixer.start(41);
  for (const digest of [state.graph.digest, state.evaluator.digest, state.sum])
    mixer.number(digest.high).number(digest.low);
  mixer.number(state.graph.vertexCount).number(state.graph.edgeCount);
  mixer.number(state.ordinal).number(state.logTimeMs).number(state.lastTickMs).number(state.firstLogTimeMs);
  mixer.number(state.behaviour).number(state.epoch).number(state.refusalCount);
  mixer.number(state.effectsHigh).number(state.effectsLow);
  mixer.string(smallTables(state)).finish();
  return formatDigest({ high: mixer.high, low: mixer.low }) + digestText(`${mixer.high}/${mixer.low}`);
}

function smallTables(state: EngineState): string {
  const tables: Json = {
    fences: [...state.fences].sort(),
    limits: { ...state.limits },
    valueTables: state.valueTables,
    datasources: state.datasources,
    suspensions: state.suspensions.map(({ scenarioId, reason }) => [scenarioId, reason]),
    lastRefusal: state.refusals.at(-1)?.message ?? null,
  };
  return canonicalJson(tables) + state.polls.describe();
}
