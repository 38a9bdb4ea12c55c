import { ALARM_TABLES } from './alarmTables';
import { RESOURCE_TABLES } from './resourceTables';
import type { ValueTable } from './valueTable';

/**
 * The value tables that come with Wherefore, by type: those of Vitrage 9, completed. `default` serves
 * every type that is not listed.
 */
export const DEFAULT_VALUE_TABLES: { readonly [type: string]: ValueTable } = Object.freeze({
  ...RESOURCE_TABLES,
  ...ALARM_TABLES,
});
