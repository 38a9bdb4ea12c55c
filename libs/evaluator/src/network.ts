import { isMatchable, readProperty, type Vertex } from '@wherefore/graph';
import { canonicalJson, compareCodeUnits, digestText, pushTo } from '@wherefore/model';
import type { Action, Clause, EntityPattern, PropertyTest, Scenario } from '@wherefore/templates';
import { planJoin, type JoinPlan } from './joinPlan';
import { VertexNotes } from './notes';
import type { Ask } from './support';

/** A distinct set of tests, shared by every symbol of every scenario that asks for the same. */
export interface Filter {
  readonly id: number;
  readonly type: string | undefined;
  readonly tests: readonly PropertyTest[];
}

/** The filters that a vertex passes. Interned: equal sets are one object. */
export class AlphaSet {
  /** The notes of every vertex that passes these and of which there is nothing else to note. Never changed. */
  readonly blank = new VertexNotes(this);

  constructor(
    readonly id: number,
    readonly filters: readonly number[],
    private readonly member: Uint8Array,
  ) {}

  has(filter: number): boolean {
    return this.member[filter] === 1;
  }
}

/** An edge of a clause, by slot. */
export interface SlotEdge {
  readonly source: number;
  readonly target: number;
  readonly label: string;
}

/** A clause with its slots resolved to filters and a join plan for each way to start. */
export class CompiledClause {
  readonly filters: readonly number[];
  readonly positiveCount: number;
  /** The type of what fits the first slot, if it asks for one. */
  readonly firstType: string | undefined;
  readonly edges: readonly SlotEdge[];
  readonly absentEdges: readonly SlotEdge[];
  readonly planFromSlot: readonly JoinPlan[];
  readonly planFromEdge: readonly JoinPlan[];
  /** Has an absent edge between two symbols that are only negative: concerns the whole graph. */
  readonly isFloating: boolean;
  readonly hashHigh: number;
  readonly hashLow: number;
  /** Symbols by slot; those of the positive part. */
  readonly symbols: readonly string[];
  /** What a search under way has bound, by slot. */
  readonly scratch: (Vertex | undefined)[];

  constructor(
    readonly scenario: CompiledScenario,
    readonly index: number,
    clause: Clause,
    filters: readonly Filter[],
  ) {
    this.filters = filters.map((filter) => filter.id);
    this.positiveCount = clause.positiveCount;
    this.firstType = filters[0]?.type;
    this.edges = clause.edges;
    this.absentEdges = clause.absentEdges;
    const shape = { positiveCount: clause.positiveCount, edges: clause.edges, filters };
    this.planFromSlot = Array.from({ length: clause.positiveCount }, (_, slot) => planJoin(shape, [slot], -1));
    this.planFromEdge = clause.edges.map((edge, at) => planJoin(shape, [edge.source, edge.target], at));
    this.isFloating = clause.absentEdges.some(
      (edge) => edge.source >= clause.positiveCount && edge.target >= clause.positiveCount,
    );
    const digest = digestText(`${scenario.source.fingerprint}/${index}`);
    this.hashHigh = parseInt(digest.slice(0, 8), 16) | 0;
    this.hashLow = parseInt(digest.slice(8), 16) | 0;
    this.scratch = Array.from({ length: clause.positiveCount }, () => undefined);
    this.symbols = clause.entities.slice(0, clause.positiveCount).map(({ symbol }) => symbol);
  }

  /** The positive slot of a symbol. */
  slotOf(symbol: string): number | undefined {
    const slot = this.symbols.indexOf(symbol);
    return slot < 0 ? undefined : slot;
  }
}

/** An action with its symbols resolved to slots, clause by clause. */
export interface CompiledAction {
  readonly action: Action;
  readonly scenario: CompiledScenario;
  /** Place among the scenario's actions. */
  readonly index: number;
  /** What it asked for last: mostly what it always asks for. */
  lastAsk: Ask | undefined;
  /** What else it asked for last. */
  askBefore: Ask | undefined;
}

/** What the analysis of dependencies says of a scenario. */
export interface ScenarioTraits {
  /** Its deductions may come to support themselves. */
  readonly cyclic: boolean;
  /** Its deductions may take away what they rest on. */
  readonly unstratified: boolean;
}

export class CompiledScenario {
  readonly clauses: CompiledClause[] = [];
  readonly actions: readonly CompiledAction[];
  /** Some action reads properties of what matched. */
  readonly readsAttributes: boolean;
  /** Matches that hold now. */
  matchCount = 0;
  /** The same, before the step under way. */
  matchCountBefore = 0;
  /** Candidates looked at in the step under way. */
  work = 0;
  /** Matches that came or went in the step under way. */
  flips = 0;
  /** Matches found in the round under way. */
  found = 0;
  /** Listed among those whose counters the end of the step resets. */
  private isStirred = false;

