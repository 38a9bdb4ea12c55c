import type { TemplateSource } from '@wherefore/model';
import { type LoadOutcome, loadTemplates, validateTemplate } from './loadTemplates';
import type { LoadedTemplate } from './validateTemplate';

const DEFINITION = `
metadata: {name: basic_definitions, type: definition}
definitions:
  entities:
  - entity: {category: ALARM, type: nagios, name: host_problem, template_id: alarm}
  - entity: {category: RESOURCE, type: nova.host, template_id: resource}
  relationships:
  - relationship: {source: alarm, target: resource, relationship_type: on, template_id: alarm_on_host}
`;

const METADATA = 'metadata:\n  version: 2\n  name: t\n  type: standard\n';
const DEFINITIONS = `definitions:
  entities:
  - entity: {category: ALARM, type: nagios, template_id: alarm}
  - entity: {category: ALARM, type: vitrage, template_id: deduced}
  - entity: {category: RESOURCE, type: nova.host, template_id: host}
  - entity: {category: RESOURCE, type: nova.instance, template_id: instance}
  relationships:
  - relationship: {source: alarm, target: host, relationship_type: on, template_id: alarm_on_host}
  - relationship: {source: deduced, target: host, relationship_type: on, template_id: deduced_on_host}
  - relationship: {source: host, target: instance, relationship_type: contains, template_id: host_contains_instance}
`;
const SET_STATE = '{action_type: set_state, properties: {state: ERROR}, action_target: {target: host}}';

function scenarios(condition: string, ...actions: string[]): string {
  const listed = actions.map((action) => `    - action: ${action}\n`).join('');
  return `scenarios:\n- scenario:\n    condition: ${condition}\n    actions:\n${listed}`;
}

function template(condition = 'alarm_on_host', ...actions: string[]): string {
  return METADATA + DEFINITIONS + scenarios(condition, ...(actions.length > 0 ? actions : [SET_STATE]));
}

function source(text: string, rest: Partial<TemplateSource> = {}): TemplateSource {
  return { path: 't.yaml', text, ...rest };
}

function loaded(...texts: string[]): readonly LoadedTemplate[] {
  const set = loadTemplates(
    texts.map((text, index) => source(text, { path: `${index}` })),
    [],
  );
  const refused = set.outcomes.find((outcome: LoadOutcome) => outcome.kind === 'refused');
  if (refused) throw new Error(JSON.stringify(refused.validation));
  return set.templates;
}

function validate(text: string, rest: Partial<TemplateSource> = {}, others: readonly LoadedTemplate[] = []) {
  return validateTemplate(source(text, rest), others);
}

describe('validateTemplate, version 2: valid templates', () => {
  it('answers OK as Vitrage does', () => {
    expect(validate(template())).toEqual({
      status: 'validation OK',
      description: 'Template validation',
      message: 'Template validation is OK',
      statusCode: 0,
    });
  });

  it('takes version 1 when none is named', () => {
    const text = template().replace('  version: 2\n', '');
    expect(validate(text).statusCode).toBe(0);
    expect(validate(text.replace('  type: standard\n', ''), { type: 'standard' }).statusCode).toBe(0);
  });

  it('takes a number for the version, and definitions out of JSON', () => {
    expect(validate(JSON.stringify({ metadata: { version: 9, type: 'standard' } })).statusCode).toBe(63);
    expect(validate(template().replace('version: 2', "version: '2'")).statusCode).toBe(0);
  });

  it('accepts every kind of action', () => {
    const actions = [
      '{action_type: raise_alarm, properties: {alarm_name: x, severity: critical}, action_target: {target: host}}',
      '{action_type: add_causal_relationship, action_target: {source: alarm, target: deduced}}',
      '{action_type: mark_down, action_target: {target: host}}',
      '{action_type: execute_mistral, properties: {workflow: w, input: {a: "get_attr(alarm, name)"}}}',
      SET_STATE,
    ];
    expect(validate(template('alarm_on_host and deduced_on_host', ...actions)).statusCode).toBe(0);
  });

  it('accepts parentheses that are part of a name', () => {
    const action =
      '{action_type: raise_alarm, properties: {alarm_name: CPU (high), severity: critical}, action_target: {target: host}}';
    expect(validate(template('alarm_on_host', action)).statusCode).toBe(0);
  });

  it('warns of half a call in a workflow input, and is valid', () => {
    const action = '{action_type: execute_mistral, properties: {workflow: w, input: {a: "get_attr("}}}';
    expect(validate(template('alarm_on_host', action))).toMatchObject({
      status: 'validation OK',
      statusCode: 138,
      message: 'Only open or close parenthesis exists. Did you try to use a function?',
    });
  });
});

