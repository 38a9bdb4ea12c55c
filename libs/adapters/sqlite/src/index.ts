export { openReader, openStore, readerModule, type OpenOptions, type SqliteReader, type SqliteStore } from './store';
export type { WriterMode } from './writer';
export { STORE_VERSION } from './storeVersion';
