import type { AnswerPolls } from '@wherefore/datasources';

/** What a source said at one moment: part of a poll, or all of it. */
export interface Page extends AnswerPolls {
  /** When it was said, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Something that can be asked for everything that it has of one datasource, or of a few that come together. */
export interface PollSource {
  /** As operators name it in the configuration: `nova-servers`. */
  readonly name: string;
  /** What it is a poll of, never empty. The first one names the lease, so it is the same in every process. */
  readonly datasources: readonly string[];
  /**
   * Reads everything, page by page, in bounded memory. Ends when all was said. Throws what keeps it from that:
   * `source-unavailable`, `source-refused`, `source-unusable`, `poll-incomplete`, or the signal's reason.
   */
  read(signal: AbortSignal): AsyncIterable<Page>;
  /** Settles when a poll before its time is worth it; undefined where the source cannot tell. */
  changed?(signal: AbortSignal): Promise<void>;
}
