import { describeVertex, type Vertex } from '@wherefore/graph';
import type { LogEntry } from '@wherefore/model';
import { gone, instance, LogScript, nagios, zone } from './cloudScript.sim';
import { type EngineState, initialState } from './state';
import { reportState } from './stateReport';
import { type StepResult, step } from './step';

/** One action, done while a nagios alarm is on a host (or on an instance of it). */
function template(action: string): string {
  return `
metadata: { version: 3, name: one action, type: standard }
entities:
  alarm: { category: ALARM, type: nagios, name: cpu }
  other: { category: ALARM, type: nagios, name: disk }
  host: { type: nova.host }
  instance: { type: nova.instance }
scenarios:
  - condition: alarm [on] host AND other [on] host AND host [contains] instance
    actions:
      - ${action}
`;
}

/** A host with an instance and one of the two alarms; the second one does the action, and undoes it. */
interface Cloud {
  readonly state: EngineState;
  readonly script: LogScript;
  readonly apply: (entry: LogEntry) => StepResult;
  readonly on: () => StepResult;
  readonly off: () => StepResult;
}

function cloudWith(action: string): Cloud {
  const [script, state] = [new LogScript(), initialState()];
  const apply = (entry: LogEntry): StepResult => {
    const result = step(state, entry);
    expect(result.outcome).toEqual({ kind: 'applied' });
    return result;
  };
  apply(script.template('one', template(action)));
  expect(state.shelf.list().map(({ status }) => status)).toEqual(['ACTIVE']);
  apply(script.event(zone('z1', { h1: true })));
  apply(script.event(instance('i1', 'h1')));
  apply(script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')));
  return {
    state,
    script,
    apply,
    on: () => apply(script.event(nagios('disk', 'nova.host', 'h1', 'WARNING'))),
    off: () => apply(script.event(nagios('disk', 'nova.host', 'h1', 'OK'))),
  };
}

function vertex(state: EngineState, key: string): Vertex {
  return state.graph.liveVertexByKey(key)!;
}

const HOST = 'RESOURCE:nova.host:h1';
const INSTANCE = 'RESOURCE:nova.instance:i1';

describe('set_state', () => {
  it('shows while its scenario holds, and is gone as if it had never been', () => {
    const { state, on, off } = cloudWith('set_state: { target: host, state: SUBOPTIMAL }');
    on();
    expect(describeVertex(vertex(state, HOST))).toMatchObject({
      vitrage_state: 'SUBOPTIMAL',
      vitrage_aggregated_state: 'SUBOPTIMAL',
      vitrage_operational_state: 'SUBOPTIMAL',
      state: 'available',
    });
    off();
    const after = describeVertex(vertex(state, HOST));
    expect(after).not.toHaveProperty('vitrage_state');
    expect(after).toMatchObject({ vitrage_aggregated_state: 'AVAILABLE', vitrage_operational_state: 'OK' });
  });

  it('does not better what the source reports', () => {
    const { state, script, apply, on } = cloudWith('set_state: { target: instance, state: SUBOPTIMAL }');
    apply(script.event(instance('i1', 'h1', 'ERROR')));
    on();
    expect(describeVertex(vertex(state, INSTANCE))).toMatchObject({
      vitrage_state: 'SUBOPTIMAL',
      vitrage_aggregated_state: 'ERROR',
    });
  });
});

describe('mark_down', () => {
  it.each([
    ['host', HOST],
    ['instance', INSTANCE],
  ])('marks a %s while its scenario holds, and tells so', (target, key) => {
    const { state, on, off } = cloudWith(`mark_down: { target: ${target} }`);
    expect(on().effects.map(({ kind }) => kind)).toContain('mark-down-set');
    expect(describeVertex(vertex(state, key))['is_marked_down']).toBe(true);
    expect(off().effects.map(({ kind }) => kind)).toContain('mark-down-cleared');
    expect(describeVertex(vertex(state, key))).not.toHaveProperty('is_marked_down');
  });
});

describe('add_causal_relationship', () => {
  it('links the two alarms while both are there', () => {
    const { state, on, off } = cloudWith('add_causal_relationship: { source: alarm, target: other }');
    const { effects } = on();
    expect(effects.map(({ kind }) => kind)).toEqual(['alarm-raised', 'cause-added']);
    expect(reportState(state).causes).toEqual([['nagios/cpu@nova.host:h1', 'nagios/disk@nova.host:h1']]);
    expect(off().effects.map(({ kind }) => kind)).toEqual(['alarm-cleared', 'cause-removed']);
    expect(reportState(state).causes).toEqual([]);
  });
});

describe('raise_alarm', () => {
  const ACTION = 'raise_alarm: { target: instance, alarm_name: slow, severity: CRITICAL, causing_alarm: alarm }';

  it('makes an alarm on the target, as Vitrage describes it', () => {
    const { state, on } = cloudWith(ACTION);
    const before = reportState(state).vertices;
    on();
    expect(reportState(state).vertices).toBe(before + 2);
    const [alarm] = [...state.graph.verticesOfType('vitrage')];
    expect(describeVertex(alarm!)).toMatchObject({
      vitrage_category: 'ALARM',
      vitrage_type: 'vitrage',
      name: 'slow',
      severity: 'CRITICAL',
      state: 'Active',
      vitrage_operational_severity: 'CRITICAL',
      vitrage_resource_id: vertex(state, INSTANCE).id,
      vitrage_resource_type: 'nova.instance',
      vitrage_resource_project_id: 'p1',
    });
    expect(describeVertex(alarm!)).not.toHaveProperty('vitrage_datasource_name');
  });

  it('takes it back, and keeps a mark of it until it is purged', () => {
    const { state, on, off } = cloudWith(ACTION);
    on();
    const [alarm] = [...state.graph.verticesOfType('vitrage')];
    off();
    expect(reportState(state).vertices_by_type['vitrage']).toBeUndefined();
    expect(state.graph.vertexById(alarm!.id)).toMatchObject({ isDeleted: true });
    on();
    const [again] = [...state.graph.verticesOfType('vitrage')];
    expect(again!.id).not.toBe(alarm!.id);
  });

  it('lets the oldest of equal severities decide', () => {
    const both = template(ACTION).replace(
      / {2}- condition[^]*/,
      (scenario) => scenario + scenario.replace('CRITICAL', '"critical"'),
    );
    const [script, state] = [new LogScript(), initialState()];
    for (const entry of [
      script.template('one', both),
      script.event(zone('z1', { h1: true })),
      script.event(instance('i1', 'h1')),
      script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
      script.event(nagios('disk', 'nova.host', 'h1', 'WARNING')),
    ])
      step(state, entry);
    expect([...state.graph.verticesOfType('vitrage')].map(({ properties }) => properties['severity'])).toEqual([
      'CRITICAL',
    ]);
  });

  it('ends with its target', () => {
    const { state, script, apply, on } = cloudWith(ACTION);
    on();
    apply(script.event(gone(instance('i1', 'h1'))));
    expect(reportState(state).vertices_by_type['vitrage']).toBeUndefined();
  });
});

describe('templates', () => {
  it('apply to what is there already, and take their deductions along when they go', () => {
    const { state, script, apply, on } = cloudWith('mark_down: { target: host }');
    on();
    const second = template('raise_alarm: { target: host, alarm_name: slow, severity: WARNING }');
    const added = apply(script.template('two', second.replace('one action', 'two')));
    expect(added.effects.map(({ kind }) => kind)).toEqual(['alarm-raised', 'template-added']);
    const deleted = apply(script.withoutTemplate('two'));
    expect(deleted.effects.map(({ kind }) => kind)).toEqual(['alarm-cleared', 'template-deleted']);
    expect(reportState(state).marked_down).toBe(1);
  });

  it('of which one is named like a part of another are told apart', () => {
    const [script, state] = [new LogScript(), initialState()];
    const named = (name: string): string => template('mark_down: { target: host }').replace('one action', name);
    step(state, script.template('a', named('a')));
    step(state, script.template('ab', named('ab')));
    step(state, script.withoutTemplate('a'));
    expect(state.evaluator.scenarios.map(({ template: name }) => name)).toEqual(['ab']);
  });
});
