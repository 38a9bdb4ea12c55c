export { openStore, type MariadbStore, type OpenOptions } from './store';
export { SCHEMA_VERSION } from './schema';
