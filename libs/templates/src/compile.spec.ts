import { compileTemplates } from './compile';
import { loadTemplates } from './loadTemplates';
import type { Clause, Scenario } from './plan';

function compile(...texts: string[]) {
  const sources = texts.map((text, index) => ({ path: `${index}`, text }));
  const set = loadTemplates(sources, []);
  for (const outcome of set.outcomes)
    if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.validation));
  return compileTemplates(set.templates);
}

function three(name: string, condition: string, ...actions: string[]): string {
  return `metadata: {version: 3, name: ${name}, type: standard}
entities:
  alarm: {category: ALARM, type: nagios, name: CPU load}
  other: {category: ALARM, type: zabbix, Rawtext.REGEX: "(?i)down"}
  host: {type: nova.host}
  instance: {type: nova.instance}
scenarios:
- condition: ${JSON.stringify(condition)}
  actions:
${actions.map((action) => `  - ${action}\n`).join('')}`;
}

const MARK = 'mark_down: {target: host}';

function only(scenarios: readonly Scenario[]): Scenario {
  expect(scenarios).toHaveLength(1);
  return scenarios[0]!;
}

/** A clause as text: `alarm host | instance : alarm on host, not host contains instance`. */
function show({ entities, positiveCount, edges, absentEdges }: Clause): string {
  const symbol = (index: number): string => entities[index]?.symbol ?? '?';
  const parts = [
    ...edges.map((edge) => `${symbol(edge.source)} ${edge.label} ${symbol(edge.target)}`),
    ...absentEdges.map((edge) => `not ${symbol(edge.source)} ${edge.label} ${symbol(edge.target)}`),
  ];
  const symbols = entities.map((entity) => entity.symbol);
  const negative = symbols.slice(positiveCount);
  return `${[...symbols.slice(0, positiveCount), ...(negative.length > 0 ? ['|', ...negative] : [])].join(' ')} : ${parts.join(', ')}`;
}

function shown(condition: string): string[] {
  return only(compile(three('t', condition, MARK)).scenarios).clauses.map(show);
}

describe('compileTemplates: clauses', () => {
  it.each([
    ['host', ['host : ']],
    ['alarm [on] host AND host [contains] instance', ['alarm host instance : alarm on host, host contains instance']],
    ['host AND NOT host [contains] instance', ['host | instance : not host contains instance']],
    ['host [contains] instance AND host [contains] instance', ['host instance : host contains instance']],
    [
      'host AND NOT (alarm [on] host or other [on] host)',
      ['host | alarm other : not alarm on host, not other on host'],
    ],
    ['host or host [contains] instance', ['host : ', 'host instance : host contains instance']],
    ['instance and NOT instance [on] alarm and host', ['instance host | alarm : not instance on alarm']],
  ])('of "%s"', (condition, expected) => {
    expect(shown(condition)).toEqual(expected);
  });

  it('leaves out what contradicts itself', () => {
    expect(shown('host AND alarm [on] host AND NOT alarm [on] host')).toEqual([]);
    expect(shown('host or (alarm [on] host AND NOT alarm [ on ] host)')).toEqual(['host : ']);
  });

  it('takes two relationships of different ids for the one edge they are', () => {
    const text = `metadata: {name: t, type: standard}
definitions:
  entities:
  - entity: {category: ALARM, template_id: a}
  - entity: {category: RESOURCE, template_id: h}
  relationships:
  - relationship: {source: a, target: h, relationship_type: on, template_id: one}
  - relationship: {source: a, target: h, relationship_type: on, template_id: two}
scenarios:
- scenario: {condition: one and two, actions: [{action: {action_type: mark_down, action_target: {target: h}}}]}
- scenario: {condition: one and not two, actions: [{action: {action_type: mark_down, action_target: {target: h}}}]}
`;
    const { scenarios } = compile(text);
    expect(scenarios[0]?.clauses.map(show)).toEqual(['a h : a on h']);
    expect(scenarios[1]?.clauses).toEqual([]);
  });
});

describe('compileTemplates: patterns', () => {
  it('translates the short names of properties, sorts the tests, and compiles patterns', () => {
    const { clauses } = only(compile(three('t', 'alarm [on] host and other [on] host', MARK)).scenarios);
    expect(clauses[0]?.entities[0]?.tests).toEqual([
      { key: 'name', op: 'equals', value: 'CPU load' },
      { key: 'vitrage_category', op: 'equals', value: 'ALARM' },
      { key: 'vitrage_type', op: 'equals', value: 'nagios' },
    ]);
    const test = clauses[0]?.entities[2]?.tests[0];
    expect(test).toMatchObject({ key: 'Rawtext', op: 'matches', pattern: '(?i)down' });
    expect(test?.op === 'matches' && [test.matches('DOWN now'), test.matches('is down')]).toEqual([true, false]);
  });

  it('translates every alias and leaves other names alone', () => {
    const aliases = 'category type resource_id sample_timestamp is_deleted is_placeholder aggregated_state';
    const more = 'operational_state aggregated_severity operational_severity';
    const names = `${aliases} ${more}`.split(' ');
    const text = three('t', 'host', MARK).replace(
      'host: {type: nova.host}',
      `host: {${[...names, 'state', 'project_id'].map((name) => `${name}: x`).join(', ')}}`,
    );
    const keys = only(compile(text).scenarios).clauses[0]?.entities[0]?.tests.map(({ key }) => key);
    expect(keys).toEqual([...names.map((name) => `vitrage_${name}`), 'state', 'project_id'].sort());
  });
});