describe('validateTemplate, versions 1 and 2: syntax', () => {
  const valid = template();
  it.each<[string, number, string]>([
    ['no metadata', 62, valid.slice(METADATA.length)],
    ['no name', 60, valid.replace('  name: t\n', '')],
    ['an empty name', 60, valid.replace('name: t\n', 'name:\n')],
    ['an unknown key in metadata', 4, valid.replace('  name: t\n', '  name: t\n  author: me\n')],
    ['an unknown section', 4, `${valid}extra: {}\n`],
    ['no definitions and no includes', 21, METADATA + scenarios('alarm_on_host', SET_STATE)],
    ['no entities', 20, `${METADATA}definitions: {}\n${scenarios('a', SET_STATE)}`],
    ['an empty list of entities', 43, `${METADATA}definitions: {entities: []}\n${scenarios('a', SET_STATE)}`],
    ['an item that is no entity', 46, valid.replace(/- entity: .*template_id: alarm}/, '- {}')],
    ['an entity without template_id', 41, valid.replace(', template_id: alarm}', '}')],
    ['an entity without category', 42, valid.replace('{category: ALARM, type: nagios', '{type: nagios')],
    ['an unknown category', 45, valid.replace('category: ALARM', 'category: ALARMS')],
    ['a template_id of digits', 1, valid.replace('template_id: alarm}', 'template_id: 1}')],
    ['a property that is no text', 4, valid.replace('type: nagios', 'type: {a: b}')],
    ['a broken pattern', 47, valid.replace('type: nagios', 'rawtext.ReGeX: "\\\\w+ c("')],
    ['a pattern with lookahead', 47, valid.replace('type: nagios', 'rawtext.regex: "(?=x)"')],
    ['an item that is no relationship', 101, valid.replace(/- relationship: .*template_id: alarm_on_host}/, '- {}')],
    ['a relationship without source', 102, valid.replace('{source: alarm, ', '{')],
    ['a relationship without target', 103, valid.replace('source: alarm, target: host, ', 'source: alarm, ')],
    ['a relationship without template_id', 104, valid.replace(', template_id: alarm_on_host}', '}')],
    [
      'a relationship without its type',
      4,
      valid.replace('relationship_type: on, template_id: alarm_on_host', 'template_id: alarm_on_host'),
    ],
    ['no scenarios', 80, METADATA + DEFINITIONS],
    ['an empty list of scenarios', 81, `${METADATA}${DEFINITIONS}scenarios: []\n`],
    ['an item that is no scenario', 82, METADATA + DEFINITIONS + 'scenarios: [{}]\n'],
    ['no condition', 83, valid.replace('    condition: alarm_on_host\n', '')],
    ['no actions', 84, valid.replace(/ {4}actions:[^]*$/, '')],
    ['an empty list of actions', 121, valid.replace(/ {4}actions:[^]*$/, '    actions: []\n')],
    ['an item that is no action', 122, valid.replace(/- action: .*/, '- {}')],
    ['no action_type', 123, valid.replace('action_type: set_state, ', '')],
    ['an unknown action_type', 120, valid.replace('action_type: set_state', 'action_type: set_fire')],
    ['includes that are nothing', 4, valid.replace('definitions:\n', 'includes:\ndefinitions:\n')],
    ['an empty list of includes', 140, valid.replace('definitions:\n', 'includes: []\ndefinitions:\n')],
    ['an include without name', 141, valid.replace('definitions:\n', 'includes: [{}]\ndefinitions:\n')],
  ])('%s: code %d', (_what, code, text) => {
    const result = validate(text);
    expect(result).toMatchObject({ status: 'validation failed', statusCode: code });
    expect(result.description).toBe('Template syntax validation');
    expect(result.fault?.line).toBeGreaterThan(0);
  });

  it('answers code 5 for text that is not YAML', () => {
    expect(validate('metadata: [')).toMatchObject({ statusCode: 5, description: 'Template syntax validation' });
  });

  it('says which key is too many, where, and what may stand there', () => {
    expect(validate(`${valid}extra: {}\n`)).toMatchObject({
      message: "Syntax error: extra keys not allowed @ data['extra']",
      fault: { where: 'extra', line: 20, column: 1, hint: expect.stringContaining('scenarios') },
    });
  });

  it('names the field of a broken pattern', () => {
    const text = valid.replace('type: nagios', 'rawtext.regex: "c("');
    expect(validate(text).message).toMatch(/^Invalid regular expression defined in field: rawtext\.regex\. /);
  });
});

