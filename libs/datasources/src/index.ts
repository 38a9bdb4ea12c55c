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
export { type AnswerPolls, type PollRow, type PollRows, REST_ANSWERS, fromRestAnswer } from './openstack/restAnswer';
export { eventEntries, pollEntries } from './openstack/entries';
export { normaliseTimestamp } from './reading/timestamp';
