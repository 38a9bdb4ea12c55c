import { DEFAULT_LIMITS, type LogEntry, type NewEntry } from '@wherefore/model';
import { gone, host, instance, LogScript, nagios, START_MS, zone } from './cloudScript.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { BEHAVIOUR_MAX } from './behaviour';
import { initialState } from './state';
import { stateHash } from './stateHash';
import { reportState } from './stateReport';
import { type Outcome, step } from './step';

const APPLIED: Outcome = { kind: 'applied' };

function hostCount(state: ReturnType<typeof initialState>): number {
  return reportState(state).vertices_by_type['nova.host'] ?? 0;
}

describe('a second delivery', () => {
  it('changes nothing but the count of entries', () => {
    const [script, state] = [new LogScript(), initialState()];
    const entry = script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING'));
    step(state, entry);
    const before = { report: reportState(state), now: state.logTimeMs };
    const late = { ...entry, entry: { ...entry.entry, ingestedAtMs: entry.entry.ingestedAtMs + 60_000 } };
    expect(step(state, late)).toMatchObject({ outcome: { kind: 'duplicate' }, effects: [] });
    expect({ report: reportState(state), now: state.logTimeMs }).toEqual(before);
    expect(state.ordinal).toBe(2);
  });

  it('is told by source and id: another source may use the same id', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.event(host('h1', 'z1'), { id: 'same', source: 'one' }));
    expect(step(state, script.event(host('h2', 'z1'), { id: 'same', source: 'two' })).outcome).toEqual(APPLIED);
    expect(step(state, script.event(host('h3', 'z1'), { id: 'same', source: 'two' })).outcome.kind).toBe('duplicate');
    expect(hostCount(state)).toBe(2);
  });

  it('is forgotten beyond the bound, oldest first, each source for itself', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.config('limits', { dedupeIdsPerSourceMax: 3 }));
    for (const id of ['a', 'b', 'c', 'd']) step(state, script.event(host(id, 'z1'), { id, source: 's' }));
    const outcomeOf = (id: string): string =>
      step(state, script.event(host(id, 'z1'), { id, source: 's' })).outcome.kind;
    expect(['b', 'c', 'd'].map(outcomeOf)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(outcomeOf('a')).toBe('applied');
    expect(['b', 'a'].map(outcomeOf)).toEqual(['applied', 'duplicate']);
  });

  it('is remembered in order when the bound is raised, live as after a snapshot', () => {
    const script = new LogScript();
    const entries = [script.config('limits', { dedupeIdsPerSourceMax: 3 })];
    for (const id of ['a', 'b', 'c', 'd']) entries.push(script.event(host(id, 'z1'), { id, source: 's' }));
    entries.push(script.config('limits', { dedupeIdsPerSourceMax: 4 }));
    for (const id of ['e', 'f', 'g']) entries.push(script.event(host(id, 'z1'), { id, source: 's' }));
    const live = initialState();
    let restored = initialState();
    for (const entry of entries) {
      step(live, entry);
      step(restored, entry);
      restored = decodeSnapshot(encodeSnapshot(restored));
      expect(stateHash(restored)).toBe(stateHash(live));
    }
    expect([...live.dedupe.entries()].at(-1)).toEqual(['s', ['d', 'e', 'f', 'g']]);
  });

  it('of an entry that failed or was rejected is one too', () => {
    const [script, state] = [new LogScript(), initialState()];
    const rejected = script.event({ vitrage_entity_type: 'unheard of' });
    expect(step(state, rejected).outcome.kind).toBe('rejected');
    expect(step(state, rejected).outcome.kind).toBe('duplicate');
    expect(state.refusalCount).toBe(1);
  });
});

describe('an entry made under a lease', () => {
  const fenced = (script: LogScript, epoch: number, lease = 'leader'): LogEntry =>
    script.entry({ kind: 'tick', atMs: script.nowMs + 1_000_000 * epoch, fence: { lease, epoch } });

  it('is stale once a higher epoch was seen, and then moves neither graph nor time', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, fenced(script, 5));
    const now = state.logTimeMs;
    const stale = script.entry({ kind: 'tick', atMs: now + 999_999, fence: { lease: 'leader', epoch: 4 } });
    expect(step(state, stale)).toMatchObject({ outcome: { kind: 'stale-epoch' }, effects: [] });
    expect([state.logTimeMs, state.lastTickMs]).toEqual([now, now]);
    // It is not remembered as applied either: its id may come again under a good lease.
    const again = { ...stale.entry, atMs: now + 5, fence: { lease: 'leader', epoch: 5 } } as NewEntry;
    expect(step(state, { position: stale.position, entry: again }).outcome).toEqual(APPLIED);
  });

  it('is good again for the same epoch, and for another lease', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, fenced(script, 5));
    expect(step(state, fenced(script, 5)).outcome).toEqual(APPLIED);
    expect(step(state, fenced(script, 1, 'poll of nagios')).outcome).toEqual(APPLIED);
    expect([...state.fences]).toEqual([
      ['leader', 5],
      ['poll of nagios', 1],
    ]);
  });
});

