import type {
  Advance,
  AdvanceResult,
  Delivery,
  DeliveryOutcome,
  Outbox,
  Watermark,
  Webhook,
  Webhooks,
} from '@wherefore/ports';
import type { Connection } from './connection';
import { readDue, readWatermark, readWebhooks } from './outboxRows';
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

  settle({ effectId, receiver }: Pick<Delivery, 'effectId' | 'receiver'>, outcome: DeliveryOutcome): Promise<void> {
    return this.writer.submit('settleDelivery', { effectId, receiver, outcome });
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
