import type { Action, ActionValue, Clause, EdgePattern, EntityPattern, PropertyTest, Scenario } from './plan';
import { type DependencyEdge, type Strata, stratify } from './strata';

/** Properties that do not change as long as the entity exists: two patterns can be told apart by them. */
const STABLE: ReadonlySet<string> = new Set(['vitrage_category', 'vitrage_type', 'id', 'name']);
const STATE: ReadonlySet<string> = new Set(['vitrage_state', 'vitrage_aggregated_state', 'vitrage_operational_state']);
const SEVERITY: ReadonlySet<string> = new Set([
  'severity',
  'vitrage_aggregated_severity',
  'vitrage_operational_severity',
]);
const MARK: ReadonlySet<string> = new Set(['is_marked_down']);

type Tests = readonly PropertyTest[];

/** What an action brings about. */
type Output =
  | { readonly kind: 'alarm'; readonly alarm: Tests; readonly target: Tests }
  | { readonly kind: 'edge'; readonly source: Tests; readonly target: Tests }
  | { readonly kind: 'state'; readonly entity: Tests }
  | { readonly kind: 'mark'; readonly entity: Tests };

/** An entity as a scenario looks at it. */
interface Reader {
  readonly scenario: number;
  readonly entity: Tests;
  /** Attributes that its actions read of it. */
  readonly attributes: readonly string[];
  /** Its `on` edges that have to be there, by what they lead to. */
  readonly on: readonly Tests[];
  /** Whether it is there for edges that must be absent only. */
  readonly negativeOnly: boolean;
  readonly absentOn: readonly Tests[];
  /** Whether an edge into it must be absent that no scenario makes. */
  readonly absentForeign: boolean;
}

/** A `causes` edge that a scenario looks at. */
interface CauseReader {
  readonly scenario: number;
  readonly source: Tests;
  readonly target: Tests;
  readonly strict: boolean;
}

/**
 * Finds out which scenarios depend on which: whose actions can make true, or keep from being true,
 * what another's condition asks for. Answers by index of `scenarios`.
 *
 * A dependency is strict when more facts upstream can mean fewer downstream: through an edge that
 * must be absent, and through states and severities, of which only the highest shows. The answer errs
 * on the side of a dependency, but tells entities with different constant category, type, id or name
 * apart. O(facts raised × patterns that could read them).
 */
export function analyseDependencies(scenarios: readonly Scenario[]): Strata {
  const readers = scenarios.flatMap(readersOf);
  const alarmReaders = readers.filter(({ entity }) => couldBeDeduced(entity));
  const causeReaders = scenarios.flatMap(causeReadersOf);
  const stateReaders = readers.filter((reader) => readsAny(reader, STATE));
  const markReaders = readers.filter((reader) => readsAny(reader, MARK));

  const edges = new Map<string, DependencyEdge>();
  const connect = (from: number, to: number, strict: boolean): void => {
    edges.set(`${from} ${to} ${strict}`, { from, to, strict });
  };
  scenarios.forEach((scenario, from) => {
    for (const output of outputsOf(scenario)) {
      if (output.kind === 'alarm') {
        for (const reader of alarmReaders) {
          const strict = alarmReaches(output, reader);
          if (strict !== undefined) connect(from, reader.scenario, strict);
        }
      } else if (output.kind === 'edge') {
        for (const reader of causeReaders) {
          const fits = compatible(output.source, reader.source) && compatible(output.target, reader.target);
          if (fits) connect(from, reader.scenario, reader.strict);
        }
      } else {
        for (const reader of output.kind === 'state' ? stateReaders : markReaders) {
          if (!compatible(output.entity, reader.entity)) continue;
          connect(from, reader.scenario, output.kind === 'state' || readsMarkStrictly(reader));
        }
      }
    }
  });
  return stratify(scenarios.length, [...edges.values()]);
}

/** Undefined when the alarm cannot matter to the reader, else whether it matters strictly. */
function alarmReaches(output: Output & { kind: 'alarm' }, reader: Reader): boolean | undefined {
  if (!compatible(output.alarm, reader.entity)) return undefined;
  // A deduced alarm is on its target and on nothing else.
  const bindable = reader.on.every((end) => compatible(output.target, end));
  const denied = reader.absentOn.some((end) => compatible(output.target, end));
  if (denied || reader.absentForeign) return true;
  if (reader.negativeOnly || !bindable) return undefined;
  return readsAny(reader, SEVERITY);
}

function readsAny({ entity, attributes }: Reader, keys: ReadonlySet<string>): boolean {
  return entity.some(({ key }) => keys.has(key)) || attributes.some((key) => keys.has(key));
}

