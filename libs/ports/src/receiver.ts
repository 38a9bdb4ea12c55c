import type { JsonObject } from '@wherefore/model';
import type { Delivery } from './outbox';

export type SendResult =
  | { readonly kind: 'delivered' }
  /** It will never take this one: trying again is no use. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not now: the network, or a receiver in trouble. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Somebody who is told what happened. */
export interface Receiver {
  /** Settles with a result, also for trouble; bounded in time by the receiver itself. Rejects only on abort. */
  send(delivery: Delivery, signal: AbortSignal): Promise<SendResult>;
}

/** The body of a delivery to the bus: the message, but for its envelope. */
export interface BusNotification {
  /** Such as `vitrage.alarm.activate`. */
  readonly eventType: string;
  /** Absent for the topic of notifications. */
  readonly topic?: string;
  readonly payload: JsonObject;
  /** Log time, in milliseconds. */
  readonly atMs: number;
}
