import type {
  Advance,
  AdvanceResult,
  DeadLetter,
  Delivery,
  DeliveryKey,
  DeliveryOutcome,
  Outbox,
  Watermark,
  Webhook,
  Webhooks,
} from '@wherefore/ports';
import type { Connection } from './connection';
import { readDeadLetters, readDue, readReceivers, readWaiting, readWatermark, readWebhooks } from './outboxRows';
import type { Writer } from './writer';

/** Watermark, delivery rows and webhooks of a store that this process writes. */
export class SqliteOutbox implements Outbox, Webhooks {
  constructor(
    private readonly connection: Connection,
    private readonly writer: Writer,
  ) {}

  async watermark(): Promise<Watermark> {
    return readWatermark(this.connection);
  }

  claim(epoch: number): Promise<AdvanceResult> {
    return this.writer.submit('claimOutbox', epoch);
  }

  advance(advance: Advance): Promise<AdvanceResult> {
    return this.writer.submit('advanceOutbox', advance, advance.deliveries.length + 1);
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    return readDue(this.connection, nowMs, limit);
  }

  settle({ effectId, receiver }: DeliveryKey, outcome: DeliveryOutcome): Promise<void> {
    return this.writer.submit('settleDelivery', { effectId, receiver, outcome });
  }

  async settleDelivered(deliveries: readonly DeliveryKey[]): Promise<void> {
    if (deliveries.length === 0) return;
    const keys = deliveries.map(({ effectId, receiver }) => ({ effectId, receiver }));
    await this.writer.submit('settleDelivered', keys, keys.length);
  }

  async receivers(): Promise<readonly string[]> {
    return readReceivers(this.connection);
  }

  async waiting(receiver: string, limit: number): Promise<readonly Delivery[]> {
    return readWaiting(this.connection, receiver, limit);
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return readDeadLetters(this.connection, limit);
  }

  revive({ effectId, receiver }: DeliveryKey): Promise<boolean> {
    return this.writer.submit('reviveDelivery', { effectId, receiver });
  }

  forgetDeadLetters(beforeMs: number): Promise<number> {
    return this.writer.submit('forgetDeadLetters', beforeMs);
  }

  put(webhook: Webhook): Promise<void> {
    return this.writer.submit('putWebhook', webhook);
  }

  async list(): Promise<readonly Webhook[]> {
    return readWebhooks(this.connection);
  }

  remove(id: string): Promise<boolean> {
    return this.writer.submit('removeWebhook', id);
  }
}
