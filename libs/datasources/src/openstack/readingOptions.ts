import type { JsonObject } from '@wherefore/model';

/** What of a cloud is to become entities. */
export interface ReadingOptions {
  /** Of which owners ports are entities: servers only, as in Vitrage, or everybody. */
  readonly portOwners: 'compute' | 'all';
  /** Configuration of datasources, as in the log: which resource an alert of Prometheus is on. */
  readonly datasources?: JsonObject;
}

/** What holds where nothing is said. */
export const DEFAULT_READING: ReadingOptions = Object.freeze({ portOwners: 'compute' });
