import { WhereforeError, assert, comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { ArchiveBatch } from './archive';

/** What a writer of an archive hands over must continue from its cursor, or the archive would be no copy. */
export function assertInOrder(expected: Position, entries: ArchiveBatch['entries']): void {
  assert(entries.length > 0, 'a batch for the archive holds at least one entry');
  let before = expected;
  for (const { position } of entries) {
    const follows = comparePositions(before, position) < 0;
    assert(follows, `${formatPosition(position)} does not follow ${formatPosition(before)}`);
    before = position;
  }
}

/** What a reader is told who asks for entries that the archive has forgotten. */
export function forgottenAfter(after: Position, horizon: Position): WhereforeError {
  return new WhereforeError(
    'log-hole',
    `the archive begins after ${formatPosition(horizon)}, and entries after ${formatPosition(after)} were asked for`,
    { hint: 'Start from a snapshot at or after the place where it begins.' },
  );
}
