import { assert, type Digest, emptied, type Json } from '@wherefore/model';
import { edgeBetween, lastOf, linkEnds, unlinkEnds } from './adjacency';
import { imageOf, noteTold } from './beforeImage';
import { ChangeJournal } from './changeJournal';
import { type BeforeImage, Edge, NEWBORN, type PropertyBag, type RowKind, Vertex } from './elements';
import { GraphChanges } from './graphChanges';
import { digestOf, GraphDigest } from './graphDigest';
import { type Grave, Graveyard } from './graveyard';
import { IdIndex } from './idIndex';
import {
  aggregateBack,
  asToldBack,
  changedAtBack,
  confirmedAtBack,
  markBack,
  sampleBack,
  textBack,
  type TextField,
} from './inverses';
import { KeyIndex } from './keyIndex';
import { PropertyIndex } from './propertyIndex';
import { TypeIndex } from './typeIndex';
import type { UndoLog } from './undoLog';
import type { ValueLookup, ValueMeaning } from './valueLookup';
import { isMatchable, ownValue, sameJson } from './vertexProperties';
import type { VertexSeed } from './vertexSeed';

/** What a property was; `undefined` is its absence. */
interface EarlierProperty {
  readonly name: string;
  readonly before: PropertyBag[string] | undefined;
}

/**
 * The entity graph: a directed multigraph of resources and alarms, changed in place.
 *
 * Every change pushes its inverse to the undo log first, keeps the commutative digest, the indexes
 * and the list of changes in step, and costs O(1) (a property: O(its length)). It knows nothing of
 * events or templates. No order can be read off its containers.
 */
export class EntityGraph {
  private readonly byId = new IdIndex(() => this.allLists());
  private readonly liveByKey = new KeyIndex();
  private readonly types = new TypeIndex();
  private readonly index = new PropertyIndex(this.liveByKey);
  private readonly graveyard: Graveyard;
  private readonly digests = new GraphDigest();
  /** Of the vertex that was touched last: those that a step touches are mostly alike. */
  private lastBefore: BeforeImage = NEWBORN;
  private liveEdges = 0;
  /** Changed by `readSampleTimes` only. */
  areSampleTimesRead = false;
  /** Every vertex that the step under way touched, as it was before. */
  readonly touched: Vertex[] = [];
  /** Counts steps, so that a vertex knows whether the one under way touched it. */
  private stepCount = 1;
  /** Number of the entry at work, as far as new vertices know it. */
  private ordinal = -1;
  /** Causal edges that the step under way added or removed. */
  readonly touchedCauses: Edge[] = [];
  readonly changes = new GraphChanges();
  private kept: ChangeJournal | undefined;

  constructor(
    private readonly undo: UndoLog,
    private values: ValueLookup,
  ) {
    this.graveyard = new Graveyard(undo);
  }

  /** Commutative digest of all elements, marks included. */
  get digest(): Readonly<Digest> {
    return this.digests.sum;
  }

  /** What changes from the first call on. Nothing is noted of a graph that nobody asked for it. */
  get journal(): ChangeJournal {
    return (this.kept ??= new ChangeJournal());
  }

  /** Live vertices, placeholders included. */
  get vertexCount(): number {
    return this.liveByKey.size;
  }

  get edgeCount(): number {
    return this.liveEdges;
  }

  /** Every vertex there is, deleted ones included, until they are purged. */
  vertexById(id: string): Vertex | undefined {
    return this.byId.get(id);
  }

  liveVertexByKey(key: string): Vertex | undefined {
    return this.liveByKey.get(key);
  }

  /** `liveVertexByKey`, for whoever asks for the same ones again and again: by a number of his own, which most likely tells the key. */
  liveVertexOfRow(row: number | undefined, key: string): Vertex | undefined {
    return row === undefined ? this.liveByKey.get(key) : this.liveByKey.getOfRow(row, key);
  }