describe('log time', () => {
  it('is the time of ingest while no tick has come, and never goes back', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.event(host('h1', 'z1'), { ingestedAtMs: START_MS + 90_000 }));
    expect(state.logTimeMs).toBe(START_MS + 90_000);
    step(state, script.event(host('h2', 'z1'), { ingestedAtMs: START_MS + 10_000 }));
    expect(state.logTimeMs).toBe(START_MS + 90_000);
    expect(state.firstLogTimeMs).toBe(START_MS + 90_000);
  });

  it('follows the ticks, and runs ahead of the last one by five seconds at most', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.tick(START_MS + 60_000));
    expect(state.logTimeMs).toBe(START_MS + 60_000);
    step(state, script.event(host('h1', 'z1'), { ingestedAtMs: START_MS + 3_600_000 }));
    expect(state.logTimeMs).toBe(START_MS + 60_000 + DEFAULT_LIMITS.clockLeadMaxMs);
    step(state, script.event(host('h2', 'z1'), { ingestedAtMs: START_MS + 62_000 }));
    expect(state.logTimeMs).toBe(START_MS + 65_000);
  });

  it('does not go back with a tick of a slower clock', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.tick(START_MS + 60_000));
    step(state, script.tick(START_MS + 50_000));
    expect([state.logTimeMs, state.lastTickMs]).toEqual([START_MS + 60_000, START_MS + 60_000]);
  });

  it('decides when deletion marks are forgotten', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.event(instance('i1', 'h1')));
    step(state, script.event(gone(instance('i1', 'h1'))));
    expect([...state.graph.graves()].length).toBeGreaterThan(0);
    step(state, script.tick(state.logTimeMs + DEFAULT_LIMITS.deletedKeptMs));
    expect([...state.graph.graves()].length).toBeGreaterThan(0);
    step(state, script.tick(state.logTimeMs + 1));
    expect([...state.graph.graves()]).toEqual([]);
  });
});

describe('bad input', () => {
  it('becomes an outcome with code, place and hint, and is kept for the operator', () => {
    const [script, state] = [new LogScript(), initialState()];
    const entry = script.event({ vitrage_entity_type: 'nova.host', vitrage_datasource_action: 'update' });
    const { outcome, effects } = step(state, entry);
    expect(outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'missing-id', where: 'host' } });
    expect(effects).toEqual([expect.objectContaining({ kind: 'entry-rejected', entityId: 'e1', code: 'missing-id' })]);
    expect(state.refusals).toEqual([expect.objectContaining({ entityId: 'e1', ordinal: 1, atMs: state.logTimeMs })]);
  });

  it('that could not become an event is kept with its reason', () => {
    const [script, state] = [new LogScript(), initialState()];
    const refused = { code: 'malformed-json', message: 'no JSON at line 3', excerpt: '{{' } as const;
    expect(step(state, script.entry({ kind: 'rejected-input', ...refused })).outcome).toEqual({
      kind: 'rejected',
      rejection: { code: 'malformed-json', message: 'no JSON at line 3' },
    });
  });

  it('is remembered up to a bound, newest last, and all of it is counted', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.config('limits', { refusalsKeptMax: 2 }));
    for (const type of ['a', 'b', 'c']) step(state, script.event({ vitrage_entity_type: type }));
    expect(state.refusalCount).toBe(3);
    expect(state.refusals.map(({ entityId }) => entityId)).toEqual(['e3', 'e4']);
  });

  it.each([
    ['an unknown limit', { 'speedMax': 3 }, /"speedMax" is no limit/],
    ['a limit that is no whole number', { deletedKeptMs: 1.5 }, /deletedKeptMs is 1.5/],
    ['a limit of nothing', { matchesPerScenarioMax: 0 }, /matchesPerScenarioMax is 0/],
  ])('in a configuration changes nothing: %s', (_title, value, message) => {
    const [script, state] = [new LogScript(), initialState()];
    const { outcome } = step(state, script.config('limits', value));
    expect(outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-config' } });
    expect(outcome.kind === 'rejected' ? outcome.rejection.message : '').toMatch(message);
    expect(state.limits).toEqual(DEFAULT_LIMITS);
  });

  it('never stops the engine: an entry of a kind that this program does not know fails', () => {
    const [script, state] = [new LogScript(), initialState()];
    const { outcome } = step(state, script.entry({ kind: 'from the future' } as never));
    expect(outcome).toMatchObject({ kind: 'failed', rejection: { code: 'entry-failed' } });
    expect(step(state, script.event(host('h1', 'z1'))).outcome).toEqual(APPLIED);
  });
});

