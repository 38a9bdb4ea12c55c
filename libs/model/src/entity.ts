import type { Json } from './json';

/** What an entity is: a thing of the cloud, or something that is wrong with one. */
export type Category = 'RESOURCE' | 'ALARM';

/** Properties of an entity as an event states them; `null` removes one. Flat, values are JSON. */
export type PropertyPatch = { readonly [name: string]: Json };

/** Properties of an entity as the graph holds them: never `null`, never `undefined`. */
export type Properties = { readonly [name: string]: Json };

/** What an event asks of the graph (the graph actions of Vitrage). */
export type GraphAction =
  | 'create-entity'
  | 'update-entity'
  | 'delete-entity'
  | 'update-relationship'
  | 'delete-relationship'
  | 'remove-deleted-entity';

/** An entity as one event sees it. */
export interface EntityImage {
  /** `CATEGORY:type:id`, for instance `RESOURCE:nova.host:compute-01`. */
  readonly key: string;
  readonly category: Category;
  readonly type: string;
  /** A stub: something that another entity refers to, not yet seen itself. */
  readonly isPlaceholder: boolean;
  /** Without vitrage_* bookkeeping: id, name, state, severity, project_id, update_timestamp… */
  readonly properties: PropertyPatch;
  /** Addresses an entity that exists by its vitrage_id instead of by `key` (aodh on deduced alarms). */
  readonly vitrageId?: string;
}

/** Which way an edge runs, seen from the entity of the event. */
export type EdgeDirection = 'to-neighbour' | 'from-neighbour';

/** A neighbour that the event names by key. It comes into being, as a placeholder if it says so. */
export interface NeighbourImage {
  readonly entity: EntityImage;
  readonly label: string;
  readonly direction: EdgeDirection;
}

/** Neighbours that are found in the graph: every live entity with exactly these properties. */
export interface NeighbourLookup {
  /** Property name (as on the vertex: `id`, `name`, `vitrage_type`, …) to required value. Not empty. */
  readonly where: { readonly [name: string]: string };
  readonly label: string;
  readonly direction: EdgeDirection;
}

/**
 * What an event says in passing of entities that another source vouches for: Nova of the ports and volumes
 * of a server. It makes no entity, and each property keeps the time at which it was told, so that the
 * order in which the two sources are heard does not matter.
 */
export interface Amendment {
  /** One entity by its key; or all of a type that have an edge of this label with the entity of the event. */
  readonly of: { readonly key: string } | { readonly type: string; readonly label: string };
  readonly properties: PropertyPatch;
  /** Leaves alone entities whose `property` has this value. */
  readonly unless?: { readonly property: string; readonly value: Json };
}

/** What one driver event means for the graph. */
export interface EntityEvent {
  readonly action: GraphAction;
  readonly entity: EntityImage;
  readonly neighbours: readonly NeighbourImage[];
  readonly lookups: readonly NeighbourLookup[];
  /** The source's time of this sample, `YYYY-MM-DDTHH:MM:SSZ` or finer; decides between versions. */
  readonly sampleTimestamp: string;
  /** The datasource that vouches for the entity, as `vitrage_datasource_name`; empty when none does. */
  readonly datasource: string;
  /** Types of resources that the event says the entity has no edge with: what the graph has is gone. */
  readonly without?: readonly string[];
  /** Keep the graph's value of `property` while the value of `whileUnchanged` stays as it is. */
  readonly keep?: { readonly property: string; readonly whileUnchanged: string };
  readonly amends?: readonly Amendment[];
  /**
   * It tells a little of the entity, and is no sample of it: each property that it tells keeps the time of
   * that, as an amendment does. An entity that it makes is older than whatever else is told of it.
   */
  readonly inPassing?: true;
  /** Its edges hold although the other end is known from a newer sample: that says nothing of them. */
  readonly ownsEdges?: true;
  /** A message that may be overtaken: it does not bring back an entity that was deleted at a later time. */
  readonly mayBeLate?: true;
}
