import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineState, checkEntry, initialState, reportState, step } from '@wherefore/engine';
import { BOUNDARY_LIMITS, type NewEntry } from '@wherefore/model';
import { buildExample, type ExampleCloud, isStale, localYesterdayOf } from './exampleCloud';
import { exampleFolder, loadRecording } from './recording';
import { clockOffsetMs } from './storyClock';

const DAY_MS = 86_400_000;
const recording = loadRecording();

/** As if every zone were at this offset from UTC, all year. */
function fixedZone(hoursEast: number) {
  return (nowMs: number, hours: number, minutes: number, seconds: number): number => {
    const localDay = Math.floor((nowMs + hoursEast * 3_600_000) / DAY_MS);
    return (localDay - 1) * DAY_MS + (hours - hoursEast) * 3_600_000 + minutes * 60_000 + seconds * 1000;
  };
}

function exampleAt(now: string, hoursEast = 0): ExampleCloud {
  return buildExample({ nowMs: Date.parse(now), recording, localYesterday: fixedZone(hoursEast) });
}

const known = new Map<number, EngineState>();

/** The state as it was known at a time on the story's clock, or `shiftMs` later. */
function stateAt(example: ExampleCloud, clock: string, shiftMs = 0): EngineState {
  const until = example.failureAtMs + clockOffsetMs(clock) + shiftMs;
  const remembered = known.get(until);
  if (remembered !== undefined) return remembered;
  const state = initialState();
  known.set(until, state);
  example.entries
    .filter((entry) => entry.ingestedAtMs <= until)
    .forEach((entry, index) => step(state, { position: { epoch: 1, offset: index + 1, index: 0 }, entry }));
  return state;
}

type Vertex = ReturnType<EngineState['graph']['vertices']> extends Iterable<infer V> ? V : never;

function alarmsOf(state: EngineState): Vertex[] {
  return [...state.graph.vertices()].filter(({ category, isPlaceholder }) => category === 'ALARM' && !isPlaceholder);
}

function nameOf(vertex: Vertex): string {
  return String(vertex.properties['name']);
}

/** `name on resource`; what has no name is named after the server it is attached to. */
function describeAlarm(alarm: Vertex): string {
  const resource = alarm.outgoing.find(({ label }) => label === 'on')!.target;
  const server = resource.outgoing.find(({ label }) => label === 'attached')?.target;
  const place = resource.type === 'neutron.port' ? `port of ${nameOf(server!)}` : nameOf(resource);
  return `${nameOf(alarm)} on ${place}`;
}

/** Every alarm below what causes it, two blanks a level. */
function causalTree(state: EngineState): string[] {
  const lines = (alarm: Vertex, depth: number): string[] => {
    const effects = alarm.outgoing.filter(({ label }) => label === 'causes').map(({ target }) => target);
    return [
      `${'  '.repeat(depth)}${describeAlarm(alarm)}`,
      ...sorted(effects).flatMap((each) => lines(each, depth + 1)),
    ];
  };
  const roots = alarmsOf(state).filter((alarm) => !alarm.incoming.some(({ label }) => label === 'causes'));
  return sorted(roots).flatMap((root) => lines(root, 0));
}

function sorted(alarms: readonly Vertex[]): Vertex[] {
  return [...alarms].sort((a, b) => (describeAlarm(a) < describeAlarm(b) ? -1 : 1));
}

const winter = exampleAt('2027-01-15T09:30:00Z');

