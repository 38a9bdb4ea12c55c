export { type Json, type JsonObject, isJsonObject, compareCodeUnits, canonicalJson } from './json';
export { pushTo } from './listsByKey';
export { type Position, ORIGIN, comparePositions, formatPosition, parsePosition } from './position';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  type Rejection,
  WhereforeError,
  BrokenInvariant,
  assert,
} from './errors';
export type {
  Amendment,
  Category,
  EdgeDirection,
  EntityEvent,
  EntityImage,
  GraphAction,
  NeighbourImage,
  NeighbourLookup,
  Properties,
  PropertyPatch,
} from './entity';
export {
  ENTRY_VERSION,
  type BehaviourSetEntry,
  type ConfigSetEntry,
  type EpochOpenedEntry,
  type EventEntry,
  type Fence,
  type KnownRow,
  type LogEntry,
  type NewEntry,
  type PollCompletedEntry,
  type PollFailedEntry,
  type PollHead,
  type PollStartedEntry,
  type RejectedInputEntry,
  type RowHead,
  type SeenEntry,
  type TemplateAddEntry,
  type TemplateDeleteEntry,
  type TemplateSource,
  type TickEntry,
  headOf,
} from './entry';
export type {
  AlarmEffect,
  CauseEffect,
  Effect,
  ExternalActionEffect,
  MarkDownEffect,
  PropertyChange,
  RefusalEffect,
  ResourceEffect,
  TemplateEffect,
} from './effect';
export { type Limits, DEFAULT_LIMITS, BOUNDARY_LIMITS } from './limits';
export {
  BeginningMixer,
  type Digest,
  Mixer,
  RowDigest,
  addToDigest,
  digestText,
  emptyDigest,
  formatDigest,
  subtractFromDigest,
} from './digest';
export { abridged, excerptOf } from './abridged';
export { type ReadJson, readJson, readText } from './readJson';
export { type EntryOrigin, oversize, refusedInput } from './refusedInput';
export { rowHash } from './rowHash';
export { whenAborted, notWhenAborted } from './abortActs';
export { appended, emptied } from './appended';
export { PassingMap, PassingSet } from './passing';
export { uuid5, incarnationId } from './uuid5';
