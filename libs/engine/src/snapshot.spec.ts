import fc from 'fast-check';
import { WhereforeError } from '@wherefore/model';
import { instance, LogScript, nagios, prometheus, zone } from './cloudScript.sim';
import { decodeSnapshot, encodeSnapshot, SNAPSHOT_FORMAT } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { step } from './step';

function someState(): EngineState {
  const [script, state] = [new LogScript(), initialState()];
  for (const entry of [
    script.event(zone('z1', { h1: true, h2: true })),
    script.event(instance('i1', 'h1')),
    script.event(instance('i2', 'h2')),
    script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    script.event(nagios('cpu', 'nova.host', 'h1', 'OK')),
    script.event({ vitrage_entity_type: 'unheard of' }),
    script.entry({ kind: 'poll-started', datasource: 'nova.instance', pollId: 'p' }),
  ]) {
    step(state, entry);
  }
  return state;
}

/** What decoding comes to: the code of a refusal, or a state that is the one written. */
function outcomeOf(bytes: Uint8Array, hash: string): string {
  try {
    return stateHash(decodeSnapshot(bytes)) === hash ? 'intact' : 'another state';
  } catch (error) {
    return error instanceof WhereforeError ? error.code : String(error);
  }
}

describe('a snapshot', () => {
  const state = someState();
  const hash = stateHash(state);
  const bytes = encodeSnapshot(state);

  it('gives the state back', () => {
    expect(outcomeOf(bytes, hash)).toBe('intact');
    expect(encodeSnapshot(decodeSnapshot(bytes))).toEqual(bytes);
  });

  it('has the digest that the graph it gives back comes to', () => {
    const { graph } = decodeSnapshot(bytes);
    expect(graph.digestAnew()).toEqual(graph.digest);
  });

  it('of the state before the first entry is one too', () => {
    expect(stateHash(decodeSnapshot(encodeSnapshot(initialState())))).toBe(stateHash(initialState()));
  });

  it('is refused when any byte of it is another one', () => {
    const outcomes = new Set<string>();
    for (let at = 0; at < bytes.length; at++) {
      const decayed = bytes.slice();
      decayed[at]! ^= 1 << (at % 8);
      outcomes.add(outcomeOf(decayed, hash));
    }
    expect([...outcomes]).toEqual(['snapshot-corrupt']);
  });

  it('is refused when it ends early, wherever', () => {
    const outcomes = new Set<string>();
    for (let end = 0; end < bytes.length; end++) outcomes.add(outcomeOf(bytes.slice(0, end), hash));
    expect([...outcomes]).toEqual(['snapshot-corrupt']);
  });

  it('is refused when something follows it, or bytes changed places', () => {
    expect(outcomeOf(Uint8Array.of(...bytes, 0), hash)).toBe('snapshot-corrupt');
    const swapped = bytes.slice();
    const half = bytes.length >> 1;
    swapped.set(bytes.subarray(half, half + 40), 60);
    swapped.set(bytes.subarray(60, 100), half);
    expect(outcomeOf(swapped, hash)).toBe('snapshot-corrupt');
  });

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(outcomeOf(noise, hash)).toBe('snapshot-corrupt');
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('of another format is refused, and says which', () => {
    const newer = bytes.slice();
    const at = 'wherefore-snapshot'.length + 1;
    expect(newer[at]).toBe(SNAPSHOT_FORMAT);
    newer[at] = SNAPSHOT_FORMAT + 1;
    expect(() => decodeSnapshot(newer)).toThrow(
      `its format is ${SNAPSHOT_FORMAT + 1}, this program reads ${SNAPSHOT_FORMAT}`,
    );
  });

  it('holds ids and names of any characters', () => {
    const [script, odd] = [new LogScript(), initialState()];
    const names = ['two\nlines', 'lone \ud800 surrogate', '', 'quote"\\', 'İıß\u0000', '1', '__proto__'];
    for (const name of names) {
      step(odd, script.event(instance(`id ${name}`, `on ${name}`), { id: `entry ${name}`, source: `source ${name}` }));
      step(odd, script.event(prometheus(name, { id: `id ${name}` }, 'warning')));
      const rack = {
        vitrage_entity_type: 'static',
        vitrage_datasource_action: 'update',
        type: 'rack',
        id: `id ${name}`,
      };
      for (const value of ['x', 'y', null]) {
        const metadata = { [name]: value, constructor: value, toString: 'z' };
        expect(step(odd, script.event({ ...rack, metadata })).outcome).toEqual({ kind: 'applied' });
      }
    }
    const restored = decodeSnapshot(encodeSnapshot(odd));
    expect(stateHash(restored)).toBe(stateHash(odd));
    expect([...restored.dedupe.entries()]).toEqual([...odd.dedupe.entries()]);
  });
});
