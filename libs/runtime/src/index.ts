export { engineMachine } from './engineMachine';
export { Follower, type AppliedOutcome, type AppliedStep, type Lag, type StepListener } from './follower';
export { HistoryProjector } from './historyProjector';
export type { Machine, MachineState } from './machine';
export { machineTimer } from './machineTimer';
export { ENGINE_MODULE, ReplayHost, type HostMode } from './replayHost';
export {
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
export { verifyReplay, type SnapshotCheck, type Verdict, type VerifyReport } from './verifyReplay';