describe('the entries of the example', () => {
  const days: readonly [string, string, number][] = [
    ['winter', '2027-01-15T09:30:00Z', 0],
    ['summer, east', '2026-07-01T03:00:00Z', 9],
    ['a minute after midnight, west', '2026-03-09T08:01:00Z', -8],
    ['the last day of February of a leap year', '2028-03-01T23:59:00Z', 5.75],
  ];

  it.each(days)('are all taken by the engine: %s', (_name, now, hoursEast) => {
    const { entries } = exampleAt(now, hoursEast);
    const state = initialState();
    const refused = entries.filter((entry, index) => {
      const { outcome } = step(state, { position: { epoch: 1, offset: index + 1, index: 0 }, entry });
      return !['applied', 'unchanged', 'outdated'].includes(outcome.kind);
    });
    expect(refused).toEqual([]);
    expect(state.refusalCount).toBe(0);
    expect(state.suspensions).toEqual([]);
    expect(reportState(state)).toEqual(reportState(stateAt(winter, '18:00:30')));
  });

  it.each(days)('are sound, small, in order, and of yesterday: %s', (_name, now, hoursEast) => {
    const { entries, beginsAtMs, failureAtMs, endsAtMs } = exampleAt(now, hoursEast);
    const localDayOf = (ms: number): number => Math.floor((ms + hoursEast * 3_600_000) / DAY_MS);
    expect(localDayOf(failureAtMs)).toBe(localDayOf(Date.parse(now)) - 1);
    expect(new Date(failureAtMs + hoursEast * 3_600_000).toISOString()).toContain('T17:24:12.000Z');
    expect(entries[0]!.ingestedAtMs).toBe(beginsAtMs);
    expect(entries[entries.length - 1]!.ingestedAtMs).toBe(endsAtMs);
    expect(entries.filter((entry) => checkEntry(entry) !== entry)).toEqual([]);
    const isEarly = (entry: NewEntry, index: number): boolean =>
      index > 0 && entry.ingestedAtMs < entries[index - 1]!.ingestedAtMs;
    expect(entries.filter(isEarly)).toEqual([]);
    const sizes = entries.filter(({ kind }) => kind !== 'template-add').map((entry) => JSON.stringify(entry).length);
    expect(Math.max(...sizes)).toBeLessThan(4096);
    expect(JSON.stringify(entries[0]).length).toBeLessThan(BOUNDARY_LIMITS.entryBytesMax);
  });

  it('have ids that are unique, and the same every day', () => {
    const idsOf = (entries: readonly NewEntry[]): string[] => entries.map(({ source, id }) => `${source} ${id}`);
    expect(new Set(idsOf(winter.entries)).size).toBe(winter.entries.length);
    expect(idsOf(exampleAt('2026-07-01T03:00:00Z', 9).entries)).toEqual(idsOf(winter.entries));
  });

  it('keep log time at the time of the story', () => {
    for (const clock of ['17:13:31', '17:20:03', '17:26:59']) {
      const { logTimeMs } = stateAt(winter, clock);
      expect(winter.failureAtMs + clockOffsetMs(clock) - logTimeMs).toBeLessThan(5000);
    }
  });

  it('never come from the future', () => {
    const nowMs = winter.failureAtMs + 60_000;
    const cut = buildExample({ nowMs, recording, localYesterday: () => winter.failureAtMs });
    expect(cut.entries.length).toBeLessThan(winter.entries.length);
    expect(Math.max(...cut.entries.map(({ ingestedAtMs }) => ingestedAtMs))).toBeLessThanOrEqual(nowMs);
  });

  it('carry both of the formats of Nova, and every poll that the cloud needs', () => {
    const types = winter.entries.flatMap((entry) =>
      entry.kind === 'event' ? [String(entry.event['vitrage_event_type'] ?? 'row')] : [],
    );
    expect(types.filter((type) => type.startsWith('compute.instance.')).length).toBeGreaterThan(300);
    expect(types.filter((type) => type.startsWith('instance.')).length).toBeGreaterThan(300);
    const polled = winter.entries.flatMap((entry) => (entry.kind === 'poll-completed' ? [entry.datasource] : []));
    expect([...new Set(polled)].sort()).toEqual([
      ...[
        'cinder.volume',
        'heat.stack',
        'neutron.agent',
        'neutron.network',
        'neutron.port',
        'neutron.router_interface',
      ],
      ...['nova.host', 'nova.instance', 'nova.service', 'nova.zone'],
    ]);
  });
});

