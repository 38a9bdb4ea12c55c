import { Descriptions, type Edge, type Vertex } from '@wherefore/graph';
import { comparePositions, compareCodeUnits, type Position, type Properties } from '@wherefore/model';
import {
  alarmSortKey,
  type Describe,
  describeEdges,
  type GraphAnswer,
  listAlarm,
  type ListedAlarm,
  resourcesOf,
  resourceSortKey,
} from './questions';
import type { EngineState } from './state';

/** One vertex of a list, and how it is told. */
interface Row<T> {
  readonly vertex: Vertex;
  sortKey: string;
  told: T;
}

/** How vertices become a list. */
interface Kind<T> {
  /** Which vertices may be in it. */
  candidates(state: EngineState): Iterable<Vertex>;
  isListed(vertex: Vertex): boolean;
  sortKeyOf(vertex: Vertex): string;
  /** `before` again where nothing of it changed. */
  tell(vertex: Vertex, before: T | undefined): T;
}

/** A sorted list of vertices: the same array for as long as it would be made of the same elements. */
class Listing<T> {
  private rows: Row<T>[] = [];
  private order: readonly Vertex[] | undefined;
  private listed: readonly T[] = [];
  private at: { readonly state: EngineState; readonly position: Position } | undefined;

  constructor(private readonly kind: Kind<T>) {}

  /** O(1) while the state stands, else O(vertices); where some came or went, they are sorted in. */
  of(state: EngineState): readonly T[] {
    const { at } = this;
    if (at?.state === state && comparePositions(at.position, state.position) === 0) return this.listed;
    const isSameSet = at?.state === state && this.areAllListed(state);
    this.at = { state, position: state.position };
    if (isSameSet) this.refresh();
    else this.collect(state);
    return this.listed;
  }

  /** The vertices in the order of the list: the same array as long as they are the same. */
  vertices(): readonly Vertex[] {
    return (this.order ??= this.rows.map(({ vertex }) => vertex));
  }

  /** Whether the vertices of the list are those that belong into it: all of them do, and no more do. */
  private areAllListed(state: EngineState): boolean {
    for (const { vertex } of this.rows) if (vertex.isDeleted || !this.kind.isListed(vertex)) return false;
    let count = 0;
    for (const vertex of this.kind.candidates(state)) if (this.kind.isListed(vertex)) count += 1;
    return count === this.rows.length;
  }

  private refresh(): void {
    let isChanged = false;
    let isMoved = false;
    for (const row of this.rows) {
      const told = this.kind.tell(row.vertex, row.told);
      if (told === row.told) continue;
      row.told = told;
      isChanged = true;
      const sortKey = this.kind.sortKeyOf(row.vertex);
      isMoved ||= sortKey !== row.sortKey;
      row.sortKey = sortKey;
    }
    if (isChanged) this.publish(isMoved);
  }

  private collect(state: EngineState): void {
    const { kind } = this;
    const known = new Map(this.rows.map((row) => [row.vertex, row]));
    const found = new Set<Vertex>();
    const added: Row<T>[] = [];
    for (const vertex of kind.candidates(state)) {
      if (!kind.isListed(vertex)) continue;
      found.add(vertex);
      const row = known.get(vertex);
      if (row === undefined)
        added.push({ vertex, sortKey: kind.sortKeyOf(vertex), told: kind.tell(vertex, undefined) });
      else Object.assign(row, { sortKey: kind.sortKeyOf(vertex), told: kind.tell(vertex, row.told) });
    }
    this.rows = this.rows.filter(({ vertex }) => found.has(vertex)).concat(added);
    this.publish(true);
  }

  /** What is sorted already costs next to nothing. */
  private publish(isMoved: boolean): void {
    if (isMoved) {
      this.rows.sort((a, b) => compareCodeUnits(a.sortKey, b.sortKey));
      this.order = undefined;
    }
    this.listed = this.rows.map(({ told }) => told);
  }
}

