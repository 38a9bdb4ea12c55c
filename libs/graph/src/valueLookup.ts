/** What a state or severity means, by a value table. */
export interface ValueMeaning {
  /** The original value in upper case. */
  readonly value: string;
  /** OK, SUBOPTIMAL, ERROR, … or OK, WARNING, SEVERE, CRITICAL, … */
  readonly operational: string;
  /** Higher wins. */
  readonly priority: number;
}

/** Meaning of `value` for entities of `type`; `undefined` stands for a value that is not there. O(1). */
export interface ValueLookup {
  lookup(type: string, value: string | undefined): ValueMeaning;
}
