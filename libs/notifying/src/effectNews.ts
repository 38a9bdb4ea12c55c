import type { EngineState } from '@wherefore/engine';
import { describeVertex } from '@wherefore/graph';
import { type Effect, formatPosition, type Json, type JsonObject, type Properties } from '@wherefore/model';
import type { AppliedStep } from '@wherefore/runtime';
import type { AlarmNews } from './webhookDelivery';

/** Something that happened, in the words that receivers of Vitrage know. */
export interface EffectNews {
  /** Unique, and the same whenever the step is repeated: `position/kind/entity id`, and which of several messages. */
  readonly effectId: string;
  /** Such as `vitrage.deduced_alarm.activate`. */
  readonly eventType: string;
  /** The topic of the bus that it belongs on; absent for the one of notifications. */
  readonly topic?: string;
  readonly payload: JsonObject;
  /** What a webhook is told by it; absent when nothing. */
  readonly alarm?: AlarmNews;
}

/** Where Vitrage asks for workflows. */
export const WORKFLOW_TOPIC = 'vitrage_evaluator_notifications.mistral';

/**
 * What a step tells to the outside, in the order of its effects. A deduced alarm is told twice, first as one of its
 * kind, then as an alarm. `state` is that right after the step. O(effects).
 */
export function newsOf({ entry, effects }: AppliedStep, state: EngineState): EffectNews[] {
  const position = formatPosition(entry.position);
  return effects.flatMap((effect) => newsOfEffect(effect, `${position}/${effect.kind}/${effect.entityId}`, state));
}

function newsOfEffect(effect: Effect, effectId: string, state: EngineState): EffectNews[] {
  switch (effect.kind) {
    case 'alarm-raised':
    case 'alarm-cleared':
      return alarmNews(effect.properties, effect.kind === 'alarm-raised' ? 'activate' : 'deactivate', effectId, state);
    case 'mark-down-set':
      return [
        {
          effectId,
          eventType: 'vitrage.mark_down.activate',
          payload: told(effect.properties, resourceOf(effect.properties, state)),
        },
      ];
    case 'mark-down-cleared':
      return [
        {
          effectId,
          eventType: 'vitrage.mark_down.deactivate',
          payload: told(effect.properties, resourceOf(effect.properties, state)),
        },
      ];
    case 'external-action': {
      const payload = { workflow: effect.workflow, input: effect.input as JsonObject };
      return [{ effectId, eventType: 'vitrage.execute_external_action', topic: WORKFLOW_TOPIC, payload }];
    }
    default:
      return [];
  }
}

function alarmNews(
  alarm: Properties,
  what: 'activate' | 'deactivate',
  effectId: string,
  state: EngineState,
): EffectNews[] {
  const resource = resourceOf(alarm, state);
  const payload = told(alarm, resource);
  const news: AlarmNews = { kind: `vitrage.alarm.${what}`, alarm, ...(resource === undefined ? {} : { resource }) };
  const asAlarm: EffectNews = { effectId, eventType: news.kind, payload, alarm: news };
  if (alarm['vitrage_type'] !== 'vitrage') return [asAlarm];
  return [{ effectId: `${effectId}/deduced`, eventType: `vitrage.deduced_alarm.${what}`, payload }, asAlarm];
}

/** All properties of the vertex, and with an alarm what it is on. */
function told(properties: Properties, resource: Properties | undefined): JsonObject {
  const own = properties as { readonly [name: string]: Json };
  return resource === undefined ? own : { ...own, resource: resource as JsonObject };
}

function resourceOf(alarm: Properties, state: EngineState): Properties | undefined {
  const id = alarm['vitrage_resource_id'];
  const vertex = typeof id === 'string' ? state.graph.vertexById(id) : undefined;
  return vertex === undefined ? undefined : describeVertex(vertex);
}
