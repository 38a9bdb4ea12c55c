import type {
  Category,
  EdgeDirection,
  EntityEvent,
  EntityImage,
  GraphAction,
  JsonObject,
  NeighbourImage,
  NeighbourLookup,
  PropertyPatch,
  Rejection,
} from '@wherefore/model';

/** What every converter is given: the event, and what was read from its envelope once. */
export interface Sample {
  readonly event: JsonObject;
  /** What the envelope asks for; a converter may turn it into a deletion. */
  readonly action: GraphAction;
  /** `vitrage_sample_date`, normalised. */
  readonly timestamp: string;
  /**
   * The same, for the property `update_timestamp` of what tells no such time, and for nothing else: a row that differs
   * from the one before in this only says the same again.
   */
  readonly updateTimestamp: string;
}

/** Turns one datasource's events into entity events. Total: faults come back as rejections. */
export type Converter = (sample: Sample) => EntityEvent | Rejection;

export const NO_NEIGHBOURS: readonly NeighbourImage[] = Object.freeze([]);
export const NO_LOOKUPS: readonly NeighbourLookup[] = Object.freeze([]);

/**
 * Field of the events that we make of OpenStack's messages (`bus`) and answers (`api`) ourselves. An event
 * without it came from another driver, and is merged as Vitrage merges it.
 */
export const TOLD_BY = 'told_by';

const GRAPH_ACTIONS: ReadonlyMap<string, GraphAction> = new Map<string, GraphAction>([
  ['create_entity', 'create-entity'],
  ['update_entity', 'update-entity'],
  ['delete_entity', 'delete-entity'],
  ['update_relationship', 'update-relationship'],
  ['delete_relationship', 'delete-relationship'],
  ['remove_deleted_entity', 'remove-deleted-entity'],
]);

/**
 * What the envelope of a driver event asks for: `vitrage_event_type` when that is a graph action
 * itself; else what `vitrage_datasource_action` stands for. Undefined if it is none that is known.
 */
export function readAction(event: JsonObject): GraphAction | undefined {
  const eventType = event['vitrage_event_type'];
  if (typeof eventType === 'string') {
    const named = GRAPH_ACTIONS.get(eventType);
    if (named !== undefined) return named;
  }
  switch (event['vitrage_datasource_action']) {
    case 'init_snapshot':
      return 'create-entity';
    case 'snapshot':
    case 'update':
      return 'update-entity';
    default:
      return undefined;
  }
}

/** Whether the action puts the entity's present state into the graph. */
export function isUpsert(action: GraphAction): boolean {
  return action === 'create-entity' || action === 'update-entity';
}

/** Whether the event is an update notification of exactly this type. */
export function isNotification(event: JsonObject, eventType: string): boolean {
  return event['vitrage_event_type'] === eventType && event['vitrage_datasource_action'] === 'update';
}

/** `RESOURCE:type:id`. */
export function resourceKey(type: string, id: string): string {
  return `RESOURCE:${type}:${id}`;
}

/** An image of an entity that is seen itself. */
export function image(category: Category, type: string, key: string, properties: PropertyPatch): EntityImage {
  return { key, category, type, isPlaceholder: false, properties };
}

/** A resource that another entity refers to: it is known to exist, and nothing else is known of it. */
export function resourceStub(type: string, id: string): EntityImage {
  return { key: resourceKey(type, id), category: 'RESOURCE', type, isPlaceholder: true, properties: { id } };
}

/** A neighbour that is such a stub. */
export function stubNeighbour(type: string, id: string, label: string, direction: EdgeDirection): NeighbourImage {
  return { entity: resourceStub(type, id), label, direction };
}

/** So many stubs are kept; beyond that all are made anew. */
const STUBS_MAX = 4096;

/**
 * Stubs of what many entities have as their neighbour, as a host has many servers: each is made once, with its key and
 * the hash of that. Whoever enters one in a graph copies it.
 */
export class SharedStubs {
  private readonly byId = new Map<string, readonly NeighbourImage[]>();
  private lastId: string | undefined = undefined;
  private last: readonly NeighbourImage[] = NO_NEIGHBOURS;

  constructor(
    private readonly type: string,
    private readonly label: string,
    private readonly direction: EdgeDirection,
  ) {}

  /** As a list of one `stubNeighbour`. O(1). */
  of(id: string): readonly NeighbourImage[] {
    // What a source tells in turn often has the same neighbour.
    if (id === this.lastId) return this.last;
    let stubs = this.byId.get(id);
    if (stubs === undefined) {
      if (this.byId.size >= STUBS_MAX) this.byId.clear();
      this.byId.set(id, (stubs = [stubNeighbour(this.type, id, this.label, this.direction)]));
    }
    this.lastId = id;
    return (this.last = stubs);
  }
}

/** The event of a resource. A deletion or purge names no neighbours: the graph knows them. */
export function resourceEvent(
  sample: Sample,
  action: GraphAction,
  type: string,
  id: string,
  properties: PropertyPatch,
  neighbours: readonly NeighbourImage[],
): EntityEvent {
  const event: { -readonly [name in keyof EntityEvent]: EntityEvent[name] } = {
    action,
    entity: image('RESOURCE', type, resourceKey(type, id), properties),
    neighbours: namesNeighbours(action) ? neighbours : NO_NEIGHBOURS,
    lookups: NO_LOOKUPS,
    sampleTimestamp: sample.timestamp,
    datasource: type,
  };
  const toldBy = sample.event[TOLD_BY];
  if (toldBy === 'bus' || toldBy === 'api') event.ownsEdges = true;
  if (toldBy === 'bus') event.mayBeLate = true;
  return event;
}

/** Whether neighbours mean anything to this action. */
export function namesNeighbours(action: GraphAction): boolean {
  return action !== 'delete-entity' && action !== 'remove-deleted-entity';
}
