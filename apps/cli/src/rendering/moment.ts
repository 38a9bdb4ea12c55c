import type { AnsweredAt } from '@wherefore/contract';
import type { Terminal } from '../terminal/terminal';
import { formatNumber, plain } from '../terminal/text';
import { formatInstant, formatNear, inLocalTime } from '../time/formatTime';

/** The moment that an answer describes, in one line. */
export function describeMoment({ at, knownAt, position, ordinal }: AnsweredAt): string {
  const atMs = Date.parse(at);
  const knownMs = Date.parse(knownAt);
  return `${formatInstant(atMs)} · known: entry ${formatNumber(ordinal)} of ${formatNear(knownMs, atMs)}, position ${position}`;
}

/** Says beside a list which moment it describes, and what a reader should know about that. */
export function noteMoment(answeredAt: AnsweredAt, terminal: Terminal): void {
  terminal.aside(describeMoment(answeredAt));
  for (const warning of answeredAt.warnings) terminal.warn(inLocalTime(plain(warning)));
}
