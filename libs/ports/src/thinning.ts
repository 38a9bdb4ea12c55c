import { comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { PruneOptions, SnapshotBounds, SnapshotHeader } from './snapshotStore';

/** At most so many entries lie between two kept snapshots: this bounds a question about the past. */
export const SNAPSHOT_GAP_ENTRIES_MAX = 50_000;

/** Fewer need not: so many are replayed in less time than a snapshot is read. */
const SNAPSHOT_GAP_ENTRIES_MIN = 5_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Up to which age how much time may lie between two kept snapshots. Youngest first. */
const SPACING = [
  { ageMs: HOUR_MS, apartMs: 0 },
  { ageMs: DAY_MS, apartMs: HOUR_MS },
  { ageMs: 30 * DAY_MS, apartMs: DAY_MS },
  { ageMs: Infinity, apartMs: 7 * DAY_MS },
];

/**
 * What snapshots may cost for each entry between them, by their age. Most is asked of the last two days. Of what is
 * older, snapshots take about as much as entries do, where most are rows of polls that repeat themselves. So a
 * question about a small cloud finds one near by, whenever it asks about.
 */
const COST = [
  { ageMs: 2 * DAY_MS, bytesPerEntry: 128 },
  { ageMs: Infinity, bytesPerEntry: 64 },
];

/**
 * Which snapshots may go. All of the last hour stay, one an hour of the last day, one a day of the
 * last month, one a week before that; but never so few that more entries lie between two that stay than
 * `gapEntriesMax` allows, if they did not before. The newest and those in `keep` stay.
 *
 * Pure, shared by every adapter. `headers` ascend by position. O(n).
 */
export function chooseSnapshotsToDrop(
  headers: readonly SnapshotHeader[],
  nowMs: number,
  keep: readonly Position[] = [],
): readonly SnapshotHeader[] {
  const held = new Set(keep.map(formatPosition));
  const dropped: SnapshotHeader[] = [];
  let last: SnapshotHeader | undefined;
  headers.forEach((header, i) => {
    const next = headers[i + 1];
    const mayGo = next !== undefined && !held.has(formatPosition(header.position));
    if (mayGo && isCovered(header, last, next, nowMs)) dropped.push(header);
    else last = header;
  });
  return dropped;
}

function isCovered(
  header: SnapshotHeader,
  last: SnapshotHeader | undefined,
  next: SnapshotHeader,
  nowMs: number,
): boolean {
  // The entries before the first snapshot count as a gap too: a replay from genesis fills it.
  if (next.ordinal - (last?.ordinal ?? 0) > gapEntriesMax(header.byteCount, nowMs - header.createdAtMs)) return false;
  const ageMs = nowMs - header.createdAtMs;
  const apartMs = SPACING.find((step) => ageMs <= step.ageMs)!.apartMs;
  if (last === undefined) return apartMs > 0;
  return header.createdAtMs - last.createdAtMs < apartMs;
}

/** How many entries may lie between the neighbours of a snapshot of this size and age, were it to go. */
function gapEntriesMax(byteCount: number, ageMs: number): number {
  const { bytesPerEntry } = COST.find((step) => ageMs <= step.ageMs)!;
  return Math.min(Math.max(byteCount / bytesPerEntry, SNAPSHOT_GAP_ENTRIES_MIN), SNAPSHOT_GAP_ENTRIES_MAX);
}

/** The newest header within the bounds, of headers that ascend by position. O(n). */
export function newestWithin(headers: readonly SnapshotHeader[], bounds: SnapshotBounds): SnapshotHeader | undefined {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i]!;
    if (bounds.atOrBefore && comparePositions(header.position, bounds.atOrBefore) > 0) continue;
    if (bounds.before && comparePositions(header.position, bounds.before) >= 0) continue;
    if (bounds.logTimeAtOrBeforeMs !== undefined && header.logTimeMs > bounds.logTimeAtOrBeforeMs) continue;
    return header;
  }
  return undefined;
}

/**
 * What a prune removes: as `chooseSnapshotsToDrop`, but for the newest snapshot that is whole, and the newest whole one at
 * or before each cursor. `isWhole` reads a snapshot, which may be many megabytes: it is not asked where nothing may go.
 */
export async function snapshotsToPrune(
  headers: readonly SnapshotHeader[],
  { nowMs, cursors = [] }: PruneOptions,
  isWhole: (position: Position) => Promise<boolean>,
): Promise<readonly SnapshotHeader[]> {
  if (chooseSnapshotsToDrop(headers, nowMs).length === 0) return [];
  return chooseSnapshotsToDrop(headers, nowMs, await positionsToKeep(headers, cursors, isWhole));
}

/**
 * What a prune must not touch: the newest snapshot that is whole, and the newest whole one at or
 * before each cursor. `isWhole` reads a snapshot and compares its hash; it is asked as rarely as can be.
 */
export async function positionsToKeep(
  headers: readonly SnapshotHeader[],
  cursors: readonly Position[],
  isWhole: (position: Position) => Promise<boolean>,
): Promise<readonly Position[]> {
  const known = new Map<SnapshotHeader, boolean>();
  const kept: Position[] = [];
  for (const bounds of [{}, ...cursors.map((atOrBefore) => ({ atOrBefore }))]) {
    let candidate = newestWithin(headers, bounds);
    while (candidate) {
      const whole = known.get(candidate) ?? (await isWhole(candidate.position));
      known.set(candidate, whole);
      if (whole) break;
      candidate = newestWithin(headers, { before: candidate.position });
    }
    if (candidate) kept.push(candidate.position);
  }
  return kept;
}
