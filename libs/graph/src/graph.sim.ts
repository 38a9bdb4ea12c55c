import type { EntityEvent, NeighbourImage, PropertyPatch } from '@wherefore/model';
import { EntityGraph, mergeEvent, type MergeResult, UndoLog, type ValueLookup, type Vertex } from './index';

const PRIORITIES: { readonly [value: string]: number } = { ERROR: 40, SUBOPTIMAL: 30, ACTIVE: 10 };

/** Three states that everything may be in. */
export const VALUES: ValueLookup = {
  lookup: (_type, value) => {
    const upper = value?.toUpperCase() ?? 'N/A';
    const priority = PRIORITIES[upper] ?? 0;
    return { value: upper, operational: priority === 10 ? 'OK' : priority === 0 ? 'N/A' : upper, priority };
  },
};

/** A graph that is fed one event after the other, each an entry of its own. */
export class FedGraph {
  readonly undo = new UndoLog();
  readonly graph = new EntityGraph(this.undo, VALUES);
  ordinal = 0;
  nowMs = 1_000;

  /** With `rowHash`, the event is the row of a poll, and says the same whenever it is told. */
  feed(event: EntityEvent, rowHash?: string): MergeResult {
    this.ordinal += 1;
    this.nowMs += 1_000;
    this.graph.beginStep();
    const moment = {
      ordinal: this.ordinal,
      entryId: `entry ${this.ordinal}`,
      nowMs: this.nowMs,
      rowHash,
      rowKind: {
        datasource: 'sim',
        isUpdate: true,
        isStamped: false,
        edgeTypes: event.neighbours.map(({ entity }) => entity.type),
      },
    };
    const result = mergeEvent(this.graph, event, moment);
    this.undo.commit();
    return result;
  }

  vertex(type: string, id: string): Vertex {
    return this.graph.liveVertexByKey(`RESOURCE:${type}:${id}`)!;
  }

  /** Live edges as `source -label-> target`, by id, sorted. */
  edges(): string[] {
    const name = (vertex: Vertex): string => String(vertex.properties['id']);
    return [...this.graph.vertices()]
      .flatMap(({ outgoing }) =>
        outgoing.map(({ source, target, label }) => `${name(source)} -${label}-> ${name(target)}`),
      )
      .sort();
  }
}

/** A time of some seconds; the larger the later. */
export function at(seconds: number): string {
  return `2026-11-21T00:00:${String(seconds).padStart(2, '0')}Z`;
}

/** An update of a resource at a time. */
export function update(
  type: string,
  id: string,
  seconds: number,
  properties: PropertyPatch = {},
  neighbours: readonly NeighbourImage[] = [],
  more: Partial<EntityEvent> = {},
): EntityEvent {
  return {
    action: 'update-entity',
    entity: {
      key: `RESOURCE:${type}:${id}`,
      category: 'RESOURCE',
      type,
      isPlaceholder: false,
      properties: { id, ...properties },
    },
    neighbours,
    lookups: [],
    sampleTimestamp: at(seconds),
    datasource: type,
    ...more,
  };
}

/** A stub that contains the entity of the event. */
export function within(type: string, id: string): NeighbourImage {
  return {
    entity: { key: `RESOURCE:${type}:${id}`, category: 'RESOURCE', type, isPlaceholder: true, properties: { id } },
    label: 'contains',
    direction: 'from-neighbour',
  };
}