describe('the story', () => {
  it('is quiet at 17:20: one server is in error since a migration failed, and nothing caused anything', () => {
    expect(causalTree(stateAt(winter, '17:20:00'))).toEqual(['Instance in error on lab-ci-2']);
  });

  it('says nothing of a dead host until a poll shows it', () => {
    const tree = [
      'Disk almost full on shop-db-2',
      'Instance in error on lab-ci-2',
      'Power supply failure on compute-03',
    ];
    expect(causalTree(stateAt(winter, '17:24:29'))).toEqual(tree);
    expect(causalTree(stateAt(winter, '17:24:31'))).toContain('  Host down on compute-03');
  });

  it('shows the failure in full at 17:26:59', () => {
    expect(causalTree(stateAt(winter, '17:26:59.999'))).toEqual([
      'Disk almost full on shop-db-2',
      'Instance in error on lab-ci-2',
      'Power supply failure on compute-03',
      '  Host down on compute-03',
      '    Compute service down on compute-03',
      '    Host unreachable on compute-03',
      '    Instance down on bank-cache-1',
      '      Cache unreachable on bank-cache-1',
      '      Port down on port of bank-cache-1',
      '      Tenant degraded on bank',
      '    Instance down on bank-db-1',
      '      Port down on port of bank-db-1',
      '      Tenant degraded on bank',
      '      Volume at risk on bank-db-1-data',
      '    Instance down on lab-dev-3',
      '      Port down on port of lab-dev-3',
      '      Tenant degraded on lab',
      '    Instance down on stack-srv',
      '      Application degraded on shopstack',
      '      Port down on port of stack-srv',
      '      Tenant degraded on shop',
      '      Volume at risk on stack-vol',
      '    Network agent down on neutron-openvswitch-agent@compute-03',
    ]);
  });

  it('changes the states of what the failure touched, and of nothing else', () => {
    const report = reportState(stateAt(winter, '17:26:59.999'));
    const before = new Map(reportState(stateAt(winter, '17:20:00')).resources.map((each) => [each.id, each]));
    const changed = report.resources.filter(
      (each) => before.get(each.id)?.operational_state !== each.operational_state,
    );
    const counts: { [line: string]: number } = {};
    for (const { type, operational_state: state } of changed) {
      counts[`${type} ${state}`] = (counts[`${type} ${state}`] ?? 0) + 1;
    }
    expect(counts).toEqual({
      'cinder.volume SUBOPTIMAL': 2,
      'heat.stack SUBOPTIMAL': 1,
      'neutron.agent ERROR': 1,
      'neutron.network SUBOPTIMAL': 3,
      'neutron.port ERROR': 4,
      'nova.host ERROR': 1,
      'nova.instance ERROR': 4,
      'nova.service ERROR': 1,
      'openstack.project SUBOPTIMAL': 3,
    });
    expect(report.marked_down).toBe(5);
  });

  it('names the project of what belongs to one', () => {
    const alarms = alarmsOf(stateAt(winter, '17:26:59.999'));
    const projects = new Set(recording.tenants.map(({ id }) => id));
    for (const name of ['Instance down', 'Port down', 'Volume at risk', 'Tenant degraded', 'Application degraded']) {
      const of = alarms.filter((alarm) => nameOf(alarm) === name);
      expect(of.map(({ properties }) => projects.has(String(properties['vitrage_resource_project_id'])))).not.toContain(
        false,
      );
    }
  });

  it('has one server evacuated and two in error at 17:30', () => {
    expect(causalTree(stateAt(winter, '17:30:00'))).toEqual([
      'Disk almost full on shop-db-2',
      'Instance in error on lab-ci-2',
      'Power supply failure on compute-03',
      '  Host down on compute-03',
      '    Compute service down on compute-03',
      '    Host unreachable on compute-03',
      '    Instance down on bank-db-1',
      '      Instance in error on bank-db-1',
      '      Port down on port of bank-db-1',
      '      Tenant degraded on bank',
      '      Volume at risk on bank-db-1-data',
      '    Instance down on lab-dev-3',
      '      Instance in error on lab-dev-3',
      '      Port down on port of lab-dev-3',
      '      Tenant degraded on lab',
      '    Instance down on stack-srv',
      '      Application degraded on shopstack',
      '      Port down on port of stack-srv',
      '      Tenant degraded on shop',
      '      Volume at risk on stack-vol',
      '    Network agent down on neutron-openvswitch-agent@compute-03',
    ]);
  });

  it('has cleared at 18:00 but for what the evacuation broke', () => {
    const state = stateAt(winter, '18:00:00');
    expect(causalTree(state)).toEqual([
      'Instance in error on bank-db-1',
      'Instance in error on lab-ci-2',
      'Instance in error on lab-dev-3',
    ]);
    expect(reportState(state).marked_down).toBe(0);
  });
});

