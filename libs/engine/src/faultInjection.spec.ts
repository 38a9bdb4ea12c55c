import fc from 'fast-check';
import type { LogEntry } from '@wherefore/model';
import {
  gone,
  host,
  instance,
  LogScript,
  nagios,
  network,
  port,
  prometheus,
  START_MS,
  volume,
  zone,
} from './cloudScript.sim';
import { cloudHistory, type Deed, deedEntry, tellHistory } from './randomCloud.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { reportState } from './stateReport';
import { type StepResult, step } from './step';

const FAULT = 'a fault on purpose';

/** Applies an entry with a throw at the n-th change; says whether the step came that far. */
function stepWithFault(state: EngineState, entry: LogEntry, n: number): { result: StepResult; isHit: boolean } {
  let isHit = false;
  state.undo.faultInjector = (count) => {
    if (count !== n || isHit) return;
    isHit = true;
    throw new Error(FAULT);
  };
  const result = step(state, entry);
  state.undo.faultInjector = undefined;
  return { result, isHit };
}

/**
 * Lets the entry fail at its first change, at later ones, and so on until it goes through; a twin state
 * fails at the very beginning each time. Both must be the same state all along. Returns how many throws.
 */
function failEverywhere(state: EngineState, twin: EngineState, again: () => LogEntry): number {
  for (let n = 0, throws = 0; ; n = next(n), throws++) {
    const entry = again();
    const { result, isHit } = stepWithFault(state, entry, n);
    if (!isHit) {
      const twinResult = step(twin, entry);
      expect(result.outcome).toEqual(twinResult.outcome);
      expect(result.effects).toEqual(twinResult.effects);
      expectTwins(state, twin);
      return throws;
    }
    expect(result.outcome).toMatchObject({ kind: 'failed', rejection: { code: 'entry-failed', message: FAULT } });
    const twinResult = stepWithFault(twin, entry, 0).result;
    expect(result.outcome).toEqual(twinResult.outcome);
    expect(result.effects).toEqual(twinResult.effects);
    expect(stateHash(state)).toBe(stateHash(twin));
    if (throws % 4 === 0) expectTwins(state, twin);
  }
}

/** The first changes one by one, then here and there; all of them when asked for. */
function next(n: number): number {
  return n < 16 || process.env['EVERYWHERE'] === '1' ? n + 1 : n + 23;
}

function expectTwins(state: EngineState, twin: EngineState): void {
  const hash = stateHash(twin);
  expect(stateHash(state)).toBe(hash);
  expect(stateHash(decodeSnapshot(encodeSnapshot(state)))).toBe(hash);
}

const TEMPLATE = `
metadata: { version: 3, name: storm, type: standard }
entities:
  host: { type: nova.host }
  instance: { type: nova.instance }
  cpu: { category: ALARM, type: nagios, name: cpu }
  slow: { category: ALARM, type: vitrage, name: slow }
  quiet: { category: ALARM, type: nagios, name: quiet }
scenarios:
  - condition: cpu [on] host
    actions:
      - set_state: { target: host, state: SUBOPTIMAL }
      - mark_down: { target: host }
      - execute_mistral: { workflow: heal, input: { host: "get_attr(host,name)" } }
  - condition: cpu [on] host AND host [contains] instance AND NOT quiet [on] instance
    actions:
      - raise_alarm: { target: instance, alarm_name: slow, severity: WARNING, causing_alarm: cpu }
      - set_state: { target: instance, state: SUBOPTIMAL }
  - condition: slow [on] instance AND host [contains] instance AND cpu [on] host
    actions:
      - add_causal_relationship: { source: cpu, target: slow }
      - raise_alarm: { target: host, alarm_name: "get_attr(slow,name)", severity: CRITICAL }
`;

const ENDLESS = `
metadata: { version: 3, name: endless, type: standard }
entities:
  port: { type: neutron.port }
  broken: { category: ALARM, type: vitrage, name: broken }
scenarios:
  - condition: port AND NOT broken [on] port
    actions:
      - raise_alarm: { target: port, alarm_name: broken, severity: WARNING }
`;

/** A small cloud with a storm of deductions on it. */
function stormyCloud(script: LogScript): LogEntry[] {
  return [
    script.config('limits', { deductionRoundsMax: 8 }),
    script.template('storm', TEMPLATE),
    script.event(zone('z1', { h1: true, h2: true })),
    ...Array.from({ length: 20 }, (_, i) => script.event(instance(`i${i}`, 'h1'))),
    script.event(port('p1', 'n1', 'i1')),
    script.event(volume('v1', ['i1', 'i2'])),
    script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    script.event(nagios('quiet', 'nova.instance', 'i3', 'WARNING')),
    script.event(nagios('cpu', 'nova.host', 'h2', 'WARNING')),
  ];
}

type Again = (script: LogScript) => LogEntry;

