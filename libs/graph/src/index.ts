export { ChangeJournal } from './changeJournal';
export { Descriptions } from './descriptions';
export { UndoLog } from './undoLog';
export {
  type BeforeImage,
  Edge,
  type VertexSource,
  Vertex,
  type PropertyBag,
  type RowKind,
  describeVertex,
  isMatchable,
  readProperty,
} from './elements';
export type { ValueLookup, ValueMeaning } from './valueLookup';
export { EntityGraph } from './entityGraph';
export type { GraphChanges } from './graphChanges';
export { prefixOf } from './keyIndex';
export type { VertexSeed } from './vertexSeed';
export type { Grave } from './graveyard';
export { DEDUCED, type MergeMoment, type MergeResult, deleteWithStubs, mergeEvent } from './mergeEvent';