describe('compileTemplates: actions', () => {
  it('reads attributes, constants and parentheses', () => {
    const action =
      'raise_alarm: {target: host, alarm_name: CPU (high), severity: "get_attr( alarm , severity )", causing_alarm: alarm}';
    expect(only(compile(three('t', 'alarm [on] host', action)).scenarios).actions).toEqual([
      {
        id: 't-scenario0-action0',
        kind: 'raise_alarm',
        target: 'host',
        alarmName: { kind: 'constant', value: 'CPU (high)' },
        severity: { kind: 'attribute', symbol: 'alarm', attribute: 'severity' },
        causingAlarm: 'alarm',
      },
    ]);
  });

  it('are parted by the alternatives that have what they are for', () => {
    const { scenarios } = compile(
      three(
        't',
        'host or host [contains] instance',
        MARK,
        'mark_down: {target: instance}',
        'mark_down: {target: alarm}',
        'execute_mistral: {workflow: w}',
      ),
    );
    const parts = scenarios.map(({ id, clauses, actions }) => [id, clauses.map(show), actions.map((one) => one.id)]);
    expect(parts).toEqual([
      [
        't-scenario0',
        ['host : ', 'host instance : host contains instance'],
        ['t-scenario0-action0', 't-scenario0-action3'],
      ],
      ['t-scenario0~1', ['host instance : host contains instance'], ['t-scenario0-action1']],
    ]);
  });

  it('numbers actions, and keeps the spelling of constants', () => {
    const { actions } = only(
      compile(
        three(
          't',
          'alarm [on] host',
          'set_state: {target: host, state: eRRoR}',
          'add_causal_relationship: {source: alarm, target: host}',
          'execute_mistral: {workflow: w, input: {a: "get_attr(host, name) bla", b: "get_attr(host,id)"}}',
        ),
      ).scenarios,
    );
    expect(actions).toEqual([
      { id: 't-scenario0-action0', kind: 'set_state', target: 'host', state: { kind: 'constant', value: 'eRRoR' } },
      { id: 't-scenario0-action1', kind: 'add_causal_relationship', source: 'alarm', target: 'host' },
      {
        id: 't-scenario0-action2',
        kind: 'execute_mistral',
        workflow: 'w',
        input: {
          a: { kind: 'constant', value: 'get_attr(host, name) bla' },
          b: { kind: 'attribute', symbol: 'host', attribute: 'id' },
        },
      },
    ]);
  });

  it('hands a workflow of version 1 everything but its name', () => {
    const text = (
      version: string,
      properties: string,
    ): string => `metadata: {version: ${version}, name: t, type: standard}
definitions: {entities: [{entity: {category: RESOURCE, template_id: h}}]}
scenarios:
- scenario: {condition: h, actions: [{action: {action_type: execute_mistral, properties: ${properties}}}]}
`;
    const input = (one: string): unknown => {
      const action = only(compile(one).scenarios).actions[0];
      return action?.kind === 'execute_mistral' && action.input;
    };
    const constant = { b: { kind: 'constant', value: 'c' } };
    expect(input(text('1', '{workflow: w, b: c}'))).toEqual(constant);
    expect(input(text('2', '{workflow: w, input: {b: c}}'))).toEqual(constant);
  });
});

describe('compileTemplates: the whole', () => {
  const texts = [three('b', 'host', MARK), three('a', 'host [contains] instance', MARK), three('c', 'host', MARK)];

  it('gives the same plan whatever order the templates came in', () => {
    const plan = compile(...texts);
    expect(plan.scenarios.map(({ id }) => id)).toEqual(['a-scenario0', 'b-scenario0', 'c-scenario0']);
    const other = compile(...[...texts].reverse());
    expect(other.scenarios.map(({ fingerprint }) => fingerprint)).toEqual(
      plan.scenarios.map(({ fingerprint }) => fingerprint),
    );
  });

  it('gives different fingerprints to what differs, and the same to what was only written differently', () => {
    const fingerprint = (text: string): string => only(compile(text).scenarios).fingerprint;
    const base = three('t', 'alarm [on] host and not host [contains] instance', MARK);
    const variants = [
      base,
      base.replace('name: t,', 'name: u,'),
      base.replace('CPU load', 'CPU'),
      base.replace('name: CPU load', 'name.regex: CPU load'),
      base.replace('and not', 'and'),
      base.replace('mark_down: {target: host}', 'mark_down: {target: alarm}'),
      base.replace('mark_down: {target: host}', 'set_state: {target: host, state: X}'),
    ];
    expect(new Set(variants.map(fingerprint)).size).toBe(variants.length);
    expect(fingerprint(base.replace('alarm [on]', '(alarm  [ on ]').replace(' host and', ' host) AND'))).toBe(
      fingerprint(base),
    );
  });

  it('resolves includes, the template before what it includes', () => {
    const definition = `metadata: {name: d, type: definition}
definitions:
  entities:
  - entity: {category: RESOURCE, type: nova.host, template_id: host}
  - entity: {category: ALARM, type: nagios, template_id: alarm}
  relationships:
  - relationship: {source: alarm, target: host, relationship_type: on, template_id: alarm_on_host}
`;
    const including = `metadata: {name: t, type: standard}
includes: [{name: d}]
scenarios:
- scenario: {condition: alarm_on_host, actions: [{action: {action_type: mark_down, action_target: {target: host}}}]}
`;
    const set = loadTemplates(
      [definition, including].map((text, index) => ({ path: `${index}`, text })),
      [],
    );
    expect(compileTemplates(set.templates).scenarios[0]?.clauses.map(show)).toEqual(['alarm host : alarm on host']);

    const without = compileTemplates(set.templates.filter(({ name }) => name === 't'));
    expect(without.scenarios).toEqual([]);
    expect(without.faults).toMatchObject([{ template: 't', code: 142, where: 'includes[0].name' }]);
  });
});