const CASES: readonly (readonly [string, Again])[] = [
  ['an entity is created, with a stub beside it', (script) => script.event(instance('new', 'h9'))],
  ['an entity is updated', (script) => script.event(instance('i1', 'h1', 'ERROR', 'p2'))],
  ['an entity moves, and deductions with it', (script) => script.event(instance('i1', 'h2'))],
  ['an entity is deleted', (script) => script.event(gone(instance('i2', 'h1')))],
  ['a stub is promoted', (script) => script.event(network('n1'))],
  ['the only one to refer to a stub is deleted', (script) => script.event(gone(port('p1', 'n1', 'i1')))],
  ['an alarm with twenty deductions is raised', (script) => script.event(nagios('cpu', 'nova.host', 'h1', 'CRITICAL'))],
  ['an alarm with twenty deductions is cleared', (script) => script.event(nagios('cpu', 'nova.host', 'h1', 'OK'))],
  [
    'an alarm is found to be on several resources',
    (script) => script.event(prometheus('p', { project_id: 'p1' }, 'warning')),
  ],
  ['a template is added', (script) => script.template('more', TEMPLATE.replace('storm', 'more'))],
  ['a template is deleted', (script) => script.withoutTemplate('storm')],
  [
    'a template is replaced',
    (script) =>
      script.entry({
        kind: 'template-add',
        templates: [{ path: 'storm.yaml', text: TEMPLATE.replace('severity: WARNING', 'severity: SEVERE') }],
        overwrite: true,
      }),
  ],
  ['a template that never comes to rest is added', (script) => script.template('endless', ENDLESS)],
  ['a tick purges what was deleted', (script) => script.tick(script.nowMs + 3_600_000)],
  [
    'value tables are set',
    (script) =>
      script.config('value-tables', {
        'nova.instance': {
          category: 'RESOURCE',
          values: [
            {
              'aggregated values': {
                priority: 99,
                'original values': [{ name: 'ACTIVE', operational_value: 'ERROR' }],
              },
            },
          ],
        },
      }),
  ],
  ['limits are set', (script) => script.config('limits', { matchesPerScenarioMax: 5, deductionRoundsMax: 20 })],
  ['datasources are configured', (script) => script.config('datasources', { nagios: { interval: 1 } })],
  [
    'an epoch is opened',
    (script) => script.entry({ kind: 'epoch-opened', epoch: 2, sealedAt: { epoch: 1, offset: 3, index: 0 } }),
  ],
  ['a poll begins', (script) => script.entry({ kind: 'poll-started', datasource: 'nova.instance', pollId: 'p' })],
];

/** What goes on after the failures: it must go on alike. */
function aftermath(script: LogScript): LogEntry[] {
  return [
    script.event(nagios('cpu', 'nova.host', 'h1', 'OK')),
    script.event(instance('i5', 'h2')),
    script.event(nagios('cpu', 'nova.host', 'h1', 'WARNING')),
    script.tick(script.nowMs + 3_600_000),
    script.event(host('h9', 'z1')),
  ];
}

describe('a step that throws', () => {
  it.each(CASES)('leaves nothing behind when %s', (_title, again) => {
    const script = new LogScript();
    const [state, twin] = [initialState(), initialState()];
    for (const entry of stormyCloud(script)) {
      expect(step(state, entry).outcome).toEqual({ kind: 'applied' });
      step(twin, entry);
    }
    expect(state.shelf.list().map(({ status }) => status)).toEqual(['ACTIVE']);
    expect(reportState(state).alarms['vitrage/slow sev=WARNING oper=WARNING']).toBe(19);
    // Something to be purged, something to be cleared.
    for (const entry of [
      script.event(nagios('cpu', 'nova.host', 'h2', 'OK')),
      script.event(nagios('cpu', 'nova.host', 'h2', 'WARNING')),
    ]) {
      step(state, entry);
      step(twin, entry);
    }
    expect(failEverywhere(state, twin, () => again(script))).toBeGreaterThan(0);
    for (const entry of aftermath(script)) {
      expect(step(state, entry).effects).toEqual(step(twin, entry).effects);
      expect(stateHash(state)).toBe(stateHash(twin));
      expect(reportState(state)).toEqual(reportState(twin));
    }
  });

  it('leaves nothing behind when a poll deletes what it did not contain', () => {
    const script = new LogScript();
    const [state, twin] = [initialState(), initialState()];
    const rows = [instance('i1', 'h1'), instance('i2', 'h1')];
    const poll = script.poll('nova.instance', 'poll-1', rows);
    const completed = poll.pop()!;
    for (const entry of [...stormyCloud(script), ...poll]) {
      step(state, entry);
      step(twin, entry);
    }
    let count = 0;
    const throws = failEverywhere(state, twin, () => {
      const entry = { ...completed.entry, id: `completed-${++count}` };
      return { position: { epoch: 1, offset: 1000 + count, index: 0 }, entry };
    });
    expect(throws).toBeGreaterThan(20);
    expect(reportState(state).vertices_by_type['nova.instance']).toBe(2);
  });

  it('leaves nothing behind anywhere in random histories', () => {
    const entriesOf = (deeds: readonly Deed[]): LogEntry[] => {
      const script = new LogScript();
      return deeds.map((deed) => deedEntry(script, deed));
    };
    const found = fc.check(
      fc.property(cloudHistory(24), fc.infiniteStream(fc.nat(60)), (deeds, chance) => {
        const [state, twin] = [initialState(), initialState()];
        for (const logEntry of entriesOf(deeds)) {
          // A first delivery that fails, then one that goes through.
          const failing = { ...logEntry, entry: { ...logEntry.entry, id: `failing ${logEntry.entry.id}` } };
          const n = chance.next().value ?? 0;
          const { isHit } = stepWithFault(state, failing, n);
          if (isHit) stepWithFault(twin, failing, 0);
          else step(twin, failing);
          expect(step(state, logEntry).effects).toEqual(step(twin, logEntry).effects);
          expect(stateHash(state)).toBe(stateHash(twin));
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60), seed: Number(process.env['SEED'] ?? START_MS % 1_000_003) },
    );
    if (found.counterexample !== null) {
      throw new Error(`seed ${found.seed}\n${tellHistory(found.counterexample[0])}\n${String(found.errorInstance)}`);
    }
  });
});
