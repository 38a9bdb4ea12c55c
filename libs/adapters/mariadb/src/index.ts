export { openBoard, openReader, openStore, type MariadbReader, type MariadbStore, type OpenOptions } from './store';
export type { ConnectOptions } from './database';
export type { Expired, ExpireOptions, RetentionSettings } from './retention';
export { SCHEMA_VERSION } from './schema';
