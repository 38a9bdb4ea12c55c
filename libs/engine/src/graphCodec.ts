import { Edge, type EntityGraph, type RowKind, Vertex } from '@wherefore/graph';
import { canonicalJson, type Json } from '@wherefore/model';
import type { Activation } from '@wherefore/evaluator';
import { type ByteReader, type ByteWriter, corrupt } from './byteCodec';
import { rowKindOf } from './repeatedRow';
import type { EngineState } from './state';
import { StringTable, type StringSource } from './stringTable';

const PLACEHOLDER = 1;
const MARKED_DOWN = 2;
const DELETED = 4;
const ALARM = 8;
/** The key is `CATEGORY:type:` followed by the property `id`. */
const PLAIN_KEY = 16;
/** Its row would change nothing: a snapshot without this mark is as good, but slower to go on from. */
const AS_TOLD = 32;

/** Writes graph, deletion marks and matches, column by column: like stands beside like. */
export function writeGraph(writer: ByteWriter, state: EngineState): void {
  const { graph } = state;
  const live = [...graph.vertices()];
  const graves = [...graph.graves()];
  const dead = graves.flatMap(({ element }) => (element instanceof Vertex ? [element] : []));
  // Edges may be remembered between vertices that are already forgotten: those come last, as mere ids.
  const vertices = [...live, ...dead];
  const places = new Map(vertices.map((vertex, place) => [vertex, place]));
  const ghosts: Vertex[] = [];
  for (const { element } of graves) {
    if (!(element instanceof Edge)) continue;
    for (const end of [element.source, element.target]) {
      if (places.has(end)) continue;
      places.set(end, places.size);
      ghosts.push(end);
    }
  }
  const strings = new StringTable();
  const columns = new Columns();
  for (const vertex of vertices) writeVertex(columns, strings, vertex);
  const edges = live.flatMap((vertex) => vertex.outgoing);
  for (const edge of edges) writeEdge(columns, strings, places, edge);
  for (const { element, deletedAtMs } of graves) {
    columns.of('grave').push(element instanceof Vertex ? places.get(element)! + 1 : 0);
    columns.of('graveAt').push(deletedAtMs);
    if (element instanceof Edge) writeEdge(columns, strings, places, element);
  }
  for (const ghost of ghosts) {
    columns.of('ghost').push(strings.place(ghost.id), strings.place(ghost.key), strings.place(ghost.type));
    columns.of('ghost').push(ghost.category === 'ALARM' ? 1 : 0, ghost.bornAt);
  }
  writeActivations(columns, places, state);
  strings.write(writer);
  for (const count of [vertices.length, live.length, edges.length, graves.length, ghosts.length])
    writer.unsigned(count);
  columns.write(writer);
}

/** Reads what `writeGraph` wrote into an empty state whose templates are loaded. */
export function readGraph(reader: ByteReader, state: EngineState): void {
  const { graph, evaluator } = state;
  const strings = StringTable.read(reader);
  const [vertexCount, liveCount, edgeCount, graveCount, ghostCount] = Array.from({ length: 5 }, () =>
    reader.unsigned(),
  );
  const columns = Columns.read(reader);
  const vertices: Vertex[] = [];
  const images = new VertexReader(columns, strings, graph);
  for (let i = 0; i < vertexCount!; i++) vertices.push(images.next(i >= liveCount!));
  const ghosts = columns.of('ghost');
  for (let i = 0; i < ghostCount!; i++) {
    const [id, key, type] = [strings.at(ghosts.next()), strings.at(ghosts.next()), strings.at(ghosts.next())];
    const category = ghosts.next() === 1 ? 'ALARM' : 'RESOURCE';
    vertices.push(
      graph.makeGhost({ id, key, category, type, isPlaceholder: false, sampleTimestamp: '', ordinal: ghosts.next() }),
    );
  }
  const edges = new EdgeReader(columns, strings, vertices);
  for (let i = 0; i < edgeCount!; i++) {
    graph.restoreEdge(edges.next());
  }
  // Edges that come and go take the mark away.
  readAsTold(columns, strings, vertices.slice(0, liveCount!));
  for (let i = 0; i < graveCount!; i++) {
    const place = columns.of('grave').next();
    const deletedAtMs = columns.of('graveAt').next();
    graph.restoreGrave(place > 0 ? at(vertices, place - 1) : markDeleted(edges.next()), deletedAtMs);
  }
  evaluator.useScenarios(activeScenarios(state));
  evaluator.assignAlphas();
  readActivations(columns, vertices, state);
  const missing = evaluator.finishRestore();
  if (missing !== undefined) throw corrupt(`the deduced ${missing} is not in the graph`);
}

/** Of what kind the row was that an entity was told last; a snapshot that does not say is as good. */
function writeAsTold(columns: Columns, strings: StringTable, { asTold }: Vertex): void {
  if (asTold !== undefined) columns.of('told').push(strings.place(asTold.datasource) * 2 + (asTold.isUpdate ? 1 : 0));
}

