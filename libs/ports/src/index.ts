export type { Clock, Timer } from './clock';
export { entriesOf, readTogether, type EventLog, type LogReader, type ReadOptions } from './eventLog';
export { encodeEntry, joinEntry, splitEntry, type RowText, type SplitEntry } from './entryBytes';
export { encodeLine } from './entryLine';
export { bytesOf, lineOf, LineReader, type LineBytes, type LinePlace } from './lineReader';
export type { Archive, ArchiveBatch, ArchiveResult, ArchiveWriter, ArchivedEntry } from './archive';
export { assertInOrder, forgottenAfter } from './archiveOrder';
export {
  SNAPSHOT_CHUNK_BYTES,
  type PruneOptions,
  type SnapshotBounds,
  type SnapshotHeader,
  type SnapshotReader,
  type SnapshotStore,
} from './snapshotStore';
export { SNAPSHOT_GAP_ENTRIES_MAX, newestWithin, positionsToKeep, snapshotsToPrune } from './thinning';
export type {
  AlarmPage,
  AlarmPlace,
  AlarmRecord,
  ApplyResult,
  CauseRecord,
  ChangeRecord,
  History,
  HistoryBatch,
  HistoryCursor,
  HistoryProjection,
  HistoryQueries,
  PlacedEffect,
  RefusalRecord,
} from './history';
export {
  type AlarmPart,
  alarmParts,
  comparePlaces,
  LASTED_BELOW_MS,
  type LastedPart,
  lastedParts,
  STILL_OPEN,
} from './alarmPages';
export { alarmName, alarmProject, alarmSeverity, describeChange } from './effectRows';
export type { EpochBook, LogEpoch } from './epochBook';
export type { LeaderLease, Lease } from './leaderLease';
export {
  BOARD_KEPT_MS,
  compareReports,
  type HeldLease,
  type LinkHealth,
  type PostedReport,
  type ProcessBoard,
  type ProcessReport,
  type SnapshotMark,
} from './processBoard';
export type { LogEpochs } from './logEpochs';
export type { Presence, ShownPresence } from './presence';
export type {
  Advance,
  AdvanceResult,
  DeadLetter,
  Delivery,
  DeliveryKey,
  DeliveryOutcome,
  NewDelivery,
  Outbox,
  Watermark,
  Webhook,
  Webhooks,
} from './outbox';
export { ALL_DATASOURCES, type PollRequest, type PollRequests } from './pollRequests';
export type { BusNotification, Receiver, SendResult } from './receiver';
export { MemoryArchive } from './memory/memoryArchive';
export { MemoryEventLog } from './memory/memoryEventLog';
export { MemorySnapshotStore } from './memory/memorySnapshotStore';
export { MemoryHistory } from './memory/memoryHistory';
export { MemoryLeaderLease } from './memory/memoryLeaderLease';
export { MemoryEpochBook } from './memory/memoryEpochBook';
export { MemoryProcessBoard } from './memory/memoryProcessBoard';
export { MemoryPresence } from './memory/memoryPresence';
export { MemoryOutbox } from './memory/memoryOutbox';
export { MemoryPollRequests } from './memory/memoryPollRequests';