/** One mark more can only help those that ask for marked entities to be there. */
function readsMarkStrictly({ entity, attributes, negativeOnly }: Reader): boolean {
  const isPlain = (test: PropertyTest): boolean => test.op === 'equals' && test.value.toLowerCase() === 'true';
  const tests = entity.filter(({ key }) => MARK.has(key));
  return negativeOnly || attributes.some((key) => MARK.has(key)) || !tests.every(isPlain);
}

const DEDUCED: Tests = [constant('vitrage_category', 'ALARM'), constant('vitrage_type', 'vitrage')];

function couldBeDeduced(entity: Tests): boolean {
  return compatible(DEDUCED, entity);
}

function constant(key: string, value: string): PropertyTest {
  return { key, op: 'equals', value };
}

/** False only when no entity can pass both, by a stable property that one of them fixes. */
function compatible(a: Tests, b: Tests): boolean {
  return !a.some((one) => STABLE.has(one.key) && b.some((other) => other.key === one.key && excludes(one, other)));
}

function excludes(a: PropertyTest, b: PropertyTest): boolean {
  if (a.op === 'equals' && b.op === 'equals') return a.value !== b.value;
  if (a.op === 'equals' && b.op === 'matches') return !b.matches(a.value);
  if (a.op === 'matches' && b.op === 'equals') return !a.matches(b.value);
  return false;
}

function outputsOf({ clauses, actions }: Scenario): readonly Output[] {
  return clauses.flatMap((clause) => actions.flatMap((action) => actionOutputs(clause, action)));
}

function actionOutputs(clause: Clause, action: Action): readonly Output[] {
  if (action.kind === 'execute_mistral') return [];
  const target = testsOf(clause, action.target);
  switch (action.kind) {
    case 'set_state':
      return [{ kind: 'state', entity: target }];
    case 'mark_down':
      return [{ kind: 'mark', entity: target }];
    case 'add_causal_relationship':
      return [{ kind: 'edge', source: testsOf(clause, action.source), target }];
    case 'raise_alarm': {
      const alarm = [...DEDUCED, ...nameOf(action.alarmName)];
      const raised: Output = { kind: 'alarm', alarm, target };
      if (action.causingAlarm === undefined) return [raised];
      return [raised, { kind: 'edge', source: testsOf(clause, action.causingAlarm), target: alarm }];
    }
  }
}

function nameOf(value: ActionValue): Tests {
  return value.kind === 'constant' ? [constant('name', value.value)] : [];
}

function testsOf({ entities }: Clause, symbol: string): Tests {
  return entities.find((entity) => entity.symbol === symbol)?.tests ?? [];
}

function readersOf({ clauses, actions }: Scenario, scenario: number): readonly Reader[] {
  const attributes = actions.flatMap(attributesOf);
  return clauses.flatMap((clause) =>
    clause.entities.map((entity: EntityPattern, place): Reader => {
      const ends = (edges: readonly EdgePattern[]): Tests[] =>
        edges
          .filter((edge) => edge.source === place && edge.label === 'on')
          .map((edge) => clause.entities[edge.target]?.tests ?? []);
      return {
        scenario,
        entity: entity.tests,
        attributes: attributes.filter(({ symbol }) => symbol === entity.symbol).map(({ attribute }) => attribute),
        on: ends(clause.edges),
        negativeOnly: place >= clause.positiveCount,
        absentOn: ends(clause.absentEdges),
        absentForeign: clause.absentEdges.some(({ target, label }) => target === place && label !== 'causes'),
      };
    }),
  );
}

function attributesOf(action: Action): readonly { symbol: string; attribute: string }[] {
  const values: readonly ActionValue[] =
    action.kind === 'raise_alarm'
      ? [action.alarmName, action.severity]
      : action.kind === 'set_state'
        ? [action.state]
        : action.kind === 'execute_mistral'
          ? Object.values(action.input)
          : [];
  return values.flatMap((value) => (value.kind === 'attribute' ? [value] : []));
}

function causeReadersOf({ clauses }: Scenario, scenario: number): readonly CauseReader[] {
  return clauses.flatMap((clause) => {
    const read = (edges: readonly EdgePattern[], strict: boolean): CauseReader[] =>
      edges
        .filter(({ label }) => label === 'causes')
        .map((edge) => ({
          scenario,
          source: clause.entities[edge.source]?.tests ?? [],
          target: clause.entities[edge.target]?.tests ?? [],
          strict,
        }));
    return [...read(clause.edges, false), ...read(clause.absentEdges, true)];
  });
}
