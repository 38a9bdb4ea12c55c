import type { RejectedView } from '@wherefore/contract';
import { BOUNDARY_LIMITS, comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { Archive, RefusalRecord } from '@wherefore/ports';
import type { AnswerSource } from './source';
import { isoTime } from './views';

/** Refused and failed entries, the newest first, each with the beginning of what was refused. */
export async function rejectedViews({ history, archive }: AnswerSource, limit: number): Promise<RejectedView[]> {
  const refusals = await history.refusals(limit);
  return Promise.all(refusals.map((refusal) => rejectedView(refusal, archive)));
}

async function rejectedView(refusal: RefusalRecord, archive: Archive): Promise<RejectedView> {
  const { position, atMs, kind, entryId, code, message, where, hint } = refusal;
  const excerpt = await excerptAt(position, archive);
  return {
    position: formatPosition(position),
    at: isoTime(atMs),
    isInputAtFault: kind === 'entry-rejected',
    entryId,
    code,
    message,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

async function excerptAt(position: Position, archive: Archive): Promise<string | undefined> {
  const { epoch, offset, index } = position;
  const before =
    index > 0 ? { epoch, offset, index: index - 1 } : { epoch, offset: offset - 1, index: Number.MAX_SAFE_INTEGER };
  const [found] = await archive.readRange(before, 1);
  if (found === undefined || comparePositions(found.position, position) !== 0) return undefined;
  const { entry } = found;
  if (entry.kind === 'rejected-input') return entry.excerpt;
  const text = JSON.stringify(entry.kind === 'event' ? entry.event : entry);
  return text.slice(0, BOUNDARY_LIMITS.excerptBytesMax);
}
