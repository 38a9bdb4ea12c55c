import type { JsonObject } from '@wherefore/model';
import { listMember, objectMember } from './content';
import { propertyTests, testKey } from './draft';
import type { Finding } from './fault';
import type { Action, ActionValue, Clause, PropertyTest } from './plan';

/** What each member of an equivalence may be replaced by, by the key of its tests. */
export type EquivalenceIndex = ReadonlyMap<string, readonly (readonly PropertyTest[])[]>;

/** A scenario before it has an identity of its own. */
export interface ScenarioBody {
  readonly clauses: readonly Clause[];
  readonly actions: readonly Action[];
}

/** Scenarios that the equivalences may make of one; beyond, the scenario is refused. */
export const CLONES_MAX = 256;

interface TemplateWithEquivalences {
  readonly content: JsonObject;
}

/** Equal exactly for equal sets of tests. */
function testsKey(tests: readonly PropertyTest[]): string {
  return tests.map(testKey).join('\u0001');
}

interface Member {
  readonly key: string;
  readonly tests: readonly PropertyTest[];
  readonly path: (string | number)[];
}

function readGroups(content: JsonObject): Member[][] {
  return listMember(content, 'equivalences').map((item, group) =>
    listMember(item, 'equivalence').map((entry, place) => {
      const tests = propertyTests(objectMember(entry, 'entity'));
      return { key: testsKey(tests), tests, path: ['equivalences', group, 'equivalence', place, 'entity'] };
    }),
  );
}

/**
 * Finds an entity that would be a member twice: within the template, or in it and in one of the
 * others. An entity belongs to one equivalence at most, else what it is replaced by is ambiguous.
 */
export function checkMembership(content: JsonObject, others: readonly TemplateWithEquivalences[]): Finding | undefined {
  const taken = new Set(others.flatMap((other) => readGroups(other.content).flat()).map(({ key }) => key));
  for (const member of readGroups(content).flat()) {
    if (taken.has(member.key)) {
      return {
        code: 4,
        path: member.path,
        detail: 'the entity belongs to an equivalence already',
        hint: 'Put all that are equivalent into one list.',
      };
    }
    taken.add(member.key);
  }
  return undefined;
}

/** Indexes the equivalences of all templates. An entity that is in two belongs to the first. */
export function indexEquivalences(templates: readonly TemplateWithEquivalences[]): EquivalenceIndex {
  const index = new Map<string, readonly (readonly PropertyTest[])[]>();
  for (const group of templates.flatMap(({ content }) => readGroups(content))) {
    const fresh = new Map(group.filter(({ key }) => !index.has(key)).map((member) => [member.key, member.tests]));
    for (const key of fresh.keys()) {
      index.set(
        key,
        [...fresh].filter(([other]) => other !== key).map(([, tests]) => tests),
      );
    }
  }
  return index;
}

/**
 * The scenario itself, followed by its clones: one for each way to replace entities by equivalent
 * ones (all combinations over the symbols). A replaced symbol is renamed, in clauses and actions
 * alike; action ids stay. Undefined when there would be more than `CLONES_MAX`.
 */
export function expandEquivalences(body: ScenarioBody, index: EquivalenceIndex): readonly ScenarioBody[] | undefined {
  const patterns = new Map(body.clauses.flatMap(({ entities }) => entities).map((entity) => [entity.symbol, entity]));
  let bodies: readonly ScenarioBody[] = [body];
  for (const [symbol, { tests }] of patterns) {
    const replacements = index.get(testsKey(tests));
    if (!replacements || replacements.length === 0) continue;
    if (bodies.length * (replacements.length + 1) > CLONES_MAX) return undefined;
    const renamed = freshSymbol(symbol, patterns);
    bodies = bodies.flatMap((one) => [
      one,
      ...replacements.map((replacement) => replaceSymbol(one, symbol, renamed, replacement)),
    ]);
  }
  return bodies;
}

function freshSymbol(symbol: string, taken: ReadonlyMap<string, unknown>): string {
  let fresh = `${symbol}_equivalence`;
  while (taken.has(fresh)) fresh += '_equivalence';
  return fresh;
}

function replaceSymbol(
  body: ScenarioBody,
  symbol: string,
  renamed: string,
  tests: readonly PropertyTest[],
): ScenarioBody {
  const name = (one: string): string => (one === symbol ? renamed : one);
  const clauses = body.clauses.map((clause) => ({
    ...clause,
    entities: clause.entities.map((entity) => (entity.symbol === symbol ? { symbol: renamed, tests } : entity)),
  }));
  return { clauses, actions: body.actions.map((action) => renameInAction(action, name)) };
}

function renameInAction(action: Action, name: (symbol: string) => string): Action {
  const value = (one: ActionValue): ActionValue =>
    one.kind === 'attribute' ? { ...one, symbol: name(one.symbol) } : one;
  switch (action.kind) {
    case 'raise_alarm': {
      const { causingAlarm } = action;
      return {
        ...action,
        target: name(action.target),
        alarmName: value(action.alarmName),
        severity: value(action.severity),
        ...(causingAlarm === undefined ? {} : { causingAlarm: name(causingAlarm) }),
      };
    }
    case 'set_state':
      return { ...action, target: name(action.target), state: value(action.state) };
    case 'add_causal_relationship':
      return { ...action, target: name(action.target), source: name(action.source) };
    case 'mark_down':
      return { ...action, target: name(action.target) };
    case 'execute_mistral': {
      const input = Object.entries(action.input).map(([key, one]): [string, ActionValue] => [key, value(one)]);
      return { ...action, input: Object.fromEntries(input) };
    }
  }
}
