import { BOUNDARY_LIMITS } from './limits';

/** The text itself, or its beginning and `…` where it has more than `charsMax` characters. Well-formed. */
export function abridged(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const unit = text.charCodeAt(charsMax - 2);
  const isCutInTwo = unit >= 0xd800 && unit <= 0xdbff;
  return `${text.slice(0, isCutInTwo ? charsMax - 2 : charsMax - 1)}…`;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The first bytes of refused input as text, at most `BOUNDARY_LIMITS.excerptBytesMax` of them in UTF-8.
 * What is no character becomes U+FFFD. O(the limit).
 */
export function excerptOf(input: Uint8Array | string): string {
  const max = BOUNDARY_LIMITS.excerptBytesMax;
  const text = typeof input === 'string' ? input.slice(0, max) : decoder.decode(input.subarray(0, max));
  const bytes = new Uint8Array(max);
  // Stops before a character that does not fit in whole.
  return decoder.decode(bytes.subarray(0, encoder.encodeInto(text, bytes).written));
}
