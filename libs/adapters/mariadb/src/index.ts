export { openStore, type MariadbStore, type OpenOptions } from './store';
export type { Expired, ExpireOptions, RetentionSettings } from './retention';
export { SCHEMA_VERSION } from './schema';