describe('a behaviour', () => {
  it('is set when this program has it', () => {
    const [script, state] = [new LogScript(), initialState()];
    expect(step(state, script.entry({ kind: 'behaviour-set', behaviour: BEHAVIOUR_MAX })).outcome).toEqual(APPLIED);
    expect(state.behaviour).toBe(BEHAVIOUR_MAX);
  });

  it.each([0, BEHAVIOUR_MAX + 1, 1.5])('is refused when it does not: %p', (behaviour) => {
    const [script, state] = [new LogScript(), initialState()];
    const { outcome } = step(state, script.entry({ kind: 'behaviour-set', behaviour }));
    expect(outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'behaviour-unsupported' } });
    expect(state.behaviour).toBe(1);
  });
});

describe('effects', () => {
  it('tell an alarm raised, changed and cleared, and nothing when nothing changed', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.event(zone('z1', { h1: true })));
    const kinds = (status: string): string[] =>
      step(state, script.event(nagios('cpu', 'nova.host', 'h1', status))).effects.map(({ kind }) => kind);
    expect(kinds('WARNING')).toEqual(['alarm-raised']);
    expect(kinds('WARNING')).toEqual([]);
    expect(kinds('CRITICAL')).toEqual(['alarm-changed']);
    expect(kinds('OK')).toEqual(['alarm-cleared']);
    expect(kinds('OK')).toEqual([]);
  });

  it('say what changed, before and after', () => {
    const [script, state] = [new LogScript(), initialState()];
    step(state, script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')));
    const [effect] = step(state, script.event(nagios('cpu', 'nova.host', 'h1', 'CRITICAL'))).effects;
    expect(effect).toMatchObject({
      changes: {
        severity: { before: 'WARNING', after: 'CRITICAL' },
        vitrage_operational_severity: { before: 'WARNING', after: 'CRITICAL' },
      },
    });
  });

  it('give an alarm that comes back after deletion a new id, and the same id on every machine', () => {
    const run = (): string[] => {
      const [script, state] = [new LogScript(), initialState()];
      return ['WARNING', 'OK', 'WARNING'].flatMap((status) =>
        step(state, script.event(nagios('cpu', 'nova.host', 'h1', status)))
          .effects.filter(({ kind }) => kind.startsWith('alarm-'))
          .map(({ entityId }) => entityId),
      );
    };
    const [first, cleared, second] = run();
    expect(first).toBe(cleared);
    expect(second).not.toBe(first);
    expect(run()).toEqual([first, cleared, second]);
  });

  it('ask for a workflow once while the same request holds', () => {
    const [script, state] = [new LogScript(), initialState()];
    const text = `
metadata: { version: 3, name: heal, type: standard }
entities:
  alarm: { category: ALARM, type: nagios }
  host: { type: nova.host }
scenarios:
  - condition: alarm [on] host
    actions:
      - execute_mistral: { workflow: evacuate, input: { host: "get_attr(host,name)" } }
`;
    step(state, script.template('heal', text));
    step(state, script.event(zone('z1', { h1: true })));
    const requests = (entry: LogEntry): unknown[] =>
      step(state, entry).effects.flatMap((effect) => (effect.kind === 'external-action' ? [effect.input] : []));
    expect(requests(script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')))).toEqual([{ host: 'h1' }]);
    expect(requests(script.event(nagios('disk', 'nova.host', 'h1', 'WARNING')))).toEqual([]);
    expect(requests(script.event(nagios('cpu', 'nova.host', 'h1', 'OK')))).toEqual([]);
    expect(requests(script.template('other', text.replace('name: heal', 'name: other')))).toEqual([]);
    expect(requests(script.event(nagios('disk', 'nova.host', 'h1', 'OK')))).toEqual([]);
    expect(requests(script.event(nagios('disk', 'nova.host', 'h1', 'WARNING')))).toEqual([{ host: 'h1' }]);
  });
});
