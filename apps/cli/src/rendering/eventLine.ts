import type { EventRef } from '@wherefore/contract';
import { plain } from '../terminal/text';
import { formatNear } from '../time/formatTime';

/** From here on it matters that something was learned later than it happened. */
const LATE_MS = 5_000;

/** `#2031 17:24:30 nova.host snapshot compute-03`: an entry as explanations point to it. */
export function describeEvent(event: EventRef, atMs: number, digits = 0): string {
  const ingestedMs = Date.parse(event.ingestedAt);
  const occurredMs = event.occurredAt === undefined ? ingestedMs : Date.parse(event.occurredAt);
  const late = ingestedMs - occurredMs > LATE_MS ? ` (known ${formatNear(ingestedMs, atMs)})` : '';
  return `#${String(event.ordinal).padEnd(digits)} ${formatNear(occurredMs, atMs)} ${plain(event.summary)}${late}`;
}
