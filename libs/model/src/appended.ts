/**
 * The list with `value` at its end: the same list, unless it was empty. A list of one is made to
 * measure, where a push onto an empty one reserves room for 17: with a dozen short lists for every
 * deduction, that is most of the memory.
 */
export function appended<T>(list: T[], value: T): T[] {
  if (list.length === 0) return [value];
  list.push(value);
  return list;
}

/** Empties a list in place. Setting a length is no plain write, and most lists are empty at the end of most steps. */
export function emptied(list: unknown[]): void {
  if (list.length > 0) list.length = 0;
}
