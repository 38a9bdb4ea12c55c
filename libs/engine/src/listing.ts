import type { Edge, Vertex } from '@wherefore/graph';
import { comparePositions, compareCodeUnits, type Position } from '@wherefore/model';
import type { EngineState } from './state';

/** So many are taken out of a list, and put in, one by one faster than all of it is looked at. */
const LOOKED_AT_MAX = 256;

/** How vertices become a list. */
export interface Kind<T> {
  /** Which vertices may be in it, and whether one may. */
  candidates(state: EngineState): Iterable<Vertex>;
  isCandidate(vertex: Vertex): boolean;
  /** How many there are to be in it, where that is known without counting. */
  countOf?(state: EngineState): number;
  isListed(vertex: Vertex): boolean;
  /** By what it comes in the list: the lower number first, then the lower text. */
  rankOf(vertex: Vertex): number;
  sortKeyOf(vertex: Vertex): string;
  /** `before` again where nothing of it changed. Called only where the marks of a vertex, or of what it is on, moved. */
  tell(vertex: Vertex, before: T | undefined): T;
  /** Whether what the vertex is on is told with it. */
  readonly tellsTarget: boolean;
}

/** What tells a later look that a vertex is as it was: a step notes whatever it touches, but for the others here. */
class Marks {
  private touchedIn = -1;
  private changedAt = -1;
  private sampleTimestamp = '';
  private datasource: string | undefined;
  private isDeleted = false;

  /** Whether they are those of the vertex still; they are from now on. */
  renew(vertex: Vertex): boolean {
    const { touchedIn, changedAt, sampleTimestamp, datasource, isDeleted } = vertex;
    if (
      touchedIn === this.touchedIn &&
      changedAt === this.changedAt &&
      sampleTimestamp === this.sampleTimestamp &&
      datasource === this.datasource &&
      isDeleted === this.isDeleted
    )
      return true;
    this.touchedIn = touchedIn;
    this.changedAt = changedAt;
    this.sampleTimestamp = sampleTimestamp;
    this.datasource = datasource;
    this.isDeleted = isDeleted;
    return false;
  }
}

/** One vertex of a list, and how it is told. */
export class Row<T> {
  private readonly marks = new Marks();
  private readonly targetMarks = new Marks();
  private edge: Edge | undefined;
  /** Where it is in the list; less than 0 when it no longer is. */
  place = -1;
  rank = 0;
  sortKey = '';
  told: T;

  constructor(
    readonly vertex: Vertex,
    private readonly kind: Kind<T>,
  ) {
    this.isAsMarked();
    this.told = kind.tell(vertex, undefined);
    this.rank = kind.rankOf(vertex);
    this.sortKey = kind.sortKeyOf(vertex);
  }

  /** Tells it again where that may have changed. Whether it did. */
  renew(): boolean {
    if (this.isAsMarked()) return false;
    const told = this.kind.tell(this.vertex, this.told);
    if (told === this.told) return false;
    this.told = told;
    return true;
  }

  /** Whether it comes elsewhere in the list than before. */
  reorder(): boolean {
    const { rank, sortKey } = this;
    this.rank = this.kind.rankOf(this.vertex);
    this.sortKey = this.kind.sortKeyOf(this.vertex);
    return rank !== this.rank || sortKey !== this.sortKey;
  }

  private isAsMarked(): boolean {
    const { vertex } = this;
    const isSame = this.marks.renew(vertex);
    if (!this.kind.tellsTarget) return isSame;
    // Nearly every alarm is on one thing, and nothing else goes out from it: what else there is is always looked at.
    const edge = vertex.outgoing.length === 1 ? vertex.outgoing[0] : undefined;
    const isOnSame = edge !== undefined && edge === this.edge && this.targetMarks.renew(edge.target);
    this.edge = edge;
    return isSame && isOnSame;
  }
}

/** A sorted list of vertices: the same array for as long as it would be made of the same elements. */
export class Listing<T> {
  private list: Row<T>[] = [];
  private readonly byVertex = new Map<Vertex, Row<T>>();
  private listed: readonly T[] = [];
  private at: { readonly state: EngineState; readonly position: Position; readonly mark: number } | undefined;

  constructor(private readonly kind: Kind<T>) {}

  /**
   * O(1) while the state stands. Else those are looked at that the journal of the graph names; where they are many, or
   * it does not go back so far, the marks of every vertex. What came is sorted in, and what changed is told anew.
   */
  of(state: EngineState): readonly T[] {
    const { at } = this;
    if (at?.state === state && comparePositions(at.position, state.position) === 0) return this.listed;
    const { journal } = state.graph;
    this.at = { state, position: state.position, mark: journal.mark() };
    if (at?.state !== state) this.clear();
    const changed = at?.state === state ? journal.since(at.mark) : undefined;
    if (changed === undefined || changed.size > LOOKED_AT_MAX) this.lookAtAll(state);
    else if (changed.size > 0) this.lookAt(changed, state);
    return this.listed;
  }

