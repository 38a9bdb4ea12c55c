import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PassingMap, PassingSet } from './passing';

describe('collections for what comes and goes', () => {
  it('hold in the order of arrival what was not deleted, however much has passed through', () => {
    const set = new PassingSet<number>();
    const map = new PassingMap<number, string>();
    for (let i = 0; i < 1000; i++) {
      set.add(i);
      map.set(i, `it is ${i}`);
      if (i % 100 === 0) continue;
      expect([set.delete(i), set.delete(i), map.delete(i), map.delete(i)]).toEqual([true, false, true, false]);
    }
    const left = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900];
    expect([...set]).toEqual(left);
    expect([...map.values()]).toEqual(left.map((i) => `it is ${i}`));
    expect([set.size, map.size, set.has(100), set.has(101), map.has(100), map.get(900), map.get(901)]).toEqual([
      ...[10, 10, true, false, true],
      ...['it is 900', undefined],
    ]);
  });

  it('let what was met be deleted by whoever goes through them', () => {
    const map = new PassingMap<number, number>();
    for (let i = 0; i < 300; i++) map.set(i, i);
    const met: number[] = [];
    for (const key of map.keys()) {
      met.push(key);
      if (key < 250) map.delete(key);
    }
    expect(met).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect([...map.keys()]).toEqual(Array.from({ length: 50 }, (_, i) => 250 + i));
  });

  it('hold nothing once they are cleared', () => {
    const set = new PassingSet<number>().add(1);
    const map = new PassingMap<number, number>().set(1, 2);
    set.clear();
    map.clear();
    expect([set.size, map.size, [...set], map.get(1)]).toEqual([0, 0, [], undefined]);
  });

  it('leave nothing of it behind for a full collection, as those of the language do', () => {
    const passed = 8_000_000;
    expect(leftBehind(new PassingSet())).toBeLessThan(passed / 20);
    const map = new PassingMap<unknown, unknown>();
    const asSet = { add: (item: unknown) => map.set(item, item), delete: (item: unknown) => map.delete(item) };
    expect(leftBehind(asSet)).toBeLessThan(passed / 20);
    // The last, for V8 allocates what lives long as old right away, wherever it came from before.
    expect(leftBehind(new Set())).toBeGreaterThan(passed / 4);
  });
});

/** Bytes by which the old generation grows while 8,000 objects of a kilobyte pass through, and only young ones are collected. */
function leftBehind(set: { add(item: unknown): unknown; delete(item: unknown): unknown }): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  const held = Array.from({ length: 30 }, () => ({}));
  for (const item of held) set.add(item);
  const inside: unknown[] = [...held];
  collect();
  // What it holds is old by now.
  const before = oldBytes();
  for (let i = 0; i < 8000; i++) {
    const item = { body: new Array<number>(125).fill(i) };
    set.add(item);
    inside.push(item);
    set.delete(inside.shift());
    if (i % 1000 === 999) collect({ type: 'minor' });
  }
  return oldBytes() - before;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size;
}
