/** Appends to the list of a key, which begins empty. O(1), where `[...list, value]` copies the list for each of its values. */
export function pushTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
