import { initialState, reportState, stateHash, step, type EngineState } from '@wherefore/engine';
import { ENTRY_VERSION, type LogEntry, type NewEntry, type RejectedInputEntry } from '@wherefore/model';
import { readInput, type Input, type Reading } from './inputs';
import type { Mutant } from './mutant';
import { checkReach, checkRejection, expectThat, toldBySources, WatchedState } from './watchedState';

/** Of the processor's time, whatever else the machine does. A mutant takes one or two: generous. */
const MUTANT_CPU_MS_MAX = 4_000;
const SNAPSHOT_EVERY = 150;
const REACH_EVERY = 12;

/** What mutants came to: by kind of mutation, how many of each verdict. */
export type Tally = Map<string, Map<string, number>>;

/** The good inputs as entries, in order: `entries[i]` belongs to input `i`. Templates come first. */
export interface GoodLog {
  readonly entries: readonly (readonly NewEntry[])[];
  readonly timesMs: readonly number[];
}

export class MutantFailure extends Error {
  constructor(
    readonly mutant: Mutant | undefined,
    cause: unknown,
  ) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }
}

/** The recorded inputs as entries, with templates and ticks. */
export function goodLog(inputs: readonly Input[], templates: NewEntry): GoodLog {
  let tickedMs = 0;
  const entries = inputs.map((input, index) => {
    const { entries: own, refused } = readInput(input, `good/${input.name}`, input.atMs);
    expectThat(refused === undefined, `recorded ${input.way} ${input.name} is refused: ${refused?.message}`);
    const first: NewEntry[] = index === 0 ? [templates] : [];
    if (input.atMs - tickedMs >= 5_000) {
      tickedMs = input.atMs;
      first.push({ kind: 'tick', ...base(`tick/${tickedMs}`, 'leader', tickedMs), atMs: tickedMs });
    }
    return [...first, ...own];
  });
  return { entries, timesMs: inputs.map(({ atMs }) => atMs) };
}

/**
 * Feeds the good log with mutants in between to three states.
 *
 * The first takes everything, and is watched at each step. The second takes what is good and every entry
 * that is refused; the third the same, but for each of these an entry that says "refused, because": the
 * two have to be one state, to the last bit of the hash. And what the second one holds has to be what the
 * good log alone gives, `expected`.
 */
export class Batch {
  private readonly everything = new WatchedState();
  private readonly withRefused: EngineState = initialState();
  private readonly withReasons: EngineState = initialState();
  private offset = 0;
  private stepped = 0;

  constructor(
    private readonly good: GoodLog,
    private readonly tally: Tally,
    private readonly note: (mutant: Mutant) => void,
  ) {}

  run(mutants: readonly Mutant[], expected: string): void {
    const byPlace = new Map<number, Mutant[]>();
    for (const mutant of mutants) byPlace.set(mutant.place, [...(byPlace.get(mutant.place) ?? []), mutant]);
    this.good.entries.forEach((entries, place) => {
      for (const entry of entries) this.takeGood(entry);
      for (const mutant of byPlace.get(place) ?? []) {
        try {
          this.note(mutant);
          this.takeMutant(mutant, this.good.timesMs[place]!);
        } catch (error) {
          throw new MutantFailure(mutant, error);
        }
      }
    });
    try {
      this.everything.throughSnapshot();
      expectThat(stateHash(this.withRefused) === stateHash(this.withReasons), 'refused entries changed the state');
      expectThat(describeState(this.withRefused) === expected, 'refused entries changed the graph of the good ones');
    } catch (error) {
      throw new MutantFailure(undefined, error);
    }
  }

  private takeGood(entry: NewEntry): void {
    this.everything.applyGood(entry);
    this.stepBoth(entry, entry);
  }

  private takeMutant(mutant: Mutant, atMs: number): void {
    const began = process.cpuUsage();
    const reading = readInput(mutant.input, `mutant/${mutant.index}`, atMs);
    if (reading.refused !== undefined) checkRejection(reading.refused);
    expectThat(
      reading.entries.length > 0 || (reading.ignored ?? '') !== '',
      'an input came to nothing, without a reason',
    );
    const isReachChecked = this.stepped++ % REACH_EVERY === 0;
    const before = isReachChecked ? toldBySources(this.everything.state) : undefined;
    const verdicts = reading.entries.map((entry) => this.takeEntry(entry));
    if (before !== undefined) checkReach(before, this.everything.state, reading.entries);
    if (this.stepped % SNAPSHOT_EVERY === 0) this.everything.throughSnapshot();
    const { user, system } = process.cpuUsage(began);
    const tookMs = Math.round((user + system) / 1000);
    expectThat(tookMs < MUTANT_CPU_MS_MAX, `a mutant took ${tookMs} ms of the processor`);
    count(this.tally, mutant.kinds[0]!, verdictOf(reading, verdicts));
  }

  /** What became of the entry: `applied`, `outdated`, … or the code of its refusal. */
  private takeEntry(entry: NewEntry): string {
    const { outcome } = this.everything.apply(entry);
    if (!('rejection' in outcome)) return outcome.kind;
    const { rejection } = outcome;
    // What is refused elsewhere too is refused for what it is, and not for what the first state holds by now.
    if (entry.kind === 'event' || entry.kind === 'rejected-input') {
      const origin = base(entry.id, entry.source, entry.ingestedAtMs);
      const reason: RejectedInputEntry = { kind: 'rejected-input', ...origin, ...rejection, excerpt: '' };
      this.stepBoth(entry, reason);
    }
    return rejection.code;
  }

  private stepBoth(entry: NewEntry, reason: NewEntry): void {
    this.offset += 1;
    const at = (placed: NewEntry): LogEntry => ({
      position: { epoch: 1, offset: this.offset, index: 0 },
      entry: placed,
    });
    step(this.withRefused, at(entry));
    step(this.withReasons, at(reason));
  }
}

/** What the state holds, without anything that depends on how many entries there were. */
export function describeState(state: EngineState): string {
  return JSON.stringify([reportState(state), [...toldBySources(state)].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Applies the good log alone. */
export function goodState(good: GoodLog): EngineState {
  const state = initialState();
  let offset = 0;
  for (const entry of good.entries.flat()) {
    offset += 1;
    const { outcome } = step(state, { position: { epoch: 1, offset, index: 0 }, entry });
    expectThat(
      outcome.kind !== 'rejected' && outcome.kind !== 'failed',
      `a good entry is ${outcome.kind}: ${entry.id}`,
    );
  }
  return state;
}

function verdictOf({ refused, ignored }: Reading, verdicts: readonly string[]): string {
  if (refused !== undefined) return refused.code;
  if (ignored !== undefined) return 'ignored';
  const refusal = verdicts.find((verdict) => !VERDICTS_OF_ENTRIES.has(verdict));
  return refusal ?? 'entries';
}

const VERDICTS_OF_ENTRIES: ReadonlySet<string> = new Set(['applied', 'outdated', 'duplicate', 'stale-epoch']);

function count(tally: Tally, kind: string, verdict: string): void {
  const row = tally.get(kind) ?? new Map<string, number>();
  tally.set(kind, row);
  row.set(verdict, (row.get(verdict) ?? 0) + 1);
}

function base(
  id: string,
  source: string,
  ingestedAtMs: number,
): Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'> {
  return { id, version: ENTRY_VERSION, source, ingestedAtMs };
}
