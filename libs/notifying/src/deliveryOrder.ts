import type { DeskOptions } from '@wherefore/runtime';
import type { JsonObject } from '@wherefore/model';
import { BUS_RECEIVER } from './deriveNews';

/** One channel keeps the order of what is published on it; its confirms come many at a time. */
const BUS_WINDOW = 256;

/**
 * How many deliveries may be under way to a receiver, and what keeps its order among them: to a webhook, what is told of
 * one alarm; to the bus, everything, as long as the broker takes it.
 */
export function deliveryOrder(webhookWindow: number): Required<Pick<DeskOptions, 'windowOf' | 'subjectOf'>> {
  return {
    windowOf: (receiver) => (receiver === BUS_RECEIVER ? BUS_WINDOW : webhookWindow),
    subjectOf: ({ receiver, body }) => {
      if (receiver === BUS_RECEIVER) return undefined;
      const { payload } = body as { readonly payload?: JsonObject };
      const id = payload?.['vitrage_id'];
      // What cannot be told apart keeps its order.
      return typeof id === 'string' ? id : '';
    },
  };
}
