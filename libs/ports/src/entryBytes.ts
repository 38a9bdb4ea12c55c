import { BOUNDARY_LIMITS, WhereforeError, type NewEntry } from '@wherefore/model';

/**
 * The JSON text of an entry as a log keeps it. Throws `entry-too-large` beyond
 * `BOUNDARY_LIMITS.entryBytesMax`, so that every adapter draws the line at the same place.
 */
export function encodeEntry(entry: NewEntry): string {
  const text = JSON.stringify(entry);
  // Only a text within a factor of three of the limit needs its bytes counted.
  if (text.length * 3 > BOUNDARY_LIMITS.entryBytesMax) {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > BOUNDARY_LIMITS.entryBytesMax) {
      throw new WhereforeError('entry-too-large', `entry ${entry.id} of ${entry.source} has ${bytes} bytes`, {
        hint: `An entry holds at most ${BOUNDARY_LIMITS.entryBytesMax} bytes of JSON.`,
      });
    }
  }
  return text;
}
