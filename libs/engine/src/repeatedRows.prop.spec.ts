import fc from 'fast-check';
import { canonicalJson, type JsonObject, type LogEntry } from '@wherefore/model';
import { gone, LogScript } from './cloudScript.sim';
import { type Deed, cloudHistory, deedEntry, resource } from './randomCloud.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { step } from './step';

const SEED = Number(process.env['SEED'] ?? 9_26);
const RUNS = Number(process.env['RUNS'] ?? 10);

/** Told with its own time, as real rows are: without one, each row brings a new time of update. */
function dated(event: JsonObject): JsonObject {
  const at = '2026-11-20T00:00:00Z';
  return { ...event, updated: at, updated_at: at };
}

const rowDeed = fc.record({
  row: fc.nat(5),
  ageS: fc.constantFrom(0, 0, 0, 4),
  isGone: fc.nat(15).map((n) => n === 0),
});
const rows = fc.array(resource.map(dated), { minLength: 6, maxLength: 6 });

/** Rows of a small cloud over and over, and what a random history does in between. */
function entriesOf(
  pool: readonly JsonObject[],
  told: readonly { row: number; ageS: number; isGone: boolean }[],
  deeds: readonly Deed[],
): LogEntry[] {
  const script = new LogScript();
  return told.flatMap(({ row, ageS, isGone }, at): LogEntry[] => {
    const event = pool[row]!;
    const entry = isGone ? script.event(gone(event), { ageS }) : script.event(event, { ageS, pollId: 'poll' });
    const deed = at % 3 === 2 ? deeds[Math.floor(at / 3)] : undefined;
    return deed === undefined ? [entry] : [entry, deedEntry(script, deed)];
  });
}

function forgetWhatWasTold(state: EngineState): void {
  for (const vertex of state.graph.vertices()) vertex.isAsTold = false;
}

describe('a row that was told before', () => {
  it('comes to the same as if it were merged again, whatever happened in between', () => {
    let repeated = 0;
    fc.assert(
      fc.property(rows, fc.array(rowDeed, { minLength: 50, maxLength: 50 }), cloudHistory(16), (pool, told, deeds) => {
        const [quick, thorough] = [initialState(), initialState()];
        let restored = initialState();
        entriesOf(pool, told, deeds).forEach((entry, at) => {
          forgetWhatWasTold(thorough);
          const before = [...quick.graph.vertices()].filter(({ isAsTold }) => isAsTold);
          const [one, other, third] = [quick, thorough, restored].map((state) => step(state, entry));
          expect(canonicalJson(one!.effects as never)).toBe(canonicalJson(other!.effects as never));
          expect([one!.outcome, stateHash(quick)]).toEqual([other!.outcome, stateHash(thorough)]);
          expect([third!.outcome, stateHash(restored)]).toEqual([other!.outcome, stateHash(thorough)]);
          repeated += before.filter((vertex) => vertex.isAsTold && vertex.confirmedAt === quick.ordinal).length;
          if (at % 8 === 7) restored = decodeSnapshot(encodeSnapshot(restored));
        });
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Or nothing was tried.
    expect(repeated).toBeGreaterThan(RUNS);
  });
});
