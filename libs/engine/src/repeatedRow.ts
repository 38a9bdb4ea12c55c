import { normaliseTimestamp } from '@wherefore/datasources';
import type { EntityGraph, RowKind, Vertex } from '@wherefore/graph';

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

const updates = new Map<string, RowKind>();
const others = new Map<string, RowKind>();

/** The kind of a row of a datasource that there is. One object for each, for every entity refers to one. */
export function rowKindOf(datasource: string, isUpdate: boolean): RowKind {
  const kinds = isUpdate ? updates : others;
  let kind = kinds.get(datasource);
  if (kind === undefined) kinds.set(datasource, (kind = { datasource, isUpdate }));
  return kind;
}
