import { oversize, WhereforeError, type NewEntry } from '@wherefore/model';

/**
 * The JSON text of an entry as a log keeps it. Throws `entry-too-large` beyond
 * `BOUNDARY_LIMITS.entryBytesMax`, so that every adapter draws the line at the same place.
 */
export function encodeEntry(entry: NewEntry): string {
  const text = JSON.stringify(entry);
  const fault = oversize(entry, text);
  if (fault !== undefined) {
    throw new WhereforeError(fault.code, fault.message, fault.hint === undefined ? {} : { hint: fault.hint });
  }
  return text;
}
