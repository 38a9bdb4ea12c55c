import { naiveDeductions, shownDeductions } from '@wherefore/evaluator';
import type { LogEntry } from '@wherefore/model';
import { analyseDependencies } from '@wherefore/templates';
import { host, instance, LogScript, nagios, port, zone } from './cloudScript.sim';
import { activeScenarios } from './graphCodec';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { type StepResult, step } from './step';

/** A scenario that behaves, beside those that do not. */
const SOUND = `
metadata: { version: 3, name: sound, type: standard }
entities:
  cpu: { category: ALARM, type: nagios, name: cpu }
  host: { type: nova.host }
  instance: { type: nova.instance }
scenarios:
  - condition: cpu [on] host AND host [contains] instance
    actions:
      - raise_alarm: { target: instance, alarm_name: slow, severity: WARNING, causing_alarm: cpu }
`;

const NOT_ITSELF = `
metadata: { version: 3, name: not itself, type: standard }
entities:
  port: { type: neutron.port }
  problem: { category: ALARM, type: vitrage, name: port problem }
scenarios:
  - condition: port AND NOT problem [on] port
    actions:
      - raise_alarm: { target: port, alarm_name: port problem, severity: WARNING }
`;

const ALARMS_ON_ALARMS = `
metadata: { version: 3, name: alarms on alarms, type: standard }
entities:
  alarm: { category: ALARM }
  thing: {}
scenarios:
  - condition: alarm [on] thing
    actions:
      - raise_alarm: { target: alarm, alarm_name: echo, severity: WARNING }
`;

const EVERYTHING_WITH_EVERYTHING = `
metadata: { version: 3, name: everything, type: standard }
entities:
  a: { type: nova.instance }
  b: { type: nova.instance }
  c: { type: nova.instance }
scenarios:
  - condition: a AND b AND c
    actions:
      - mark_down: { target: a }
`;

const LIMITS = { deductionRoundsMax: 8, matchesPerScenarioMax: 110, matchWorkPerStepMax: 3_000 };

function cloud(script: LogScript): LogEntry[] {
  return [
    script.config('limits', LIMITS),
    script.template('sound', SOUND),
    script.event(zone('z1', { h1: true })),
    ...Array.from({ length: 6 }, (_, i) => script.event(instance(`i${i}`, 'h1'))),
    script.event(port('p1', 'n1', 'i1')),
    script.event(port('p2', 'n1', 'i2')),
    script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
  ];
}

function run(entries: readonly LogEntry[]): { state: EngineState; last: StepResult } {
  const state = initialState();
  let last!: StepResult;
  for (const entry of entries) last = step(state, entry);
  return { state, last };
}

function expectedDeductions(state: EngineState): readonly string[] {
  const scenarios = activeScenarios(state);
  return naiveDeductions(state.graph, scenarios, analyseDependencies(scenarios).stratum, state.values);
}

describe.each([
  ['raises an alarm exactly while it is not there', NOT_ITSELF, 'not itself', /did not come to rest within 8 rounds/],
  ['raises alarms on alarms for ever', ALARMS_ON_ALARMS, 'alarms on alarms', /did not come to rest within 8 rounds/],
  ['matches everything with everything', EVERYTHING_WITH_EVERYTHING, 'everything', /more than 110 matches/],
])('a template that %s', (_title, text, name, reason) => {
  it('is suspended with a reason, and takes back whatever it deduced', () => {
    const script = new LogScript();
    const entries = [...cloud(script), script.template(name, text)];
    const { state, last } = run(entries);
    expect(last.outcome).toEqual({ kind: 'applied' });
    expect(state.suspensions).toEqual([
      { scenarioId: `${name}-scenario0`, template: name, reason: expect.stringMatching(reason) as string },
    ]);
    expect(last.effects).toContainEqual({
      kind: 'template-suspended',
      entityId: `${name}-scenario0`,
      name,
      detail: state.suspensions[0]!.reason,
    });
    const slow = Array.from({ length: 6 }, (_, i) => `alarm slow@RESOURCE:nova.instance:i${i} WARNING`);
    expect(shownDeductions(state.graph).filter((line) => line.startsWith('alarm'))).toEqual(slow);
    expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
    // Its own alarms came and went within the step: nobody hears of them.
    expect(last.effects.filter(({ kind }) => kind.startsWith('alarm-'))).toEqual([]);
  });

  it('leaves the others at work, as long as it stays out of service', () => {
    const script = new LogScript();
    const { state } = run([...cloud(script), script.template(name, text)]);
    for (const entry of [
      script.event(instance('i9', 'h1')),
      script.event(nagios('disk', 'nova.host', 'h1', 'WARNING')),
      script.event(nagios('cpu', 'nova.host', 'h1', 'OK')),
      script.event(nagios('cpu', 'nova.host', 'h1', 'CRITICAL')),
      script.event(host('h2', 'z1')),
    ]) {
      expect(step(state, entry).outcome).toEqual({ kind: 'applied' });
      expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
    }
    expect(state.suspensions).toHaveLength(1);
    expect(shownDeductions(state.graph)).toHaveLength(14);
  });

  it('is suspended alike when it was there first, and after a snapshot', () => {
    const script = new LogScript();
    const [config, sound, ...rest] = cloud(script);
    const { state } = run([config!, script.template(name, text), sound!, ...rest]);
    expect(state.suspensions.map(({ template }) => template)).toEqual([name]);
    expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
    const restored = decodeSnapshot(encodeSnapshot(state));
    const next = script.event(nagios('cpu', 'nova.host', 'h1', 'OK'));
    expect(step(restored, next).effects).toEqual(step(state, next).effects);
    expect(stateHash(restored)).toBe(stateHash(state));
  });

  it('gets another chance when the templates change', () => {
    const script = new LogScript();
    const { state } = run([...cloud(script), script.template(name, text)]);
    step(state, script.withoutTemplate(name));
    expect(state.suspensions).toEqual([]);
    step(state, script.config('limits', { matchesPerScenarioMax: 1_000_000 }));
    step(state, script.template(name, text));
    expect(state.suspensions).toHaveLength(name === 'everything' ? 0 : 1);
    expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
  });
});

