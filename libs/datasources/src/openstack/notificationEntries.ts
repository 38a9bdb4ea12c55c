import type { NewEntry, RejectedInputEntry, Rejection } from '@wherefore/model';
import { eventEntries } from './entries';
import { fromNotification, type NotificationEnvelope } from './notification';
import { DEFAULT_READING, type ReadingOptions } from './readingOptions';

/** What one message of the bus amounts to. */
export interface NotificationEntries {
  /** In the order of the message; none when it tells of no entity. */
  readonly entries: readonly NewEntry[];
  /** The first thing in it that cannot be read; absent when all of it can. */
  readonly rejection?: Rejection;
  /** A datasource that should be polled soon. */
  readonly poll?: string;
}

/**
 * A message of the bus as entries of the log: whoever brings messages in, live or recorded, does it here, so that the
 * same message becomes the same entries. What cannot be read becomes the entry of its refusal, which `refuse` names:
 * it has no id of its own. Never throws. O(body).
 */
export function notificationEntries(
  envelope: NotificationEnvelope,
  ingestedAtMs: number,
  refuse: (rejection: Rejection) => RejectedInputEntry,
  options: ReadingOptions = DEFAULT_READING,
): NotificationEntries {
  const read = fromNotification(envelope, options);
  if ('code' in read) return { entries: [refuse(read)], rejection: read };
  const poll = read.poll === undefined ? {} : { poll: read.poll };
  if ('ignored' in read) return { entries: [], ...poll };
  const entries = eventEntries(read, ingestedAtMs);
  const refused = entries.find((entry) => entry.kind === 'rejected-input');
  return refused === undefined ? { entries, ...poll } : { entries, rejection: refused, ...poll };
}
