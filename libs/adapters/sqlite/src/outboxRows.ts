import type { Advance, AdvanceResult, Delivery, DeliveryOutcome, Watermark, Webhook } from '@wherefore/ports';
import type { Connection } from './connection';

export interface Settlement {
  readonly effectId: string;
  readonly receiver: string;
  readonly outcome: DeliveryOutcome;
}

/** Operations of the writer on the outbox and the webhooks. */
export const outboxOperations = {
  claimOutbox(connection: Connection, epoch: number): AdvanceResult {
    const { changes } = connection.run(
      'UPDATE outbox_watermark SET lease_epoch = ? WHERE lease_epoch <= ?',
      epoch,
      epoch,
    );
    return { kind: changes === 0 ? 'stale-epoch' : 'advanced', watermark: readWatermark(connection) };
  },

  advanceOutbox(connection: Connection, advance: Advance): AdvanceResult {
    const { expected, position, epoch } = advance;
    const { changes } = connection.run(
      `UPDATE outbox_watermark SET epoch = ?, offset = ?, idx = ?
       WHERE epoch = ? AND offset = ? AND idx = ? AND lease_epoch = ?`,
      position.epoch,
      position.offset,
      position.index,
      expected.epoch,
      expected.offset,
      expected.index,
      epoch,
    );
    const watermark = readWatermark(connection);
    if (changes === 0) return { kind: watermark.epoch === epoch ? 'watermark-moved' : 'stale-epoch', watermark };
    for (const delivery of advance.deliveries) {
      connection.run(
        `INSERT INTO outbox_rows (effect_id, receiver, body, attempts, not_before_ms, last_failure)
         VALUES (?, ?, ?, 0, ?, '') ON CONFLICT DO NOTHING`,
        delivery.effectId,
        delivery.receiver,
        JSON.stringify(delivery.body),
        advance.notBeforeMs,
      );
    }
    return { kind: 'advanced', watermark };
  },

  settleDelivery(connection: Connection, { effectId, receiver, outcome }: Settlement): void {
    if (outcome.kind !== 'failed') {
      connection.run('DELETE FROM outbox_rows WHERE effect_id = ? AND receiver = ?', effectId, receiver);
      return;
    }
    connection.run(
      `UPDATE outbox_rows SET attempts = attempts + 1, last_failure = ?, not_before_ms = ?
       WHERE effect_id = ? AND receiver = ?`,
      outcome.reason,
      outcome.notBeforeMs,
      effectId,
      receiver,
    );
  },

  putWebhook(connection: Connection, webhook: Webhook): void {
    connection.run(
      'INSERT OR REPLACE INTO webhooks VALUES (?, ?, ?)',
      webhook.id,
      webhook.createdAtMs,
      JSON.stringify(webhook),
    );
  },

  removeWebhook(connection: Connection, id: string): boolean {
    connection.run('DELETE FROM outbox_rows WHERE receiver = ?', id);
    return connection.run('DELETE FROM webhooks WHERE id = ?', id).changes > 0;
  },
};

/** The watermark as it stands. */
export function readWatermark(connection: Connection): Watermark {
  const [epoch, offset, index, leaseEpoch] = connection.get(
    'SELECT epoch, offset, idx, lease_epoch FROM outbox_watermark',
  ) as number[] as [number, number, number, number];
  return { position: { epoch, offset, index }, epoch: leaseEpoch };
}

/** Rows that are due, oldest first. */
export function readDue(connection: Connection, nowMs: number, limit: number): Delivery[] {
  const rows = connection.all(
    `SELECT effect_id, receiver, body, attempts, not_before_ms, last_failure FROM outbox_rows
     WHERE not_before_ms <= ? ORDER BY id LIMIT ?`,
    nowMs,
    limit,
  );
  return rows.map((row) => ({
    effectId: row[0] as string,
    receiver: row[1] as string,
    body: JSON.parse(row[2] as string),
    attempts: row[3] as number,
    notBeforeMs: row[4] as number,
    lastFailure: row[5] as string,
  }));
}

/** Oldest first, then by id. */
export function readWebhooks(connection: Connection): Webhook[] {
  const rows = connection.all('SELECT body FROM webhooks ORDER BY created_at_ms, id');
  return rows.map(([body]) => JSON.parse(body as string) as Webhook);
}