describe('a template whose alarm is as severe as any on its place, itself included', () => {
  it('comes to rest, for reading a value again that did not change stirs up nothing', () => {
    const script = new LogScript();
    const text = `
metadata: { version: 3, name: mirror, type: standard }
entities:
  cpu: { category: ALARM, type: nagios, name: cpu }
  any: { category: ALARM }
  host: { type: nova.host }
scenarios:
  - condition: cpu [on] host AND any [on] host
    actions:
      - raise_alarm: { target: host, alarm_name: d1, severity: WARNING }
      - mark_down: { target: host }
      - raise_alarm: { target: host, alarm_name: d4, severity: "get_attr(any,severity)" }
`;
    const { state } = run([
      ...cloud(script),
      script.event(nagios('disk', 'nova.host', 'h1', 'CRITICAL')),
      script.template('mirror', text),
    ]);
    expect(state.suspensions).toEqual([]);
    expect(shownDeductions(state.graph)).toContain('alarm d4@RESOURCE:nova.host:h1 CRITICAL');
    step(state, script.event(nagios('cpu', 'nova.host', 'h1', 'OK')));
    expect(shownDeductions(state.graph)).toEqual([]);
  });
});

describe('a template that doubles its alarms with every round', () => {
  it('is suspended before memory ends, under the limits that are in force from the start', () => {
    const script = new LogScript();
    const doubling = `${ALARMS_ON_ALARMS.trimEnd()}
      - raise_alarm: { target: alarm, alarm_name: echo of echo, severity: WARNING }
`;
    const [, ...rest] = cloud(script);
    const { state } = run([...rest, script.template('doubling', doubling)]);
    expect(state.suspensions).toMatchObject([{ reason: expect.stringMatching(/by feeding itself/) as string }]);
    expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
  });
});

describe('a scenario that looks at too much', () => {
  it('is suspended for its work, and only it', () => {
    const script = new LogScript();
    const entries = cloud(script);
    entries.push(script.config('limits', { matchWorkPerStepMax: 60, matchesPerScenarioMax: 100_000 }));
    entries.push(script.template('everything', EVERYTHING_WITH_EVERYTHING));
    const { state } = run(entries);
    expect(state.suspensions).toEqual([
      {
        scenarioId: 'everything-scenario0',
        template: 'everything',
        reason: 'looked at more than 60 candidates in one step',
      },
    ]);
    expect(shownDeductions(state.graph)).toEqual(expectedDeductions(state));
  });

  it('is suspended together with every other that does, whichever comes first', () => {
    const script = new LogScript();
    const twice =
      EVERYTHING_WITH_EVERYTHING +
      EVERYTHING_WITH_EVERYTHING.slice(EVERYTHING_WITH_EVERYTHING.indexOf('  - condition'));
    const { state } = run([...cloud(script), script.template('everything', twice)]);
    expect(state.suspensions.map(({ scenarioId }) => scenarioId)).toEqual([
      'everything-scenario0',
      'everything-scenario1',
    ]);
  });
});
