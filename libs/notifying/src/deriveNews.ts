import type { EngineState } from '@wherefore/engine';
import type { Json } from '@wherefore/model';
import type { BusNotification, NewDelivery, Webhook } from '@wherefore/ports';
import type { AppliedStep } from '@wherefore/runtime';
import { type EffectNews, newsOf } from './effectNews';
import { deliveryOf } from './webhookDelivery';

/** The name of the bus among receivers. Webhooks have their id for a name. */
export const BUS_RECEIVER = 'bus';

/** Who is told. */
export interface Told {
  readonly webhooks: readonly Webhook[];
  /** Whether notifications go out on the bus. */
  readonly bus: boolean;
}

/**
 * Everything that receivers are to be told of a step: a row for each message and receiver, in the order of the effects.
 * A function of its arguments alone, so that a standby derives what the leader has. O(effects × webhooks).
 */
export function deriveNews(step: AppliedStep, state: EngineState, { webhooks, bus }: Told): NewDelivery[] {
  if (!bus && webhooks.length === 0) return [];
  const rows: NewDelivery[] = [];
  for (const news of newsOf(step, state)) {
    const { effectId } = news;
    if (bus) rows.push({ effectId, receiver: BUS_RECEIVER, body: busBody(news, step.logTimeMs) });
    if (news.alarm === undefined) continue;
    for (const webhook of webhooks) {
      const body = deliveryOf(webhook, news.alarm);
      if (body !== undefined) rows.push({ effectId, receiver: webhook.id, body });
    }
  }
  return rows;
}

function busBody({ eventType, topic, payload }: EffectNews, atMs: number): Json {
  const body: BusNotification = { eventType, ...(topic === undefined ? {} : { topic }), payload, atMs };
  return { ...body };
}
