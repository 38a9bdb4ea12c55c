import type { BrokerAddress } from '@wherefore/rabbitmq';

/** The queue of the listeners, and what it is bound to. */
export interface BusSettings {
  readonly broker: BrokerAddress;
  /** Durable, Wherefore's own. Listeners of one queue stand by for each other. */
  readonly queue: string;
  /** Quorum queues are replicated; a classic one lives on one node. */
  readonly queueType: 'quorum' | 'classic';
  /** Exchanges of the services: each one's `control_exchange`. */
  readonly exchanges: readonly string[];
  /** Topics of notifications; the keys are `<topic>.<priority>`. */
  readonly topics: readonly string[];
  /** Messages that may be on their way at once. */
  readonly prefetch: number;
  /** Bytes of messages that may be held at once; the number of messages follows. */
  readonly heldBytesMax: number;
  /** What the queue of dead letters keeps at most; the oldest go first. */
  readonly deadLetterBytesMax: number;
  /** How often exchanges that were missing are looked for. */
  readonly bindingCheckMs: number;
  /** After so long without being able to keep anything, the queue is left to another listener. */
  readonly handOverMs: number;
}

/** Where what cannot be read goes. */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/** The keys that a topic's messages have. */
export function bindingKey(topic: string): string {
  return `${topic}.*`;
}
