import { Edge, type PropertyBag, Vertex, type VertexSource } from '@wherefore/graph';
import type { Activation } from '@wherefore/evaluator';
import { type ByteReader, type ByteWriter, corrupt } from './byteCodec';
import { Columns, ColumnsReader } from './columns';
import { EdgeTable, EdgeWriter, vertexAt } from './edgeColumns';
import type { EngineState } from './state';
import { StringTable } from './stringTable';
import { VertexReader, VertexWriter } from './vertexColumns';

/** So many vertices are written at a time: a few milliseconds. */
const PIECE_VERTICES = 512;

/** Writes graph, deletion marks and matches, column by column: like stands beside like. Piece by piece: nothing may change in between. */
export function* graphInPieces(writer: ByteWriter, state: EngineState): Generator<void> {
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
  const vertexWriter = vertices.length > 0 ? new VertexWriter(columns, strings) : undefined;
  for (let place = 0; place < vertices.length; place++) {
    if (place % PIECE_VERTICES === 0) yield;
    vertexWriter!.write(vertices[place]!);
  }
  const edgeWriter = new EdgeWriter(columns, strings, places);
  let edgeCount = 0;
  for (let place = 0; place < live.length; place++) {
    if (place % PIECE_VERTICES === 0) yield;
    const { outgoing } = live[place]!;
    for (const edge of outgoing) edgeWriter.write(edge, place);
    edgeCount += outgoing.length;
  }
  for (const { element, deletedAtMs } of graves) {
    columns.of('grave').push(element instanceof Vertex ? places.get(element)! + 1 : 0);
    columns.of('graveAt').push(deletedAtMs);
    if (element instanceof Edge) edgeWriter.write(element, places.get(element.source)!);
  }
  for (const ghost of ghosts) {
    const column = columns.of('ghost');
    for (const text of [ghost.id, ghost.key, ghost.type]) column.push(strings.place(text));
    for (const number of [ghost.category === 'ALARM' ? 1 : 0, ghost.bornAt]) column.push(number);
  }
  yield;
  writeActivations(columns, places, state);
  yield;
  strings.write(writer);
  yield;
  for (const count of [vertices.length, live.length, edgeCount, graves.length, ghosts.length]) writer.unsigned(count);
  columns.write(writer);
}

/** Reads what `writeGraph` wrote into an empty state whose templates are loaded. The digest of the graph is the caller's. */
export function readGraph(reader: ByteReader, state: EngineState): void {
  const { graph, evaluator } = state;
  const strings = StringTable.read(reader);
  const [vertexCount, liveCount, edgeCount, graveCount, ghostCount] = Array.from({ length: 5 }, () =>
    reader.unsigned(),
  );
  const columns = new ColumnsReader(reader);
  const vertices: Vertex[] = [];
  const images = new VertexReader(columns, strings);
  for (let i = 0; i < vertexCount!; i++) {
    const vertex = images.next();
    if (vertex.isDeleted !== i >= liveCount!) throw corrupt('a vertex among the others is no longer live');
    graph.restoreVertex(vertex, images.own, images.keyPrefix);
    vertices.push(vertex);
  }
  const ghosts = columns.of('ghost');
  for (let i = 0; i < ghostCount!; i++) {
    const [id, key, type] = [strings.at(ghosts.next()), strings.at(ghosts.next()), strings.at(ghosts.next())];
    const category = ghosts.next() === 1 ? 'ALARM' : 'RESOURCE';
    vertices.push(
      graph.makeGhost({ id, key, category, type, isPlaceholder: false, sampleTimestamp: '', ordinal: ghosts.next() }),
    );
  }
  const edges = new EdgeTable(columns, strings, vertices, edgeCount!);
  const source = new RestoredVertices(images, edges);
  for (let i = 0; i < vertexCount!; i++) vertices[i]!.leaveAt(source, i);
  graph.restoreEdges(edgeCount!);
  const [graves, graveTimes] = [columns.of('grave'), columns.of('graveAt')];
  for (let i = 0, dead = edgeCount!; i < graveCount!; i++) {
    const place = graves.next();
    const deletedAtMs = graveTimes.next();
    graph.restoreGrave(place > 0 ? vertexAt(vertices, place - 1) : edges.deadAt(dead++), deletedAtMs);
  }
  evaluator.useScenarios(activeScenarios(state));
  readActivations(columns, vertices, state);
  const missing = evaluator.finishRestore();
  if (missing !== undefined) throw corrupt(`the deduced ${missing} is not in the graph`);
}

/** What is still to be read of the vertices of a snapshot. */
class RestoredVertices implements VertexSource {
  constructor(
    private readonly images: VertexReader,
    private readonly edges: EdgeTable,
  ) {}

  bagAt(place: number): PropertyBag {
    return this.images.bagAt(place);
  }

  outgoingAt(place: number): Edge[] {
    return this.edges.outgoingAt(place);
  }

  incomingAt(place: number): Edge[] {
    return this.edges.incomingAt(place);
  }
}

/** The scenarios in force: all but the suspended ones. */
export function activeScenarios(state: EngineState): EngineState['shelf']['scenarios'] {
  const suspended = new Set(state.suspensions.map(({ scenarioId }) => scenarioId));
  return state.shelf.scenarios.filter((scenario) => !suspended.has(scenario.id));
}

function writeActivations(columns: Columns, places: ReadonlyMap<Vertex, number>, state: EngineState): void {
  const scenarios = new Map(state.evaluator.scenarios.map((scenario, place) => [scenario.id, place]));
  const column = columns.of('activation');
  const [clauses, since, bound] = [columns.of('clause'), columns.of('since'), columns.of('binding')];
  for (const activation of state.evaluator.activations()) {
    column.push(scenarios.get(activation.clause.scenario.source.id)! + 1);
    clauses.push(activation.clause.index);
    since.push(activation.since);
    for (const vertex of activation.bindings) bound.push(places.get(vertex)!);
  }
  column.push(0);
}

function readActivations(columns: ColumnsReader, vertices: readonly Vertex[], state: EngineState): void {
  const { evaluator } = state;
  const column = columns.of('activation');
  const [clauses, ages, bound] = [columns.of('clause'), columns.of('since'), columns.of('binding')];
  const { scenarios } = evaluator;
  for (;;) {
    const scenario = column.next();
    if (scenario === 0) return;
    const clause = clauses.next();
    const since = ages.next();
    const compiled = scenarios[scenario - 1]?.clauses[clause];
    if (compiled === undefined) throw corrupt('a match of an unknown scenario');
    const bindings: Activation['bindings'] = Array.from({ length: compiled.positiveCount }, () =>
      vertexAt(vertices, bound.next()),
    );
    evaluator.restore(scenario - 1, clause, bindings, since);
  }
}