  /** Live vertices that a datasource vouches for; no order. O(vertices of the types that it ever vouched for). */
  verticesToldBy(datasource: string): Iterable<Vertex> {
    return this.types.toldBy(datasource);
  }

  /** Live vertices; no order. */
  vertices(): Iterable<Vertex> {
    return this.liveByKey.values();
  }

  /** Live vertices of one type; no order. Not to be kept. */
  verticesOfType(type: string): readonly Vertex[] {
    return this.types.of(type);
  }

  /** Whether it is in the graph, and no mark. O(1). */
  isLive(vertex: Vertex): boolean {
    return !vertex.isDeleted && this.types.has(vertex);
  }

  /** Live alarms, placeholders included; no order. O(entities of the types that alarms have). */
  alarms(): Iterable<Vertex> {
    return this.types.alarms();
  }

  typeNames(): Iterable<string> {
    return this.types.names();
  }

  /** Live vertices with all these properties (names as outside). O(matches of the rarest), indexed. */
  find(where: { readonly [name: string]: string }): Vertex[] {
    return this.index.find(where);
  }

  /** The live edge, or nothing. O(the smaller of the two degrees). */
  edgeBetween(source: Vertex, target: Vertex, label: string): Edge | undefined {
    return edgeBetween(source, target, label);
  }

  /** Deletion marks, oldest first. */
  graves(): Iterable<Grave> {
    return this.graveyard;
  }

  /** The newest sample of the marked vertices of a key; undefined when there are none. O(those). */
  newestSampleOfMarks(key: string): string | undefined {
    return this.graveyard.newestSample(key);
  }

  /**
   * Adds a live vertex without properties. A deletion mark of the same id is taken away. Whoever knows that no other has
   * its key says so: then nobody need be found by such a key either.
   */
  addVertex(seed: VertexSeed, isKeyFree = false): Vertex {
    if (!isKeyFree) this.liveByKey.watch(seed.keyRest === undefined ? seed.key : seed.key + seed.keyRest);
    const vertex = this.vertexFrom(seed);
    const marked = this.graveyard.find(vertex);
    if (marked !== undefined) {
      this.graveyard.unbury(marked);
      this.forget(marked);
    }
    this.undo.note(EntityGraph.vertexAway, this, vertex, undefined);
    this.byId.add(vertex);
    this.list(vertex);
    this.digests.addBookkeeping(vertex);
    vertex.touchedIn = this.stepCount;
    vertex.before = NEWBORN;
    this.touched.push(vertex);
    this.kept?.note(vertex);
    this.ordinal = seed.ordinal;
    this.changes.note(vertex);
    return vertex;
  }

  /** Sets a property, or removes it with `null`. Tells whether that changed anything. */
  setProperty(vertex: Vertex, name: string, value: Json): boolean {
    const before = ownValue(vertex.properties, name);
    if (before === value || (value === null && before === undefined)) return false;
    if (typeof value === 'object' && value !== null && before !== undefined && sameJson(before, value)) return false;
    this.touch(vertex);
    vertex.asTold = undefined;
    noteTold(vertex, name, before);
    if (!this.isNewborn(vertex)) this.undo.note(EntityGraph.propertyBack, this, vertex, { name, before });
    this.digests.swap(vertex, name, before, value ?? undefined);
    if (value === null) delete vertex.properties[name];
    else vertex.properties[name] = value;
    this.index.replace(vertex, name, before, value ?? undefined);
    this.changes.note(vertex);
    return true;
  }

  /** Gives a vertex that was just added all its properties at once: the fast way. */
  fillProperties(vertex: Vertex, properties: PropertyBag): void {
    vertex.properties = properties;
    for (const name in properties) {
      this.digests.swap(vertex, name, undefined, properties[name]);
      this.index.replace(vertex, name, undefined, properties[name]);
    }
  }