/**
 * The lists of a live state that are asked for again and again. A list is the same array, and each of its elements the
 * same object, for as long as nothing of it changed. Whoever gets one changes nothing of it. To be asked between steps
 * only.
 */
export class Listings {
  private readonly alarmList: Listing<ListedAlarm>;
  private readonly resourceLists = new Map<string, Listing<Properties>>();
  private readonly allResources: Listing<Properties>;
  private readonly vertexList: Listing<Properties>;
  private edgeList: EdgeList | undefined;

  constructor(private readonly descriptions = new Descriptions()) {
    const { of } = descriptions;
    this.alarmList = new Listing({
      candidates: ({ graph }) => graph.alarms(),
      isListed: (alarm) => !alarm.isPlaceholder,
      sortKeyOf: alarmSortKey,
      tell: (alarm, before) =>
        before !== undefined && isAsBefore(alarm, before, of) ? before : listAlarm(alarm, resourcesOf(alarm), of),
    });
    this.allResources = this.resourceList(({ graph }) => graph.vertices());
    this.vertexList = new Listing({
      candidates: ({ graph }) => graph.vertices(),
      isListed: () => true,
      sortKeyOf: ({ id }) => id,
      tell: of,
    });
  }

  /** What the question `alarms` answers. */
  alarms(state: EngineState): readonly ListedAlarm[] {
    return this.alarmList.of(state);
  }

  /** What the question `graph` answers. */
  graph(state: EngineState): GraphAnswer {
    const vertices = this.vertexList.of(state);
    const order = this.vertexList.vertices();
    if (this.edgeList?.order !== order || !isOfEdges(this.edgeList, order)) this.edgeList = listEdges(order);
    return { vertices, edges: this.edgeList.edges };
  }

  /** What the question `resources` answers, of one type or of all. */
  resources(state: EngineState, type?: string): readonly Properties[] {
    if (type === undefined) return this.allResources.of(state);
    let listing = this.resourceLists.get(type);
    if (listing === undefined) {
      // A type that nothing is of is anybody's word: nothing is kept of it.
      if (![...state.graph.typeNames()].includes(type)) return NONE;
      listing = this.resourceList(({ graph }) => graph.verticesOfType(type));
      this.resourceLists.set(type, listing);
    }
    return listing.of(state);
  }

  private resourceList(candidates: (state: EngineState) => Iterable<Vertex>): Listing<Properties> {
    return new Listing({
      candidates,
      isListed: ({ category }) => category === 'RESOURCE',
      sortKeyOf: resourceSortKey,
      tell: this.descriptions.of,
    });
  }
}

const NONE: readonly Properties[] = [];

interface EdgeList {
  /** The vertices, in the order in which their places count. */
  readonly order: readonly Vertex[];
  /** Every edge that goes out from them, as it was met. */
  readonly met: readonly Edge[];
  readonly edges: GraphAnswer['edges'];
}

/** Whether the same edges go out from the vertices still. */
function isOfEdges({ met }: EdgeList, order: readonly Vertex[]): boolean {
  let at = 0;
  for (const { outgoing } of order) for (const edge of outgoing) if (met[at++] !== edge) return false;
  return at === met.length;
}

function listEdges(order: readonly Vertex[]): EdgeList {
  const met: Edge[] = [];
  for (const { outgoing } of order) for (const edge of outgoing) met.push(edge);
  return { order, met, edges: describeEdges(order) };
}

function isAsBefore(alarm: Vertex, before: ListedAlarm, describe: Describe): boolean {
  if (describe(alarm) !== before.properties || alarm.changedAt !== before.changedAt) return false;
  const on = alarm.outgoing.length === 1 && before.resources.length === 1 ? alarm.outgoing[0] : undefined;
  // Nearly every alarm is on one thing, and nothing else goes out from it.
  if (on?.label === 'on') return describe(on.target) === before.resources[0];
  const now = resourcesOf(alarm);
  return now.length === before.resources.length && now.every((each, at) => describe(each) === before.resources[at]);
}
