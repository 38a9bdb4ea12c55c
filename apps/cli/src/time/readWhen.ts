import type { Terminal } from '../terminal/terminal';
import { parseInstant } from './parseInstant';

/** The instant of `--at`, or nothing when it was not given. How it was understood is said on stderr. */
export function readWhen(text: string | undefined, terminal: Terminal): { readonly atMs?: number } {
  if (text === undefined) return {};
  const { atMs, note } = parseInstant(text, terminal.nowMs);
  if (note !== undefined) terminal.warn(note);
  return { atMs };
}
