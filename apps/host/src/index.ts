export { type Config, type ConfigSources, isLoopback, loadConfig } from './config';
export { type Log, openLog, silentLog } from './log';
export { defaultStoreFolder, type Environment } from './storeFolder';
