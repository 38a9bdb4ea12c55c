export { type EntryBase } from './apiNode';
export { type EmbeddedOptions, type EmbeddedServer, runServer, startEmbeddedServer } from './embeddedServer';
export { type NodeOptions, WhereforeNode } from './node';
export type { CatchUp } from './nodeParts';
export type { RunningServer } from './server';
export { startApi } from './startApi';
