import { isDeepStrictEqual } from 'node:util';
import { toEntityEvent } from '@wherefore/datasources';
import {
  checkEntry,
  decodeSnapshot,
  type EngineState,
  encodeSnapshot,
  initialState,
  stateHash,
  step,
  type StepResult,
} from '@wherefore/engine';
import { ERROR_CODES, type LogEntry, type NewEntry, oversize, type Rejection } from '@wherefore/model';

/** Changes that a step may make at all: so many for each JSON value of the entry, and for each entity there is. */
const CHANGES_PER_VALUE = 30;
const CHANGES_PER_ENTITY = 60;
const CHANGES_FREE = 500;

/** What a rejection may take up, whatever was refused. */
const REJECTION_CHARS_MAX = 3_000;

/** A state that checks, at every step, what has to hold whatever the entry is. */
export class WatchedState {
  state: EngineState = initialState();
  private offset = 0;
  private changes = 0;

  constructor() {
    this.countChanges();
  }

  /** Applies an entry as the log would hand it on. Throws what is wrong. */
  apply(entry: NewEntry): StepResult {
    const text = JSON.stringify(entry);
    const logged = JSON.parse(text) as NewEntry;
    expectThat(isDeepStrictEqual(logged, entry), 'the log would hold another entry than was made');
    expectThat(oversize(entry, text) === undefined, 'an entry is larger than the log takes');
    const checked = checkEntry(logged);
    if ('code' in checked && !('kind' in checked)) throw new Error(`an entry is unsound: ${checked.message}`);
    const before = digestsOf(this.state);
    this.changes = 0;
    const result = step(this.state, this.placed(logged));
    this.checkOutcome(result, before, logged);
    // Each change has its inverse in the undo log: counting those counts work, on any machine.
    const allowed =
      CHANGES_FREE + CHANGES_PER_VALUE * valuesIn(logged) + CHANGES_PER_ENTITY * this.state.graph.vertexCount;
    expectThat(this.changes <= allowed, `a step made ${this.changes} changes, allowed are ${allowed}`);
    return result;
  }

  /** Applies an entry of the good log, which needs no watching. */
  applyGood(entry: NewEntry): void {
    step(this.state, this.placed(entry));
  }

  /** The state after being written and read. */
  throughSnapshot(): void {
    const hash = stateHash(this.state);
    this.state = decodeSnapshot(encodeSnapshot(this.state));
    this.countChanges();
    expectThat(stateHash(this.state) === hash, 'a snapshot gives another hash');
  }

  private placed(entry: NewEntry): LogEntry {
    this.offset += 1;
    return { position: { epoch: 1, offset: this.offset, index: 0 }, entry };
  }

  private checkOutcome({ outcome, effects }: StepResult, before: string, entry: NewEntry): void {
    if (outcome.kind === 'failed') throw new Error(`a step failed: ${outcome.rejection.message}`);
    const isRefused = outcome.kind === 'rejected' && entry.kind !== 'poll-completed';
    if (isRefused || outcome.kind === 'duplicate' || outcome.kind === 'stale-epoch') {
      expectThat(digestsOf(this.state) === before, `an entry that was ${outcome.kind} changed the graph`);
    }
    if (outcome.kind === 'rejected') {
      if (entry.kind !== 'poll-completed') checkRejection(outcome.rejection);
      expectThat(
        effects.some(({ kind }) => kind === 'entry-rejected'),
        'a refusal is told to nobody',
      );
    }
  }

  private countChanges(): void {
    this.state.undo.faultInjector = () => {
      this.changes += 1;
    };
  }
}

/** A rejection says what is wrong, where, and how to mend it, and does not repeat all that it refuses. */
export function checkRejection({ code, message, where, hint }: Rejection): void {
  expectThat(Object.hasOwn(ERROR_CODES, code), `"${code}" is no code`);
  expectThat(message.length > 0 && where !== undefined && where !== '', `it does not say where: ${code} ${message}`);
  expectThat(hint !== undefined && hint !== '', `it does not say how to mend it: ${code} ${message}`);
  const size = message.length + (where?.length ?? 0) + (hint?.length ?? 0);
  expectThat(size <= REJECTION_CHARS_MAX, `a rejection has ${size} characters`);
}

/** Graph and deductions, as digests of all that is in them. */
function digestsOf({ graph, evaluator }: EngineState): string {
  return JSON.stringify([graph.digest, evaluator.digest, graph.vertexCount, graph.edgeCount]);
}

/** Every entity and edge that sources told of, by name; what templates deduced is left out. */
export function toldBySources({ graph }: EngineState): Map<string, string> {
  const told = new Map<string, string>();
  for (const vertex of graph.vertices()) {
    if (vertex.type === 'vitrage') continue;
    const { isPlaceholder, sampleTimestamp, datasource, properties } = vertex;
    told.set(vertex.key, JSON.stringify([isPlaceholder, sampleTimestamp, datasource, properties]));
    for (const edge of vertex.outgoing) {
      if (edge.fact === undefined) told.set(`${vertex.key} -${edge.label}-> ${edge.target.key}`, edge.updateTimestamp);
    }
  }
  return told;
}

/** What an entry may change: entities that it names, edges of those, and stubs that nobody refers to any more. */
export function checkReach(
  before: ReadonlyMap<string, string>,
  state: EngineState,
  entries: readonly NewEntry[],
): void {
  const named = new Set<string>();
  const polled = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'poll-completed') polled.add(entry.datasource);
    if (entry.kind !== 'event') continue;
    const event = toEntityEvent(entry.event);
    if ('code' in event) continue;
    named.add(event.entity.key);
    const vertex = event.entity.vitrageId === undefined ? undefined : state.graph.vertexById(event.entity.vitrageId);
    if (vertex !== undefined) named.add(vertex.key);
    for (const { entity } of event.neighbours) named.add(entity.key);
  }
  const after = toldBySources(state);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) === after.get(name)) continue;
    const ends = name.split(/ -.*-> /);
    const isNamed = ends.some((end) => named.has(end));
    const isPolled = ends.some((end) => polled.has(datasourceOf(before.get(end))));
    const isStubGone = !after.has(name) && before.get(name)!.startsWith('[true,');
    expectThat(isNamed || isPolled || isStubGone, `${name} changed, and was not named`);
  }
}

function datasourceOf(described: string | undefined): string {
  return described === undefined ? '' : String((JSON.parse(described) as unknown[])[2]);
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const member of Object.values(value)) count += valuesIn(member);
  return count;
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
