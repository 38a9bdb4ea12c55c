import { describeVertex } from '@wherefore/graph';
import { toEntityEvent } from '@wherefore/datasources';
import type { Effect, Json, LogEntry, NewEntry, Properties, Rejection } from '@wherefore/model';
import { GraphWatch, type SeenChange, type Sighting } from './graphWatch';
import type { EngineState } from './state';
import type { StepResult } from './step';

/** What became of an entry. `unchanged` was applied, and told nothing new. */
export type SpanOutcome = 'applied' | 'unchanged' | 'outdated' | 'duplicate' | 'stale-epoch' | 'rejected' | 'failed';

/** What an entry did to one thing. */
export interface SpanEffect {
  readonly kind: Effect['kind'];
  /** Of the entity; empty for templates and the like. */
  readonly properties: Properties;
  /** Sorted by name; times of update are left out. */
  readonly changes: readonly SeenChange[];
  /** What else there is to say: the name of a template. */
  readonly detail: string;
}

/** An entry and what became of it. */
export interface SpanEntry {
  readonly ordinal: number;
  readonly logTimeMs: number;
  readonly outcome: SpanOutcome;
  readonly rejection?: Rejection;
  /** The first ones. */
  readonly effects: readonly SpanEffect[];
  readonly effectsOmitted: number;
}

export interface SpanEntries {
  /** In the order of the log: those nearest to the middle of the span. */
  readonly entries: readonly SpanEntry[];
  /** How many of the entries asked for lie before and after those. */
  readonly omittedBefore: number;
  readonly omittedAfter: number;
}

export interface EntriesWanted {
  /** The moment that is asked about: entries up to it, and after it, get half of the limit each. */
  readonly middleMs: number;
  readonly limit: number;
  /** Only entries about an entity of this id, name or vitrage_id. */
  readonly about?: string;
  /** Ticks too. */
  readonly ticks?: boolean;
}

const EFFECTS_MAX = 20;

/** Collects the entries of a span around a moment. Memory: twice the limit. */
export class EntryReader {
  private before: SpanEntry[] = [];
  private readonly after: SpanEntry[] = [];
  private omittedBefore = 0;
  private omittedAfter = 0;

  private readonly watch: GraphWatch;

  constructor(
    state: EngineState,
    private readonly wanted: EntriesWanted,
  ) {
    this.watch = new GraphWatch(state);
  }

  /** Takes in an entry right after its step. */
  accept(ordinal: number, logTimeMs: number, { entry }: LogEntry, { outcome, effects }: StepResult): void {
    const { middleMs, limit, about, ticks = false } = this.wanted;
    const told = [...this.watch.look().map(effectSeen), ...effects.flatMap(effectBesides)];
    if (entry.kind === 'tick' && !ticks) return;
    if (about !== undefined && !isAbout(entry, told, about)) return;
    const isAfter = logTimeMs > middleMs;
    if (isAfter && this.after.length >= limit) {
      this.omittedAfter += 1;
      return;
    }
    const isUnchanged = outcome.kind === 'applied' && told.length === 0 && entry.kind === 'event';
    const spanEntry: SpanEntry = {
      ordinal,
      logTimeMs,
      outcome: isUnchanged ? 'unchanged' : outcome.kind,
      ...('rejection' in outcome ? { rejection: outcome.rejection } : {}),
      effects: told.slice(0, EFFECTS_MAX),
      effectsOmitted: Math.max(0, told.length - EFFECTS_MAX),
    };
    if (isAfter) this.after.push(spanEntry);
    else this.keepBefore(spanEntry);
  }

  answer(): SpanEntries {
    const { limit } = this.wanted;
    const { before, after } = this;
    // What one half does not need, the other has.
    const afterMax = Math.min(after.length, Math.max(Math.floor(limit / 2), limit - before.length));
    const beforeMax = Math.min(before.length, limit - afterMax);
    return {
      entries: [...before.slice(before.length - beforeMax), ...after.slice(0, afterMax)],
      omittedBefore: this.omittedBefore + before.length - beforeMax,
      omittedAfter: this.omittedAfter + after.length - afterMax,
    };
  }

  private keepBefore(entry: SpanEntry): void {
    const { limit } = this.wanted;
    this.before.push(entry);
    if (this.before.length < limit * 2) return;
    this.omittedBefore += this.before.length - limit;
    this.before = this.before.slice(-limit);
  }
}

function effectSeen({ vertex, before, after, changes }: Sighting): SpanEffect {
  const isAlarm = vertex.category === 'ALARM';
  const kind =
    before === undefined
      ? isAlarm
        ? 'alarm-raised'
        : 'resource-appeared'
      : after === undefined
        ? isAlarm
          ? 'alarm-cleared'
          : 'resource-gone'
        : isAlarm
          ? 'alarm-changed'
          : 'resource-changed';
  return { kind, properties: describeVertex(vertex), changes, detail: '' };
}

/** What is not about an entity. */
function effectBesides(effect: Effect): SpanEffect[] {
  if ('properties' in effect || effect.kind === 'entry-rejected' || effect.kind === 'entry-failed') return [];
  const detail = 'name' in effect ? effect.name : 'workflow' in effect ? effect.workflow : '';
  return [{ kind: effect.kind, properties: {}, changes: [], detail }];
}

/** Whether the entry tells of that entity, or did something to it. */
function isAbout(entry: NewEntry, effects: readonly SpanEffect[], name: string): boolean {
  if (effects.some(({ properties }) => isCalled(properties, name))) return true;
  if (entry.kind === 'seen') return entry.key.endsWith(`:${name}`);
  if (entry.kind !== 'event') return false;
  const meaning = toEntityEvent(entry.event);
  if ('code' in meaning) return false;
  const { entity, neighbours, lookups } = meaning;
  const isAlarm = entity.category === 'ALARM';
  return (
    isCalled(entity.properties, name) ||
    (isAlarm && neighbours.some((neighbour) => isCalled(neighbour.entity.properties, name))) ||
    (isAlarm && lookups.some(({ where }) => isCalled(where, name)))
  );
}

function isCalled(properties: { readonly [name: string]: Json }, name: string): boolean {
  return [properties['id'], properties['name'], properties['vitrage_id']].some(
    (value) => typeof value === 'string' && value.toLowerCase() === name.toLowerCase(),
  );
}
