import { compileTemplates } from './compile';
import { loadTemplates } from './loadTemplates';

function template(condition: string, extra = ''): string {
  return `metadata: {version: 3, name: t, type: standard}
entities:
  cpu: {category: ALARM, type: nagios, name: cpu_high}
  mem: {vitrage_category: ALARM, name: mem_low, vitrage_type: nagios}
  host: {type: nova.host}
${extra}scenarios:
- condition: ${condition}
  actions:
  - raise_alarm: {target: host, alarm_name: "get_attr(cpu, name)", severity: s, causing_alarm: cpu}
  - add_causal_relationship: {source: cpu, target: host}
`;
}

function equivalences(name: string, ...groups: string[][]): string {
  const lines = groups.map((group) => {
    const members = group.map((member) => {
      const [type, alarm] = member.split('/');
      return `{entity: {category: ALARM, type: ${type}, name: ${alarm}}}`;
    });
    return `- equivalence: [${members.join(', ')}]\n`;
  });
  return `metadata: {name: ${name}, type: equivalence}\nequivalences:\n${lines.join('')}`;
}

function compile(...texts: string[]) {
  const set = loadTemplates(
    texts.map((text, index) => ({ path: `${index}`, text })),
    [],
  );
  for (const outcome of set.outcomes)
    if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.validation));
  return compileTemplates(set.templates);
}

const CPU = ['nagios/cpu_high', 'vitrage/cpu_high', 'zabbix/load'];
const MEM = ['nagios/mem_low', 'zabbix/mem_low'];

describe('equivalences', () => {
  it('clone a scenario for every other member, and rename the symbol everywhere', () => {
    const { scenarios } = compile(template('cpu [on] host'), equivalences('e', CPU));
    expect(scenarios.map(({ id }) => id)).toEqual(['t-scenario0', 't-scenario0~1', 't-scenario0~2']);
    expect(scenarios.map(({ clauses }) => clauses[0]?.entities[0]?.symbol)).toEqual([
      'cpu',
      'cpu_equivalence',
      'cpu_equivalence',
    ]);
    expect(scenarios[2]?.clauses[0]?.entities[0]?.tests).toEqual([
      { key: 'name', op: 'equals', value: 'load' },
      { key: 'vitrage_category', op: 'equals', value: 'ALARM' },
      { key: 'vitrage_type', op: 'equals', value: 'zabbix' },
    ]);
    expect(scenarios[1]?.actions).toMatchObject([
      {
        id: 't-scenario0-action0',
        causingAlarm: 'cpu_equivalence',
        alarmName: { kind: 'attribute', symbol: 'cpu_equivalence' },
        target: 'host',
      },
      { id: 't-scenario0-action1', source: 'cpu_equivalence', target: 'host' },
    ]);
    expect(new Set(scenarios.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  it('clone for all combinations over the symbols, alternatives and negations included', () => {
    const { scenarios } = compile(
      template('cpu [on] host and not mem [on] host or cpu [on] host and host'),
      equivalences('e', CPU, MEM),
    );
    expect(scenarios).toHaveLength(6);
    const symbols = scenarios.map(({ clauses }) => clauses[0]?.entities.map(({ symbol }) => symbol).join(' '));
    expect(new Set(symbols)).toEqual(
      new Set([
        'cpu host mem',
        'cpu_equivalence host mem',
        'cpu host mem_equivalence',
        'cpu_equivalence host mem_equivalence',
      ]),
    );
  });

  it('compare whole entities, by the names the vertices use', () => {
    const one = compile(template('mem [on] host and cpu [on] host'), equivalences('e', MEM));
    expect(one.scenarios).toHaveLength(2);
    const stricter = template('cpu [on] host').replace('name: cpu_high', 'name: cpu_high, severity: x');
    expect(compile(stricter, equivalences('e', CPU)).scenarios).toHaveLength(1);
    const pattern = template('cpu [on] host').replace('name: cpu_high', 'name.regex: cpu_high');
    expect(compile(pattern, equivalences('e', CPU)).scenarios).toHaveLength(1);
  });

  it('find a name that is free', () => {
    const text = template('cpu [on] host and cpu_equivalence', '  cpu_equivalence: {type: x}\n');
    const clause = compile(text, equivalences('e', CPU)).scenarios[1]?.clauses[0];
    expect(clause?.entities.map(({ symbol }) => symbol)).toEqual([
      'cpu_equivalence_equivalence',
      'host',
      'cpu_equivalence',
    ]);
  });

  it('say so when they make too many scenarios', () => {
    const many = Array.from({ length: 300 }, (_, index) => `t${index}/x`);
    const { scenarios, faults } = compile(template('cpu [on] host'), equivalences('e', ['nagios/cpu_high', ...many]));
    expect(scenarios).toEqual([]);
    expect(faults).toMatchObject([{ template: 't', where: 'scenarios[0].condition' }]);
  });

  it('become a fault when two templates together name an entity twice', () => {
    const one = loadTemplates([{ path: '1', text: equivalences('e', CPU) }], []).templates;
    const two = loadTemplates([{ path: '2', text: equivalences('f', MEM, ['zabbix/load', 'a/b']) }], []).templates;
    const both = compileTemplates([...two, ...one]);
    expect(both.faults).toMatchObject([{ template: 'f', code: 4, where: 'equivalences[1].equivalence[0].entity' }]);
  });
});
