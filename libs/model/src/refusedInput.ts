import { abridged, excerptOf } from './abridged';
import { ENTRY_VERSION, type NewEntry, type RejectedInputEntry } from './entry';
import type { Rejection } from './errors';
import { BOUNDARY_LIMITS } from './limits';

const MESSAGE_CHARS_MAX = 1024;
const WHERE_CHARS_MAX = 256;

/** What the entry of refused input begins with. */
export type EntryOrigin = Pick<NewEntry, 'id' | 'source' | 'ingestedAtMs'>;

/**
 * The entry that keeps input which could not become an event, for an operator to see: why, and the first
 * bytes of it. Everything in it is bounded, whatever the input was.
 */
export function refusedInput(
  { code, message, where, hint }: Rejection,
  input: Uint8Array | string,
  origin: EntryOrigin,
): RejectedInputEntry {
  return {
    kind: 'rejected-input',
    id: origin.id,
    version: ENTRY_VERSION,
    source: origin.source,
    ingestedAtMs: origin.ingestedAtMs,
    code,
    message: abridged(message, MESSAGE_CHARS_MAX),
    ...(where === undefined ? {} : { where: abridged(where, WHERE_CHARS_MAX) }),
    ...(hint === undefined ? {} : { hint: abridged(hint, MESSAGE_CHARS_MAX) }),
    excerpt: excerptOf(input),
  };
}

const encoder = new TextEncoder();

/** Why an entry whose JSON is `text` is too large to be appended, if it is. O(text). */
export function oversize({ id, source }: Pick<NewEntry, 'id' | 'source'>, text: string): Rejection | undefined {
  const { entryBytesMax } = BOUNDARY_LIMITS;
  // Only a text within a factor of three of the limit needs its bytes counted.
  if (text.length * 3 <= entryBytesMax) return undefined;
  const bytes = encoder.encode(text).length;
  if (bytes <= entryBytesMax) return undefined;
  return {
    code: 'entry-too-large',
    message: `entry ${abridged(id, 100)} of ${abridged(source, 100)} has ${bytes} bytes`,
    where: 'entry',
    hint: `An entry holds at most ${entryBytesMax} bytes of JSON.`,
  };
}
