import { ALARM_TABLES } from './alarmTables';
import { COMPLETIONS } from './completions';
import { OPENSTACK_TABLES } from './openstackTables';
import { RESOURCE_TABLES } from './resourceTables';
import type { ValueTable } from './valueTable';

/** The value tables of Vitrage 9, by type. `default` serves every type that is not listed. */
export const VITRAGE_VALUE_TABLES: { readonly [type: string]: ValueTable } = Object.freeze({
  ...RESOURCE_TABLES,
  ...ALARM_TABLES,
});

/** The value tables that come with Wherefore, by type: those of Vitrage 9, completed, and those of kinds that it lacks. */
export const DEFAULT_VALUE_TABLES: { readonly [type: string]: ValueTable } = Object.freeze({
  ...Object.fromEntries(Object.entries(VITRAGE_VALUE_TABLES).map(([type, table]) => [type, completed(type, table)])),
  ...OPENSTACK_TABLES,
});

function completed(type: string, table: ValueTable): ValueTable {
  return { category: table.category, values: [...table.values, ...(COMPLETIONS[type] ?? [])] };
}