  setSampleTimestamp(vertex: Vertex, value: string): void {
    if (this.setText(vertex, 'sampleTimestamp', '@sample', value) && this.areSampleTimesRead) this.changes.note(vertex);
  }

  setDatasource(vertex: Vertex, value: string): void {
    if (!this.setText(vertex, 'datasource', '@datasource', value)) return;
    this.types.note(value, vertex.type);
    this.changes.note(vertex);
  }

  setRowHash(vertex: Vertex, value: string | undefined): void {
    this.setText(vertex, 'rowHash', '@row', value);
  }

  /** Whether everything that the row of its hash says is in the graph now: see `Vertex.asTold`. */
  setAsTold(vertex: Vertex, kind: RowKind | undefined): void {
    const before = vertex.asTold;
    if (before === kind) return;
    if (!this.isNewborn(vertex)) this.undo.note(asToldBack, vertex, before, undefined);
    vertex.asTold = kind;
  }

  /** Sets the time of update of an entity whose row says what it said before, and this time besides. */
  stamp(vertex: Vertex, updateTimestamp: string): void {
    const { asTold } = vertex;
    this.setProperty(vertex, 'update_timestamp', updateTimestamp);
    this.setAsTold(vertex, asTold);
  }

  /** `setSampleTimestamp` and `setConfirmedAt` in one: what most rows of most polls come to. */
  confirm(vertex: Vertex, sampleTimestamp: string, ordinal: number): void {
    this.undo.note(sampleBack, vertex, vertex.sampleTimestamp, vertex.confirmedAt);
    this.confirmForGood(vertex, sampleTimestamp, ordinal);
  }

  /** `confirm` where nothing can fail afterwards: it is not undone. */
  confirmForGood(vertex: Vertex, sampleTimestamp: string, ordinal: number): void {
    const { sampleTimestamp: sampleBefore, confirmedAt: confirmedBefore } = vertex;
    if (sampleBefore !== sampleTimestamp) {
      this.digests.swap(vertex, '@sample', sampleBefore, sampleTimestamp);
      vertex.sampleTimestamp = sampleTimestamp;
      this.kept?.note(vertex);
      if (this.areSampleTimesRead) this.changes.note(vertex);
    }
    this.digests.swapCounter(vertex, 'confirmed', confirmedBefore, ordinal);
    vertex.confirmedAt = ordinal;
  }

  /**
   * Whether the reasoning reads sample times. They change with every row of every poll, mostly alone, and are no
   * change to a reasoning that does not read them.
   */
  readSampleTimes(areRead: boolean): void {
    const before = this.areSampleTimesRead;
    this.undo.push(() => {
      this.areSampleTimesRead = before;
    });
    this.areSampleTimesRead = areRead;
  }

  /** Sets or clears the deduced state and aggregates anew. */
  setVitrageState(vertex: Vertex, value: string | undefined): void {
    this.touch(vertex);
    if (this.setText(vertex, 'vitrageState', '@vitrage_state', value)) {
      this.changes.note(vertex);
      this.aggregate(vertex);
    }
  }

  setMarkedDown(vertex: Vertex, value: boolean): void {
    if (vertex.isMarkedDown === value) return;
    this.touch(vertex);
    this.undo.note(markBack, vertex, !value, undefined);
    vertex.isMarkedDown = value;
    this.digests.swap(vertex, '@marked_down', value ? undefined : true, value ? true : undefined);
    this.changes.note(vertex);
  }

  /** A stub has been seen itself: it is a placeholder no more. */
  promote(vertex: Vertex): void {
    if (!vertex.isPlaceholder) return;
    this.touch(vertex);
    vertex.asTold = undefined;
    this.undo.push(() => {
      vertex.isPlaceholder = true;
    });
    this.digests.swap(vertex, '@placeholder', true, undefined);
    vertex.isPlaceholder = false;
    this.changes.note(vertex);
  }

