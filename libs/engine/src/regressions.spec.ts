import { naiveDeductions, shownDeductions } from '@wherefore/evaluator';
import type { LogEntry } from '@wherefore/model';
import { analyseDependencies } from '@wherefore/templates';
import { instance, LogScript, nagios, prometheus, zone } from './cloudScript.sim';
import { activeScenarios } from './graphCodec';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { reportState } from './stateReport';
import { step } from './step';

/** Histories that once went wrong, found by random search or by reading, each cut down to its core. */

function template(name: string, scenarios: string): string {
  return `
metadata: { version: 3, name: ${name}, type: standard }
entities:
  cpu: { category: ALARM, type: nagios, name: cpu }
  any: { category: ALARM }
  a: { category: ALARM, type: vitrage, name: A }
  b: { category: ALARM, type: vitrage, name: B }
  host: { type: nova.host }
  zone: { type: nova.zone }
  instance: { type: nova.instance }
scenarios:
${scenarios}`;
}

const RAISE = (condition: string, name: string, cause = ''): string => `
  - condition: ${condition}
    actions:
      - raise_alarm: { target: host, alarm_name: ${name}, severity: WARNING${cause === '' ? '' : `, causing_alarm: ${cause}`} }
`;

function run(entries: readonly LogEntry[], state: EngineState = initialState()): EngineState {
  for (const entry of entries) {
    const { outcome } = step(state, entry);
    expect(outcome).toEqual({ kind: 'applied' });
  }
  expect(state.shelf.list().filter(({ status }) => status !== 'ACTIVE')).toEqual([]);
  return state;
}

function expectOracle(state: EngineState): void {
  const scenarios = activeScenarios(state);
  const { stratum } = analyseDependencies(scenarios);
  expect(shownDeductions(state.graph)).toEqual(naiveDeductions(state.graph, scenarios, stratum, state.values));
}

function replaced(script: LogScript, name: string, text: string): LogEntry {
  return script.entry({ kind: 'template-add', templates: [{ path: `${name}.yaml`, text }], overwrite: true });
}

describe('deductions that seem to support themselves', () => {
  it('do not when a template is replaced by one that rests on what the old one raised', () => {
    const script = new LogScript();
    const state = run([
      script.template('t', template('t', RAISE('zone [contains] host', 'A'))),
      script.event(zone('z1', { h1: true })),
      replaced(script, 't', template('t', RAISE('a [on] host', 'A', 'a'))),
    ]);
    expect(shownDeductions(state.graph)).toEqual([]);
  });

  it('do not over two steps, where one of them stays', () => {
    const script = new LogScript();
    const state = run([
      script.template('s', template('s', RAISE('a [on] host', 'B'))),
      script.template('t', template('t', RAISE('zone [contains] host', 'A'))),
      script.event(zone('z1', { h1: true })),
      replaced(script, 't', template('t', RAISE('b [on] host', 'A'))),
    ]);
    expect(state.suspensions).toEqual([]);
    expect(shownDeductions(state.graph)).toEqual([]);
  });

  it('do not when the template that raised them is deleted, whichever support is looked at first', () => {
    for (const order of [
      ['first', 'second'],
      ['second', 'first'],
    ]) {
      const script = new LogScript();
      const texts: { readonly [name: string]: string } = {
        first: template('first', RAISE('zone [contains] host', 'A')),
        second: template('second', RAISE('host AND any [on] host', 'A')),
      };
      const state = run([
        ...order.map((name) => script.template(name, texts[name]!)),
        script.event(zone('z1', { h1: true })),
        script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
        script.event(nagios('cpu', 'nova.host', 'h1', 'OK')),
        script.withoutTemplate('first'),
      ]);
      expect(shownDeductions(state.graph)).toEqual([]);
    }
  });

  it('do when something else supports them too, and not after that is gone', () => {
    const script = new LogScript();
    const scenarios = RAISE('cpu [on] host', 'A') + RAISE('a [on] host', 'B', 'a') + RAISE('b [on] host', 'A', 'b');
    const state = run([
      script.template('t', template('t', scenarios)),
      script.event(zone('z1', { h1: true })),
      script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    ]);
    expect(reportState(state).alarms).toMatchObject({ 'vitrage/A sev=WARNING oper=WARNING': 1 });
    run([script.event(nagios('cpu', 'nova.host', 'h1', 'CRITICAL'))], state);
    expectOracle(state);
    run([script.event(nagios('cpu', 'nova.host', 'h1', 'OK'))], state);
    expect(shownDeductions(state.graph)).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('can be read although an alarm would be a cause of itself', () => {
    const script = new LogScript();
    const state = run([
      script.template('t', template('t', RAISE('any [on] host', 'A', 'any'))),
      script.event(zone('z1', { h1: true })),
      script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    ]);
    expect(reportState(state).causes).toEqual([['nagios/cpu@nova.host:h1', 'vitrage/A@nova.host:h1']]);
    expect(stateHash(decodeSnapshot(encodeSnapshot(state)))).toBe(stateHash(state));
  });

  it('keeps a link that two scenarios hold until both let go', () => {
    const script = new LogScript();
    const causal = `
  - condition: cpu [on] host AND a [on] host AND host [contains] instance
    actions:
      - add_causal_relationship: { source: cpu, target: a }
`;
    const live = run([
      script.template('t', template('t', causal + RAISE('cpu [on] host', 'A', 'cpu'))),
      script.event(zone('z1', { h1: true })),
      script.event(instance('i1', 'h1')),
      script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    ]);
    const restored = decodeSnapshot(encodeSnapshot(live));
    const leaving = script.event({ ...instance('i1', 'h1'), vitrage_event_type: 'delete_entity' });
    for (const state of [live, restored]) {
      run([leaving], state);
      expect(reportState(state).causes).toHaveLength(1);
      expectOracle(state);
    }
    expect(stateHash(restored)).toBe(stateHash(live));
  });

  it('gives an alarm on several resources the same details afterwards', () => {
    const script = new LogScript();
    const cloud = [
      script.event(zone('z1', { h1: true })),
      ...['i3', 'i1', 'i2'].map((id) => script.event(instance(id, 'h1'))),
      script.event(prometheus('first', { project_id: 'p1' }, 'warning')),
      script.event({ ...instance('i3', 'h1'), vitrage_event_type: 'delete_entity' }),
      script.event(instance('i3', 'h1')),
    ];
    const live = run(cloud);
    const restored = decodeSnapshot(encodeSnapshot(live));
    const alert = script.event(prometheus('second', { name: 'name of i1', vitrage_type: 'nova.instance' }, 'warning'));
    const wide = script.event(prometheus('third', { project_id: 'p1', vitrage_category: 'RESOURCE' }, 'critical'));
    for (const entry of [alert, wide]) expect(step(restored, entry).effects).toEqual(step(live, entry).effects);
    expect(stateHash(restored)).toBe(stateHash(live));
  });
});

describe('an attribute that an action reads', () => {
  it('is read anew when nothing but the time of the sample changed', () => {
    const script = new LogScript();
    const text = template('t', '').replace(
      'scenarios:\n',
      `scenarios:
  - condition: host AND zone [contains] host
    actions:
      - raise_alarm: { target: host, alarm_name: "get_attr(zone,vitrage_sample_timestamp)", severity: WARNING }
`,
    );
    const state = run([
      script.template('t', text),
      script.event(zone('z1', { h1: true })),
      script.event(zone('z1', { h1: true })),
    ]);
    expectOracle(state);
    expect(stateHash(decodeSnapshot(encodeSnapshot(state)))).toBe(stateHash(state));
  });
});
