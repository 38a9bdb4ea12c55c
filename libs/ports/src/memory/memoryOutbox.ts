import { ORIGIN, compareCodeUnits, comparePositions } from '@wherefore/model';
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
} from '../outbox';

/** Watermark, delivery rows and webhooks in memory. */
export class MemoryOutbox implements Outbox, Webhooks {
  private mark: Watermark = { position: ORIGIN, epoch: 0 };
  private readonly rows = new Map<string, Delivery>();
  /** By the key of the row that they were, in the order in which they were given up. */
  private readonly dead = new Map<string, DeadLetter>();
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
      if (this.rows.has(key) || this.dead.has(key)) continue;
      this.rows.set(key, { ...delivery, attempts: 0, notBeforeMs: advance.notBeforeMs, lastFailure: '' });
    }
    this.mark = { position: advance.position, epoch: advance.epoch };
    return { kind: 'advanced', watermark: this.mark };
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    return [...this.rows.values()].filter((row) => row.notBeforeMs <= nowMs).slice(0, limit);
  }

  async settle(delivery: DeliveryKey, outcome: DeliveryOutcome): Promise<void> {
    const key = rowKey(delivery);
    const row = this.rows.get(key);
    if (!row) return;
    if (outcome.kind !== 'failed') {
      this.rows.delete(key);
      if (outcome.kind === 'dead') this.bury(key, row, outcome);
      return;
    }
    const { reason: lastFailure, notBeforeMs } = outcome;
    this.rows.set(key, { ...row, attempts: row.attempts + 1, lastFailure, notBeforeMs });
  }

  async settleDelivered(deliveries: readonly DeliveryKey[]): Promise<void> {
    for (const delivery of deliveries) this.rows.delete(rowKey(delivery));
  }

  async receivers(): Promise<readonly string[]> {
    return [...new Set([...this.rows.values()].map((row) => row.receiver))].sort(compareCodeUnits);
  }

  async waiting(receiver: string, limit: number): Promise<readonly Delivery[]> {
    return [...this.rows.values()].filter((row) => row.receiver === receiver).slice(0, limit);
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return [...this.dead.values()].reverse().slice(0, limit);
  }

  async revive(delivery: DeliveryKey): Promise<boolean> {
    const key = rowKey(delivery);
    const letter = this.dead.get(key);
    if (!letter) return false;
    const { effectId, receiver, body } = letter;
    this.dead.delete(key);
    this.rows.set(key, { effectId, receiver, body, attempts: 0, notBeforeMs: 0, lastFailure: '' });
    return true;
  }

  async forgetDeadLetters(beforeMs: number): Promise<number> {
    const old = [...this.dead].filter(([, letter]) => letter.atMs < beforeMs);
    for (const [key] of old) this.dead.delete(key);
    return old.length;
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
    for (const rows of [this.rows, this.dead]) {
      for (const [key, { receiver }] of rows) if (receiver === id) rows.delete(key);
    }
    return this.hooks.delete(id);
  }

  private bury(key: string, row: Delivery, { reason, atMs }: { readonly reason: string; readonly atMs: number }): void {
    const { effectId, receiver, body } = row;
    this.dead.set(key, { effectId, receiver, body, attempts: row.attempts + 1, reason, atMs });
  }
}

function rowKey(delivery: DeliveryKey): string {
  return JSON.stringify([delivery.effectId, delivery.receiver]);
}
