import type { Position } from '@wherefore/model';
import type { ArchivedEntry } from '@wherefore/ports';
import { eventRef, meaningOf, occurrenceOf } from './entryBook';
import type { AnswerSource } from './source';
import { isoTime, textOf } from './views';
import type { Viewer } from './viewer';

/** How far beyond the moment is looked for what came too late. */
const ENTRIES_MAX = 1000;
const SHOWN_MAX = 3;

/**
 * Warns of entries that came after the moment and tell of something that had occurred by then. Rows
 * of polls say what is, not what happened, and what a source merely repeats was known: neither counts.
 */
export async function lateArrivals(
  source: AnswerSource,
  after: Position,
  atMs: number,
  viewer: Viewer,
): Promise<string[]> {
  const entries = await source.archive.readRange(after, ENTRIES_MAX);
  const late: ArchivedEntry[] = [];
  for (const entry of entries) {
    if (isForViewer(entry, viewer) && (await isLate(source, entry, atMs))) late.push(entry);
  }
  const shown = late.slice(0, SHOWN_MAX).map((entry) => {
    const { summary, occurredAt, ingestedAt } = eventRef(entry);
    return `${summary} occurred at ${occurredAt}, but arrived only at ${ingestedAt}`;
  });
  const more = late.length - shown.length;
  return more > 0 ? [...shown, `${more} more events had occurred by then, but arrived later`] : shown;
}

/** A project is told of what bears its own id; whose an entity is without one, the entry does not say. */
function isForViewer({ entry }: ArchivedEntry, viewer: Viewer): boolean {
  if (viewer.sees === 'everything') return true;
  const meaning = entry.kind === 'event' ? meaningOf(entry) : undefined;
  return meaning?.entity.category === 'RESOURCE' && meaning.entity.properties['project_id'] === viewer.projectId;
}

async function isLate(source: AnswerSource, { entry }: ArchivedEntry, atMs: number): Promise<boolean> {
  if (entry.kind !== 'event' || entry.pollId !== undefined || entry.ingestedAtMs <= atMs) return false;
  const meaning = meaningOf(entry);
  if (meaning === undefined || !(Date.parse(occurrenceOf(meaning)) <= atMs)) return false;
  if (Date.parse(meaning.sampleTimestamp) <= atMs) return true;
  const name = textOf(meaning.entity.properties['name']);
  if (meaning.action === 'delete-entity' || name === undefined) return false;
  await source.historyReady();
  const records = await source.history.alarmsByName(name, 100);
  return !records.some(({ startedAtMs }) => startedAtMs <= atMs);
}

/** Warns of datasources whose last poll before the moment had failed. */
export function failedPolls(
  polls: readonly {
    readonly datasource: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly atMs: number;
  }[],
): string[] {
  return polls
    .filter(({ ok }) => !ok)
    .map(
      ({ datasource, detail, atMs }) => `the last poll of ${datasource}, at ${isoTime(atMs)}, had failed: ${detail}`,
    );
}
