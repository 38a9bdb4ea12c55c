export { AnswerService, type AlarmRow, type ExplainedAt } from './answerService';
export { liveSource, type LiveParts } from './liveSource';
export { replayParts } from './replayParts';
export type { AnswerSource, Moment } from './source';
export { storeSource, type StoreParts } from './storeSource';