  /** Notes which entry last changed the vertex. */
  setChangedAt(vertex: Vertex, ordinal: number): void {
    const before = vertex.changedAt;
    if (before === ordinal) return;
    if (!this.isNewborn(vertex)) this.undo.note(changedAtBack, vertex, before, undefined);
    this.digests.swapCounter(vertex, 'changed', before, ordinal);
    vertex.changedAt = ordinal;
    this.kept?.note(vertex);
  }

  /** Notes in which entry its own datasource last vouched for the vertex. */
  setConfirmedAt(vertex: Vertex, ordinal: number): void {
    const before = vertex.confirmedAt;
    if (before === ordinal) return;
    if (!this.isNewborn(vertex)) this.undo.note(confirmedAtBack, vertex, before, undefined);
    this.digests.swapCounter(vertex, 'confirmed', before, ordinal);
    vertex.confirmedAt = ordinal;
  }

  /**
   * Recomputes aggregated and operational value: of `state` and `vitrage_state` for a resource (the
   * higher priority wins, a tie goes to `state`), of `severity` for an alarm. Derived from digested
   * properties and tables, hence not digested itself.
   */
  aggregate(vertex: Vertex): void {
    const { aggregated, operational } = vertex;
    // Two look-ups of one name each, which the machine remembers; one of either name it would not.
    const { properties } = vertex;
    const own = vertex.category === 'RESOURCE' ? properties['state'] : properties['severity'];
    const meaning = this.meaningOf(vertex, own);
    const value = meaning?.value;
    const meant = (meaning ?? this.values.lookup(vertex.type, undefined)).operational;
    if (aggregated === value && operational === meant) return;
    this.touch(vertex);
    if (!this.isNewborn(vertex)) this.undo.note(aggregateBack, vertex, aggregated, operational);
    vertex.aggregated = value;
    vertex.operational = meant;
    this.changes.note(vertex);
  }

  /** Of what its source says (`own`) or templates do. What nobody has told is no value, not the value "N/A". */
  private meaningOf({ type, vitrageState }: Vertex, own: Json | undefined): ValueMeaning | undefined {
    const told = typeof own === 'string' ? this.values.lookup(type, own) : undefined;
    if (vitrageState === undefined) return told;
    const deduced = this.values.lookup(type, vitrageState);
    return deduced.priority > (told ?? this.values.lookup(type, undefined)).priority ? deduced : told;
  }

  /** Other value tables hold from now on; every live vertex is aggregated anew. O(vertices). */
  useValues(values: ValueLookup): void {
    const before = this.values;
    this.undo.push(() => {
      this.values = before;
    });
    this.values = values;
    for (const vertex of this.liveByKey.values()) if (!vertex.isPlaceholder) this.aggregate(vertex);
  }

  /** Adds an edge; the live edge of the same identity must not exist. */
  addEdge(source: Vertex, target: Vertex, label: string, ordinal: number, updateTimestamp: string): Edge {
    // The message is the same for all, for it would be put together for every edge.
    assert(!source.isDeleted && !target.isDeleted, 'an edge to a deleted vertex');
    const edge = new Edge(source, target, label, ordinal, updateTimestamp);
    this.undo.note(EntityGraph.edgeAway, this, edge, undefined);
    this.attach(edge);
    this.digests.addEdge(edge);
    this.changes.addedEdges.push(edge);
    this.kept?.noteEdge(edge);
    if (label === 'causes') this.touchedCauses.push(edge);
    return edge;
  }

  /** Marks an edge deleted. */
  deleteEdge(edge: Edge, nowMs: number): void {
    if (edge.isDeleted) return;
    this.undo.note(EntityGraph.edgeBack, this, edge, undefined);
    this.digests.removeEdge(edge);
    this.detach(edge);
    edge.isDeleted = true;
    this.digests.addEdge(edge);
    this.graveyard.bury(edge, nowMs);
    this.changes.removedEdges.push(edge);
    if (edge.label === 'causes') this.touchedCauses.push(edge);
    this.kept?.noteEdge(edge);
  }

