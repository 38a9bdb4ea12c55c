import { type EntityGraph, EntityGraph as Graph, UndoLog } from '@wherefore/graph';
import { Evaluator, type Suspension } from '@wherefore/evaluator';
import { analyseDependencies } from '@wherefore/templates';
import {
  compileValueTables,
  type CompiledValueTables,
  DEFAULT_VALUE_TABLES,
  parseValueTable,
  type ValueTable,
} from '@wherefore/datasources';
import {
  DEFAULT_LIMITS,
  type Digest,
  emptyDigest,
  isJsonObject,
  type JsonObject,
  type Limits,
  ORIGIN,
  type Position,
  type Rejection,
  type RefusalEffect,
} from '@wherefore/model';
import { Dedupe } from './dedupe';
import { Polls } from './polls';
import { TemplateShelf } from './templateShelf';

/** A refusal as the state remembers it. */
export interface Refusal extends RefusalEffect {
  readonly ordinal: number;
  readonly atMs: number;
}

/** The graph is alive under the parts; counters and small tables are digested when asked for. */
export class EngineState {
  readonly undo = new UndoLog();
  /** Digest of what changes in place: remembered ids, templates, configuration. */
  readonly sum: Digest = emptyDigest();
  readonly graph: EntityGraph;
  readonly evaluator: Evaluator;
  readonly dedupe: Dedupe;
  readonly polls: Polls;
  readonly shelf: TemplateShelf;
  values: CompiledValueTables;

  /** Of the last entry applied. */
  position: Position = ORIGIN;
  /** How many entries have been applied, refused and duplicate ones included. */
  ordinal = 0;
  /** Log time; 0 before the first entry. */
  logTimeMs = 0;
  /** Of the last tick; 0 before the first. */
  lastTickMs = 0;
  /** Log time after the first entry. */
  firstLogTimeMs = 0;
  behaviour = 1;
  epoch = 1;
  limits: Limits = DEFAULT_LIMITS;
  /** Value tables set by configuration, by type, as given. */
  valueTables: JsonObject = {};
  /** Other configuration of datasources, as given. */
  datasources: JsonObject = {};
  /** Highest epoch seen, by lease. */
  readonly fences = new Map<string, number>();
  /** Newest last. */
  refusals: Refusal[] = [];
  refusalCount = 0;
  suspensions: Suspension[] = [];
  /** Chained digest of all effects so far. */
  effectsHigh = 0;
  effectsLow = 0;

  constructor(private readonly ownTables: { readonly [type: string]: ValueTable } = DEFAULT_VALUE_TABLES) {
    this.values = compileValueTables(ownTables);
    this.graph = new Graph(this.undo, this.values);
    this.evaluator = new Evaluator(this.graph, this.undo, this.limits, this.values, traitsOf);
    this.dedupe = new Dedupe(this.sum);
    this.polls = new Polls(this.graph, this.undo);
    this.shelf = new TemplateShelf(this.undo, this.sum);
    // What making it took is no part of the first step, and not undone with it.
    this.undo.commit();
  }

  /** Lays configured value tables over our own; all states and severities are aggregated anew. */
  useValueTables(given: JsonObject): Rejection | undefined {
    const tables = { ...this.ownTables };
    for (const type of Object.keys(given)) {
      const content = given[type];
      const table = isJsonObject(content) ? parseValueTable(content) : undefined;
      if (table === undefined || 'code' in table) {
        const message = table?.message ?? `the value table of ${type} is not an object`;
        return { code: 'invalid-config', message, where: type };
      }
      tables[type] = table;
    }
    const before = { values: this.values, valueTables: this.valueTables };
    this.undo.push(() => Object.assign(this, before));
    this.values = compileValueTables(tables);
    this.valueTables = given;
    this.graph.useValues(this.values);
    this.evaluator.usePriorities(this.values);
    return undefined;
  }
}

/** The state before the first entry; `tables` say what states and severities mean until configuration does. */
export function initialState(tables?: { readonly [type: string]: ValueTable }): EngineState {
  return new EngineState(tables);
}

function traitsOf(scenarios: Parameters<typeof analyseDependencies>[0]): { cyclic: boolean; unstratified: boolean }[] {
  const analysis = analyseDependencies(scenarios);
  return scenarios.map((_, at) => ({ cyclic: analysis.cyclic[at]!, unstratified: analysis.unstratified[at]! }));
}
