import fc from 'fast-check';
import type { TemplateSource } from '@wherefore/model';
import { type LoadOutcome, loadTemplate, loadTemplates } from './loadTemplates';

function template(name: string, version = '3'): string {
  return `metadata: {version: ${version}, name: ${name}, type: standard, description: about ${name}}
parameters:
  state: {description: the new state, default: SUBOPTIMAL}
  type:
  unused: just words
entities:
  alarm: {category: ALARM, type: get_param(type)}
  host: {type: nova.host}
scenarios:
- condition: alarm [on] host
  actions:
  - set_state: {target: host, state: get_param( state )}
`;
}

const DEFINITION = `metadata: {name: shared, type: definition}
definitions:
  entities:
  - entity: {category: RESOURCE, type: nova.host, template_id: host}
`;
const INCLUDING = `metadata: {name: including, type: standard}
includes: [{name: shared}]
scenarios:
- scenario:
    condition: host
    actions: [{action: {action_type: mark_down, action_target: {target: host}}}]
`;
const equivalence = (name: string, ...types: string[]): string =>
  `metadata: {name: ${name}, type: equivalence}
equivalences:
- equivalence: [${types.map((type) => `{entity: {category: ALARM, type: ${type}}}`).join(', ')}]
`;

const source = (text: string, rest: Partial<TemplateSource> = {}): TemplateSource => ({
  path: 't.yaml',
  text,
  ...rest,
});
const given = { parameters: { type: 'zabbix' } };

function refusal(outcome: LoadOutcome | undefined): LoadOutcome & { kind: 'refused' } {
  if (outcome?.kind !== 'refused') throw new Error('it was loaded');
  return outcome;
}

describe('loadTemplate: parameters', () => {
  it('puts in actual values, else defaults, and drops the section', () => {
    const outcome = loadTemplate(source(template('t'), given), []);
    expect(outcome).toMatchObject({
      kind: 'loaded',
      template: {
        name: 't',
        version: '3',
        type: 'standard',
        description: 'about t',
        content: {
          metadata: { version: '3', name: 't', type: 'standard', description: 'about t' },
          entities: { alarm: { category: 'ALARM', type: 'zabbix' }, host: { type: 'nova.host' } },
          scenarios: [
            { condition: 'alarm [on] host', actions: [{ set_state: { target: 'host', state: 'SUBOPTIMAL' } }] },
          ],
        },
      },
    });
    expect(outcome.kind === 'loaded' && Object.keys(outcome.template.content)).toEqual([
      'metadata',
      'entities',
      'scenarios',
    ]);
  });

  it('prefers the actual value, and ignores values that nobody asks for', () => {
    const parameters = { type: 'zabbix', state: 'ERROR', other: 'x' };
    expect(JSON.stringify(loadTemplate(source(template('t'), { parameters }), []))).toContain('"state":"ERROR"');
  });

  it('takes the name of the template from a parameter too', () => {
    const text = template('get_param(state)');
    expect(loadTemplate(source(text, given), [])).toMatchObject({ template: { name: 'SUBOPTIMAL' } });
  });

  it.each<[string, number, string, string, Partial<TemplateSource>]>([
    ['no value and no default', 163, 'Failed to resolve parameter - type', template('t'), {}],
    [
      'an undefined parameter',
      161,
      "get_param called for a parameter that is not defined in the 'parameters' block - ghost",
      template('t').replace('get_param(type)', 'get_param(ghost)'),
      {},
    ],
    [
      'a malformed call',
      162,
      'malformed get_param() clause - get_param(',
      template('t').replace('get_param(type)', 'get_param('),
      {},
    ],
    [
      'two parameters at once',
      162,
      'malformed get_param() clause - get_param(a b)',
      template('t').replace('get_param(type)', 'get_param(a b)'),
      {},
    ],
  ])('reports %s: code %d', (_what, code, message, text, rest) => {
    const { validation } = refusal(loadTemplate(source(text, rest), []));
    expect(validation).toMatchObject({
      statusCode: code,
      message,
      description: 'Template validation',
      fault: { line: 7 },
    });
  });

  it('does not take a parameter from what every object has', () => {
    const text = template('t').replace('get_param(type)', 'get_param(toString)');
    expect(refusal(loadTemplate(source(text, given), [])).validation.statusCode).toBe(161);
  });

  it('has parameters from version 2 on', () => {
    const text = INCLUDING.replace('type: standard', 'type: standard, description: get_param(x)');
    expect(refusal(loadTemplate(source(text), [])).validation.statusCode).toBe(160);
  });
});