describe('validateTemplate, versions 1 and 2: content', () => {
  const valid = template();
  const raise = (inner: string): string => template('alarm_on_host', `{action_type: raise_alarm, ${inner}}`);
  const causal = (inner: string): string =>
    template('alarm_on_host and deduced_on_host', `{action_type: add_causal_relationship, ${inner}}`);
  const mistral = (inner: string): string => template('alarm_on_host', `{action_type: execute_mistral, ${inner}}`);
  const v1 = (text: string): string => text.replace('version: 2', 'version: 1');

  it.each<[string, number, string]>([
    ['an id defined twice', 2, valid.replace('template_id: deduced}', 'template_id: alarm}')],
    ['a relationship with the id of an entity', 2, valid.replace('template_id: alarm_on_host}', 'template_id: host}')],
    ['an unknown source', 3, valid.replace('{source: alarm,', '{source: ghost,')],
    ['an unknown target', 3, valid.replace('source: alarm, target: host', 'source: alarm, target: ghost')],
    ['an unknown id in the condition', 3, template('alarm_on_ghost')],
    ['a condition that does not parse', 85, template('alarm_on_host and and host')],
    ['an open parenthesis', 85, template('(alarm_on_host')],
    ['a relationship spelt out', 85, template('alarm [on] host')],
    ['not on an entity', 86, template('not host')],
    ['not on an entity, deep', 86, template('alarm_on_host and not (host or alarm_on_host)')],
    ['nothing but not', 134, template('not alarm_on_host')],
    ['nothing but not, twice', 134, template('not alarm_on_host or not deduced_on_host')],
    ['alternatives without a common entity', 135, template('alarm or host_contains_instance')],
    ['an alternative with nothing positive', 135, template('alarm_on_host or not deduced_on_host')],
    [
      'an action without target block',
      124,
      template('alarm_on_host', '{action_type: set_state, properties: {state: X}}'),
    ],
    ['raise_alarm without a name', 125, raise('properties: {severity: x}, action_target: {target: host}')],
    ['raise_alarm without severity', 126, raise('properties: {alarm_name: x}, action_target: {target: host}')],
    ['raise_alarm without target', 127, raise('properties: {alarm_name: x, severity: y}, action_target: {}')],
    [
      'raise_alarm on the unknown',
      3,
      raise('properties: {alarm_name: x, severity: y}, action_target: {target: ghost}'),
    ],
    [
      'set_state without state',
      128,
      template('alarm_on_host', '{action_type: set_state, properties: {}, action_target: {target: host}}'),
    ],
    [
      'set_state without target',
      129,
      template('alarm_on_host', '{action_type: set_state, properties: {state: X}, action_target: {source: host}}'),
    ],
    ['a cause without source', 130, causal('action_target: {target: deduced}')],
    ['a cause of something that is no alarm', 132, causal('action_target: {source: alarm, target: host}')],
    ['a cause that is no alarm', 132, causal('action_target: {source: host, target: deduced}')],
    ['a cause that is unknown', 3, causal('action_target: {source: ghost, target: deduced}')],
    ['mark_down without target', 131, template('alarm_on_host', '{action_type: mark_down, action_target: {}}')],
    ['a workflow without name', 133, mistral('properties: {input: {a: b}}')],
    ['an input beside the input block', 136, mistral('properties: {workflow: w, a: b}')],
    ['a function in version 1', 137, v1(mistral('properties: {workflow: w, a: "get_attr(alarm, name)"}'))],
    [
      'an include that does not exist',
      142,
      valid.replace('definitions:\n', 'includes: [{name: ghost}]\ndefinitions:\n'),
    ],
  ])('%s: code %d', (_what, code, text) => {
    const result = validate(text);
    expect(result).toMatchObject({ status: 'validation failed', statusCode: code });
    expect(result.description).toBe('Template content validation');
    expect(result.fault?.line).toBeGreaterThan(0);
  });

  it.each(['alarm_on_host or host_contains_instance', 'alarm_on_host and not host_contains_instance', 'alarm_on_host'])(
    'is content with a target that "%s" does not always have, and says so',
    (condition) => {
      const result = validate(template(condition, SET_STATE.replace('target: host', 'target: instance')));
      expect(result).toMatchObject({ status: 'validation OK', statusCode: 0, message: 'Template validation is OK' });
      expect(result.fault).toMatchObject({ code: 135, hint: expect.stringContaining('"instance" is the target') });
    },
  );

  it('names the unknown id as Vitrage does, and points to it', () => {
    expect(validate(template('alarm_on_host and  ghost'))).toMatchObject({
      message: 'template_id does not appear in the definition block. template id: ghost',
      fault: { where: 'scenarios[0].scenario.condition', line: 17, column: 35 },
    });
  });

  it('points into the condition, and says what to do', () => {
    const result = validate(template('alarm_on_host and (host'));
    expect(result.message).toBe('Failed to convert condition.');
    expect(result.fault).toMatchObject({ line: 17, column: 34, hint: expect.stringContaining('Add the ")".') });
  });

  it('knows the input block only from version 2 on', () => {
    expect(validate(v1(mistral('properties: {workflow: w, anything: b}'))).statusCode).toBe(0);
  });
});

