import type { EffectView, LogEntryView } from '@wherefore/contract';
import type { SpanEffect, SpanEntry } from '@wherefore/engine';
import type { Archive } from '@wherefore/ports';
import { eventRef } from './entryBook';
import { isoTime, placedEntity } from './views';

/** Entries with what each says, of whom, and what became of it; those that are no longer kept are left out. */
export async function describeEntries(spanEntries: readonly SpanEntry[], archive: Archive): Promise<LogEntryView[]> {
  const found = await archive.lookup(spanEntries.map(({ ordinal }) => ordinal));
  const byOrdinal = new Map(found.map((archived) => [archived.ordinal, archived]));
  return spanEntries.flatMap((spanEntry): LogEntryView[] => {
    const { ordinal, logTimeMs, outcome, rejection, effects, effectsOmitted } = spanEntry;
    const archived = byOrdinal.get(ordinal);
    if (archived === undefined) return [];
    const { entry } = archived;
    return [
      {
        ...eventRef(archived),
        kind: entry.kind,
        knownAt: isoTime(logTimeMs),
        ...('pollId' in entry && entry.pollId !== undefined ? { pollId: entry.pollId } : {}),
        outcome,
        ...(rejection === undefined ? {} : { reason: rejection }),
        effects: effects.map(effectView),
        effectsOmitted,
      },
    ];
  });
}

function effectView({ kind, properties, changes, detail }: SpanEffect): EffectView {
  return {
    kind,
    ...(properties['vitrage_id'] === undefined ? {} : { entity: placedEntity(properties) }),
    changes,
    ...(detail === '' ? {} : { detail }),
  };
}
