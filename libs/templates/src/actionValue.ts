import type { ActionValue } from './plan';

/**
 * Reads a value of an action. From version 2 on `get_attr(symbol, attribute)` is read from the match;
 * everything else, parentheses or not, is what it says.
 */
export function readActionValue(text: string, version: string): ActionValue {
  const call = version === '1' ? null : /^\s*get_attr\s*\(\s*([^\s(),]+)\s*,\s*([^\s(),]+)\s*\)\s*$/.exec(text);
  if (call?.[1] === undefined || call[2] === undefined) return { kind: 'constant', value: text };
  return { kind: 'attribute', symbol: call[1], attribute: call[2] };
}

/** True for what Vitrage takes for a call: something in parentheses. */
export function looksLikeCall(text: string): boolean {
  return /\(.*\)/s.test(text);
}

/** True for a text that has the signs of a call without being one. */
export function looksLikeBrokenCall(text: string): boolean {
  return /[(),]/.test(text) && !looksLikeCall(text);
}
