import { type JsonObject, type LogEntry, type NewEntry, rowHash } from '@wherefore/model';
import { gone, host, instance, LogScript, nagios, zone } from './cloudScript.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { reportState } from './stateReport';
import { step, type StepResult } from './step';

const SERVERS = 'nova.instance';

function run(state: EngineState, entries: readonly LogEntry[]): StepResult[] {
  return entries.map((entry) => step(state, entry));
}

function servers(state: EngineState): string[] {
  return reportState(state)
    .resources.filter(({ type, placeholder }) => type === SERVERS && !placeholder)
    .map(({ id }) => id);
}

/** A cloud whose servers came in by a first poll. */
function polledCloud(script: LogScript): EngineState {
  const state = initialState();
  run(state, script.poll(SERVERS, 'first', [instance('i1', 'h1'), instance('i2', 'h1'), instance('i3', 'h2')]));
  expect(servers(state)).toEqual(['i1', 'i2', 'i3']);
  return state;
}

/** Replaces fields of the entry that ends a poll. */
function endedWith(poll: readonly LogEntry[], fields: object): LogEntry[] {
  const last = poll.at(-1)!;
  return [...poll.slice(0, -1), { ...last, entry: { ...last.entry, ...fields } as NewEntry }];
}

describe('a complete poll', () => {
  it('deletes what it did not contain, and the stubs that only this referred to', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const results = run(state, script.poll(SERVERS, 'second', [instance('i1', 'h1')]));
    expect(results.at(-1)!.outcome).toEqual({ kind: 'applied' });
    expect(servers(state)).toEqual(['i1']);
    expect(reportState(state).vertices_by_type).toEqual({ 'nova.host': 1, 'nova.instance': 1 });
    expect(results.at(-1)!.effects.map(({ kind }) => kind)).toEqual([
      'resource-gone',
      'resource-gone',
      'resource-gone',
    ]);
  });

  it('of nothing deletes everything that the datasource vouched for', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    run(state, script.poll(SERVERS, 'second', []));
    expect(servers(state)).toEqual([]);
  });

  it('leaves alone what came by notification after it began', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const [started, ...rest] = script.poll(SERVERS, 'second', [instance('i1', 'h1')]);
    run(state, [started!, script.event(instance('i9', 'h1')), ...rest]);
    expect(servers(state)).toEqual(['i1', 'i9']);
  });

  it('leaves alone what it contained, although the graph had heard newer things of it', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const poll = script.poll(SERVERS, 'second', [
      instance('i1', 'h1'),
      instance('i2', 'h1', 'ERROR'),
      instance('i3', 'h2'),
    ]);
    const newer = { ...instance('i2', 'h2', 'PAUSED'), vitrage_sample_date: '2026-11-21T23:00:00Z' };
    const results = run(state, [script.event(newer), ...poll]);
    expect(results.map(({ outcome }) => outcome.kind)).toContain('outdated');
    expect(servers(state)).toEqual(['i1', 'i2', 'i3']);
    expect(reportState(state).resources.find(({ id }) => id === 'i2')!.aggregated_state).toBe('PAUSED');
  });

  it('leaves alone what other datasources vouch for, and stubs', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    run(state, [script.event(zone('z1', { h1: true })), script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING'))]);
    run(state, script.poll(SERVERS, 'second', []));
    expect(reportState(state).vertices_by_type).toEqual({
      nagios: 1,
      'nova.host': 1,
      'nova.zone': 1,
      'openstack.cluster': 1,
    });
  });

  it('of zones deletes none: their absence says nothing', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, script.poll('nova.zone', 'first', [zone('z1'), zone('z2')]));
    run(state, script.poll('nova.zone', 'second', [zone('z1')]));
    expect(reportState(state).vertices_by_type['nova.zone']).toBe(2);
  });

  it('counts a row once, however often it is delivered', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const [started, row, completed] = script.poll(SERVERS, 'second', [instance('i1', 'h1')]);
    const results = run(state, [started!, row!, row!, completed!]);
    expect(results.at(-1)!.outcome).toEqual({ kind: 'applied' });
    expect(servers(state)).toEqual(['i1']);
  });
});

