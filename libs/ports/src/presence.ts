/** A sign of life that is given now. */
export interface ShownPresence {
  /** Aborts when it is given no longer: the connection broke. Show it again. */
  readonly lost: AbortSignal;
  /** Ends it. */
  hide(): Promise<void>;
}

/**
 * A sign of life that ends with its process: something bound to a connection, which the other side
 * closes when the process dies. So a standby learns within milliseconds of a leader that was killed, and
 * need not wait for its lease to run out. It proves nothing about a leader that hangs, and it never
 * replaces a fence: a connection may break while its process lives.
 */
export interface Presence {
  /** Settles when the sign is given. Rejects `log-unavailable` (retryable). */
  show(holder: string): Promise<ShownPresence>;

  /**
   * Waits until the holder, which gave a sign, gives it no longer; settles with `true` then. Settles with
   * `false` at once when it gives none now: nothing is known of it. Rejects with the signal's reason on
   * abort, and `log-unavailable` (retryable).
   */
  untilGone(holder: string, signal: AbortSignal): Promise<boolean>;
}