describe('loadTemplate: what is refused', () => {
  it('leaves name, type and content for the row that shows the failure', () => {
    const outcome = refusal(
      loadTemplate(source(template('t').replace('nova.host}', 'nova.host, x.regex: "("}'), given), []),
    );
    expect(outcome).toMatchObject({ reason: 'invalid', name: 't', type: 'standard', validation: { statusCode: 47 } });
    expect(outcome.content).toHaveProperty('entities');
    expect(outcome.message).toBe(outcome.validation.message);
  });

  it('tells an unknown type and a name that is taken from an invalid template', () => {
    const first = loadTemplate(source(template('t'), given), []);
    const loaded = first.kind === 'loaded' ? [first.template] : [];
    expect(refusal(loadTemplate(source(template('t'), given), loaded))).toMatchObject({
      reason: 'duplicate-name',
      message: 'Duplicate template name',
    });
    const mismatching = refusal(loadTemplate(source(template('t'), { ...given, type: 'definition' }), []));
    expect(mismatching).toMatchObject({ reason: 'unknown-type', message: 'Unknown template type', type: 'standard' });
  });

  it('never throws, whatever is cut out of a template', () => {
    const whole = template('t') + INCLUDING + DEFINITION + equivalence('e', 'a', 'b');
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(60), fc.nat(whole.length), fc.nat(600), (at, cut, from, length) => {
        const text = (whole.slice(0, at) + whole.slice(at + cut)).slice(from % 700, (from % 700) + length);
        expect(['loaded', 'refused']).toContain(loadTemplate(source(text, given), []).kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadTemplates', () => {
  it('loads definitions before what includes them, and answers in the order given', () => {
    const set = loadTemplates([source(INCLUDING, { path: 'a' }), source(DEFINITION, { path: 'b' })], []);
    expect(set.outcomes.map((outcome) => outcome.kind === 'loaded' && outcome.template.name)).toEqual([
      'including',
      'shared',
    ]);
    expect(set.templates.map(({ name }) => name)).toEqual(['including', 'shared']);
  });

  it('keeps the first of two templates of one name, by path', () => {
    const sources = [source(template('t'), { ...given, path: 'b' }), source(template('t'), { ...given, path: 'a' })];
    const { outcomes, templates } = loadTemplates(sources, []);
    expect(refusal(outcomes[0]).reason).toBe('duplicate-name');
    expect(templates.map(({ path }) => path)).toEqual(['a']);
    expect(refusal(loadTemplates(sources, [], { overwrite: true }).outcomes[0]).reason).toBe('duplicate-name');
  });

  it('replaces by name when told to overwrite, and keeps the old one when the new one is refused', () => {
    const { templates } = loadTemplates([source(template('t'), given)], []);
    const better = source(template('t').replace('SUBOPTIMAL', 'ERROR'), given);
    expect(JSON.stringify(loadTemplates([better], templates, { overwrite: true }).templates)).toContain('ERROR');
    const worse = loadTemplates([source(template('t'))], templates, { overwrite: true });
    expect(refusal(worse.outcomes[0]).validation.statusCode).toBe(163);
    expect(worse.templates).toEqual(templates);
  });

  it('refuses an entity that would belong to two equivalences', () => {
    const once = loadTemplates([source(equivalence('e', 'a', 'b'))], []);
    expect(once.outcomes[0]).toMatchObject({ kind: 'loaded', validation: { message: 'No Validation', statusCode: 0 } });
    const again = loadTemplates([source(equivalence('f', 'b', 'c'))], once.templates);
    expect(refusal(again.outcomes[0]).validation).toMatchObject({ statusCode: 4, fault: { line: 3 } });
    expect(loadTemplate(source(equivalence('e', 'a', 'a')), []).kind).toBe('refused');
    expect(
      loadTemplates([source(equivalence('e', 'b', 'c'))], once.templates, { overwrite: true }).outcomes[0]?.kind,
    ).toBe('loaded');
  });

  it('keeps templates as plain JSON', () => {
    const { templates } = loadTemplates([source(template('t'), given), source(DEFINITION)], []);
    expect(JSON.parse(JSON.stringify(templates))).toEqual(templates);
  });
});
