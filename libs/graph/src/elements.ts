import type { Category, Json } from '@wherefore/model';

/** An edge of the graph. Identity is (source, target, label); at most one live edge has it. */
export class Edge {
  isDeleted = false;
  /** Places in `source.outgoing` and `target.incoming`, for removal in O(1). */
  outgoingIndex = -1;
  incomingIndex = -1;
  /** Owned by the reasoning above the graph: the fact that holds this edge, if one does. */
  fact: unknown = undefined;

  constructor(
    readonly source: Vertex,
    readonly target: Vertex,
    readonly label: string,
    /** Number of the entry that made it. */
    readonly bornAt: number,
    /** Source's time of the event that made it. */
    readonly updateTimestamp: string,
  ) {}
}

/**
 * The edges of a vertex in one direction. Most have none, for which all share one list, or one, which stands here itself:
 * a list of one takes more room than what it lists.
 */
export type EdgeList = Edge | Edge[];

/** Stands for every empty list of edges. Never changed. */
export const NO_EDGES: Edge[] = [];

/** Properties of a vertex. Never `null` or `undefined`; nested values are immutable. */
export type PropertyBag = { [name: string]: Exclude<Json, null> };

/** How a vertex was before the step under way touched it. Never changed, for many that were alike share one. */
export interface BeforeImage {
  readonly existed: boolean;
  readonly isPlaceholder: boolean;
  readonly isMarkedDown: boolean;
  readonly vitrageState: string | undefined;
  readonly aggregated: string | undefined;
  readonly operational: string | undefined;
  /** Earlier values of the properties that changed, of those whose changes are told outside. */
  readonly told: { readonly [name: string]: Json | undefined } | undefined;
}

/** Of a vertex that the step made. */
export const NEWBORN: BeforeImage = {
  existed: false,
  isPlaceholder: false,
  isMarkedDown: false,
  vitrageState: undefined,
  aggregated: undefined,
  operational: undefined,
  told: undefined,
};

/**
 * Properties and edges of vertices that nobody asked for yet, by the places of the vertices. It gives each edge as one
 * object, whichever end asks.
 */
export interface VertexSource {
  bagAt(place: number): PropertyBag;
  outgoingAt(place: number): Edge[];
  incomingAt(place: number): Edge[];
}

/** What has to be known of a row that says what it said before, besides its hash. */
export interface RowKind {
  /** Its `vitrage_entity_type`. */
  readonly datasource: string;
  /** An older sample than the one that is known changes nothing. */
  readonly isUpdate: boolean;
  /** The time of the sample is the entity's `update_timestamp`, too. */
  readonly isStamped: boolean;
  /**
   * Types of the resources towards which it says all edges: whatever happens to other edges, it says the same. Of all
   * types where there is no list.
   */
  readonly edgeTypes: readonly string[] | undefined;
}

const PLACEHOLDER = 1;
const DELETED = 2;
const MARKED_DOWN = 4;
const DIRTY = 8;

/** A resource or an alarm. One object per incarnation; only EntityGraph changes it. */
export class Vertex {
  /** What is so or not, in one number: there are many vertices, and each field of one takes eight bytes. */
  private marks: number;
  private bag: PropertyBag | undefined = undefined;
  private edgesOut: EdgeList | undefined = NO_EDGES;
  private edgesIn: EdgeList | undefined = NO_EDGES;
  /** Where those of the last three are still to be read from that are undefined. */
  private source: VertexSource | undefined = undefined;
  private place = 0;
  /** The source's time of the newest sample. */
  sampleTimestamp: string;
  /** The datasource that vouches for it. */
  datasource: string | undefined = undefined;
  /** A state that templates deduced (`vitrage_state`). */
  vitrageState: string | undefined = undefined;
  /** `vitrage_aggregated_state` of a resource, `vitrage_aggregated_severity` of an alarm. */
  aggregated: string | undefined = undefined;
  /** `vitrage_operational_state` or `vitrage_operational_severity`. */
  operational: string | undefined = undefined;
  /** Number of the entry that last changed it. */
  changedAt: number;
  /** Number of the entry in which its own datasource last vouched for it. */
  confirmedAt = 0;
  /** Hash of the last polled row, for rows reported as unchanged. */
  rowHash: string | undefined = undefined;
  /**
   * There when merging the row of that hash once more would change its sample time and nothing else: whatever the row
   * said of it and its edges is in the graph, and nothing came or went since. Only ever too careful; never part of the
   * state.
   */
  asTold: RowKind | undefined = undefined;
  /** Place among the live vertices of its type. */
  typeIndex = -1;
  /** Place among the live vertices whose keys begin alike, as long as nobody sought one of them by its key. */
  keyPlace = -1;
  /** Number of the step that touched it last; it is listed among the touched ones of that step. */
  touchedIn = 0;
  /** How it was before that step; there during the step only. */
  before: BeforeImage | undefined = undefined;
  /** Owned by the reasoning above the graph. */
  notes: unknown = undefined;
  /** Likewise: the fact that this alarm embodies, if it does. */
  fact: unknown = undefined;
  /** Digest of the id; digests of properties and edges start from it. */
  idHigh = 0;
  idLow = 0;

