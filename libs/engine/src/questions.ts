import { describeVertex, type Descriptions, type Vertex } from '@wherefore/graph';
import { compareCodeUnits, type Json, type Properties } from '@wherefore/model';
import { activeScenarios } from './graphCodec';
import { reportState } from './stateReport';
import { stateHash } from './stateHash';
import type { EngineState } from './state';
import { explainAlarm } from './why';

/** A question about one state. Plain JSON, so that it crosses threads. */
export type Question =
  | { readonly ask: 'why'; readonly alarmId: string; readonly alarmsMax?: number }
  /** Live alarms; with `match`, those of that id, name, or `name@resource name or id`; with `ids`, only of these. */
  | { readonly ask: 'alarms'; readonly match?: string; readonly ids?: readonly string[] }
  | { readonly ask: 'resources'; readonly type?: string; readonly id?: string }
  /** Which server each port is attached to. */
  | { readonly ask: 'servers' }
  | { readonly ask: 'graph' }
  | { readonly ask: 'report' }
  | { readonly ask: 'templates' }
  | { readonly ask: 'summary' };

/** An alarm as listed: its properties, and the numbers of the entries that made and changed it. */
export interface ListedAlarm {
  readonly properties: Properties;
  readonly resources: readonly Properties[];
  readonly bornAt: number;
  readonly changedAt: number;
}

/** Id of a server by the vitrage_id of a port that is attached to it. */
export type AttachedServers = { readonly [portVitrageId: string]: string };

/** The live graph: vertices in the order in which they came to be, then by id; edges by the places of their ends. */
export interface GraphAnswer {
  readonly vertices: readonly Properties[];
  readonly edges: readonly GraphEdge[];
}

/** `source` and `target` are places among the vertices. */
export interface GraphEdge {
  readonly source: number;
  readonly target: number;
  readonly label: string;
  readonly updateTimestamp: string;
}

/** What every answer says of the state it comes from. */
export interface StateSummary {
  readonly position: string;
  readonly ordinal: number;
  readonly logTimeMs: number;
  readonly firstLogTimeMs: number;
  readonly stateHash: string;
  readonly behaviour: number;
  readonly vertices: number;
  readonly edges: number;
  readonly alarms: number;
  readonly templates: number;
  readonly scenarios: number;
  readonly refusalCount: number;
  readonly suspensions: readonly { readonly scenarioId: string; readonly template: string; readonly reason: string }[];
  readonly polls: readonly {
    readonly datasource: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly atMs: number;
  }[];
}

/** Answers from the state as it is; the state is not changed. The shape follows the question. O(answer). */
export function answerQuestion(state: EngineState, question: Question): Json {
  return answer(state, question, describeVertex) as Json;
}

/** The same, of vertices that are described again only where they changed. Nobody changes the answer. */
export function answerFrom(state: EngineState, question: Question, descriptions: Descriptions): Json {
  return answer(state, question, descriptions.of) as Json;
}

export type Describe = (vertex: Vertex) => Properties;

function answer(state: EngineState, question: Question, describe: Describe): unknown {
  switch (question.ask) {
    case 'why':
      return explainAlarm(state, question.alarmId, question.alarmsMax) ?? null;
    case 'alarms':
      return listAlarms(state, question, describe);
    case 'resources':
      return listResources(state, question, describe);
    case 'servers':
      return listServers(state);
    case 'graph':
      return describeGraph(state, describe);
    case 'report':
      return reportState(state);
    case 'templates':
      return state.shelf.list().map(({ loaded: _loaded, ...row }) => row);
    case 'summary':
      return summarise(state);
  }
}

/** Live alarms in the order in which they came to be, then by id. With `ids` O(ids), else O(alarms). */
export function listAlarms(
  state: EngineState,
  { match, ids }: { readonly match?: string; readonly ids?: readonly string[] } = {},
  describe: Describe = describeVertex,
): ListedAlarm[] {
  const listed: { readonly vertex: Vertex; readonly alarm: ListedAlarm }[] = [];
  for (const vertex of ids === undefined ? state.graph.alarms() : liveOf(state, ids)) {
    if (vertex.category !== 'ALARM' || vertex.isPlaceholder) continue;
    const resources = resourcesOf(vertex);
    if (match !== undefined && !answersTo(vertex, resources, match)) continue;
    listed.push({ vertex, alarm: listAlarm(vertex, resources, describe) });
  }
  return listed.sort((a, b) => byBirth(a.vertex, b.vertex)).map(({ alarm }) => alarm);
}

/** An alarm as it is listed. */
export function listAlarm(alarm: Vertex, resources: readonly Vertex[], describe: Describe): ListedAlarm {
  const { bornAt, changedAt } = alarm;
  return { properties: describe(alarm), resources: resources.map(describe), bornAt, changedAt };
}

