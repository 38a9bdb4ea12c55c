import type { LogEntry } from '@wherefore/model';
import { gone, host, instance, LogScript, nagios } from './cloudScript.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { readSpan, type SpanQuestion } from './span';
import type { SpanChanges } from './spanChanges';
import type { SpanEntries } from './spanEntries';
import { type EngineState, initialState } from './state';
import { step } from './step';
import { stateHash } from './stateHash';

const SERVERS = 'nova.instance';

function run(state: EngineState, entries: readonly LogEntry[]): void {
  for (const entry of entries) step(state, entry);
}

function ask<T>(state: EngineState, entries: readonly LogEntry[], question: SpanQuestion): T {
  const reader = readSpan(state, question);
  for (const entry of entries) reader.accept(state, entry, step(state, entry));
  return reader.answer() as unknown as T;
}

const changesOf = (state: EngineState, entries: readonly LogEntry[]): SpanChanges =>
  ask<SpanChanges>(state, entries, { ask: 'changes' });

/** `nova.instance i1 changed`, for each. */
const fates = ({ changes }: SpanChanges): string[] =>
  changes.map(({ properties, fate }) => `${String(properties['vitrage_type'])} ${String(properties['id'])} ${fate}`);

const TEMPLATE = `
metadata: {version: 3, name: power, type: standard}
entities:
  power: {category: ALARM, type: nagios, name: No power}
  host: {category: RESOURCE, type: nova.host}
scenarios:
  - condition: power [on] host
    actions:
      - raise_alarm: {target: host, alarm_name: Host down, severity: critical, causing_alarm: power}
      - set_state: {target: host, state: ERROR}
`;

describe('what differs after a span', () => {
  it('is told property by property, each with the entry that changed it last', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, [script.event(host('h1', 'z')), script.event(instance('i1', 'h1'))]);
    const { changes } = changesOf(state, [
      script.event(host('h1', 'z', 'down')),
      script.event(instance('i1', 'h1', 'BUILD')),
      script.event({ ...instance('i1', 'h2', 'ERROR') }),
    ]);
    const told = changes.map((change) => [
      change.properties['id'],
      change.fate,
      change.changes.map(({ name, before, after, by }) => [name, before, after, by]),
    ]);
    expect(told).toEqual([
      ['h1', 'changed', [['service_state', 'up', 'down', 3]]],
      [
        'i1',
        'changed',
        [
          ['host_id', 'h1', 'h2', 5],
          ['state', 'ACTIVE', 'ERROR', 5],
          ['vitrage_aggregated_state', 'ACTIVE', 'ERROR', 5],
          ['vitrage_operational_state', 'OK', 'ERROR', 5],
        ],
      ],
    ]);
  });

  it('is net: what changed back is left out, and what came and went is counted', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, [script.event(instance('i1', 'h1'))]);
    const span = changesOf(state, [
      script.event(instance('i1', 'h1', 'ERROR')),
      script.event(instance('i1', 'h1')),
      script.event(instance('i2', 'h1')),
      script.event(gone(instance('i2', 'h1'))),
    ]);
    expect(span).toEqual({ changes: [], templates: [], passing: 1 });
  });

  it('names the entry with which something appeared or went', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, script.poll(SERVERS, 'first', [instance('i1', 'h1')]));
    const second = script.poll(SERVERS, 'second', [instance('i2', 'h1')]);
    const span = changesOf(state, second);
    expect(fates(span)).toEqual(['nova.instance i1 went', 'nova.instance i2 appeared']);
    expect(span.changes.map(({ by }) => by)).toEqual([6, 5]);
    expect(span.passing).toBe(0);
  });

  it('takes a resource that went and came again for the same', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, script.poll(SERVERS, 'first', [instance('i1', 'h1')]));
    const again = [...script.poll(SERVERS, 'none', []), script.event(instance('i1', 'h1', 'ERROR'))];
    const { changes, passing } = changesOf(state, again);
    expect(passing).toBe(0);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ fate: 'changed', by: 6 });
    expect(changes[0]!.changes.map(({ name, before, after }) => [name, before, after])).toContainEqual([
      'state',
      'ACTIVE',
      'ERROR',
    ]);
  });

  it('counts what others merely refer to only once it is seen', () => {
    const script = new LogScript();
    const state = initialState();
    expect(fates(changesOf(state, [script.event(instance('i1', 'h1'))]))).toEqual(['nova.instance i1 appeared']);
    expect(fates(changesOf(state, [script.event(host('h1', 'z'))]))).toEqual(['nova.host h1 appeared']);
  });

  it('has alarms with what they are on, deduced states, and templates', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, [script.event(host('h1', 'z'))]);
    const down = changesOf(state, [
      script.template('power', TEMPLATE),
      script.event(nagios('No power', 'nova.host', 'h1', 'CRITICAL')),
    ]);
    expect(down.templates).toMatchObject([{ name: 'power', change: 'added', by: 2 }]);
    expect(
      down.changes.map(({ fate, properties, resource, by }) => [fate, properties['name'], resource?.['id'], by]),
    ).toEqual([
      ['appeared', 'No power', 'h1', 3],
      ['appeared', 'Host down', 'h1', 3],
      ['changed', 'h1', undefined, 3],
    ]);
    expect(down.changes[2]!.changes.map(({ name, after }) => [name, after])).toContainEqual(['vitrage_state', 'ERROR']);
    const up = changesOf(state, [script.event(nagios('No power', 'nova.host', 'h1', 'OK'))]);
    expect(up.changes.map(({ fate, resource }) => [fate, resource?.['id']])).toEqual([
      ['went', 'h1'],
      ['went', 'h1'],
      ['changed', undefined],
    ]);
  });

  it('is the same from a state out of a snapshot, and asking leaves the state as any replay would', () => {
    const script = new LogScript();
    const state = initialState();
    run(state, [
      script.template('power', TEMPLATE),
      ...script.poll(
        SERVERS,
        'p',
        ['a', 'b', 'c'].map((id) => instance(id, 'h1')),
      ),
    ]);
    const later = [
      script.event(host('h1', 'z')),
      script.event(nagios('No power', 'nova.host', 'h1', 'CRITICAL')),
      ...script.poll(SERVERS, 'q', [instance('b', 'h2', 'ERROR')]),
    ];
    const restored = decodeSnapshot(encodeSnapshot(state));
    const replayed = decodeSnapshot(encodeSnapshot(state));
    run(replayed, later);
    expect(changesOf(restored, later)).toEqual(changesOf(state, later));
    expect(stateHash(restored)).toBe(stateHash(replayed));
  });
});