  constructor(
    readonly id: string,
    /** The key, or its beginning, at least to the second colon. */
    readonly keyStart: string,
    readonly category: Category,
    readonly type: string,
    isPlaceholder: boolean,
    sampleTimestamp: string,
    /** Number of the entry that made this incarnation. */
    readonly bornAt: number,
    /**
     * What follows in the key. The key of a deduced alarm is hardly ever asked for, and made of a name that many have
     * and an id that is kept anyway: joined, it would take a tenth of what the alarm does.
     */
    readonly keyRest = '',
  ) {
    this.marks = isPlaceholder ? PLACEHOLDER : 0;
    this.sampleTimestamp = sampleTimestamp;
    this.changedAt = bornAt;
  }

  /** `CATEGORY:type:` and what the source calls it. */
  get key(): string {
    return this.keyStart + this.keyRest;
  }

  get isPlaceholder(): boolean {
    return (this.marks & PLACEHOLDER) !== 0;
  }

  set isPlaceholder(isSo: boolean) {
    this.mark(PLACEHOLDER, isSo);
  }

  get isDeleted(): boolean {
    return (this.marks & DELETED) !== 0;
  }

  set isDeleted(isSo: boolean) {
    this.mark(DELETED, isSo);
  }

  get isMarkedDown(): boolean {
    return (this.marks & MARKED_DOWN) !== 0;
  }

  set isMarkedDown(isSo: boolean) {
    this.mark(MARKED_DOWN, isSo);
  }

  /** Listed among the changes that the reasoning has yet to see. */
  get isDirty(): boolean {
    return (this.marks & DIRTY) !== 0;
  }

  set isDirty(isSo: boolean) {
    this.mark(DIRTY, isSo);
  }

  /** Live and no placeholder: what templates match. */
  get isMatchable(): boolean {
    return (this.marks & (DELETED | PLACEHOLDER)) === 0;
  }

  /** What the sources said, plus the copies of resource details on alarms. */
  get properties(): PropertyBag {
    return this.bag ?? this.readBag();
  }

  set properties(bag: PropertyBag) {
    this.bag = bag;
  }

  /** Live edges; no order. Not to be kept: it changes, or does not, when edges come and go. */
  get outgoing(): readonly Edge[] {
    return listOf(this.out);
  }

  get incoming(): readonly Edge[] {
    return listOf(this.in);
  }

  /** `outgoing` for whoever can do without a list. */
  get out(): EdgeList {
    return this.edgesOut ?? (this.edgesOut = unlisted(this.source!.outgoingAt(this.place)));
  }

  set out(edges: EdgeList) {
    this.edgesOut = edges;
  }

  get in(): EdgeList {
    return this.edgesIn ?? (this.edgesIn = unlisted(this.source!.incomingAt(this.place)));
  }

  set in(edges: EdgeList) {
    this.edgesIn = edges;
  }

  /** Its properties and edges stand there, and are read when they are first asked for. */
  leaveAt(source: VertexSource, place: number): void {
    this.source = source;
    this.place = place;
    this.bag = this.edgesOut = this.edgesIn = undefined;
  }

  private readBag(): PropertyBag {
    return (this.bag = this.source === undefined ? {} : this.source.bagAt(this.place));
  }

  private mark(mark: number, isSo: boolean): void {
    this.marks = isSo ? this.marks | mark : this.marks & ~mark;
  }
}

function listOf(edges: EdgeList): readonly Edge[] {
  return edges instanceof Edge ? [edges] : edges;
}

function unlisted(edges: Edge[]): EdgeList {
  return edges.length > 1 ? edges : (edges[0] ?? NO_EDGES);
}
