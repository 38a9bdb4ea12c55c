export { BEHAVIOUR_MAX } from './behaviour';
export { type EngineState, initialState, type Refusal } from './state';
export { type Outcome, type StepResult, step } from './step';
export { logTimeAfter } from './logTime';
export { stateHash } from './stateHash';
export type { TemplateRow } from './templateShelf';
export { decodeSnapshot, encodeSnapshot, SNAPSHOT_FORMAT, snapshotInPieces } from './snapshot';
export { checkEntry } from './checkEntry';
export { reportState, type StateReport } from './stateReport';
export { parseEventLine, RunClock } from './runEvents';
export { type Deduction, type ExplainedAlarm, type ExplainedLink, explainAlarm, type Explanation } from './why';
export {
  type AttachedServers,
  answerFrom,
  answerQuestion,
  type GraphAnswer,
  type ListedAlarm,
  type Question,
  type StateSummary,
} from './questions';
export { Descriptions } from '@wherefore/graph';
export { Listings } from './listings';
export { readSpan, type SpanQuestion, type SpanReader } from './span';
export type { SpanChange, SpanChanges, SpanProperty, SpanTemplate } from './spanChanges';
export type { SpanEffect, SpanEntries, SpanEntry, SpanOutcome } from './spanEntries';
