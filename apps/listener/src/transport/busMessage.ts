import type { Rejection } from '@wherefore/model';

/** A message of the cloud's bus, as it came. */
export interface BusMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** Whether it was delivered before, to this process or another one. */
  readonly isRedelivered: boolean;
}

/** A message that nobody can read, and why. */
export interface DeadLetter {
  readonly message: BusMessage;
  readonly rejection: Rejection;
}

/** What became of a batch of messages. */
export type TakenBatch =
  /** All of it is kept, but for what nobody can read. */
  | { readonly kind: 'kept'; readonly dead: readonly DeadLetter[] }
  /** None of it counts as kept. It is tried again if the failure may pass; else it is what ends the listener. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** Under this pattern the transport looks for whoever takes batches. */
export const NOTIFICATIONS = 'openstack.notifications';
