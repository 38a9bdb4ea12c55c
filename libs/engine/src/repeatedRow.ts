import { normaliseTimestamp } from '@wherefore/datasources';
import type { EntityGraph, RowKind, Vertex } from '@wherefore/graph';
import type { EntityEvent } from '@wherefore/model';

/** A row that says what its entity was told before: all that is new is when it was taken. */
export interface RepeatedRow {
  readonly vertex: Vertex;
  readonly kind: RowKind;
  readonly sampleTimestamp: string;
}

/**
 * Recognises a row that its entity was told before, and that is in the graph still, without looking into it: by its
 * hash, and by its id, which is that of its poll and the key of the entity. Whatever is not of that form, is older than
 * what is known, or bears no time, has to be read. Cost: one look-up.
 */
export function findRepeated(
  graph: EntityGraph,
  { id, pollId }: { readonly id: string; readonly pollId?: string },
  rowHash: string,
  sampleDate: unknown,
  rowNumber?: number,
): RepeatedRow | undefined {
  if (pollId === undefined || id[pollId.length] !== '/' || !id.startsWith(pollId)) return undefined;
  const vertex = graph.liveVertexOfRow(rowNumber, id.slice(pollId.length + 1));
  const kind = vertex?.asTold;
  if (kind === undefined || vertex!.rowHash !== rowHash) return undefined;
  const sampleTimestamp = timeOf(sampleDate);
  if (sampleTimestamp === undefined) return undefined;
  if (kind.isUpdate && vertex!.sampleTimestamp > sampleTimestamp) return undefined;
  return { vertex: vertex!, kind, sampleTimestamp };
}

/** The rows of a poll bear one time, mostly. */
let lastDate: unknown;
let lastTime: string | undefined;

function timeOf(sampleDate: unknown): string | undefined {
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
  const edgeTypes: string[] = [];
  for (const { entity } of neighbours) if (!edgeTypes.includes(entity.type)) edgeTypes.push(entity.type);
  if (without !== undefined) for (const type of without) if (!edgeTypes.includes(type)) edgeTypes.push(type);
  return sharedKind({ datasource, isUpdate: action === 'update-entity', isStamped, edgeTypes });
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
  if (a.isUpdate !== b.isUpdate || a.isStamped !== b.isStamped || a.edgeTypes.length !== b.edgeTypes.length)
    return false;
  for (let i = 0; i < a.edgeTypes.length; i++) if (a.edgeTypes[i] !== b.edgeTypes[i]) return false;
  return true;
}
