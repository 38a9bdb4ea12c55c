import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import {
  type LoadOutcome,
  type LoadedTemplate,
  compileTemplates,
  loadTemplates,
  validateTemplate,
} from '@wherefore/templates';
import { describeWithShared } from '../support/shared';

interface Source {
  path: string;
  text: string;
  type?: string;
  parameters?: { [name: string]: string };
}

/** A file of the reference data. Those of version 1 name no type: whoever loads the folder knows it. */
function sourceOf(file: string, type?: string, parameters?: { [name: string]: string }): Source {
  const text = readFileSync(file, 'utf8');
  const own = /^ *type: *(standard|definition|equivalence) *$/m.test(
    text.split(/^(?:definitions|entities|equivalences)/m)[0]!,
  );
  return {
    path: path.basename(file),
    text,
    ...(own || type === undefined ? {} : { type }),
    ...(parameters ? { parameters } : {}),
  };
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function loadedOf(outcomes: readonly LoadOutcome[]): LoadedTemplate[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'loaded' ? [outcome.template] : []));
}

describeWithShared('templates: the files of Vitrage', (sharedDir) => {
  const root = path.join(sharedDir, 'data/vitrage/templates');
  const PARAMETERS = { template_name: 'n', alarm_type: 'zabbix', alarm_name: 'power loss', new_state: 'SUBOPTIMAL' };

  /** What the validation of each file answers, where that is not 0. */
  const CODES: { [file: string]: number } = {
    'def_template_tests/definition_templates/with_include.yaml': 143,
    'def_template_tests/definition_templates/with_scenarios.yaml': 143,
    'def_template_tests/templates/basic_with_include_that_doesnt_exist.yaml': 142,
    'def_template_tests/templates/include_with_empty_name.yaml': 4,
    'def_template_tests/templates/with_conflicting_include_entities.yaml': 2,
    'equivalences_dup/dup-in-multi-def/multi.yaml': 4,
    'equivalences_dup/dup-in-one-def/one.yaml': 4,
    'evaluator/conditions/not_edge_unsupported.yaml': 134,
    'evaluator/conditions/not_or_unsupported.yaml': 134,
    'evaluator/conditions/simple_or_unsupported.yaml': 135,
    'general/bad_yaml.yaml': 5,
    'not_operator/basic_incorrect_not_condition.yaml': 86,
    'parameters/v2_with_missing_param_def.yaml': 161,
    'parameters/v3_with_missing_param_def.yaml': 161,
    'regex/faulty_regex.yaml': 47,
    'version/invalid_version.yaml': 63,
  };

  const definitionFolder = path.join(root, 'def_template_tests/definition_templates');
  const included = loadedOf(
    loadTemplates(
      yamlFiles(definitionFolder).map((file) => sourceOf(file, 'definition')),
      [],
    ).outcomes,
  );

  function typeOf(file: string): string {
    if (file.includes('definition_templates')) return 'definition';
    return file.includes('equivalences') ? 'equivalence' : 'standard';
  }

  const files = yamlFiles(root).map((file) => path.relative(root, file));

  it('loads the definition templates that others include', () => {
    expect(included.map(({ name }) => name)).toEqual(['basic_def_template', 'large_def_template', 'single_entity']);
  });

  it('names only files that are there', () => {
    expect(Object.keys(CODES).filter((file) => !files.includes(file))).toEqual([]);
  });

  it.each(files)('answers for %s what it is there for', (file) => {
    const parameters = file.startsWith('parameters/') ? PARAMETERS : undefined;
    const others = file.includes('definition_templates') ? [] : included;
    const result = validateTemplate(sourceOf(path.join(root, file), typeOf(file), parameters), others);
    expect({ code: result.statusCode, message: result.message }).toEqual({
      code: CODES[file] ?? 0,
      message: result.message,
    });
    expect(result.status).toBe(CODES[file] === undefined ? 'validation OK' : 'validation failed');
    if (result.fault) expect(result.fault.line).toBeGreaterThan(0);
  });

  it('compiles every valid standard template into scenarios', () => {
    const standard = files.filter((file) => typeOf(file) === 'standard' && CODES[file] === undefined);
    for (const file of standard) {
      const parameters = file.startsWith('parameters/') ? PARAMETERS : undefined;
      const { templates } = loadTemplates([sourceOf(path.join(root, file), 'standard', parameters)], included);
      const { scenarios, faults } = compileTemplates(templates);
      expect(faults).toEqual([]);
      expect({ file, clauses: scenarios.every(({ clauses }) => clauses.length > 0) }).toEqual({ file, clauses: true });
      // The actions of this one are for entities that its conditions do not name: none can be done.
      const isIdle = file.endsWith('only_using_def_template_definitions.yaml');
      expect({ file, isIdle: scenarios.length === 0 }).toEqual({ file, isIdle });
    }
  });

  it.each([
    ['v2_with_params', {}, 163],
    ['v2_with_params', { alarm_type: 'zabbix' }, 163],
    ['v2_with_params', PARAMETERS, 0],
    ['v2_with_params', { ...PARAMETERS, another: 'x' }, 0],
    ['v2_with_extra_param_def', PARAMETERS, 0],
    ['v2_with_missing_param_def', PARAMETERS, 161],
    ['v2_without_params', {}, 0],
    ['v3_with_params', {}, 163],
    ['v3_with_params', { alarm_type: 'zabbix' }, 163],
    ['v3_with_params', PARAMETERS, 0],
    ['v3_with_params', { ...PARAMETERS, another: 'x' }, 0],
    ['v3_with_extra_param_def', PARAMETERS, 0],
    ['v3_with_missing_param_def', PARAMETERS, 161],
  ])('answers for parameters/%s with %j code %d', (name, parameters, code) => {
    const file = path.join(root, 'parameters', `${name}.yaml`);
    expect(validateTemplate(sourceOf(file, undefined, parameters), []).statusCode).toBe(code);
  });

  it('refuses the second of two files that name an entity in an equivalence each', () => {
    const folder = path.join(root, 'equivalences_dup/dup-in-multi-file');
    const { outcomes } = loadTemplates(
      yamlFiles(folder).map((file) => sourceOf(file, 'equivalence')),
      [],
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['loaded', 'refused']);
  });

  it('matches the texts that the patterns were written for', () => {
    const matched = (name: string, rawtext: string): boolean => {
      const { templates } = loadTemplates([sourceOf(path.join(root, 'regex', `${name}.yaml`), 'standard')], []);
      const test = compileTemplates(templates)
        .scenarios[0]!.clauses[0]!.entities.flatMap(({ tests }) => tests)
        .find(({ key }) => key === 'rawtext')!;
      return test.op === 'matches' && test.matches(rawtext);
    };
    expect(matched('basic_regex', 'Interface virtual-0 down on {HOST.NAME}')).toBe(true);
    expect(matched('regex_for_exact_match', 'Public interface host43 down')).toBe(true);
    expect(matched('basic_regex_for_fail', 'Public interface host43 down')).toBe(false);
  });

  it('expands the equivalences of the example: three entities, three scenarios', () => {
    const { templates } = loadTemplates(
      [
        sourceOf(path.join(root, 'general/basic.yaml'), 'standard'),
        sourceOf(path.join(root, 'general/equivalences/basic.yaml'), 'equivalence'),
      ],
      [],
    );
    expect(compileTemplates(templates).scenarios).toHaveLength(3);
  });
});

