import { normaliseTimestamp } from '@wherefore/datasources';
import type { EntityGraph, RowKind, Vertex } from '@wherefore/graph';
import type { EntityEvent, KnownRow, PollHead, SeenEntry } from '@wherefore/model';
import type { RowOrder } from './rowOrder';

/** A row that says what its entity was told before: all that is new is when it was taken. */
export interface RepeatedRow {
  readonly vertex: Vertex;
  readonly kind: RowKind;
  readonly sampleTimestamp: string;
}

/** What tells whose row an entry is, and of which poll. */
interface RowOfPoll {
  readonly id: string;
  readonly source: string;
  readonly pollId?: string;
}

/**
 * Recognises a row that its entity was told before, and that is in the graph still, without looking into it: by its
 * hash, and by its id, which is that of its poll and the key of the entity. Whatever is not of that form, is older than
 * what is known, or bears no time, has to be read. Cost: a comparison where the row stands where it stood in the poll
 * before, as far as `order` is given; else one look-up.
 */
export function findRepeated(
  graph: EntityGraph,
  row: RowOfPoll,
  rowHash: string,
  sampleDate: unknown,
  rowNumber?: number,
  order?: RowOrder,
): RepeatedRow | undefined {
  const { id, pollId } = row;
  if (pollId === undefined || id[pollId.length] !== '/' || !id.startsWith(pollId)) return undefined;
  const key = id.slice(pollId.length + 1);
  const vertex =
    order === undefined || rowNumber !== undefined
      ? graph.liveVertexOfRow(rowNumber, key)
      : inOrder(graph, order, row.source, pollId, key);
  const kind = vertex?.asTold;
  if (kind === undefined || vertex!.rowHash !== rowHash) return undefined;
  const sampleTimestamp = timeOf(sampleDate);
  if (sampleTimestamp === undefined) return undefined;
  if (kind.isUpdate && vertex!.sampleTimestamp > sampleTimestamp) return undefined;
  return { vertex: vertex!, kind, sampleTimestamp };
}

/** The vertex that a `seen` entry vouches for, if it is just as the entry says. Cost as of `findRepeated`. */
export function vertexSeen(
  graph: EntityGraph,
  { id, source, pollId, key, rowHash }: SeenEntry,
  order: RowOrder,
): Vertex | undefined {
  if (id.length !== pollId.length + 1 + key.length || id[pollId.length] !== '/') return undefined;
  if (!id.startsWith(pollId) || !id.endsWith(key)) return undefined;
  const vertex = inOrder(graph, order, source, pollId, key);
  return vertex?.rowHash === rowHash ? vertex : undefined;
}

function inOrder(graph: EntityGraph, order: RowOrder, source: string, pollId: string, key: string): Vertex | undefined {
  const expected = order.expected(source, pollId, key);
  if (expected !== undefined) return expected;
  const vertex = graph.liveVertexByKey(key);
  if (vertex !== undefined) order.found(vertex);
  return vertex;
}

/** What the ids of all rows of a poll begin with: the same object for one after another. */
export function beginningOfRows(pollId: string): string {
  if (pollId !== lastPollId) {
    lastBeginning = `${pollId}/`;
    lastPollId = pollId;
  }
  return lastBeginning;
}

let lastPollId = '';
let lastBeginning = '/';

/**
 * The vertex of a row that was told before, of a `seen` one too, when all that the row does is to confirm it: the entity
 * does not bear the time of the sample, and nobody reasons about it. Cost: one look-up.
 */
export function vertexConfirmedBy(
  graph: EntityGraph,
  head: PollHead,
  { number, hash, key }: KnownRow,
): Vertex | undefined {
  const vertex = graph.liveVertexOfRow(number, key);
  if (vertex === undefined || vertex.rowHash !== hash) return undefined;
  if (head.kind === 'seen') return vertex;
  const kind = vertex.asTold;
  if (kind === undefined || kind.isStamped || graph.areSampleTimesRead) return undefined;
  const sampleTimestamp = timeOf(head.event);
  if (sampleTimestamp === undefined) return undefined;
  return kind.isUpdate && vertex.sampleTimestamp > sampleTimestamp ? undefined : vertex;
}

/** The rows of a poll bear one time, mostly. */
let lastDate: unknown;
let lastTime: string | undefined;

/** Whether the row is what its entity was told last, and in the graph still, whatever it comes to. */
export function isTold(graph: EntityGraph, { number, hash, key }: KnownRow): boolean {
  const vertex = graph.liveVertexOfRow(number, key);
  return vertex?.asTold !== undefined && vertex.rowHash === hash;
}

/** The time of a sample date as the graph keeps it; nothing where it is none. */
export function timeOf(sampleDate: unknown): string | undefined {
  if (sampleDate !== lastDate) {
    lastTime = normaliseTimestamp(sampleDate);
    lastDate = sampleDate;
  }
  return lastTime;
}

const kindsByDatasource = new Map<string, RowKind[]>();

/** Of one datasource. What static files name may be of any types. */
const KINDS_KEPT_MAX = 64;

/** The kind of a row of a datasource that there is. One object for each, mostly, for every entity refers to one. */
export function rowKindOf(
  datasource: string,
  { action, neighbours, without }: EntityEvent,
  isStamped: boolean,
): RowKind {
  const isUpdate = action === 'update-entity';
  for (const kind of kindsByDatasource.get(datasource) ?? []) {
    if (kind.isUpdate === isUpdate && kind.isStamped === isStamped && tellsOf(kind, neighbours, without)) return kind;
  }
  const edgeTypes: string[] = [];
  for (const { entity } of neighbours) if (!edgeTypes.includes(entity.type)) edgeTypes.push(entity.type);
  if (without !== undefined) for (const type of without) if (!edgeTypes.includes(type)) edgeTypes.push(type);
  return sharedKind({ datasource, isUpdate, isStamped, edgeTypes });
}

/** Whether the kind is of rows with edges to just these types: mostly one, or none. */
function tellsOf(
  { edgeTypes }: RowKind,
  neighbours: EntityEvent['neighbours'],
  without: EntityEvent['without'],
): boolean {
  if (edgeTypes === undefined || without !== undefined || neighbours.length !== edgeTypes.length) return false;
  for (let i = 0; i < edgeTypes.length; i++) if (neighbours[i]!.entity.type !== edgeTypes[i]) return false;
  return true;
}

/** An equal kind, if there was one before. */
export function sharedKind(kind: RowKind): RowKind {
  let kinds = kindsByDatasource.get(kind.datasource);
  if (kinds === undefined) kindsByDatasource.set(kind.datasource, (kinds = []));
  for (const known of kinds) if (isSameKind(known, kind)) return known;
  if (kinds.length < KINDS_KEPT_MAX) kinds.push(kind);
  return kind;
}

function isSameKind(a: RowKind, b: RowKind): boolean {
  if (a.isUpdate !== b.isUpdate || a.isStamped !== b.isStamped) return false;
  const [some, others] = [a.edgeTypes, b.edgeTypes];
  if (some === undefined || others === undefined) return some === others;
  return some.length === others.length && some.every((type, at) => type === others[at]);
}
