import type { LogReader } from '@wherefore/ports';

/**
 * The log for one who follows it and is in no hurry, at times at least: with everything that it has taken it lets so much
 * time pass before it looks for more. Many entries together cost less than each by itself.
 */
export function gatheredLog(log: LogReader, gatherMs: () => number): LogReader {
  return {
    read: (after, options) => log.read(after, { ...options, gatherMs }),
    ...(log.readTogether && { readTogether: (after, options) => log.readTogether!(after, { ...options, gatherMs }) }),
    oldest: () => log.oldest(),
    newest: () => log.newest(),
  };
}
