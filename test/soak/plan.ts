import { Chance } from '../fuzz/chance';

/** What is done to a victim: `kill -9`, and started again after a while; or SIGSTOP, and SIGCONT after a while. */
export type Deed = 'kill' | 'stop';

export interface Strike {
  /** Milliseconds after the beginning. */
  readonly atMs: number;
  readonly victim: string;
  readonly deed: Deed;
  /** How long the victim stays down at least. */
  readonly forMs: number;
}

const GAP_MS = { min: 1_200, max: 4_200 };
/** Longer than the leases are, and than the heartbeats of the broker. */
const STOP_MS = { min: 300, max: 7_000 };
const DOWN_MS = { min: 200, max: 2_500 };

/** Struck half as often as a process: while one of them is away little happens that could go wrong. */
const SERVICES = new Set(['broker', 'database']);

/**
 * The bad weather of a run: the same seed gives the same strikes. Victims are drawn from a shuffled deck, so that none is
 * spared for long; who is still down by the plan is passed over.
 */
export function planWeather(seed: number, durationMs: number, victims: readonly string[]): Strike[] {
  const chance = new Chance(seed, 1);
  const strikes: Strike[] = [];
  const downUntil = new Map<string, number>();
  let deck: string[] = [];
  for (let atMs = between(chance, GAP_MS); atMs < durationMs; atMs += between(chance, GAP_MS)) {
    if (deck.length === 0)
      deck = shuffled(
        chance,
        victims.flatMap((name) => (SERVICES.has(name) ? [name] : [name, name])),
      );
    const place = deck.findIndex((name) => (downUntil.get(name) ?? 0) <= atMs);
    const [victim] = place < 0 ? [] : deck.splice(place, 1);
    const deed: Deed = chance.oneIn(2) ? 'kill' : 'stop';
    const forMs = between(chance, deed === 'kill' ? DOWN_MS : STOP_MS);
    if (victim === undefined) continue;
    downUntil.set(victim, atMs + forMs);
    strikes.push({ atMs, victim, deed, forMs });
  }
  return strikes;
}

function between(chance: Chance, { min, max }: { readonly min: number; readonly max: number }): number {
  return min + chance.below(max - min);
}

function shuffled(chance: Chance, names: readonly string[]): string[] {
  const deck = [...names];
  for (let last = deck.length - 1; last > 0; last--) {
    const place = chance.below(last + 1);
    [deck[last], deck[place]] = [deck[place]!, deck[last]!];
  }
  return deck;
}
