import { type JsonObject, compareCodeUnits, isJsonObject } from '@wherefore/model';
import { listMember, member, objectMember, textEntries, textMember, withoutMember } from './content';
import type { Finding, Path } from './fault';
import type { EntityPattern, PropertyTest } from './plan';
import { compilePattern } from './pythonRegex';

/** An edge that a template defines (versions 1, 2) or a condition spells out (version 3). */
export interface Relationship {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

/** What conditions and actions may name. */
export interface Vocabulary {
  readonly entities: ReadonlyMap<string, EntityPattern>;
  /** Empty in version 3. */
  readonly relationships: ReadonlyMap<string, Relationship>;
}

/** An action with its version's differences taken away. */
export interface ActionDraft {
  readonly type: string;
  readonly path: Path;
  /** Whether it names a target block at all (versions 1, 2). */
  readonly hasTarget: boolean;
  readonly target?: string;
  readonly source?: string;
  readonly properties: JsonObject;
}

/** The symbols that have to be matched for an action to be done, by the end they stand at. */
export function endsOf({ type, target, source }: ActionDraft): readonly (readonly ['target' | 'source', string])[] {
  if (type === 'execute_mistral' || target === undefined) return [];
  if (type !== 'add_causal_relationship') return [['target', target]];
  return source === undefined
    ? [['target', target]]
    : [
        ['target', target],
        ['source', source],
      ];
}

export interface ScenarioDraft {
  readonly condition: string;
  readonly path: Path;
  readonly actions: readonly ActionDraft[];
}

/** The names under which templates abbreviate what the vertices call vitrage_*. */
const ALIASES: ReadonlySet<string> = new Set([
  'category',
  'type',
  'resource_id',
  'sample_timestamp',
  'is_deleted',
  'is_placeholder',
  'aggregated_state',
  'operational_state',
  'aggregated_severity',
  'operational_severity',
]);

/** The tests that an entity's properties stand for, sorted; a pattern that does not compile matches nothing. */
export function propertyTests(properties: JsonObject): readonly PropertyTest[] {
  const tests = new Map<string, PropertyTest>();
  for (const [written, value] of textEntries(properties)) {
    if (written === 'template_id') continue;
    const isPattern = written.toLowerCase().endsWith('.regex');
    const bare = isPattern ? written.slice(0, -'.regex'.length) : written;
    const key = ALIASES.has(bare) ? `vitrage_${bare}` : bare;
    const test: PropertyTest = isPattern
      ? { key, op: 'matches', pattern: value, matches: matcher(value) }
      : { key, op: 'equals', value };
    tests.set(testKey(test), test);
  }
  return [...tests.entries()].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, test]) => test);
}

/** Equal for equal tests; sorts by property, then kind of test. */
export function testKey(test: PropertyTest): string {
  return `${test.key}\u0000${test.op}\u0000${test.op === 'equals' ? test.value : test.pattern}`;
}

function matcher(pattern: string): (value: string) => boolean {
  const compiled = compilePattern(pattern);
  return compiled.kind === 'compiled' ? compiled.matches : () => false;
}

/** The metadata's version: '1' when it names none. */
export function versionOf(content: JsonObject): string {
  return textMember(objectMember(content, 'metadata'), 'version') ?? '1';
}

/** The entities of version 3. */
export function vocabularyThree(content: JsonObject): Vocabulary {
  const entities = new Map<string, EntityPattern>();
  for (const [symbol, properties] of Object.entries(objectMember(content, 'entities'))) {
    if (isJsonObject(properties)) entities.set(symbol, { symbol, tests: propertyTests(properties) });
  }
  return { entities, relationships: new Map() };
}

/** A definition template's content by its name; undefined when there is none. */
export type FindDefinition = (name: string) => JsonObject | undefined;

/**
 * The entities and relationships of versions 1 and 2 with those of the included definition templates.
 * On a clash the first wins, the template's own before the included; each clash, unknown end and
 * unknown include is a finding as well.
 */