describe('the entries of a span', () => {
  const entriesOf = (
    state: EngineState,
    entries: readonly LogEntry[],
    wanted: {
      readonly limit?: number;
      readonly middle?: number;
      readonly about?: string;
      readonly ticks?: boolean;
    } = {},
  ): SpanEntries => {
    const { limit = 100, middle = entries.length, ...rest } = wanted;
    const middleMs = entries[middle - 1]!.entry.ingestedAtMs;
    return ask<SpanEntries>(state, entries, { ask: 'entries', middleMs, limit, ...rest });
  };

  it('each have what became of them, and what they did', () => {
    const script = new LogScript();
    const first = script.event(instance('i1', 'h1'));
    const entries = [
      first,
      { ...script.event(instance('i1', 'h1')), entry: first.entry },
      script.event(instance('i1', 'h1')),
      script.event(instance('i1', 'h1', 'ERROR'), { ageS: 3_600 }),
      script.event({ vitrage_entity_type: 'sorcery' }),
      script.event(instance('i1', 'h1', 'ERROR')),
      script.event(host('h1', 'z', 'down')),
      script.event(host('h1', 'z', 'up')),
    ];
    const told = entriesOf(initialState(), entries).entries;
    expect(told.map(({ ordinal, outcome }) => `${ordinal} ${outcome}`)).toEqual([
      '1 applied',
      '2 duplicate',
      '3 unchanged',
      '4 outdated',
      '5 rejected',
      '6 applied',
      '7 applied',
      '8 applied',
    ]);
    expect(told[4]!.rejection).toMatchObject({ code: 'unknown-datasource' });
    expect(told[5]!.effects.map(({ kind }) => kind)).toEqual(['resource-changed']);
    // No effect tells of it, but it is what happened.
    expect(told[7]!.effects[0]!.changes).toContainEqual({ name: 'service_state', before: 'down', after: 'up' });
  });

  it('are those nearest to the middle, and the others are counted', () => {
    const script = new LogScript();
    const entries = Array.from({ length: 20 }, (_, i) => script.event(instance(`i${i}`, 'h1')));
    const shown = (limit: number, middle: number): [number[], number, number] => {
      const { entries: near, omittedBefore, omittedAfter } = entriesOf(initialState(), entries, { limit, middle });
      return [near.map(({ ordinal }) => ordinal), omittedBefore, omittedAfter];
    };
    expect(shown(4, 10)).toEqual([[9, 10, 11, 12], 8, 8]);
    expect(shown(4, 1)).toEqual([[1, 2, 3, 4], 0, 16]);
    expect(shown(4, 20)).toEqual([[17, 18, 19, 20], 16, 0]);
    expect(shown(1, 10)).toEqual([[10], 9, 10]);
    expect(shown(100, 10)[0]).toHaveLength(20);
  });

  it('can be those about one thing: of its events, and of those that changed it', () => {
    const script = new LogScript();
    const entries = [
      script.event(host('h1', 'z')),
      script.event(instance('i1', 'h1')),
      script.event(instance('i2', 'h1')),
      script.event(nagios('No power', 'nova.host', 'h1', 'CRITICAL')),
      ...script.poll(SERVERS, 'p', [instance('i1', 'h1')]),
    ];
    const about = (name: string): number[] =>
      entriesOf(initialState(), entries, { about: name }).entries.map(({ ordinal }) => ordinal);
    expect(about('H1')).toEqual([1, 4]);
    // The last one is the end of the poll, with which it went.
    expect(about('i2')).toEqual([3, 7]);
    expect(about('nothing')).toEqual([]);
  });

  it('are without ticks unless these are asked for', () => {
    const script = new LogScript();
    const entries = [script.tick(), script.event(host('h1', 'z')), script.tick()];
    expect(entriesOf(initialState(), entries).entries).toHaveLength(1);
    expect(entriesOf(initialState(), entries, { ticks: true }).entries).toHaveLength(3);
  });
});