  /** Marks a vertex and all its edges deleted. */
  deleteVertex(vertex: Vertex, nowMs: number, ordinal: number): void {
    if (vertex.isDeleted) return;
    for (let edge = lastOf(vertex.out); edge !== undefined; edge = lastOf(vertex.out)) this.deleteEdge(edge, nowMs);
    for (let edge = lastOf(vertex.in); edge !== undefined; edge = lastOf(vertex.in)) this.deleteEdge(edge, nowMs);
    this.touch(vertex);
    this.setChangedAt(vertex, ordinal);
    this.undo.note(EntityGraph.vertexBack, this, vertex, undefined);
    this.unlist(vertex);
    vertex.isDeleted = true;
    this.digests.swap(vertex, '@deleted', undefined, true);
    this.graveyard.bury(vertex, nowMs);
    this.changes.note(vertex);
  }

  /** Brings a marked vertex back to life, as the same incarnation. Its edges stay deleted. */
  reviveVertex(vertex: Vertex): void {
    assert(vertex.isDeleted && this.liveByKey.get(vertex.key) === undefined, `cannot revive ${vertex.key}`);
    this.undo.push(() => {
      this.unlist(vertex);
      vertex.isDeleted = true;
    });
    this.digests.swap(vertex, '@deleted', true, undefined);
    vertex.isDeleted = false;
    this.kept?.note(vertex);
    this.list(vertex);
    this.graveyard.unbury(vertex);
    this.changes.note(vertex);
  }

  /** Forgets the marks made before `beforeMs`. Returns how many. O(purged). */
  purge(beforeMs: number): number {
    let purged = 0;
    for (const element of this.graveyard.expire(beforeMs)) {
      this.forget(element);
      purged += 1;
    }
    return purged;
  }

  /** Between steps: room that is no longer needed is given back. */
  compact(): void {
    this.graveyard.compact();
  }

  /** A step begins, or was undone: nothing has been touched yet. */
  beginStep(): void {
    const { touched } = this;
    for (let at = 0; at < touched.length; at++) touched[at]!.before = undefined;
    emptied(this.touched);
    emptied(this.touchedCauses);
    this.stepCount += 1;
    this.ordinal = -1;
    this.changes.clear();
  }

  /** After a rollback: puts the digest back to what it was when the step began. */
  resetDigest(high: number, low: number): void {
    this.digests.reset(high, low);
  }

  /** Matchable vertices of one type, or of all; no order. */
  *matchable(type: string | undefined): Iterable<Vertex> {
    const candidates = type === undefined ? this.vertices() : this.verticesOfType(type);
    for (const vertex of candidates) if (isMatchable(vertex)) yield vertex;
  }

  /**
   * Puts a vertex of a snapshot back, as it was. `own` is its state or severity, `prefix` what `prefixOf` gives for its
   * key. Digests are not kept in step: see `restoreDigest`.
   */
  restoreVertex(vertex: Vertex, own: string | undefined, prefix: string): void {
    this.digests.identify(vertex);
    if (vertex.datasource !== undefined) this.types.note(vertex.datasource, vertex.type);
    if (!vertex.isDeleted) {
      this.liveByKey.restore(vertex, prefix);
      this.types.add(vertex);
    }
    if (vertex.isPlaceholder) return;
    const meaning = this.meaningOf(vertex, own);
    vertex.aggregated = meaning?.value;
    vertex.operational = (meaning ?? this.values.lookup(vertex.type, undefined)).operational;
  }

  /** So many live edges of a snapshot stand where its vertices find them. */
  restoreEdges(count: number): void {
    this.liveEdges += count;
  }

  /** A vertex that has been forgotten, but that the mark of an edge still names. */
  makeGhost(seed: VertexSeed): Vertex {
    const vertex = this.vertexFrom(seed);
    vertex.isDeleted = true;
    return vertex;
  }

