/**
 * Where time comes from above the pure floors. Processes hand in the machine's clock, tests one
 * that they move by hand.
 */
export interface Clock {
  /** Unix time in milliseconds. May jump; nothing that must be ordered may rely on it. */
  nowMs(): number;
}

/** A clock that can be waited on: every pause of a role goes through it, so that a simulation moves time. */
export interface Timer extends Clock {
  /** Settles after that long by this timer, or rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
