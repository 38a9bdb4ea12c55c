import type { Json, Position } from '@wherefore/model';

/** Every effect up to here is sent, or stored as delivery rows. */
export interface Watermark {
  readonly position: Position;
  /** Highest lease epoch that has claimed it. */
  readonly epoch: number;
}

/** One effect for one receiver. */
export interface NewDelivery {
  /** `position/kind/entity id`: the receiver drops a second one by it. */
  readonly effectId: string;
  /** The webhook's id, or another name of a receiver. */
  readonly receiver: string;
  readonly body: Json;
}

export interface Delivery extends NewDelivery {
  /** Times it was tried in vain. */
  readonly attempts: number;
  readonly notBeforeMs: number;
  /** Why the last attempt failed; empty before the first. */
  readonly lastFailure: string;
}

export interface Advance {
  readonly expected: Position;
  readonly position: Position;
  readonly epoch: number;
  readonly deliveries: readonly NewDelivery[];
  /** When the rows may first be sent. */
  readonly notBeforeMs: number;
}

/** Whether the watermark moved. It is the one that stands now. */
export interface AdvanceResult {
  readonly kind: 'advanced' | 'watermark-moved' | 'stale-epoch';
  readonly watermark: Watermark;
}

/** Names a row. */
export type DeliveryKey = Pick<Delivery, 'effectId' | 'receiver'>;

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** There is nobody left to take it. The row goes. */
  | { readonly kind: 'abandoned' }
  /** Given up after an attempt: it becomes a dead letter, for an operator to look at. */
  | { readonly kind: 'dead'; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly notBeforeMs: number };

/** A delivery that was given up. */
export interface DeadLetter extends NewDelivery {
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly reason: string;
  /** When it was given up. */
  readonly atMs: number;
}

/** What was notified, and what still has to be: at least once, with ids that reveal a repetition. */
export interface Outbox {
  /** `ORIGIN` and epoch 0 before the first claim. */
  watermark(): Promise<Watermark>;

  /** Stamps the watermark with a higher (or the same) epoch and reads it, in one transaction. */
  claim(epoch: number): Promise<AdvanceResult>;

  /**
   * Watermark and rows in one transaction, durable when it settles. The watermark moves only from
   * `expected` and only for the epoch that claimed it. With no rows it sets the start: history is
   * never notified. A row that exists already (same effect, same receiver) is left as it is.
   */
  advance(advance: Advance): Promise<AdvanceResult>;

  /** Rows of all receivers whose time has come, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly Delivery[]>;

  /** Records how an attempt ended. Nothing happens when the row is gone. */
  settle(delivery: DeliveryKey, outcome: DeliveryOutcome): Promise<void>;

  /** Records that all of them were delivered, in one transaction. */
  settleDelivered(deliveries: readonly DeliveryKey[]): Promise<void>;

  /** Receivers that have rows, dead letters not counted, in code-unit order. Cost: grows with the rows there are. */
  receivers(): Promise<readonly string[]>;

  /** The oldest rows of one receiver, whether their time has come or not, oldest first. Dead letters are no rows. */
  waiting(receiver: string, limit: number): Promise<readonly Delivery[]>;

  /** Dead letters, the latest given up first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;

  /** Puts a dead letter back among the rows, as if it had never been tried, due at once. False when there is none. */
  revive(delivery: DeliveryKey): Promise<boolean>;

  /** Forgets dead letters given up before that time. Gives how many. */
  forgetDeadLetters(beforeMs: number): Promise<number>;
}

/** A receiver that an operator or tenant registered. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  /** Property name to regular expression; every one must match. */
  readonly filter: { readonly [name: string]: string };
  readonly projectId: string;
  /** Whether it hears of alarms of every project. */
  readonly isAdmin: boolean;
  readonly createdAtMs: number;
}

/** Registered receivers. */
export interface Webhooks {
  /** Adds it, or replaces the one with its id. */
  put(webhook: Webhook): Promise<void>;

  /** Oldest first, then by id. */
  list(): Promise<readonly Webhook[]>;

  /** Also drops its delivery rows and dead letters. False when there is none of that id. */
  remove(id: string): Promise<boolean>;
}
