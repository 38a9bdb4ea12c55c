/** Stands for every datasource. */
export const ALL_DATASOURCES = '*';

/** That a datasource be polled sooner than it would be. */
export interface PollRequest {
  /** A datasource, or `ALL_DATASOURCES`. */
  readonly datasource: string;
  /** Counts the requests for it, from 1: whoever has begun a poll after it read this number has served them all. */
  readonly number: number;
  /** Why, for operators; the newest reason. */
  readonly reason: string;
}

/**
 * Where those who take messages in ask for polls: a message told half of a change, or messages were lost. It is
 * a matter between processes and changes no answer, so it is not in the log. All methods may reject
 * `log-unavailable` (retryable).
 */
export interface PollRequests {
  /** Durable when it settles. Requests for one datasource become one. */
  request(datasource: string, reason: string): Promise<void>;

  /** One for each datasource that was ever asked for, in code-unit order. */
  list(): Promise<readonly PollRequest[]>;
}
