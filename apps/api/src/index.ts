export { type EntryBase, type NodeOptions, WhereforeNode } from './node';
export type { CatchUp } from './nodeParts';
export { type RunningServer, runServer, type ServerOptions, startServer } from './server';