  constructor(
    readonly source: Scenario,
    readonly traits: ScenarioTraits,
  ) {
    this.actions = source.actions.map((action, index) => ({
      action,
      scenario: this,
      index,
      lastAsk: undefined,
      askBefore: undefined,
    }));
    this.readsAttributes = source.actions.some((action) => canonicalJson(action as never).includes('"attribute"'));
  }

  /** Call before a counter of the step is changed: of many scenarios most are not concerned by a step. */
  stir(stirred: CompiledScenario[]): void {
    if (this.isStirred) return;
    this.isStirred = true;
    stirred.push(this);
  }

  /** A step has ended. */
  calm(): void {
    this.isStirred = false;
    this.work = 0;
    this.matchCountBefore = this.matchCount;
    this.flips = 0;
  }
}

/** Where an edge of the graph may stand in a clause. */
export interface EdgePlace {
  readonly clause: CompiledClause;
  readonly at: number;
}

interface SlotPlace {
  readonly clause: CompiledClause;
  readonly slot: number;
}

/**
 * All scenarios compiled together: which filters a vertex passes, which places of which clauses an
 * edge can take. Immutable; a change of templates makes a new one.
 */
export class Network {
  readonly filters: Filter[] = [];
  readonly scenarios: readonly CompiledScenario[];
  readonly empty: AlphaSet;
  /** Whether any scenario reads the sample times of entities. */
  readonly readsSampleTimes: boolean;
  /** Whether actions of any scenario read properties of what matched. */
  readonly readsAttributes: boolean;
  /** The types of what fits the first slots of all clauses; undefined when some fit any type. */
  readonly firstTypes: ReadonlySet<string> | undefined;
  private readonly filterIds = new Map<string, Filter>();
  private readonly typed = new Map<string, Filter[]>();
  private readonly untyped: Filter[] = [];
  private readonly placesByFilter: SlotPlace[][] = [];
  private readonly absentPlacesByFilter: SlotPlace[][] = [];
  private readonly edgePlacesByLabel = new Map<string, LabelledPlaces>();
  private readonly absentPlacesByLabel = new Map<string, EdgePlace[]>();
  private readonly interned: InternNode = { set: undefined, next: [] };
  private readonly alphaSets: AlphaSet[] = [];
  /** Filters that the vertex at work passes; how many of these are so is counted beside it. */
  private readonly passed: number[] = [];

  constructor(scenarios: readonly Scenario[], traits: readonly ScenarioTraits[]) {
    this.scenarios = scenarios.map((scenario, at) => this.compile(scenario, traits[at]!));
    this.empty = this.intern(0);
    this.firstTypes = firstTypesOf(this.scenarios);
    this.readsAttributes = this.scenarios.some((scenario) => scenario.readsAttributes);
    const isRead = (text: string): boolean => text.includes(SAMPLE_TIME);
    this.readsSampleTimes =
      this.filters.some(({ tests }) => tests.some(({ key }) => isRead(key))) ||
      scenarios.some(({ actions }) => isRead(canonicalJson(actions as never)));
  }

  /** The filters that a vertex passes; none for what cannot be matched. O(filters of its type). */
  alphaOf(vertex: Vertex): AlphaSet {
    if (!isMatchable(vertex)) return this.empty;
    const typed = this.typed.get(vertex.type);
    if (typed === undefined && this.untyped.length === 0) return this.empty;
    const { passed } = this;
    let count = 0;
    if (typed !== undefined) for (const filter of typed) if (passes(filter, vertex)) passed[count++] = filter.id;
    for (const filter of this.untyped) if (passes(filter, vertex)) passed[count++] = filter.id;
    return this.intern(count);
  }

  /** Whether a vertex of this type may pass any filter. */
  hasFiltersOf(type: string): boolean {
    return this.untyped.length > 0 || this.typed.has(type);
  }

  /** Clauses and slots that a vertex passing `filter` can take. */
  placesOf(filter: number): readonly SlotPlace[] {
    return this.placesByFilter[filter]!;
  }

  /** Clauses and negative-only slots that a vertex passing `filter` can take. */
  absentPlacesOf(filter: number): readonly SlotPlace[] {
    return this.absentPlacesByFilter[filter]!;
  }

  /** Places in clauses that an edge can take, given what its ends pass. O(1) when seen before. */
  edgePlaces(label: string, source: AlphaSet, target: AlphaSet): readonly EdgePlace[] {
    if (source.filters.length === 0 || target.filters.length === 0) return NOWHERE;
    const labelled = this.edgePlacesByLabel.get(label);
    if (labelled === undefined) return NOWHERE;
    if (labelled.lastSource === source && labelled.lastTarget === target) return labelled.lastPlaces;
    let ofSource = labelled.cache.get(source.id);
    if (ofSource === undefined) labelled.cache.set(source.id, (ofSource = new Map()));
    let places = ofSource.get(target.id);
    // Searched for elsewhere, for what makes a function makes room for what it needs before it knows that it does.
    if (places === undefined) ofSource.set(target.id, (places = placesBetween(labelled.all, source, target)));
    labelled.lastSource = source;
    labelled.lastTarget = target;
    return (labelled.lastPlaces = places);
  }

