/**
 * Bounds on work and size that `step` obeys. They count, never time. They are part of the state
 * (a `config-set` entry of section `limits` changes them), so every follower obeys the same ones.
 */
export interface Limits {
  /** Ids remembered per source, to drop duplicates. */
  readonly dedupeIdsPerSourceMax: number;
  /** Candidate elements the matcher may look at in one step before the scenario at fault is suspended. */
  readonly matchWorkPerStepMax: number;
  /** Matches that one scenario may hold before it is suspended. */
  readonly matchesPerScenarioMax: number;
  /**
   * Matches that a scenario which feeds itself may gain in one step, beyond the number of entities:
   * alarms raised on alarms may double with every round, and memory ends long before the rounds do.
   */
  readonly selfFedMatchesMax: number;
  /** Rounds of deduction in one step before the scenarios that keep flipping are suspended. */
  readonly deductionRoundsMax: number;
  /** How long a deletion mark is kept, in log time. */
  readonly deletedKeptMs: number;
  /** How far log time may run ahead of the last tick. */
  readonly clockLeadMaxMs: number;
  /** Refusals and failures remembered in the state, newest last. */
  readonly refusalsKeptMax: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  dedupeIdsPerSourceMax: 2048,
  matchWorkPerStepMax: 50_000_000,
  matchesPerScenarioMax: 2_000_000,
  selfFedMatchesMax: 10_000,
  deductionRoundsMax: 100,
  deletedKeptMs: 60_000,
  clockLeadMaxMs: 5_000,
  refusalsKeptMax: 1_000,
});

/** Bounds at the boundary, before anything reaches the log. */
export const BOUNDARY_LIMITS = Object.freeze({
  /** Bytes of JSON of one entry. */
  entryBytesMax: 256 * 1024,
  /** Bytes of an HTTP body. */
  bodyBytesMax: 1024 * 1024,
  /** Bytes of refused input that are kept. */
  excerptBytesMax: 2048,
  /** Levels of objects and lists in JSON from outside. OpenStack sends up to 13. */
  jsonDepthMax: 64,
  /** Characters of an id that a source gives. */
  idCharsMax: 512,
});
