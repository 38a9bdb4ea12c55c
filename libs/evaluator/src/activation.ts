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
  /** Place in each bound vertex's list of activations. */
  readonly places: number[];
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
    const places = new Array<number>(bindings.length);
    mixer.start(clause.hashLow).number(clause.hashHigh);
    for (let slot = 0; slot < bindings.length; slot++) {
      places[slot] = 0;
      mixer.number(bindings[slot]!.idLow).number(bindings[slot]!.idHigh);
    }
    mixer.number(since).finish();
    this.places = places;
    this.high = mixer.high;
    this.low = mixer.low;
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
  const { bindings, places } = activation;
  for (let slot = 0; slot < bindings.length; slot++) {
    const notes = ownNotesOf(bindings[slot]!);
    places[slot] = notes.activations.length;
    notes.activations = appended(notes.activations, activation);
  }
  activation.clause.scenario.matchCount += 1;
}

/** Takes the activation out of the lists of its entities. O(slots). */
export function unlink(activation: Activation): void {
  const { bindings, places } = activation;
  for (let slot = 0; slot < bindings.length; slot++) {
    const vertex = bindings[slot]!;
    const list = notesOf(vertex).activations;
    const last = list.pop()!;
    if (last === activation) continue;
    const place = places[slot]!;
    list[place] = last;
    last.places[last.bindings.indexOf(vertex)] = place;
  }
  activation.clause.scenario.matchCount -= 1;
}

/** The listed activation with this clause and these bindings. O(activations of the least busy entity). */
export function findActivation(clause: CompiledClause, bindings: readonly Vertex[]): Activation | undefined {
  let shortest = notesOf(bindings[0]!).activations;
  for (let slot = 1; slot < bindings.length; slot++) {
    const list = notesOf(bindings[slot]!).activations;
    if (list.length < shortest.length) shortest = list;
  }
  for (const activation of shortest) {
    if (activation.clause === clause && sameVertices(activation.bindings, bindings)) return activation;
  }
  return undefined;
}

function sameVertices(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
