import { validateTemplate } from './loadTemplates';

const HEAD = `metadata:
  version: 3
  name: t
  type: standard
entities:
  alarm: {category: ALARM, type: nagios}
  host: {type: nova.host}
  instance: {type: nova.instance}
  pattern: {name.regex: kuku}
`;

function template(condition: string, ...actions: string[]): string {
  const listed = actions.map((action) => `  - ${action}\n`).join('');
  return `${HEAD}scenarios:\n- condition: ${condition}\n  actions:\n${listed}`;
}

const MARK = 'mark_down: {target: host}';
const VALID = template('host', MARK);

function validate(text: string) {
  return validateTemplate({ path: 't.yaml', text }, []);
}

function message(text: string): string {
  return validate(text).message;
}

describe('validateTemplate, version 3: conditions', () => {
  it.each([
    'host',
    'host [   contains] instance AND host [contains] instance',
    'host  and not host [ contains ]   instance   or     host',
    'host OR host or host and instance AND instance',
    '(  host OR host [contains] instance  ) AND (instance OR host [contains] instance)',
    'host AND NOT (alarm [ on ] host or host [ contains ] instance)',
    'host AND not(alarm [on] host)',
  ])('accepts "%s"', (condition) => {
    expect(validate(template(condition, MARK))).toMatchObject({ status: 'validation OK', statusCode: 0 });
  });

  it.each([
    ['host AND NOT host host [contains] instance', 85],
    ['host AND instance host [contains] instance', 85],
    ['"[host contains]"', 85],
    ['(host AND instance', 85],
    ['host AND (', 85],
    ['""', 85],
    ['NOT host [contains] instance', 134],
    ['NOT (host [contains] instance)', 134],
    ['NOT host [contains] instance OR NOT alarm [on] host', 134],
    ['ghost', 10200],
    ['host AND ghost', 10200],
    ['host [contains] ghost', 10200],
    ['ghost [contains] instance', 10200],
    ['host AND NOT ghost [on] host', 10200],
    ['NOT host', 86],
    ['host OR instance', 135],
    ['host OR NOT host [contains] instance', 135],
  ])('answers for "%s" code %d', (condition, code) => {
    const result = validate(template(condition, MARK));
    expect(result).toMatchObject({ status: 'validation failed', statusCode: code, description: 'Template validation' });
    expect(result.fault?.line).toBe(11);
    expect(result.fault?.hint).not.toBe('');
  });

  it('quotes the condition as Vitrage does', () => {
    expect(message(template('host [contains] ghost', MARK))).toBe(
      'Condition contains an unknown entity id - host [contains] ghost,        ghost ',
    );
    expect(message(template('host AND (', MARK))).toMatch(/^Failed to convert condition\. - host AND \(,/);
    expect(message(template('NOT host', MARK))).toBe('Not operator can be used only on relationships. - NOT host');
  });
});

describe('validateTemplate, version 3: actions', () => {
  const raise = (inner: string): string => template('alarm [on] host', `raise_alarm: {${inner}}`);

  it.each<[string, number, string]>([
    ['set_state on the unknown', 10101, template('host', 'set_state: {state: X, target: ghost}')],
    ['set_state without target', 10100, template('host', 'set_state: {state: X}')],
    ['set_state with a key too many', 4, template('host', 'set_state: {state: X, target: host, x: y}')],
    ['set_state without state', 128, template('host', 'set_state: {target: host}')],
    ['mark_down on the unknown', 10101, template('host', 'mark_down: {target: ghost}')],
    ['mark_down without target', 10100, template('host', 'mark_down: {}')],
    ['mark_down with a key too many', 4, template('host', 'mark_down: {target: host, x: y}')],
    ['raise_alarm on the unknown', 10101, raise('alarm_name: a, severity: s, target: ghost')],
    ['raise_alarm without target', 10100, raise('alarm_name: a, severity: s')],
    ['raise_alarm with a key too many', 4, raise('alarm_name: a, severity: s, target: host, x: y')],
    ['raise_alarm without name', 10104, raise('severity: s, target: host')],
    ['raise_alarm without severity', 126, raise('alarm_name: a, target: host')],
    [
      'raise_alarm caused by the unknown',
      10107,
      raise('alarm_name: a, severity: s, target: host, causing_alarm: ghost'),
    ],
    ['a cause without source', 10102, template('alarm [on] host', 'add_causal_relationship: {target: host}')],
    [
      'a cause from the unknown',
      10103,
      template('alarm [on] host', 'add_causal_relationship: {source: ghost, target: host}'),
    ],
    ['a cause without target', 10100, template('alarm [on] host', 'add_causal_relationship: {source: alarm}')],
    ['a workflow without name', 10105, template('host', 'execute_mistral: {input: {a: b}}')],
    ['a workflow that is no text', 4, template('host', 'execute_mistral: {workflow: {a: b}}')],
    ['half a call', 138, template('host', 'execute_mistral: {workflow: w, input: {a: get_attr(}}')],
    ['an unknown action', 4, template('host', 'explode: {target: host}')],
    ['an action that is none', 122, template('host', '{}')],
    [
      'two actions under one dash',
      4,
      template('host', '{mark_down: {target: host}, set_state: {target: host, state: X}}'),
    ],
  ])('%s: code %d', (_what, code, text) => {
    expect(validate(text)).toMatchObject({ status: 'validation failed', statusCode: code });
  });

  it('accepts text after a call, and calls', () => {
    const input = '{a: "get_attr(host, name) bla bla", b: "get_attr(host,name)"}';
    expect(validate(template('host', `execute_mistral: {workflow: w, input: ${input}}`)).statusCode).toBe(0);
  });

  it('reports in the form of Vitrage', () => {
    expect(message(template('host', 'explode: {target: host}'))).toBe(
      "Syntax error:  - extra keys not allowed @ data['scenarios'][0]['actions'][0]['explode']",
    );
    expect(message(template('host', 'mark_down: {}'))).toBe(
      "Action must contain a 'target' property - 10100 @ data['scenarios'][0]['actions'][0]['mark_down']['target']",
    );
  });
});

describe('validateTemplate, version 3: sections', () => {
  it.each<[string, number, string]>([
    ['no name', 60, VALID.replace('  name: t\n', '')],
    ['a key too many in metadata', 4, VALID.replace('  name: t\n', '  name: t\n  x: y\n')],
    ['a broken pattern', 47, VALID.replace('kuku', '"ku(ku"')],
    ['no scenarios', 80, HEAD],
    ['an empty list of scenarios', 81, `${HEAD}scenarios: []\n`],
    ['no condition', 83, `${HEAD}scenarios:\n- actions:\n  - ${MARK}\n`],
    ['no actions', 84, `${HEAD}scenarios:\n- condition: host\n`],
    ['an empty list of actions', 121, `${HEAD}scenarios:\n- condition: host\n  actions: []\n`],
    ['no entities', 10101, VALID.replace(/entities:[^]*scenarios/, 'scenarios')],
    ['empty entities', 10000, VALID.replace(/entities:[^]*scenarios/, 'entities: {}\nscenarios')],
    ['a property that is no text', 4, VALID.replace('{type: nova.host}', '{type: [a]}')],
    ['a section too many', 4, `${VALID}includes: []\n`],
    ['a definition template', 65, VALID.replace('type: standard', 'type: definition')],
    ['an unknown type', 65, VALID.replace('type: standard', 'type: nonsense')],
  ])('%s: code %d', (_what, code, text) => {
    expect(validate(text)).toMatchObject({
      status: 'validation failed',
      statusCode: code,
      description: 'Template validation',
    });
  });

  it('reports what is missing in the form of Vitrage', () => {
    expect(message(VALID.replace('  name: t\n', ''))).toBe(
      "metadata section must contain id field. - 60 @ data['metadata']['name']",
    );
    expect(message(HEAD)).toBe("scenarios is a mandatory section. - 80 @ data['scenarios']");
  });

  it('takes entity ids that mean something elsewhere', () => {
    const text = VALID.replace(
      '  host: {type: nova.host}',
      '  constructor: {type: x}\n  __proto__: {type: y}\n  host: {type: nova.host}',
    );
    expect(validate(text.replace('condition: host', 'condition: host and constructor [on] __proto__')).statusCode).toBe(
      0,
    );
    expect(validate(VALID.replace('condition: host', 'condition: host and toString')).statusCode).toBe(10200);
    expect(validate(template('host', 'toString: {target: host}')).statusCode).toBe(4);
    expect(validate(template('host', 'mark_down: {target: valueOf}')).statusCode).toBe(10101);
  });
});
