import type { Vertex } from '@wherefore/graph';
import { addToDigest, appended, type Digest, Mixer, subtractFromDigest } from '@wherefore/model';
import type { CompiledClause } from './network';
import { notesOf, ownNotesOf } from './notes';
import type { Support } from './support';

/** One match of one clause: while it is listed, its scenario holds for these entities. */
export class Activation {
  /** What it holds up, newest first: one support per action that yields a fact, plus causal links of alarms. */
  firstSupport: Support | undefined = undefined;
  /** The attributes that its actions read, as they were then. */
  attributes = '';
  /** What the first three slots bind, for hardly any match has more. */
  private readonly bound0: Vertex;
  private readonly bound1: Vertex | undefined = undefined;
  private readonly bound2: Vertex | undefined = undefined;
  /** Place in the list of matches of each of them. */
  private place0 = 0;
  private place1 = 0;
  private place2 = 0;
  /** The same of all other slots. */
  private readonly others: { readonly bound: Vertex; place: number }[] | undefined = undefined;

  constructor(
    /** Of the network that is in force. */
    public clause: CompiledClause,
    /** What its positive slots bind, from `start` on. */
    bindings: readonly Vertex[],
    start: number,
    /** Number of the entry that made it true. */
    readonly since: number,
  ) {
    const { positiveCount } = clause;
    this.bound0 = bindings[start]!;
    if (positiveCount > 1) this.bound1 = bindings[start + 1]!;
    if (positiveCount > 2) this.bound2 = bindings[start + 2]!;
    if (positiveCount > 3) {
      this.others = bindings.slice(start + 3, start + positiveCount).map((bound) => ({ bound, place: 0 }));
    }
  }

  /** What its positive slots bind, in a new list. */
  get bindings(): Vertex[] {
    return Array.from({ length: this.clause.positiveCount }, (_, slot) => this.boundAt(slot));
  }

  boundAt(slot: number): Vertex {
    switch (slot) {
      case 0:
        return this.bound0;
      case 1:
        return this.bound1!;
      case 2:
        return this.bound2!;
      default:
        return this.others![slot - 3]!.bound;
    }
  }

  /** The slot that binds a vertex; -1 when none does. */
  slotOf(vertex: Vertex): number {
    if (vertex === this.bound0) return 0;
    if (vertex === this.bound1) return 1;
    if (vertex === this.bound2) return 2;
    const other = this.others?.findIndex(({ bound }) => bound === vertex) ?? -1;
    return other < 0 ? -1 : other + 3;
  }

  /** Its part of the digest of all matches. */
  addTo(sum: Digest): void {
    this.mix();
    addToDigest(sum, mixer.high, mixer.low);
  }

  subtractFrom(sum: Digest): void {
    this.mix();
    subtractFromDigest(sum, mixer.high, mixer.low);
  }

  placeAt(slot: number): number {
    switch (slot) {
      case 0:
        return this.place0;
      case 1:
        return this.place1;
      case 2:
        return this.place2;
      default:
        return this.others![slot - 3]!.place;
    }
  }

  setPlace(slot: number, place: number): void {
    switch (slot) {
      case 0:
        this.place0 = place;
        return;
      case 1:
        this.place1 = place;
        return;
      case 2:
        this.place2 = place;
        return;
      default:
        this.others![slot - 3]!.place = place;
    }
  }

  /** Whether it is the match of a clause that binds these, from `start` on. */
  isOf(clause: CompiledClause, bindings: readonly Vertex[], start: number): boolean {
    if (this.clause !== clause) return false;
    for (let slot = 0; slot < clause.positiveCount; slot++) {
      if (this.boundAt(slot) !== bindings[start + slot]) return false;
    }
    return true;
  }

  /** Whether the match rests on an edge with these ends and this label. */
  uses(source: Vertex, target: Vertex, label: string): boolean {
    for (const edge of this.clause.edges) {
      if (edge.label !== label) continue;
      if (this.boundAt(edge.source) === source && this.boundAt(edge.target) === target) return true;
    }
    return false;
  }

  private mix(): void {
    const { clause } = this;
    mixer.start(clause.hashLow).number(clause.hashHigh);
    for (let slot = 0; slot < clause.positiveCount; slot++) {
      const { idLow, idHigh } = this.boundAt(slot);
      mixer.number(idLow).number(idHigh);
    }
    mixer.number(this.since).finish();
  }
}

const mixer = new Mixer();

/** Enters the activation in the lists of its entities. */
export function link(activation: Activation): void {
  const { positiveCount } = activation.clause;
  for (let slot = 0; slot < positiveCount; slot++) {
    const notes = ownNotesOf(activation.boundAt(slot));
    const { matches } = notes;
    const count = countOf(matches);
    activation.setPlace(slot, count);
    if (matches === undefined || count === 0) notes.matches = activation;
    else notes.matches = matches instanceof Activation ? [matches, activation] : appended(matches, activation);
  }
  activation.clause.scenario.matchCount += 1;
}

/** Takes the activation out of the lists of its entities. O(slots). */
export function unlink(activation: Activation): void {
  const { positiveCount } = activation.clause;
  for (let slot = 0; slot < positiveCount; slot++) {
    const vertex = activation.boundAt(slot);
    const notes = notesOf(vertex);
    const { matches } = notes;
    if (matches === undefined || matches instanceof Activation) {
      notes.matches = undefined;
      continue;
    }
    const last = matches.pop()!;
    if (last === activation) continue;
    const place = activation.placeAt(slot);
    matches[place] = last;
    last.setPlace(last.slotOf(vertex), place);
  }
  activation.clause.scenario.matchCount -= 1;
}

/** The listed activation with this clause and these bindings, from `start` on. O(activations of the least busy entity). */
export function findActivation(
  clause: CompiledClause,
  bindings: readonly Vertex[],
  start: number,
): Activation | undefined {
  let fewest = notesOf(bindings[start]!).matches;
  for (let slot = 1; slot < clause.positiveCount; slot++) {
    const { matches } = notesOf(bindings[start + slot]!);
    if (countOf(matches) < countOf(fewest)) fewest = matches;
  }
  if (fewest === undefined) return undefined;
  if (fewest instanceof Activation) return fewest.isOf(clause, bindings, start) ? fewest : undefined;
  for (const activation of fewest) if (activation.isOf(clause, bindings, start)) return activation;
  return undefined;
}

/** Every match that a vertex takes part in, in a list that stays as it is when matches come and go. No order. */
export function matchesOf(vertex: Vertex): readonly Activation[] {
  const { matches } = notesOf(vertex);
  if (matches === undefined) return NO_MATCHES;
  return matches instanceof Activation ? [matches] : matches.slice();
}

/** How many matches a vertex takes part in. */
export function matchCountOf(vertex: Vertex): number {
  return countOf(notesOf(vertex).matches);
}

const NO_MATCHES: readonly Activation[] = [];

function countOf(matches: Activation | Activation[] | undefined): number {
  if (matches === undefined) return 0;
  return matches instanceof Activation ? 1 : matches.length;
}
