/**
 * The list with `value` at its end: the same list, unless it was very short. Lists of up to four are made to
 * measure, where a push onto a full one reserves room for 17 and more: with a dozen short lists for every
 * deduction, that is most of the memory.
 */
export function appended<T>(list: T[], value: T): T[] {
  switch (list.length) {
    case 0:
      return [value];
    case 1:
      return [list[0]!, value];
    case 2:
      return [list[0]!, list[1]!, value];
    case 3:
      return [list[0]!, list[1]!, list[2]!, value];
    default:
      list.push(value);
      return list;
  }
}

/** A longer list gives back its room when it is emptied. */
const KEPT_MAX = 512;

/** Empties a list in place. A short one keeps its room, which a length of zero would give back, for it is soon filled again. */
export function emptied(list: unknown[]): void {
  // Most lists are empty at the end of most steps: so much is done where it is asked.
  if (list.length > 0) takeAllOf(list);
}

function takeAllOf(list: unknown[]): void {
  if (list.length > KEPT_MAX) list.length = 0;
  else while (list.length > 0) list.pop();
}
