import type { ValueTable } from './valueTable';

/** What one value means. */
export interface ValueMeaning {
  /** The value in upper case; `N/A` when there was none. */
  readonly value: string;
  readonly operational: string;
  /** Higher wins. 0 for what the table does not know. */
  readonly priority: number;
}

/** Value tables, ready for use. */
export interface CompiledValueTables {
  /**
   * What `value` means for entities of `type`. A type without a table has the default one; a value that
   * the table does not know means `N/A` with priority 0, and so does a value that is not there. O(1).
   */
  lookup(type: string, value: string | null | undefined): ValueMeaning;
}

/** The type whose table serves every type that has none. */
export const DEFAULT_TABLE = 'default';

const NO_VALUE: ValueMeaning = Object.freeze({ value: 'N/A', operational: 'N/A', priority: 0 });
const EMPTY: ReadonlyMap<string, ValueMeaning> = new Map();

/**
 * Makes the tables ready. The table named `default` is used where a type has none; without one, such a
 * type knows no value. Later changes of `tables` are not seen. O(names).
 */
export function compileValueTables(tables: { readonly [type: string]: ValueTable }): CompiledValueTables {
  const byType = new Map<string, ReadonlyMap<string, ValueMeaning>>();
  for (const type of Object.keys(tables)) {
    const table = tables[type];
    if (table !== undefined) byType.set(type, compileTable(table));
  }
  const fallback = byType.get(DEFAULT_TABLE) ?? EMPTY;
  return {
    lookup(type, value) {
      if (value === null || value === undefined) return NO_VALUE;
      const meanings = byType.get(type) ?? fallback;
      const known = meanings.get(value);
      if (known !== undefined) return known;
      const upper = value.toUpperCase();
      return meanings.get(upper) ?? { value: upper, operational: 'N/A', priority: 0 };
    },
  };
}

/** By the spelling as written, in upper and in lower case, so that a look-up seldom has to convert. */
function compileTable(table: ValueTable): ReadonlyMap<string, ValueMeaning> {
  const meanings = new Map<string, ValueMeaning>();
  for (const { priority, names } of table.values) {
    for (const { name, operational } of names) {
      const value = name.toUpperCase();
      const meaning: ValueMeaning = Object.freeze({ value, operational, priority });
      meanings.set(value, meaning).set(name, meaning).set(name.toLowerCase(), meaning);
    }
  }
  return meanings;
}