describe('validateTemplate: version and type', () => {
  const valid = template();

  it('answers for an unknown version what Vitrage was recorded to answer', () => {
    expect(validate(valid.replace('version: 2', 'version: 9'))).toMatchObject({
      statusCode: 63,
      description: 'Template content validation',
      message: 'Unsupported version. Version must be one of: dict_keys([])',
      fault: { line: 2, hint: expect.stringContaining('1, 2 and 3') },
    });
  });

  it('wants a type, from the template or from who gives it', () => {
    const untyped = valid.replace('  type: standard\n', '');
    expect(validate(untyped)).toMatchObject({ statusCode: 66, message: 'Unknown template type' });
    expect(validate(untyped, { type: 'standard' }).statusCode).toBe(64);
    expect(validate(valid, { type: 'definition' }).statusCode).toBe(66);
    expect(validate(valid, { type: 'standard' }).statusCode).toBe(0);
    expect(validate(valid.replace('type: standard', 'type: nonsense')).statusCode).toBe(65);
    expect(
      validate(valid.replace('version: 2\n  name: t\n  type: standard', 'name: t\n  type: nonsense')).statusCode,
    ).toBe(66);
  });
});

describe('validateTemplate: definition templates and includes', () => {
  const including = (extra: string): string =>
    `${METADATA}includes:\n- name: basic_definitions\n${extra}${scenarios('alarm_on_host', SET_STATE.replace('target: host', 'target: resource'))}`;

  it('accepts a definition template', () => {
    expect(validate(DEFINITION).statusCode).toBe(0);
  });

  it.each([
    ['includes', `${DEFINITION}includes: [{name: x}]\n`],
    ['scenarios', `${DEFINITION}scenarios: []\n`],
  ])('refuses %s in it: 143', (_what, text) => {
    expect(validate(text).statusCode).toBe(143);
  });

  it('checks its definitions like any other', () => {
    expect(validate(DEFINITION.replace('source: alarm', 'source: ghost')).statusCode).toBe(3);
    expect(validate(DEFINITION.replace('template_id: resource', 'template_id: alarm')).statusCode).toBe(2);
    expect(validate(DEFINITION.replace(/definitions:[^]*/, '')).statusCode).toBe(21);
  });

  it('accepts a template that has nothing but what it includes', () => {
    expect(validate(including(''), {}, loaded(DEFINITION)).statusCode).toBe(0);
    expect(validate(including('')).statusCode).toBe(142);
  });

  it('refuses an id that is included and defined again: 2', () => {
    const own = 'definitions:\n  entities:\n  - entity: {category: RESOURCE, type: nova.host, template_id: resource}\n';
    expect(validate(including(own), {}, loaded(DEFINITION))).toMatchObject({
      statusCode: 2,
      fault: { where: 'includes[0].name' },
    });
    const twice = including('').replace('- name: basic_definitions\n', '- name: basic_definitions\n- name: other\n');
    const other = DEFINITION.replace('name: basic_definitions', 'name: other');
    expect(validate(twice, {}, loaded(DEFINITION, other)).statusCode).toBe(2);
  });
});
