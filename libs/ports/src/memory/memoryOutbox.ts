import { ORIGIN, comparePositions } from '@wherefore/model';
import type {
  Advance,
  AdvanceResult,
  Delivery,
  DeliveryOutcome,
  Outbox,
  Watermark,
  Webhook,
  Webhooks,
} from '../outbox';

/** Watermark, delivery rows and webhooks in memory. */
export class MemoryOutbox implements Outbox, Webhooks {
  private mark: Watermark = { position: ORIGIN, epoch: 0 };
  private readonly rows = new Map<string, Delivery>();
  private readonly hooks = new Map<string, Webhook>();

  async watermark(): Promise<Watermark> {
    return this.mark;
  }

  async claim(epoch: number): Promise<AdvanceResult> {
    if (epoch < this.mark.epoch) return { kind: 'stale-epoch', watermark: this.mark };
    this.mark = { ...this.mark, epoch };
    return { kind: 'advanced', watermark: this.mark };
  }

  async advance(advance: Advance): Promise<AdvanceResult> {
    if (advance.epoch !== this.mark.epoch) return { kind: 'stale-epoch', watermark: this.mark };
    if (comparePositions(advance.expected, this.mark.position) !== 0) {
      return { kind: 'watermark-moved', watermark: this.mark };
    }
    for (const delivery of advance.deliveries) {
      const key = rowKey(delivery);
      if (this.rows.has(key)) continue;
      this.rows.set(key, { ...delivery, attempts: 0, notBeforeMs: advance.notBeforeMs, lastFailure: '' });
    }
    this.mark = { position: advance.position, epoch: advance.epoch };
    return { kind: 'advanced', watermark: this.mark };
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    return [...this.rows.values()].filter((row) => row.notBeforeMs <= nowMs).slice(0, limit);
  }

  async settle(delivery: Pick<Delivery, 'effectId' | 'receiver'>, outcome: DeliveryOutcome): Promise<void> {
    const key = rowKey(delivery);
    const row = this.rows.get(key);
    if (!row) return;
    if (outcome.kind !== 'failed') {
      this.rows.delete(key);
      return;
    }
    const { reason: lastFailure, notBeforeMs } = outcome;
    this.rows.set(key, { ...row, attempts: row.attempts + 1, lastFailure, notBeforeMs });
  }

  async put(webhook: Webhook): Promise<void> {
    this.hooks.set(webhook.id, webhook);
  }

  async list(): Promise<readonly Webhook[]> {
    return [...this.hooks.values()].sort(
      (a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
  }

  async remove(id: string): Promise<boolean> {
    for (const [key, row] of this.rows) if (row.receiver === id) this.rows.delete(key);
    return this.hooks.delete(id);
  }
}

function rowKey(delivery: Pick<Delivery, 'effectId' | 'receiver'>): string {
  return JSON.stringify([delivery.effectId, delivery.receiver]);
}
