export { UndoLog } from './undoLog';
export { Edge, Vertex, type PropertyBag, describeVertex, isMatchable, readProperty } from './elements';
export type { ValueLookup, ValueMeaning } from './valueLookup';
export { type BeforeImage, EntityGraph, type GraphChanges, type TouchedVertex, type VertexSeed } from './entityGraph';
export type { Grave } from './graveyard';
export { DEDUCED, type MergeMoment, type MergeResult, deleteWithStubs, mergeEvent } from './mergeEvent';
