export { engineMachine } from './engineMachine';
export { Follower, type AppliedOutcome, type AppliedStep, type Lag, type StepListener } from './follower';
export { gatheredLog } from './gatheredLog';
export { HistoryProjector } from './historyProjector';
export type { Machine, MachineState } from './machine';
export { machineTimer } from './machineTimer';
export { ENGINE_MODULE, ReplayHost, type HostMode } from './replayHost';
export {
  AnswerBytes,
  ReplayJobs,
  spanFrom,
  type AnswerQuestion,
  type Answered,
  type AnsweredMoment,
  type ReadSpan,
  type SpanAnswered,
} from './replayJobs';
export type { ModuleRef, ReplayParts } from './replayMessages';
export { Replayer, type Materialised, type NextMoment, type ReplaySource, type Target } from './replayer';
export { packSnapshot, snapshotFormatVersion, unpackSnapshot, type PackedSnapshot } from './snapshotCodec';
export { Snapshotter, type SnapshotPolicy } from './snapshotter';
export { TimeTravel } from './timeTravel';
export { UNSOUND, verifyReplay, type SnapshotCheck, type Verdict, type VerifyReport } from './verifyReplay';
export { ArchiveFeed } from './roles/archiveFeed';
export { Archiver, type ArchiverCounts, type ArchiverOptions, type ArchiverParts } from './roles/archiver';
export { DeliveryDesk, type DeskCounts, type DeskOptions } from './roles/deliveryDesk';
export type { LineStatus, ReceiverBook } from './roles/deliveryLine';
export { EpochKeeper, type EpochKeeperOptions, type EpochKeeperParts } from './roles/epochKeeper';
export { HistoryKeeper, type HistoryOptions, type HistoryParts, type StateAtOrBefore } from './roles/historyKeeper';
export { LeaderRole, type LeaderOptions } from './roles/leaderRole';
export { Notifier, type DeriveNews, type NotifierOptions, type NotifierParts } from './roles/notifier';
export { Persister, type PersisterOptions, type PersisterParts } from './roles/persister';
export { Processor, type ProcessorOptions, type ProcessorParts } from './roles/processor';
export type { Term } from './roles/term';
export { Ticker, type TickerOptions } from './roles/ticker';
export { backoffMs, isPassing, pause, persist, runTogether, type Backoff, type Warn } from './roles/waiting';