/** Where a resource comes in a list: by its type, then its id. */
export function resourceSortKey(resource: Vertex): string {
  return `${resource.type}\n${String(resource.properties['id'])}\n${resource.id}`;
}

/** What an alarm is on, sorted by id; mostly one. */
export function resourcesOf(alarm: Vertex): Vertex[] {
  const resources: Vertex[] = [];
  for (const { label, target } of alarm.outgoing) if (label === 'on') resources.push(target);
  return resources.length > 1 ? resources.sort(byId) : resources;
}

function liveOf({ graph }: EngineState, ids: readonly string[]): Vertex[] {
  return [...new Set(ids)].flatMap((id) => {
    const vertex = graph.vertexById(id);
    return vertex === undefined || vertex.isDeleted ? [] : [vertex];
  });
}

function answersTo(alarm: Vertex, resources: readonly Vertex[], match: string): boolean {
  const name = String(alarm.properties['name'] ?? '');
  if (alarm.id === match || alarm.properties['id'] === match) return true;
  if (name.toLowerCase() === match.toLowerCase()) return true;
  return resources.some(({ properties }) =>
    [properties['name'], properties['id']].some(
      (place) => `${name}@${String(place)}`.toLowerCase() === match.toLowerCase(),
    ),
  );
}

/** Live resources, placeholders included, sorted by type, then id. */
export function listResources(
  state: EngineState,
  { type, id }: { readonly type?: string; readonly id?: string },
  describe: Describe = describeVertex,
): Properties[] {
  const candidates = type === undefined ? state.graph.vertices() : state.graph.verticesOfType(type);
  const found: Vertex[] = [];
  for (const vertex of candidates) {
    if (vertex.category !== 'RESOURCE') continue;
    if (id === undefined || vertex.id === id || vertex.properties['id'] === id) found.push(vertex);
  }
  return found.sort((a, b) => compareCodeUnits(resourceSortKey(a), resourceSortKey(b))).map(describe);
}

/** Id of the server by the vitrage_id of its ports. O(ports). */
function listServers(state: EngineState): AttachedServers {
  const servers: Record<string, string> = {};
  for (const port of state.graph.verticesOfType('neutron.port')) {
    const ids = port.outgoing.flatMap(({ label, target }) => {
      const id = target.properties['id'];
      return label === 'attached' && target.type === 'nova.instance' && typeof id === 'string' ? [id] : [];
    });
    const [first] = ids.sort(compareCodeUnits);
    if (first !== undefined) servers[port.id] = first;
  }
  return servers;
}

function describeGraph(state: EngineState, describe: Describe): GraphAnswer {
  const vertices = [...state.graph.vertices()].sort(byBirth);
  return { edges: describeEdges(vertices), vertices: vertices.map(describe) };
}

/** The edges among vertices, by the places of their ends, then by their labels. O(vertices + edges). */
function describeEdges(vertices: readonly Vertex[]): GraphAnswer['edges'] {
  const places = new Map(vertices.map((vertex, place) => [vertex, place]));
  const edges: GraphEdge[] = [];
  for (let source = 0; source < vertices.length; source++) {
    const first = edges.length;
    for (const { target, label, updateTimestamp } of vertices[source]!.outgoing) {
      edges.push({ source, target: places.get(target)!, label, updateTimestamp });
    }
    if (edges.length - first < 2) continue;
    const ofVertex = edges.splice(first).sort((a, b) => a.target - b.target || compareCodeUnits(a.label, b.label));
    for (const edge of ofVertex) edges.push(edge);
  }
  return edges;
}

function summarise(state: EngineState): StateSummary {
  const { epoch, offset, index } = state.position;
  let alarms = 0;
  for (const _alarm of state.graph.alarms()) alarms += 1;
  return {
    position: `${epoch}.${offset}.${index}`,
    ordinal: state.ordinal,
    logTimeMs: state.logTimeMs,
    firstLogTimeMs: state.firstLogTimeMs,
    stateHash: stateHash(state),
    behaviour: state.behaviour,
    vertices: state.graph.vertexCount,
    edges: state.graph.edgeCount,
    alarms,
    templates: state.shelf.list().length,
    scenarios: activeScenarios(state).length,
    refusalCount: state.refusalCount,
    suspensions: state.suspensions,
    polls: state.polls.outcomes().map(({ datasource, ok, detail, atMs }) => ({ datasource, ok, detail, atMs })),
  };
}

function byId(a: Vertex, b: Vertex): number {
  return compareCodeUnits(a.id, b.id);
}

function byBirth(a: Vertex, b: Vertex): number {
  return a.bornAt - b.bornAt || byId(a, b);
}
