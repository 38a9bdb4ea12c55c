import type { Vertex } from '@wherefore/graph';
import { appended, Mixer } from '@wherefore/model';
import type { CompiledClause } from './network';
import { notesOf, ownNotesOf } from './notes';
import type { Support } from './support';

/** One match of one clause: while it is listed, its scenario holds for these entities. */
export class Activation {
  /** What it holds up, newest first: one support per action that yields a fact, plus causal links of alarms. */
  firstSupport: Support | undefined = undefined;
  /** The attributes that its actions read, as they were then. */
  attributes = '';
  /** Place in the list of matches of each bound vertex: of the first three here, for hardly any match has more. */
  private place0 = 0;
  private place1 = 0;
  private place2 = 0;
  private otherPlaces: number[] | undefined = undefined;
  readonly high: number;
  readonly low: number;

  constructor(
    /** Of the network that is in force. */
    public clause: CompiledClause,
    /** By slot; the positive ones. */
    readonly bindings: readonly Vertex[],
    /** Number of the entry that made it true. */
    readonly since: number,
  ) {
    mixer.start(clause.hashLow).number(clause.hashHigh);
    for (let slot = 0; slot < bindings.length; slot++) {
      mixer.number(bindings[slot]!.idLow).number(bindings[slot]!.idHigh);
    }
    mixer.number(since).finish();
    this.high = mixer.high;
    this.low = mixer.low;
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
        return this.otherPlaces![slot - 3]!;
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
        (this.otherPlaces ??= new Array<number>(this.bindings.length - 3).fill(0))[slot - 3] = place;
    }
  }

  isOf(clause: CompiledClause, bindings: readonly Vertex[]): boolean {
    return this.clause === clause && sameVertices(this.bindings, bindings);
  }

  /** Whether the match rests on an edge with these ends and this label. */
  uses(source: Vertex, target: Vertex, label: string): boolean {
    for (const edge of this.clause.edges) {
      if (edge.label !== label) continue;
      if (this.bindings[edge.source] === source && this.bindings[edge.target] === target) return true;
    }
    return false;
  }
}

const mixer = new Mixer();

/** Enters the activation in the lists of its entities. */
export function link(activation: Activation): void {
  const { bindings } = activation;
  for (let slot = 0; slot < bindings.length; slot++) {
    const notes = ownNotesOf(bindings[slot]!);
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
  const { bindings } = activation;
  for (let slot = 0; slot < bindings.length; slot++) {
    const vertex = bindings[slot]!;
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
    last.setPlace(last.bindings.indexOf(vertex), place);
  }
  activation.clause.scenario.matchCount -= 1;
}

/** The listed activation with this clause and these bindings. O(activations of the least busy entity). */
export function findActivation(clause: CompiledClause, bindings: readonly Vertex[]): Activation | undefined {
  let fewest = notesOf(bindings[0]!).matches;
  for (let slot = 1; slot < bindings.length; slot++) {
    const { matches } = notesOf(bindings[slot]!);
    if (countOf(matches) < countOf(fewest)) fewest = matches;
  }
  if (fewest === undefined) return undefined;
  if (fewest instanceof Activation) return fewest.isOf(clause, bindings) ? fewest : undefined;
  for (const activation of fewest) if (activation.isOf(clause, bindings)) return activation;
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

function sameVertices(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