function readAsTold(columns: Columns, strings: StringSource, live: readonly Vertex[]): void {
  const flags = columns.of('flags').numbers;
  const told = columns.of('told');
  if (told.numbers.length === 0) return;
  const kinds = new Map<number, RowKind>();
  live.forEach((vertex, at) => {
    if ((flags[at]! & AS_TOLD) === 0) return;
    const place = told.next();
    let kind = kinds.get(place);
    if (kind === undefined) {
      kind = rowKindOf(strings.at(Math.floor(place / 2)), place % 2 === 1);
      kinds.set(place, kind);
    }
    vertex.asTold = kind;
  });
}

/** The scenarios in force: all but the suspended ones. */
export function activeScenarios(state: EngineState): EngineState['shelf']['scenarios'] {
  const suspended = new Set(state.suspensions.map(({ scenarioId }) => scenarioId));
  return state.shelf.scenarios.filter((scenario) => !suspended.has(scenario.id));
}

function writeVertex(columns: Columns, strings: StringTable, vertex: Vertex): void {
  const plainKey = `${vertex.category}:${vertex.type}:${String(vertex.properties['id'])}` === vertex.key;
  columns.of('id').push(strings.place(vertex.id));
  columns.of('type').push(strings.place(vertex.type));
  columns
    .of('flags')
    .push(
      (vertex.isPlaceholder ? PLACEHOLDER : 0) |
        (vertex.isMarkedDown ? MARKED_DOWN : 0) |
        (vertex.isDeleted ? DELETED : 0) |
        (vertex.category === 'ALARM' ? ALARM : 0) |
        (vertex.asTold !== undefined ? AS_TOLD : 0) |
        (plainKey ? PLAIN_KEY : 0),
    );
  writeAsTold(columns, strings, vertex);
  if (!plainKey) columns.of('key').push(strings.place(vertex.key));
  columns.of('born').push(vertex.bornAt);
  columns.of('changed').push(vertex.changedAt - vertex.bornAt);
  columns.of('confirmed').push(vertex.confirmedAt - vertex.bornAt);
  columns.of('sample').push(strings.place(vertex.sampleTimestamp));
  columns.of('datasource').push(strings.placeOptional(vertex.datasource));
  columns.of('row').push(strings.placeOptional(vertex.rowHash));
  columns.of('deduced').push(strings.placeOptional(vertex.vitrageState));
  const names = Object.keys(vertex.properties);
  columns.of('shape').push(strings.place(JSON.stringify(names)));
  for (const name of names) {
    const value = vertex.properties[name]!;
    // A string is its place doubled; anything else is its JSON, marked by the odd number.
    const place = typeof value === 'string' ? strings.place(value) * 2 : strings.place(canonicalJson(value)) * 2 + 1;
    columns.of(propertyColumn(name)).push(place);
  }
}

/** Reads vertices one after another: columns and shapes are looked up once, not for each of them. */
class VertexReader {
  private readonly ids: Column;
  private readonly types: Column;
  private readonly flags: Column;
  private readonly keys: Column;
  private readonly born: Column;
  private readonly changed: Column;
  private readonly confirmed: Column;
  private readonly samples: Column;
  private readonly datasources: Column;
  private readonly rows: Column;
  private readonly deduced: Column;
  private readonly shapes: Column;
  private readonly knownShapes = new Map<number, readonly (readonly [name: string, column: Column])[]>();

  constructor(
    private readonly columns: Columns,
    private readonly strings: StringSource,
    private readonly graph: EntityGraph,
  ) {
    this.ids = columns.of('id');
    this.types = columns.of('type');
    this.flags = columns.of('flags');
    this.keys = columns.of('key');
    this.born = columns.of('born');
    this.changed = columns.of('changed');
    this.confirmed = columns.of('confirmed');
    this.samples = columns.of('sample');
    this.datasources = columns.of('datasource');
    this.rows = columns.of('row');
    this.deduced = columns.of('deduced');
    this.shapes = columns.of('shape');
  }

  next(isDeleted: boolean): Vertex {
    const { strings } = this;
    const id = strings.at(this.ids.next());
    const type = strings.at(this.types.next());
    const flags = this.flags.next();
    const key = (flags & PLAIN_KEY) === 0 ? strings.at(this.keys.next()) : undefined;
    const ordinal = this.born.next();
    const category = (flags & ALARM) !== 0 ? 'ALARM' : 'RESOURCE';
    const properties = this.properties();
    return this.graph.restoreVertex({
      seed: {
        id,
        key: key ?? `${category}:${type}:${String(properties['id'])}`,
        category,
        type,
        isPlaceholder: (flags & PLACEHOLDER) !== 0,
        sampleTimestamp: strings.at(this.samples.next()),
        ordinal,
      },
      properties,
      changedAt: ordinal + this.changed.next(),
      confirmedAt: ordinal + this.confirmed.next(),
      datasource: strings.atOptional(this.datasources.next()),
      rowHash: strings.atOptional(this.rows.next()),
      vitrageState: strings.atOptional(this.deduced.next()),
      isMarkedDown: (flags & MARKED_DOWN) !== 0,
      isDeleted,
    });
  }