describe('a poll that is not complete', () => {
  const row = [instance('i1', 'h1')];
  it.each<[string, (poll: LogEntry[]) => LogEntry[]]>([
    ['announced more rows than came', (poll) => endedWith(poll, { rowCount: 2 })],
    ['announced other rows', (poll) => endedWith(poll, { rowDigest: '0123456789abcdef' })],
    ['was never begun', (poll) => poll.slice(1)],
    ['ends under another name', (poll) => endedWith(poll, { pollId: 'other' })],
    ['lost a row', (poll) => [poll[0]!, poll.at(-1)!]],
  ])('deletes nothing when it %s', (_title, spoil) => {
    const script = new LogScript();
    const state = polledCloud(script);
    const results = run(state, spoil(script.poll(SERVERS, 'second', row)));
    expect(results.at(-1)!.outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'poll-incomplete' } });
    expect(servers(state)).toEqual(['i1', 'i2', 'i3']);
    expect(state.polls.outcomes()).toMatchObject([{ datasource: SERVERS, ok: false }]);
  });

  it('deletes nothing when it failed', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const poll = script.poll(SERVERS, 'second', row).slice(0, -1);
    const failed = script.entry({ kind: 'poll-failed', datasource: SERVERS, pollId: 'second', reason: 'HTTP 503' });
    run(state, [...poll, failed]);
    expect(servers(state)).toEqual(['i1', 'i2', 'i3']);
    expect(state.polls.outcomes()).toMatchObject([{ pollId: 'second', ok: false, detail: 'HTTP 503' }]);
  });

  it('deletes nothing when a row of it was refused', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const results = run(state, script.poll(SERVERS, 'second', [...row, { vitrage_entity_type: SERVERS }]));
    expect(results.at(-1)!.outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'poll-incomplete' } });
    expect(servers(state)).toEqual(['i1', 'i2', 'i3']);
  });

  it('does not stand in the way of the next one', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    run(state, script.poll(SERVERS, 'second', row).slice(0, -1));
    run(state, script.poll(SERVERS, 'third', row));
    expect(servers(state)).toEqual(['i1']);
  });
});

describe('a row reported as unchanged', () => {
  const seen = (script: LogScript, pollId: string, row: JsonObject, key = 'RESOURCE:nova.instance:i1'): LogEntry =>
    script.entry({ kind: 'seen', datasource: SERVERS, pollId, key, rowHash: rowHash(row) });

  /** A poll that reports one row as unchanged and sends the others. */
  function pollWithSeen(script: LogScript, row: JsonObject, others: readonly JsonObject[]): LogEntry[] {
    const poll = script.poll(SERVERS, 'second', [row, ...others]);
    const { id, ...base } = poll[1]!.entry;
    const entry = { ...base, ...seen(script, 'second', row).entry, id } as NewEntry;
    return [poll[0]!, { ...poll[1]!, entry }, ...poll.slice(2)];
  }

  it('vouches for what the graph holds', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const results = run(state, pollWithSeen(script, instance('i1', 'h1'), [instance('i3', 'h2')]));
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(servers(state)).toEqual(['i1', 'i3']);
  });

  it('does not look at the sample date', () => {
    const row = instance('i1', 'h1');
    expect(rowHash({ ...row, vitrage_sample_date: '2026-01-01T00:00:00Z' })).toBe(rowHash(row));
    expect(rowHash({ ...row, status: 'ERROR' })).not.toBe(rowHash(row));
  });

  it.each<[string, (script: LogScript, state: EngineState) => JsonObject]>([
    ['it is another row', () => instance('i1', 'h1', 'ERROR')],
    [
      'something else was heard of the entity since',
      (script, state) => {
        step(state, script.event(instance('i1', 'h1', 'PAUSED')));
        return instance('i1', 'h1');
      },
    ],
    [
      'the entity is gone',
      (script, state) => {
        step(state, script.event(gone(instance('i1', 'h1'))));
        return instance('i1', 'h1');
      },
    ],
    [
      'the entity never came by a poll',
      (script, state) => {
        step(state, script.event(gone(instance('i1', 'h1'))));
        step(state, script.event(instance('i1', 'h1')));
        return instance('i1', 'h1');
      },
    ],
  ])('is refused when %s, and the poll deletes nothing', (_title, prepare) => {
    const script = new LogScript();
    const state = polledCloud(script);
    const row = prepare(script, state);
    const before = servers(state);
    const results = run(state, pollWithSeen(script, row, []));
    expect(results[1]!.outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'seen-mismatch' } });
    expect(results.at(-1)!.outcome).toMatchObject({ kind: 'rejected', rejection: { code: 'poll-incomplete' } });
    expect(servers(state)).toEqual(before);
  });
});

describe('a poll under way', () => {
  it('is part of state and snapshot', () => {
    const script = new LogScript();
    const state = polledCloud(script);
    const poll = script.poll(SERVERS, 'second', [instance('i1', 'h1'), instance('i2', 'h2')]);
    let other = state;
    for (const entry of [...poll.slice(0, 2), script.event(host('h5', 'z1')), ...poll.slice(2)]) {
      const restored = decodeSnapshot(encodeSnapshot(other));
      const result = step(state, entry);
      if (other !== state) expect(step(other, entry).effects).toEqual(result.effects);
      other = restored;
      expect(step(other, entry).outcome).toEqual(result.outcome);
      expect(stateHash(other)).toBe(stateHash(state));
    }
    expect(servers(other)).toEqual(['i1', 'i2']);
  });
});
