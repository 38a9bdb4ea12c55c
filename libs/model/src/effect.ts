import type { Properties } from './entity';
import type { ErrorCode } from './errors';
import type { Json } from './json';

/** Value of a property before and after; `null` where it was, or is, absent. */
export interface PropertyChange {
  readonly before: Json;
  readonly after: Json;
}

/**
 * What a step did, net: one effect per element touched, in code-unit order of `id`s within a kind.
 * The identity of an effect is `position/kind/entityId`, stable by construction.
 */
export type Effect =
  AlarmEffect | CauseEffect | ResourceEffect | MarkDownEffect | ExternalActionEffect | TemplateEffect | RefusalEffect;

/** An alarm became active, changed while active, or ceased to be. */
export interface AlarmEffect {
  readonly kind: 'alarm-raised' | 'alarm-changed' | 'alarm-cleared';
  readonly entityId: string;
  /** All properties of the vertex after the step (for a cleared alarm: as marked deleted). */
  readonly properties: Properties;
  /** For `alarm-changed`: what changed. Empty otherwise. */
  readonly changes: { readonly [name: string]: PropertyChange };
}

/** A causal edge between two alarms began or ended to hold. */
export interface CauseEffect {
  readonly kind: 'cause-added' | 'cause-removed';
  /** `sourceId/targetId`. */
  readonly entityId: string;
  readonly sourceId: string;
  readonly targetId: string;
}

/** A resource appeared (placeholders included), changed, or was marked deleted. */
export interface ResourceEffect {
  readonly kind: 'resource-appeared' | 'resource-changed' | 'resource-gone';
  readonly entityId: string;
  readonly properties: Properties;
  readonly changes: { readonly [name: string]: PropertyChange };
}

export interface MarkDownEffect {
  readonly kind: 'mark-down-set' | 'mark-down-cleared';
  readonly entityId: string;
  readonly properties: Properties;
}

/** A template asks for a workflow outside. Emitted once while the same request holds. */
export interface ExternalActionEffect {
  readonly kind: 'external-action';
  /** The action's id. */
  readonly entityId: string;
  readonly workflow: string;
  readonly input: { readonly [name: string]: Json };
}

export interface TemplateEffect {
  readonly kind: 'template-added' | 'template-refused' | 'template-deleted' | 'template-suspended';
  /** The template's id. */
  readonly entityId: string;
  readonly name: string;
  readonly detail: string;
}

/** The entry was refused, or its step failed and was undone. */
export interface RefusalEffect {
  readonly kind: 'entry-rejected' | 'entry-failed';
  /** The entry's id. */
  readonly entityId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
}
