import type { RowKind, Vertex } from './elements';

/** What takes back a change that is made often: one function each, for `UndoLog.note`. */

/** Fields of a vertex that hold a text, and that are digested. */
export type TextField = 'sampleTimestamp' | 'datasource' | 'rowHash' | 'vitrageState';

export function textBack(vertex: Vertex, field: TextField, before: string | undefined): void {
  (vertex as { [name in TextField]: string | undefined })[field] = before;
}

export function asToldBack(vertex: Vertex, before: RowKind | undefined): void {
  vertex.asTold = before;
}

export function sampleBack(vertex: Vertex, sampleTimestamp: string, confirmedAt: number): void {
  vertex.sampleTimestamp = sampleTimestamp;
  vertex.confirmedAt = confirmedAt;
}

export function markBack(vertex: Vertex, isMarkedDown: boolean): void {
  vertex.isMarkedDown = isMarkedDown;
}

export function changedAtBack(vertex: Vertex, before: number): void {
  vertex.changedAt = before;
}

export function confirmedAtBack(vertex: Vertex, before: number): void {
  vertex.confirmedAt = before;
}

export function aggregateBack(vertex: Vertex, aggregated: string | undefined, operational: string | undefined): void {
  vertex.aggregated = aggregated;
  vertex.operational = operational;
}