  /** Puts the mark of a deleted element back. */
  restoreGrave(element: Vertex | Edge, deletedAtMs: number): void {
    this.graveyard.bury(element, deletedAtMs);
  }

  /** The digest of what was restored, as the snapshot has it. */
  restoreDigest({ high, low }: Readonly<Digest>): void {
    this.digests.reset(high, low);
  }

  /** The digest computed once more, from nothing: what `digest` has to be. O(graph). */
  digestAnew(): Digest {
    return digestOf(this.allLists().flat(), this.liveByKey.values(), this.graveyard);
  }

  private allLists(): readonly (readonly Vertex[])[] {
    return [...this.types.lists(), [...this.graveyard.vertices()]];
  }

  private vertexFrom(seed: VertexSeed): Vertex {
    const { id, key, category, type, isPlaceholder, sampleTimestamp, ordinal, keyRest } = seed;
    const vertex = new Vertex(id, key, category, type, isPlaceholder, sampleTimestamp, ordinal, keyRest);
    this.digests.identify(vertex);
    return vertex;
  }

  /** Made by the entry at work: taking the whole vertex back undoes whatever happened to it. */
  private isNewborn(vertex: Vertex): boolean {
    return vertex.bornAt === this.ordinal && !vertex.isDeleted;
  }

  private touch(vertex: Vertex): void {
    if (vertex.touchedIn === this.stepCount) return;
    vertex.touchedIn = this.stepCount;
    vertex.before = this.lastBefore = imageOf(vertex, this.lastBefore);
    this.touched.push(vertex);
    this.kept?.note(vertex);
  }

  private forget(element: Vertex | Edge): void {
    if (element instanceof Edge) {
      this.digests.removeEdge(element);
      return;
    }
    this.undo.note(EntityGraph.idBack, this, element, undefined);
    this.byId.delete(element);
    this.digests.removeVertex(element);
  }

  private attach(edge: Edge): void {
    linkEnds(edge);
    this.liveEdges += 1;
  }

  private detach(edge: Edge): void {
    unlinkEnds(edge);
    this.liveEdges -= 1;
  }

  private list(vertex: Vertex): void {
    this.liveByKey.add(vertex);
    this.types.add(vertex);
    this.index.addAll(vertex);
  }

  private unlist(vertex: Vertex): void {
    this.liveByKey.delete(vertex);
    this.types.delete(vertex);
    this.index.removeAll(vertex);
  }

  private setText(vertex: Vertex, field: TextField, digestName: string, value: string | undefined): boolean {
    const before = vertex[field];
    if (before === value) return false;
    if (!this.isNewborn(vertex)) this.undo.note(textBack, vertex, field, before);
    this.digests.swap(vertex, digestName, before, value);
    (vertex as { [name in TextField]: string | undefined })[field] = value;
    this.kept?.note(vertex);
    return true;
  }

  /** What takes back the changes that are made most often; see `UndoLog.note`. */
  private static vertexAway(graph: EntityGraph, vertex: Vertex): void {
    graph.byId.delete(vertex);
    graph.unlist(vertex);
  }

  private static propertyBack(graph: EntityGraph, vertex: Vertex, { name, before }: EarlierProperty): void {
    graph.index.replace(vertex, name, vertex.properties[name], before);
    if (before === undefined) delete vertex.properties[name];
    else vertex.properties[name] = before;
  }

  private static vertexBack(graph: EntityGraph, vertex: Vertex): void {
    vertex.isDeleted = false;
    graph.list(vertex);
  }

  private static idBack(graph: EntityGraph, vertex: Vertex): void {
    graph.byId.add(vertex);
  }

  private static edgeAway(graph: EntityGraph, edge: Edge): void {
    graph.detach(edge);
  }

  private static edgeBack(graph: EntityGraph, edge: Edge): void {
    edge.isDeleted = false;
    graph.attach(edge);
  }
}