  private lookAtAll(state: EngineState): void {
    const isLess = this.dropGone();
    const { isChanged, isMoved } = this.renew();
    const added = this.newOf(state);
    if (isMoved) this.list.sort(compareRows);
    if (added.length > 0) this.list = merged(this.list, added.sort(compareRows));
    if (isLess || isMoved || added.length > 0) this.list.forEach((row, place) => (row.place = place));
    if (isLess || isChanged || added.length > 0) this.listed = this.list.map(({ told }) => told);
  }

  private lookAt(changed: ReadonlySet<Vertex>, { graph }: EngineState): void {
    const { kind, byVertex } = this;
    const gone: Row<T>[] = [];
    const added: Row<T>[] = [];
    const suspects = new Set<Row<T>>();
    for (const vertex of changed) {
      const row = byVertex.get(vertex);
      const isListed = graph.isLive(vertex) && kind.isCandidate(vertex) && kind.isListed(vertex);
      if (row !== undefined) {
        if (isListed) suspects.add(row);
        else gone.push(row);
      } else if (isListed) added.push(new Row(vertex, kind));
      if (!kind.tellsTarget) continue;
      for (const { source } of vertex.incoming) {
        const above = byVertex.get(source);
        if (above !== undefined && !changed.has(source)) suspects.add(above);
      }
    }
    const renewed = [...suspects].filter((row) => row.renew());
    const moved = renewed.filter((row) => row.reorder());
    this.replace([...gone, ...moved], [...moved, ...added], renewed);
    for (const { vertex } of gone) byVertex.delete(vertex);
    for (const row of added) byVertex.set(row.vertex, row);
  }

  /** Takes rows out of the list and puts others in; `renewed` are told anew where they are. O(list), but a copy of it. */
  private replace(taken: readonly Row<T>[], put: readonly Row<T>[], renewed: readonly Row<T>[]): void {
    if (taken.length + put.length + renewed.length === 0) return;
    const { list } = this;
    const listed = [...this.listed];
    for (const row of renewed) listed[row.place] = row.told;
    let from = list.length;
    for (const row of [...taken].sort((a, b) => b.place - a.place)) {
      from = row.place;
      list.splice(from, 1);
      listed.splice(from, 1);
      row.place = -1;
    }
    for (const row of put) {
      const place = placeOf(list, row, 0);
      list.splice(place, 0, row);
      listed.splice(place, 0, row.told);
      from = Math.min(from, place);
    }
    for (let place = from; place < list.length; place++) list[place]!.place = place;
    this.listed = listed;
  }

  /** In the order of the list. */
  get rows(): readonly Row<T>[] {
    return this.list;
  }

  rowOf(vertex: Vertex): Row<T> | undefined {
    return this.byVertex.get(vertex);
  }

  private clear(): void {
    this.list = [];
    this.byVertex.clear();
    this.listed = [];
  }

  private dropGone(): boolean {
    const { list, kind } = this;
    const stays = ({ vertex }: Row<T>): boolean => !vertex.isDeleted && kind.isListed(vertex);
    if (list.every(stays)) return false;
    this.list = list.filter((row) => {
      if (stays(row)) return true;
      row.place = -1;
      this.byVertex.delete(row.vertex);
      return false;
    });
    return true;
  }

  private renew(): { readonly isChanged: boolean; readonly isMoved: boolean } {
    let isChanged = false;
    let isMoved = false;
    for (const row of this.list) {
      if (!row.renew()) continue;
      isChanged = true;
      isMoved = row.reorder() || isMoved;
    }
    return { isChanged, isMoved };
  }

  private newOf(state: EngineState): Row<T>[] {
    const { kind, byVertex } = this;
    if (kind.countOf?.(state) === this.list.length) return [];
    const added: Row<T>[] = [];
    for (const vertex of kind.candidates(state)) {
      if (!kind.isListed(vertex) || byVertex.has(vertex)) continue;
      const row = new Row(vertex, kind);
      byVertex.set(vertex, row);
      added.push(row);
    }
    return added;
  }
}

function compareRows(a: Row<unknown>, b: Row<unknown>): number {
  return a.rank - b.rank || compareCodeUnits(a.sortKey, b.sortKey);
}

/** Where it belongs among those from a place on, which are sorted. */
function placeOf<T>(rows: readonly Row<T>[], row: Row<T>, from: number): number {
  let [low, high] = [from, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRows(rows[middle]!, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Both are sorted. O(rows + added × log rows). */
function merged<T>(rows: readonly Row<T>[], added: readonly Row<T>[]): Row<T>[] {
  const all: Row<T>[] = [];
  let from = 0;
  for (const row of added) {
    const place = placeOf(rows, row, from);
    for (; from < place; from++) all.push(rows[from]!);
    all.push(row);
  }
  for (; from < rows.length; from++) all.push(rows[from]!);
  return all;
}
