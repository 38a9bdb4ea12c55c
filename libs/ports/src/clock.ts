/**
 * Where time comes from above the pure floors. Processes hand in the machine's clock, tests one
 * that they move by hand.
 */
export interface Clock {
  /** Unix time in milliseconds. May jump; nothing that must be ordered may rely on it. */
  nowMs(): number;
}
