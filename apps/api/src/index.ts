export { type Config, type ConfigSources, isLoopback, loadConfig } from './config';
export { type Log, openLog, silentLog } from './log';
export { type EntryBase, type NodeOptions, WhereforeNode } from './node';
export type { CatchUp } from './nodeParts';
export { type RunningServer, runServer, type ServerOptions, startServer } from './server';
export { defaultStoreFolder, type Environment } from './storeFolder';