describe('the templates', () => {
  /** When each comes true and stops being true, by an alarm that it alone raises. */
  const stories: readonly (readonly [file: string, alarm: string, raised: string, cleared: string])[] = [
    ['application_degraded.yaml', 'Application degraded on shopstack', '17:24:30.040', '17:38:30.040'],
    ['compute_service_down.yaml', 'Compute service down on compute-03', '17:24:30.040', '17:38:30.040'],
    ['host_down.yaml', 'Host down on compute-03', '17:24:30.040', '17:38:30.040'],
    ['instance_down.yaml', 'Instance down on stack-srv', '17:24:30.040', '17:38:30.040'],
    ['instance_in_error.yaml', 'Instance in error on lab-ci-3', '', ''],
    ['monitoring.yaml', '', '', ''],
    [
      'network_agent_down.yaml',
      'Network agent down on neutron-openvswitch-agent@compute-03',
      '17:24:30.040',
      '17:38:30.040',
    ],
    ['port_down.yaml', 'Port down on port of bank-db-1', '17:24:30.040', '17:38:30.040'],
    ['tenant_degraded.yaml', 'Tenant degraded on bank', '17:24:30.040', '17:38:30.040'],
    ['volume_at_risk.yaml', 'Volume at risk on bank-db-1-data', '17:24:30.040', '17:38:30.040'],
  ];

  it('have a story each', () => {
    expect(stories.map(([file]) => file)).toEqual(recording.templates.map(({ path }) => path));
  });

  it.each(stories.filter(([, , raised]) => raised !== ''))('%s: %s from %s to %s', (_file, alarm, raised, cleared) => {
    const isThere = (clock: string, shiftMs: number): boolean => {
      return alarmsOf(stateAt(winter, clock, shiftMs)).some((each) => describeAlarm(each) === alarm);
    };
    expect([isThere(raised, -1), isThere(raised, 0), isThere(cleared, -1), isThere(cleared, 0)]).toEqual([
      ...[false, true, true, false],
    ]);
  });

  it('monitoring.yaml: a power failure explains the host, the host a failed ping, a server its silent cache', () => {
    const tree = causalTree(stateAt(winter, '17:26:59.999'));
    const below = (line: string): string[] => tree.filter((each) => each.trim() === line);
    expect(tree.indexOf('Power supply failure on compute-03')).toBe(tree.indexOf('  Host down on compute-03') - 1);
    expect(below('Host unreachable on compute-03')).toEqual(['    Host unreachable on compute-03']);
    expect(below('Cache unreachable on bank-cache-1')).toEqual(['      Cache unreachable on bank-cache-1']);
  });

  it('instance_in_error.yaml: raised while an operator has set the state, cleared with it', () => {
    const inError = (clock: string): string[] => causalTree(stateAt(winter, clock));
    expect(inError('17:09:30')).toContain('Instance in error on lab-ci-3');
    expect(inError('17:10:00')).not.toContain('Instance in error on lab-ci-3');
  });
});

describe('what is suggested', () => {
  it('asks about alarms that are there, and only once', () => {
    const alarms = alarmsOf(stateAt(winter, '17:26:59.999'));
    const [why] = winter.suggestions;
    const asked = /why "([^"]+)"/.exec(why!.command)![1];
    expect(alarms.filter((alarm) => nameOf(alarm) === asked)).toHaveLength(1);
    const url = new URL(/"(http[^"]+)"/.exec(winter.suggestions.at(-1)!.command)![1]!);
    expect(url.searchParams.get('at')).toBe('2027-01-14T17:26:59.999Z');
    const named = alarms.find(({ id }) => id === url.searchParams.get('alarm_id'));
    expect(named && describeAlarm(named)).toBe('Cache unreachable on bank-cache-1');
  });
});

describe('yesterday', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T22:30:00Z', '2026-03-29'], // the day after the clocks went forward
    ['Europe/Berlin', '2026-03-29T01:30:00Z', '2026-03-28'], // the hour of the change
    ['Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-24'],
    ['America/New_York', '2026-11-01T05:30:00Z', '2026-10-31'],
    ['America/New_York', '2026-11-02T04:59:00Z', '2026-10-31'], // the last minute of a day of 25 hours
    ['Australia/Lord_Howe', '2026-04-05T13:00:00Z', '2026-04-04'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2025-12-31'],
    ['Pacific/Kiritimati', '2026-06-30T11:00:00Z', '2026-06-30'],
  ])('in %s at %s is %s', (zone, now, day) => {
    const script = `const at = new Date((${localYesterdayOf.toString()})(Date.parse('${now}'), 17, 24, 12));
      console.log([at.getFullYear(), at.getMonth() + 1, at.getDate(), at.toTimeString().slice(0, 8)].join(' '));`;
    const answer = execFileSync(process.execPath, ['-e', script], { env: { ...process.env, TZ: zone } }).toString();
    const [year, month, date] = day.split('-').map(Number);
    expect(answer.trim()).toBe(`${year} ${month} ${date} 17:24:12`);
  });

  it('ends at midnight', () => {
    const nowMs = Date.parse('2027-01-15T23:59:59Z');
    const { failureAtMs } = exampleAt('2027-01-15T09:30:00Z');
    expect(isStale(failureAtMs, nowMs, fixedZone(0))).toBe(false);
    expect(isStale(failureAtMs, nowMs + 1000, fixedZone(0))).toBe(true);
    expect(isStale(failureAtMs, nowMs, fixedZone(1))).toBe(true);
  });
});

describe('the files', () => {
  const files = readdirSync(join(exampleFolder(), 'recording')).map((file) => join(exampleFolder(), 'recording', file));

  it('are small and hold nothing secret', () => {
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(1_500_000);
    for (const text of texts) expect(text).not.toMatch(/token|passw|secret|_context|http:|adminPass|key_data|BEGIN /i);
  });
});
