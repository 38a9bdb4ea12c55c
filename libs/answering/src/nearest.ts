import { compareCodeUnits } from '@wherefore/model';

/** Longer names are compared by their beginnings: an edit distance costs the product of the lengths. */
const COMPARED_LENGTH_MAX = 64;

/**
 * The names closest to what was asked: those that contain it or are contained in it first, then by
 * the number of letters to change, as long as half of them are right. Case does not count.
 */
export function nearestNames(asked: string, names: Iterable<string>, max = 5): string[] {
  const wanted = fold(asked);
  const scored: { name: string; score: number }[] = [];
  for (const name of new Set(names)) {
    const folded = fold(name);
    const distance = editDistance(wanted, folded);
    const contains = folded.includes(wanted) || wanted.includes(folded);
    if (contains || distance * 2 <= Math.max(wanted.length, folded.length)) {
      scored.push({ name, score: contains ? distance / 1000 : distance });
    }
  }
  scored.sort((a, b) => a.score - b.score || compareCodeUnits(a.name, b.name));
  return scored.slice(0, max).map(({ name }) => name);
}

function fold(text: string): string {
  return text.toLowerCase().slice(0, COMPARED_LENGTH_MAX);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