  private properties(): Vertex['properties'] {
    const properties: Vertex['properties'] = {};
    for (const [name, column] of this.shapeAt(this.shapes.next())) {
      const place = column.next();
      const text = this.strings.at(Math.floor(place / 2));
      properties[name] = place % 2 === 0 ? text : (JSON.parse(text) as Exclude<Json, null>);
    }
    return properties;
  }

  private shapeAt(place: number): readonly (readonly [name: string, column: Column])[] {
    let shape = this.knownShapes.get(place);
    if (shape === undefined) {
      const names = JSON.parse(this.strings.at(place)) as string[];
      shape = names.map((name) => [name, this.columns.of(propertyColumn(name))] as const);
      this.knownShapes.set(place, shape);
    }
    return shape;
  }
}

function propertyColumn(name: string): string {
  return `p:${JSON.stringify(name)}`;
}

function writeEdge(columns: Columns, strings: StringTable, places: ReadonlyMap<Vertex, number>, edge: Edge): void {
  columns.of('source').push(places.get(edge.source)!);
  columns.of('target').push(places.get(edge.target)!);
  columns.of('label').push(strings.place(edge.label));
  columns.of('edgeBorn').push(edge.bornAt);
  columns.of('edgeTime').push(strings.place(edge.updateTimestamp));
}

/** Reads edges one after another. */
class EdgeReader {
  private readonly sources: Column;
  private readonly targets: Column;
  private readonly labels: Column;
  private readonly born: Column;
  private readonly times: Column;

  constructor(
    columns: Columns,
    private readonly strings: StringSource,
    private readonly vertices: readonly Vertex[],
  ) {
    this.sources = columns.of('source');
    this.targets = columns.of('target');
    this.labels = columns.of('label');
    this.born = columns.of('edgeBorn');
    this.times = columns.of('edgeTime');
  }

  next(): Edge {
    const source = at(this.vertices, this.sources.next());
    const target = at(this.vertices, this.targets.next());
    const label = this.strings.at(this.labels.next());
    return new Edge(source, target, label, this.born.next(), this.strings.at(this.times.next()));
  }
}

function markDeleted(edge: Edge): Edge {
  edge.isDeleted = true;
  return edge;
}

function writeActivations(columns: Columns, places: ReadonlyMap<Vertex, number>, state: EngineState): void {
  const scenarios = new Map(state.evaluator.scenarios.map((scenario, place) => [scenario.id, place]));
  const column = columns.of('activation');
  for (const activation of state.evaluator.activations()) {
    column.push(scenarios.get(activation.clause.scenario.source.id)! + 1);
    columns.of('clause').push(activation.clause.index);
    columns.of('since').push(activation.since);
    for (const vertex of activation.bindings) columns.of('binding').push(places.get(vertex)!);
  }
  column.push(0);
}

function readActivations(columns: Columns, vertices: readonly Vertex[], state: EngineState): void {
  const { evaluator } = state;
  for (;;) {
    const scenario = columns.of('activation').next();
    if (scenario === 0) return;
    const clause = columns.of('clause').next();
    const since = columns.of('since').next();
    const compiled = evaluator.scenarios[scenario - 1]?.clauses[clause];
    if (compiled === undefined) throw corrupt('a match of an unknown scenario');
    const bindings: Activation['bindings'] = Array.from({ length: compiled.positiveCount }, () =>
      at(vertices, columns.of('binding').next()),
    );
    evaluator.restore(scenario - 1, clause, bindings, since);
  }
}

function at(vertices: readonly Vertex[], place: number): Vertex {
  const vertex = vertices[place];
  if (vertex === undefined) throw corrupt(`there is no vertex ${place}`);
  return vertex;
}

/** One column of numbers: written as differences, which are small where neighbours are alike. */
class Column {
  readonly numbers: number[] = [];
  private at = 0;

  push(...numbers: number[]): void {
    for (const number of numbers) this.numbers.push(number);
  }

  next(): number {
    const number = this.numbers[this.at++];
    if (number === undefined) throw corrupt('a column is too short');
    return number;
  }
}

class Columns {
  private readonly columns = new Map<string, Column>();

  of(name: string): Column {
    let column = this.columns.get(name);
    if (column === undefined) this.columns.set(name, (column = new Column()));
    return column;
  }

  write(writer: ByteWriter): void {
    writer.unsigned(this.columns.size);
    for (const [name, { numbers }] of this.columns) {
      writer.text(name);
      writer.unsigned(numbers.length);
      let before = 0;
      for (const number of numbers) {
        writer.signed(number - before);
        before = number;
      }
    }
  }

  static read(reader: ByteReader): Columns {
    const columns = new Columns();
    for (let count = reader.unsigned(); count > 0; count--) {
      const { numbers } = columns.of(reader.text());
      let before = 0;
      for (let left = reader.unsigned(); left > 0; left--) {
        before += reader.signed();
        numbers.push(before);
      }
    }
    return columns;
  }
}
