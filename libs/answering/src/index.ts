export { AnswerService, type ExplainedAt, type LivePart, type LiveVersion } from './answerService';
export { type ActiveAlarm, type EverCaused, type EverLink, relatives } from './everCaused';
export { liveSource, type LiveParts } from './liveSource';
export { replayParts } from './replayParts';
export type { AnswerSource, Moment } from './source';
export { storeSource, type StoreParts } from './storeSource';
export { EVERYTHING, projectOf, type Viewer } from './viewer';
export { describeProcesses } from './processes';
export { visibleGraph } from './visibleGraph';
