export { type Config, type ConfigSources, isDistributed, isLoopback, loadConfig } from './config';
export { type FileProposals, proposalsOf } from './fileProposals';
export { Metrics } from './health/metrics';
export { readiness } from './health/healthServer';
export { type Log, openLog, silentLog } from './log';
export {
  type CommonPorts,
  type DistributedPorts,
  type EmbeddedPorts,
  openPorts,
  type OpenPortsOptions,
  type Ports,
} from './ports/openPorts';
export { Notifications, webhookNetworks } from './notifying/notifications';
export { programVersion } from './process/programVersion';
export { placeOf } from './process/placeOf';
export { type ProcessIdentity, Reporter } from './process/reporter';
export {
  type ProcessContext,
  type RoleName,
  ROLES,
  type RoleStatus,
  type StatusAsker,
  type RunningRole,
  type StartRole,
} from './process/role';
export { distributed, roleOf } from './process/roleOf';
export { ROLE_NODE_FLAGS } from './process/roleNodeFlags';
export { runProcess } from './process/runProcess';
export { Warnings } from './process/warnings';
export { openArchive, type OpenedArchive } from './ports/openArchive';
export { readBoard } from './ports/readBoard';
export { withoutSecrets } from './secrets';
export { defaultStoreFolder, type Environment } from './storeFolder';