describeWithShared('templates: the recorded answers of the real server', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/api-recordings');

  interface Recording {
    name: string;
    request: {
      body: {
        templates: [string, unknown][];
        template_type: string | null;
        params?: { [name: string]: string } | null;
      };
    };
    response: { status: number; body: unknown } | null;
  }
  const recordings = readdirSync(folder)
    .filter((file) => /_template_(validate|add)_/.test(file))
    .sort()
    .map((file): Recording => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Recording);

  function sourcesOf({ request: { body } }: Recording): Source[] {
    return body.templates.map(([file, content]) => ({
      path: file,
      text: JSON.stringify(content),
      ...(body.template_type === null ? {} : { type: body.template_type }),
      ...(body.params ? { parameters: body.params } : {}),
    }));
  }

  // Sympy's own complaint about a condition cannot be had without sympy.
  const ownWords = (message: string): string => message.replace(/^(Failed to convert condition\. - [^,]*,).*/s, '$1');

  const validations = recordings.filter(({ name }) => name.includes('validate'));
  it.each(validations.map((recording) => [recording.name, recording] as const))(
    'validates as recorded: %s',
    (_name, recording) => {
      const { results } = recording.response?.body as { results: { [key: string]: unknown }[] };
      const own = sourcesOf(recording).map((source) => {
        const { status, description, message, statusCode } = validateTemplate(source, []);
        return {
          'file path': source.path,
          status,
          description,
          'message': ownWords(message),
          'status code': statusCode,
        };
      });
      expect(own).toEqual(results.map((result) => ({ ...result, message: ownWords(String(result['message'])) })));
    },
  );

  const added = recordings.filter(({ name, response }) => name.includes('add') && Array.isArray(response?.body));
  it.each(added.map((recording) => [recording.name, recording] as const))(
    'adds as recorded: %s',
    (_name, recording) => {
      const isDuplicate = recording.name.includes('duplicate');
      const sources = sourcesOf(recording);
      const before = isDuplicate ? loadTemplates(sources, []).templates : [];
      const own = loadTemplates(sources, before).outcomes.map((outcome) =>
        outcome.kind === 'loaded'
          ? {
              'name': outcome.template.name,
              'status': 'LOADING',
              'status details': outcome.validation.message,
              'type': outcome.template.type,
            }
          : {
              'name': outcome.name,
              'status': 'ERROR',
              'status details': outcome.message,
              'type': outcome.type || null,
            },
      );
      const rows = recording.response?.body as { [key: string]: unknown }[];
      const picked = ['name', 'status', 'status details', 'type'];
      expect(own).toEqual(rows.map((row) => Object.fromEntries(picked.map((key) => [key, row[key]]))));
    },
  );

  it('has found recordings of both', () => {
    expect([validations.length, added.length].every((count) => count >= 7)).toBe(true);
  });
});