export function vocabularyOneTwo(
  content: JsonObject,
  find: FindDefinition,
): { readonly vocabulary: Vocabulary; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const blocks: Block[] = [{ definitions: objectMember(content, 'definitions'), path: ['definitions'] }];
  listMember(content, 'includes').forEach((include, index) => {
    const path = ['includes', index, 'name'];
    const name = textMember(include, 'name') ?? '';
    const included = find(name);
    if (included) blocks.push({ definitions: objectMember(included, 'definitions'), path, ownPath: true });
    else findings.push({ code: 142, path, hint: `No definition template is called "${name}".` });
  });
  const entities = new Map<string, EntityPattern>();
  for (const block of blocks) readEntities(block, entities, findings);
  const relationships = new Map<string, Relationship>();
  for (const block of blocks) readRelationships(block, entities, relationships, findings);
  return { vocabulary: { entities, relationships }, findings };
}

interface Block {
  readonly definitions: JsonObject;
  readonly path: Path;
  /** The block stands in another text: findings point to the include. */
  readonly ownPath?: boolean;
}

function pathIn(block: Block, ...steps: Path): Path {
  return block.ownPath ? block.path : [...block.path, ...steps];
}

function readEntities(block: Block, entities: Map<string, EntityPattern>, findings: Finding[]): void {
  listMember(block.definitions, 'entities').forEach((item, index) => {
    const entity = objectMember(item, 'entity');
    const symbol = textMember(entity, 'template_id') ?? '';
    if (entities.has(symbol)) {
      const path = pathIn(block, 'entities', index, 'entity', 'template_id');
      findings.push({ code: 2, path, hint: `"${symbol}" is defined twice.` });
    } else {
      entities.set(symbol, { symbol, tests: propertyTests(entity) });
    }
  });
}

function readRelationships(
  block: Block,
  entities: ReadonlyMap<string, EntityPattern>,
  relationships: Map<string, Relationship>,
  findings: Finding[],
): void {
  listMember(block.definitions, 'relationships').forEach((item, index) => {
    const written = objectMember(item, 'relationship');
    const text = (key: string): string => textMember(written, key) ?? '';
    const path = (key: string): Path => pathIn(block, 'relationships', index, 'relationship', key);
    const id = text('template_id');
    if (entities.has(id) || relationships.has(id)) {
      findings.push({ code: 2, path: path('template_id'), hint: `"${id}" is defined twice.` });
      return;
    }
    for (const end of ['source', 'target']) {
      if (!entities.has(text(end))) findings.push({ code: 3, path: path(end), detail: `template id: ${text(end)}` });
    }
    if (entities.has(text('source')) && entities.has(text('target'))) {
      relationships.set(id, { source: text('source'), target: text('target'), label: text('relationship_type') });
    }
  });
}

/** The scenarios in the order written, whichever version. */
export function draftScenarios(content: JsonObject, version: string): readonly ScenarioDraft[] {
  return listMember(content, 'scenarios').map((item, index) => {
    const nested = version === '3' ? item : objectMember(item, 'scenario');
    const path: Path = version === '3' ? ['scenarios', index] : ['scenarios', index, 'scenario'];
    const actions = listMember(nested, 'actions').map((action, place) => {
      const actionPath = [...path, 'actions', place];
      return version === '3' ? actionThree(action, actionPath) : actionOneTwo(action, actionPath);
    });
    return { condition: textMember(nested, 'condition') ?? '', path, actions };
  });
}

function actionThree(item: JsonObject, path: Path): ActionDraft {
  const type = Object.keys(item)[0] ?? '';
  const written = objectMember(item, type);
  const properties = withoutMember(withoutMember(written, 'target'), 'source');
  return { type, path: [...path, type], hasTarget: true, properties, ...ends(written) };
}

function actionOneTwo(item: JsonObject, path: Path): ActionDraft {
  const written = objectMember(item, 'action');
  return {
    type: textMember(written, 'action_type') ?? '',
    path: [...path, 'action'],
    hasTarget: member(written, 'action_target') !== undefined,
    properties: objectMember(written, 'properties'),
    ...ends(objectMember(written, 'action_target')),
  };
}

function ends(written: JsonObject): { target?: string; source?: string } {
  const target = textMember(written, 'target');
  const source = textMember(written, 'source');
  return { ...(target === undefined ? {} : { target }), ...(source === undefined ? {} : { source }) };
}
