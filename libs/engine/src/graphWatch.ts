import type { Vertex } from '@wherefore/graph';
import { canonicalJson, compareCodeUnits, type Json, type PropertyChange } from '@wherefore/model';
import type { EngineState } from './state';

/** What can be seen of an entity: its properties but for times of update, and what follows from them. */
export type Picture = { readonly [name: string]: Exclude<Json, null> };

/** A property that became another. */
export interface SeenChange extends PropertyChange {
  readonly name: string;
}

/** What a step did to one entity. */
export interface Sighting {
  readonly vertex: Vertex;
  /** What was seen of it before and after; undefined while it is not there. What others merely refer to is not. */
  readonly before: Picture | undefined;
  readonly after: Picture | undefined;
  /** Sorted by name; empty when it appeared or went. */
  readonly changes: readonly SeenChange[];
}

/** Times that move with every sample. */
const NOT_SEEN: ReadonlySet<string> = new Set(['update_timestamp']);

/**
 * Sees what steps do to the graph, every property included: effects tell only what others act upon. Keeps a
 * picture of every entity for that. Memory and beginning: O(graph); a step: what it touched.
 */
export class GraphWatch {
  private readonly pictures = new Map<string, Picture>();

  constructor(private readonly state: EngineState) {
    for (const vertex of state.graph.vertices()) {
      const picture = pictureOf(vertex);
      if (picture !== undefined) this.pictures.set(vertex.id, picture);
    }
  }

  /** What the step that was just made has done, sorted by id. To be asked after every step. */
  look(): Sighting[] {
    const seen: Sighting[] = [];
    for (const vertex of this.state.graph.touched) {
      const before = this.pictures.get(vertex.id);
      const after = vertex.isDeleted ? undefined : pictureOf(vertex);
      const changes = differences(before, after);
      if ((before === undefined) === (after === undefined) && changes.length === 0) continue;
      if (after === undefined) this.pictures.delete(vertex.id);
      else this.pictures.set(vertex.id, after);
      seen.push({ vertex, before, after, changes });
    }
    return seen.sort((a, b) => compareCodeUnits(a.vertex.id, b.vertex.id));
  }
}

/** What is different between two pictures of one entity; nothing when there are no two. Sorted by name. */
export function differences(before: Picture | undefined, after: Picture | undefined): SeenChange[] {
  if (before === undefined || after === undefined) return [];
  const changes: SeenChange[] = [];
  for (const name in after) {
    const was = ownOf(before, name);
    const is = after[name]!;
    if (was !== is && (was === null || !isSame(was, is))) changes.push({ name, before: was, after: is });
  }
  for (const name in before) {
    if (!Object.hasOwn(after, name)) changes.push({ name, before: before[name]!, after: null });
  }
  return changes.sort((a, b) => compareCodeUnits(a.name, b.name));
}

function pictureOf(vertex: Vertex): Picture | undefined {
  if (vertex.isPlaceholder) return undefined;
  const picture: Record<string, Exclude<Json, null>> = {};
  for (const name in vertex.properties) if (!NOT_SEEN.has(name)) picture[name] = vertex.properties[name]!;
  const { aggregated, operational, vitrageState, isMarkedDown, category } = vertex;
  const kind = category === 'RESOURCE' ? 'state' : 'severity';
  if (aggregated !== undefined) picture[`vitrage_aggregated_${kind}`] = aggregated;
  if (operational !== undefined) picture[`vitrage_operational_${kind}`] = operational;
  if (vitrageState !== undefined) picture['vitrage_state'] = vitrageState;
  if (isMarkedDown) picture['is_marked_down'] = true;
  return picture;
}

function ownOf(picture: Picture, name: string): Json {
  return Object.hasOwn(picture, name) ? picture[name]! : null;
}

function isSame(a: Json, b: Json): boolean {
  return typeof a === 'object' && typeof b === 'object' && canonicalJson(a) === canonicalJson(b);
}
