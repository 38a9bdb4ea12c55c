export { type DatasourceFacts, DATASOURCES, toEntityEvent, readRow, type RowMeaning } from './toEntityEvent';
export { type OperationalValue, type ValueTable, parseValueTable } from './values/valueTable';
export { type CompiledValueTables, type ValueMeaning, compileValueTables } from './values/compileValueTables';
export { DEFAULT_VALUE_TABLES, VITRAGE_VALUE_TABLES } from './values/defaultValueTables';
export {
  type IgnoredNotification,
  type NotificationEnvelope,
  type NotificationEvents,
  fromNotification,
} from './openstack/notification';
export {
  answerDatasources,
  type AnswerPage,
  type AnswerPolls,
  type PollRow,
  type PollRows,
  REST_ANSWERS,
  fromAnswerPage,
  fromRestAnswer,
} from './openstack/restAnswer';
export type { ReadingOptions } from './openstack/readingOptions';
export { eventEntries, pollEntries } from './openstack/entries';
export { notificationEntries, type NotificationEntries } from './openstack/notificationEntries';
export { driverEvents, type PostContext, type PostedEvents } from './posted/driverEvents';
export { PollTelling } from './openstack/pollTelling';
export { type AnswerIndex, readAnswerIndex, type RecordedAnswer } from './recording/recordedAnswers';
export { readRecordedMessage, type RecordedMessage } from './recording/recordedMessage';
export { failedPolls, type RecordedPoll, type RecordedPolls, recordedPolls } from './recording/recordedPolls';
export { millisecondsOf } from './recording/recordedTime';
export { RejectedInputs } from './recording/rejectedInput';
export { TickClock } from './recording/tickClock';
export { normaliseTimestamp } from './reading/timestamp';
export { alertResource, fromAlerts } from './alarms/alertmanager';
export { fromStaticFiles, type StaticFile } from './static/staticFiles';