  /** Places of absent edges with this label, whatever their ends. */
  absentEdgePlaces(label: string): readonly EdgePlace[] {
    return this.absentPlacesByLabel.get(label) ?? NOWHERE;
  }

  /** Whether any clause looks for an edge with this label. */
  hasEdgeLabel(label: string): boolean {
    return this.edgePlacesByLabel.has(label);
  }

  private compile(source: Scenario, traits: ScenarioTraits): CompiledScenario {
    const scenario = new CompiledScenario(source, traits);
    source.clauses.forEach((clause, index) => {
      const filters = clause.entities.map((pattern) => this.filterFor(pattern));
      const compiled = new CompiledClause(scenario, index, clause, filters);
      scenario.clauses.push(compiled);
      filters.forEach((filter, slot) => {
        const places = slot < clause.positiveCount ? this.placesByFilter : this.absentPlacesByFilter;
        places[filter.id]!.push({ clause: compiled, slot });
      });
      compiled.edges.forEach((edge, at) => this.placesLabelled(edge.label).all.push({ clause: compiled, at }));
      compiled.absentEdges.forEach((edge, at) =>
        pushTo(this.absentPlacesByLabel, edge.label, { clause: compiled, at }),
      );
    });
    return scenario;
  }

  private placesLabelled(label: string): LabelledPlaces {
    let labelled = this.edgePlacesByLabel.get(label);
    if (labelled === undefined) {
      labelled = { all: [], cache: new Map(), lastSource: undefined, lastTarget: undefined, lastPlaces: NOWHERE };
      this.edgePlacesByLabel.set(label, labelled);
    }
    return labelled;
  }

  private filterFor(pattern: EntityPattern): Filter {
    const key = pattern.tests
      .map((test) => JSON.stringify([test.key, test.op, test.op === 'equals' ? test.value : test.pattern]))
      .sort(compareCodeUnits)
      .join();
    let filter = this.filterIds.get(key);
    if (filter !== undefined) return filter;
    const typeTest = pattern.tests.find((test) => test.key === 'vitrage_type' && test.op === 'equals');
    const type = typeTest?.op === 'equals' ? typeTest.value : undefined;
    filter = { id: this.filters.length, type, tests: pattern.tests.filter((test) => test !== typeTest) };
    this.filterIds.set(key, filter);
    this.filters.push(filter);
    this.placesByFilter.push([]);
    this.absentPlacesByFilter.push([]);
    if (type === undefined) this.untyped.push(filter);
    else pushTo(this.typed, type, filter);
    return filter;
  }

  /** The set of the first `count` filters passed. */
  private intern(count: number): AlphaSet {
    let node = this.interned;
    for (let at = 0; at < count; at++) {
      const filter = this.passed[at]!;
      let next = node.next[filter];
      if (next === undefined) next = node.next[filter] = { set: undefined, next: [] };
      node = next;
    }
    if (node.set === undefined) {
      const filters = this.passed.slice(0, count);
      const member = new Uint8Array(this.filters.length);
      for (const filter of filters) member[filter] = 1;
      node.set = new AlphaSet(this.alphaSets.length, filters, member);
      this.alphaSets.push(node.set);
    }
    return node.set;
  }
}

function firstTypesOf(scenarios: readonly CompiledScenario[]): Set<string> | undefined {
  const types = new Set<string>();
  for (const { clauses } of scenarios) {
    for (const { firstType } of clauses) {
      if (firstType === undefined) return undefined;
      types.add(firstType);
    }
  }
  return types;
}

const SAMPLE_TIME = 'vitrage_sample_timestamp';

interface InternNode {
  set: AlphaSet | undefined;
  /** By filter. */
  readonly next: InternNode[];
}

/** Where edges of one label may stand. */
interface LabelledPlaces {
  readonly all: EdgePlace[];
  /** By the numbers of what source and target pass: one number made of both would be too large to need no object. */
  readonly cache: Map<number, Map<number, readonly EdgePlace[]>>;
  /** What was asked for last, and most likely is next. */
  lastSource: AlphaSet | undefined;
  lastTarget: AlphaSet | undefined;
  lastPlaces: readonly EdgePlace[];
}

function placesBetween(all: readonly EdgePlace[], source: AlphaSet, target: AlphaSet): readonly EdgePlace[] {
  return all.filter(({ clause, at }) => {
    const edge = clause.edges[at]!;
    return source.has(clause.filters[edge.source]!) && target.has(clause.filters[edge.target]!);
  });
}

const NOWHERE: readonly EdgePlace[] = [];

function passes(filter: Filter, vertex: Vertex): boolean {
  for (const test of filter.tests) if (!passesTest(test, vertex)) return false;
  return true;
}

/** Exact equality without coercion, or a match anchored at the start; an absent property fails. */
function passesTest(test: PropertyTest, vertex: Vertex): boolean {
  const value = readProperty(vertex, test.key);
  if (test.op === 'equals') return value === test.value;
  return typeof value === 'string' && test.matches(value);
}
