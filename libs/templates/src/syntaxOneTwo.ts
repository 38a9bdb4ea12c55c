import type { JsonObject } from '@wherefore/model';
import type { Finding, Path } from './fault';
import { compilePattern } from './pythonRegex';
import { ANYTHING, type Members, type Shape, TEXT, checkShape } from './shape';
import { member } from './content';
import type { StatusCode } from './statusCodes';

/** The action types that templates know. */
export const ACTION_TYPES = [
  'set_state',
  'raise_alarm',
  'add_causal_relationship',
  'mark_down',
  'execute_mistral',
] as const;

/** Versions 1 and 2: checks everything that can be seen without looking an id up. */
export function checkSyntaxOneTwo(content: JsonObject): Finding | undefined {
  // The sections first, each by itself after: a missing section is reported before a broken one.
  return checkShape(content, SECTIONS, []) ?? checkSection(content, 'metadata', METADATA) ?? checkSections(content);
}

/** Definition templates: metadata and definitions, nothing else. */
export function checkDefinitionSyntax(content: JsonObject): Finding | undefined {
  for (const forbidden of ['includes', 'scenarios']) {
    if (Object.hasOwn(content, forbidden)) return { code: 143, path: [forbidden] };
  }
  const sections = mapping({
    metadata: must(ANYTHING, 62),
    definitions: must(ANYTHING, 21),
    parameters: may(PARAMETERS),
  });
  return (
    checkShape(content, sections, []) ??
    checkSection(content, 'metadata', METADATA) ??
    checkSection(content, 'definitions', definitionsShape(true))
  );
}

/** A template's name: any text but none. */
export const NAME: Shape = { kind: 'text', check: (text, path) => (text === '' ? { code: 60, path } : undefined) };

/** The `parameters` section of versions 2 and 3. */
export const PARAMETERS: Shape = {
  kind: 'mapping',
  members: {},
  others: () => ({ kind: 'text-or', shape: mapping({ description: may(TEXT), default: may(TEXT) }) }),
};

function checkSections(content: JsonObject): Finding | undefined {
  const hasIncludes = Object.hasOwn(content, 'includes');
  if (!hasIncludes && !Object.hasOwn(content, 'definitions')) return { code: 21, path: ['definitions'] };
  return (
    checkSection(content, 'includes', INCLUDES) ??
    checkSection(content, 'definitions', definitionsShape(!hasIncludes)) ??
    checkSection(content, 'scenarios', SCENARIOS)
  );
}

function checkSection(content: JsonObject, name: string, shape: Shape): Finding | undefined {
  const section = member(content, name);
  return section === undefined ? undefined : checkShape(section, shape, [name]);
}

function must(shape: Shape, missing: StatusCode): Members[string] {
  return { shape, missing };
}

function may(shape: Shape): Members[string] {
  return { shape };
}

function mapping(members: Members): Shape {
  return { kind: 'mapping', members };
}

const SECTIONS = mapping({
  metadata: must(ANYTHING, 62),
  definitions: may(ANYTHING),
  includes: may(ANYTHING),
  parameters: may(PARAMETERS),
  scenarios: must(ANYTHING, 80),
});

const METADATA = mapping({ name: must(NAME, 60), version: may(TEXT), description: may(TEXT), type: may(TEXT) });

const INCLUDES: Shape = { kind: 'list', whenEmpty: 140, item: mapping({ name: must(TEXT, 141) }) };

const TEMPLATE_ID: Shape = {
  kind: 'text',
  check: (text, path) =>
    /^_*[a-zA-Z]+\w*/.test(text)
      ? undefined
      : { code: 1, path, hint: 'A template_id starts with a letter or an underscore.' },
};

const CATEGORY: Shape = {
  kind: 'text',
  check: (text, path) => (text === 'ALARM' || text === 'RESOURCE' ? undefined : { code: 45, path }),
};

function definitionsShape(entitiesMandatory: boolean): Shape {
  const entity: Shape = {
    kind: 'mapping',
    members: { template_id: must(TEMPLATE_ID, 41), category: must(CATEGORY, 42) },
    others: entityProperty,
  };
  const relationship = mapping({
    source: must(TEXT, 102),
    target: must(TEXT, 103),
    relationship_type: must(TEXT, 4),
    template_id: must(TEMPLATE_ID, 104),
  });
  const entities: Shape = { kind: 'list', item: mapping({ entity: must(entity, 46) }) };
  return mapping({
    entities: entitiesMandatory ? must({ ...entities, whenEmpty: 43 }, 20) : may(entities),
    relationships: may({ kind: 'list', item: mapping({ relationship: must(relationship, 101) }), orNothing: true }),
  });
}

/** A property of an entity: a text, and a regular expression where its key says so. */
export function entityProperty(key: string): Shape {
  if (!key.toLowerCase().endsWith('.regex')) return TEXT;
  return { kind: 'text', check: (text, path) => checkPattern(text, key, path) };
}

function checkPattern(text: string, key: string, path: Path): Finding | undefined {
  const compiled = compilePattern(text);
  if (compiled.kind === 'compiled') return undefined;
  return { code: 47, path, detail: `${key}. ${compiled.message}`, hint: compiled.hint };
}

const ACTION: Shape = mapping({
  action_type: must(
    {
      kind: 'text',
      check: (text, path) => ((ACTION_TYPES as readonly string[]).includes(text) ? undefined : { code: 120, path }),
    },
    123,
  ),
  action_target: may({ kind: 'mapping', members: {}, others: () => TEXT }),
  properties: may({ kind: 'mapping', members: {}, others: () => ({ kind: 'text-or', shape: PROPERTY_BLOCK }) }),
});

// execute_mistral of version 2 has its inputs in a block of their own.
const PROPERTY_BLOCK: Shape = { kind: 'mapping', members: {}, others: () => TEXT };

const SCENARIOS: Shape = {
  kind: 'list',
  whenEmpty: 81,
  item: mapping({
    scenario: must(
      mapping({
        condition: must(TEXT, 83),
        actions: must({ kind: 'list', whenEmpty: 121, item: mapping({ action: must(ACTION, 122) }) }, 84),
      }),
      82,
    ),
  }),
};

/** Equivalence templates are taken without validation by Vitrage; what cannot be loaded is refused here. */
export function checkEquivalenceSyntax(content: JsonObject): Finding | undefined {
  const entity: Shape = { kind: 'mapping', members: {}, others: entityProperty, whenEmpty: 46 };
  const group: Shape = { kind: 'list', item: mapping({ entity: must(entity, 46) }) };
  const sections: Shape = {
    kind: 'mapping',
    members: {
      metadata: must({ kind: 'mapping', members: { name: must(NAME, 60) }, others: () => TEXT }, 62),
      equivalences: must({ kind: 'list', item: mapping({ equivalence: must(group, 4) }) }, 4),
    },
    others: () => ANYTHING,
  };
  return checkShape(content, sections, []);
}
