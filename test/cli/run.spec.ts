import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeWithShared } from '../support/shared';
import { runCli, temporaryFolder } from './cliProcess';
import { nagiosEvent, NETWORK_TEMPLATE, topologyEvents } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

interface RunState {
  readonly step: string;
  readonly live_alarms: readonly unknown[];
  readonly causes: readonly unknown[];
  readonly resources: readonly unknown[];
  readonly alarms: { readonly [line: string]: number };
  readonly resource_states: { readonly [line: string]: number };
  readonly marked_down: number;
  readonly vertices: number;
  readonly edges: number;
  readonly vertices_by_type: { readonly [type: string]: number };
  readonly edges_by_label: { readonly [label: string]: number };
}

const SAMPLED = '2026-11-20T00:00:00Z';
const { folder, remove } = temporaryFolder();
const file = (name: string, text: string): string => {
  const target = path.join(folder, name);
  writeFileSync(target, text);
  return target;
};
const lines = (events: readonly unknown[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

const template = file('host_network.yaml', NETWORK_TEMPLATE);
const topology = file('01-topology.ndjson', lines(topologyEvents(SAMPLED)));
const raise = file('02-raise.ndjson', lines([nagiosEvent('NIC failure', 'CRITICAL', SAMPLED)]));
const clear = file('03-clear.ndjson', lines([nagiosEvent('NIC failure', 'OK', SAMPLED)]));

afterAll(remove);

describe('a run', () => {
  it('prints a state for each file, and nothing else', async () => {
    const { code, stdout, stderr } = await runCli([
      'run',
      '--templates',
      template,
      '--events',
      topology,
      raise,
      clear,
      raise,
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const states = JSON.parse(stdout) as RunState[];
    expect(states.map(({ step }) => step)).toEqual([
      '01-topology.ndjson',
      '02-raise.ndjson',
      '03-clear.ndjson',
      '02-raise.ndjson',
    ]);
    expect(states[1]).toMatchObject({
      alarms: {
        'nagios/NIC failure sev=CRITICAL oper=CRITICAL': 1,
        'vitrage/Instance unreachable sev=WARNING oper=WARNING': 2,
      },
      resource_states: { 'nova.instance agg=ERROR oper=ERROR': 2 },
      marked_down: 0,
      vertices: 8,
      edges_by_label: { causes: 2, contains: 4, on: 3 },
    });
    expect({ ...states[3], step: '' }).toEqual({ ...states[1], step: '' });
    expect(states[2]?.live_alarms).toEqual([]);
  });

  it('without templates deduces nothing', async () => {
    const { code, stdout } = await runCli(['run', '--events', topology, raise]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as RunState[])[1]?.live_alarms).toHaveLength(1);
  });

  it('tells refused lines on stderr with file and line, and goes on', async () => {
    const bad = file(
      'bad.ndjson',
      `{not json\n\n[1]\n${lines([{ vitrage_entity_type: 'sorcery', vitrage_sample_date: SAMPLED }])}${readFileSync(raise, 'utf8')}`,
    );
    const { code, stdout, stderr } = await runCli(['run', '--templates', template, '--events', topology, bad]);
    expect(code).toBe(0);
    expect(stderr).toContain(`${bad}:1: malformed-json: `);
    expect(stderr).toContain(`${bad}:3: malformed-json: the line is JSON, but not an object`);
    expect(stderr).toMatch(new RegExp(`${bad}:4: unknown-datasource: .*sorcery`));
    expect(stderr).toContain('3 lines were refused and changed nothing.');
    expect((JSON.parse(stdout) as RunState[])[1]?.live_alarms).toHaveLength(3);
  });

  it('does not start with a template that is invalid, and says where', async () => {
    const broken = file('broken.yaml', NETWORK_TEMPLATE.replace('nic [on] host', 'nic [on] nobody'));
    const { code, stdout, stderr } = await runCli(['run', '--templates', broken, '--events', topology]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^error: ${broken}:\\d+:\\d+: .+\\(code \\d+\\)`));
  });

  it('does not start with a file that cannot be read', async () => {
    const { code, stdout, stderr } = await runCli(['run', '--events', topology, path.join(folder, 'none.ndjson')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('none.ndjson cannot be read: it does not exist');
  });

  it('lets an event keep its date, and drops it when it is older', async () => {
    const kept = file(
      'kept.ndjson',
      lines([{ ...nagiosEvent('NIC failure', 'OK', '2020-01-01T00:00:00Z'), _keep_date: true }]),
    );
    const { stdout } = await runCli(['run', '--events', topology, raise, kept, clear]);
    const alarmCounts = (JSON.parse(stdout) as RunState[]).map(({ live_alarms: alarms }) => alarms.length);
    expect(alarmCounts).toEqual([0, 1, 1, 0]);
  });

  it('reads parameters beside the templates', async () => {
    const inner = path.join(folder, 'with-parameters');
    mkdirSync(inner);
    writeFileSync(
      path.join(inner, 't.yaml'),
      NETWORK_TEMPLATE.replace('entities:', 'parameters:\n  alarm_name: {description: d}\nentities:').replace(
        'name: NIC failure',
        'name: get_param(alarm_name)',
      ),
    );
    writeFileSync(path.join(inner, 'params.yaml'), 't.yaml:\n  alarm_name: NIC failure\n');
    const { code, stdout, stderr } = await runCli(['run', '--templates', inner, '--events', topology, raise]);
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as RunState[])[1]?.live_alarms).toHaveLength(3);
  });

  it('prints the same bytes on every machine, whatever its clock, zone and language', async () => {
    const args = ['run', '--templates', template, '--events', topology, raise];
    const environments = [
      { TZ: 'UTC', LANG: 'C' },
      { TZ: 'Asia/Kolkata', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8' },
    ];
    const outputs = await Promise.all(environments.map((env) => runCli(args, { env })));
    const others = [
      await runCli([...args, '--start', '2026-11-21']),
      await runCli([...args, '--start', '2031-01-01T00:00:00+05:30'], { env: { TZ: 'Europe/Berlin' } }),
    ];
    for (const { stdout } of [...outputs, ...others]) expect(stdout).toBe(outputs[0]!.stdout);
  });
});

describeWithShared('the differential cases through the command line', (sharedDir) => {
  const root = path.join(sharedDir, 'data', 'differential');
  const cases = readdirSync(root).filter((entry) => !entry.endsWith('.md'));

  it.each(cases)('reaches every state of %s', async (name) => {
    const here = path.join(root, name);
    const steps = readdirSync(here)
      .filter((entry) => /^\d+-.*\.ndjson$/.test(entry))
      .sort();
    const isBug = readdirSync(here).includes('expected_right.json');
    const expected = JSON.parse(
      readFileSync(path.join(here, isBug ? 'expected_right.json' : 'expected.json'), 'utf8'),
    ) as RunState[];
    const events = steps.map((step) => path.join(here, step));
    const { code, stdout, stderr } = await runCli([
      'run',
      '--templates',
      path.join(here, 'templates'),
      '--events',
      ...events,
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as RunState[]).map(compared)).toEqual(expected.map(compared));
  });
});

/** What is compared of a state: lists as multisets. */
function compared({ step, live_alarms: alarms, causes, resources }: RunState): unknown {
  return { step, alarms: multiset(alarms), causes: multiset(causes), resources: multiset(resources) };
}

function multiset(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(withSortedKeys(value))).sort();
}

function withSortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, withSortedKeys(inner)]),
  );
}

describeWithShared('the workload through the command line', (sharedDir) => {
  const root = path.join(sharedDir, 'data', 'workload');
  const { sizes } = JSON.parse(readFileSync(path.join(root, 'expected.json'), 'utf8')) as {
    sizes: { [size: string]: { [state: string]: Omit<RunState, 'step'> } };
  };
  const templates = (...names: string[]): string[] => names.map((name) => path.join(root, 'templates', name));
  const files = ['topology', 'alarms_raise', 'alarms_clear', 'alarms_raise', 'down_raise', 'down_clear'];

  it.each(['1k', '10k'])('reaches every state at %s', async (size) => {
    const expected = sizes[size]!;
    const states = Object.keys(expected).filter(
      (state) => state !== 'state_after_topology_with_instance_error_template',
    );
    const events = files.map((name) => path.join(root, size, `${name}.ndjson`));
    const pair = templates('host_high_cpu_v3.yaml', 'host_down_v2.yaml');
    const { code, stdout } = await runCli(['run', '--templates', ...pair, '--events', ...events]);
    expect(code).toBe(0);
    const reached = JSON.parse(stdout) as RunState[];
    expect(states).toHaveLength(6);
    states.forEach((state, at) => expect([state, live(reached[at]!)]).toEqual([state, live(expected[state]!)]));
  });

  it.each(['1k', '10k'])('fires on the topology alone at %s', async (size) => {
    const all = templates('host_high_cpu_v3.yaml', 'host_down_v2.yaml', 'instance_error_v3.yaml');
    const { stdout } = await runCli([
      'run',
      '--templates',
      ...all,
      '--events',
      path.join(root, size, 'topology.ndjson'),
    ]);
    const [state] = JSON.parse(stdout) as [RunState];
    expect(live(state)).toEqual(live(sizes[size]!['state_after_topology_with_instance_error_template']!));
  });
});

/** Vitrage counts what it has deleted, too; compared is what lives. */
function live(state: Omit<RunState, 'step'>): unknown {
  const living = (table: { readonly [key: string]: number }): { [key: string]: number } =>
    Object.fromEntries(Object.entries(table).filter(([key]) => !key.endsWith(' (deleted)')));
  const types = living(state.vertices_by_type);
  const labels = living(state.edges_by_label);
  const total = (table: { readonly [key: string]: number }): number => Object.values(table).reduce((a, b) => a + b, 0);
  return {
    types,
    labels,
    vertices: total(types),
    edges: total(labels),
    alarms: living(state.alarms),
    resource_states: living(state.resource_states),
    marked_down: state.marked_down,
  };
}