describeWithShared('templates: the differential cases and the workload', (sharedDir) => {
  const cases = path.join(sharedDir, 'data/differential');
  const folders = readdirSync(cases, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it.each(folders.map(({ name }) => name))('loads and compiles %s', (name) => {
    const parameters =
      name === 'parameters-v3' ? { alarm_type: 'zabbix', alarm_name: 'power loss', new_state: 'X' } : undefined;
    const sources = yamlFiles(path.join(cases, name, 'templates'))
      .filter((file) => path.basename(file) !== 'params.yaml')
      .map((file) => sourceOf(file, 'standard', parameters));
    const { outcomes, templates } = loadTemplates(sources, []);
    expect(outcomes.map((outcome) => outcome.validation.message)).not.toContain(undefined);
    expect(outcomes.filter(({ kind }) => kind === 'refused')).toEqual([]);
    expect(compileTemplates(templates).faults).toEqual([]);
  });

  it('clones the scenario of the equivalence case for all combinations', () => {
    const sources = yamlFiles(path.join(cases, 'equivalence-alarms/templates')).map((file) =>
      sourceOf(file, 'standard'),
    );
    const { scenarios } = compileTemplates(loadTemplates(sources, []).templates);
    expect(scenarios.map(({ id }) => id)).toEqual([
      'basic_template-scenario0',
      'basic_template-scenario0~1',
      'basic_template-scenario0~2',
      'basic_template-scenario0~3',
      'raise_cpu_high-scenario0',
    ]);
  });

  it('loads the templates of the workload', () => {
    const folder = path.join(sharedDir, 'data/workload');
    const sources = ['templates', 'templates_nonmatching'].flatMap((name) =>
      yamlFiles(path.join(folder, name)).map((file) => sourceOf(file, 'standard')),
    );
    expect(loadTemplates(sources, []).outcomes.filter(({ kind }) => kind === 'refused')).toEqual([]);
  });
});
