import { compareCodeUnits } from '@wherefore/model';
import type {
  Advance,
  AdvanceResult,
  DeadLetter,
  Delivery,
  DeliveryKey,
  DeliveryOutcome,
  Watermark,
  Webhook,
} from '@wherefore/ports';
import type { Connection, Row } from './connection';

export interface Settlement {
  readonly effectId: string;
  readonly receiver: string;
  readonly outcome: DeliveryOutcome;
}

const DELETE_ROW = 'DELETE FROM outbox_rows WHERE effect_id = ? AND receiver = ? AND dead_at_ms IS NULL';
const READ_ROWS = 'SELECT effect_id, receiver, body, attempts, not_before_ms, last_failure FROM outbox_rows';

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
    if (outcome.kind === 'dead') {
      connection.run(
        `UPDATE outbox_rows SET attempts = attempts + 1, last_failure = ?, dead_at_ms = ?
         WHERE effect_id = ? AND receiver = ? AND dead_at_ms IS NULL`,
        outcome.reason,
        outcome.atMs,
        effectId,
        receiver,
      );
      return;
    }
    if (outcome.kind !== 'failed') {
      connection.run(DELETE_ROW, effectId, receiver);
      return;
    }
    connection.run(
      `UPDATE outbox_rows SET attempts = attempts + 1, last_failure = ?, not_before_ms = ?
       WHERE effect_id = ? AND receiver = ? AND dead_at_ms IS NULL`,
      outcome.reason,
      outcome.notBeforeMs,
      effectId,
      receiver,
    );
  },

  settleDelivered(connection: Connection, deliveries: readonly DeliveryKey[]): void {
    for (const { effectId, receiver } of deliveries) connection.run(DELETE_ROW, effectId, receiver);
  },

  reviveDelivery(connection: Connection, { effectId, receiver }: DeliveryKey): boolean {
    const { changes } = connection.run(
      `UPDATE outbox_rows SET attempts = 0, not_before_ms = 0, last_failure = '', dead_at_ms = NULL
       WHERE effect_id = ? AND receiver = ? AND dead_at_ms IS NOT NULL`,
      effectId,
      receiver,
    );
    return changes > 0;
  },

  forgetDeadLetters(connection: Connection, beforeMs: number): number {
    return connection.run('DELETE FROM outbox_rows WHERE dead_at_ms < ?', beforeMs).changes;
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
    `${READ_ROWS} WHERE not_before_ms <= ? AND dead_at_ms IS NULL ORDER BY id LIMIT ?`,
    nowMs,
    limit,
  );
  return rows.map(toDelivery);
}

/** The oldest rows of one receiver. */
export function readWaiting(connection: Connection, receiver: string, limit: number): Delivery[] {
  const rows = connection.all(
    `${READ_ROWS} WHERE receiver = ? AND dead_at_ms IS NULL ORDER BY id LIMIT ?`,
    receiver,
    limit,
  );
  return rows.map(toDelivery);
}

/** Receivers that have rows. */
export function readReceivers(connection: Connection): string[] {
  const rows = connection.all('SELECT DISTINCT receiver FROM outbox_rows WHERE dead_at_ms IS NULL');
  return rows.map(([receiver]) => receiver as string).sort(compareCodeUnits);
}

/** Dead letters, the latest first. */
export function readDeadLetters(connection: Connection, limit: number): DeadLetter[] {
  const rows = connection.all(
    `SELECT effect_id, receiver, body, attempts, last_failure, dead_at_ms FROM outbox_rows
     WHERE dead_at_ms IS NOT NULL ORDER BY dead_at_ms DESC, id DESC LIMIT ?`,
    limit,
  );
  return rows.map((row) => ({
    effectId: row[0] as string,
    receiver: row[1] as string,
    body: JSON.parse(row[2] as string),
    attempts: row[3] as number,
    reason: row[4] as string,
    atMs: row[5] as number,
  }));
}

function toDelivery(row: Row): Delivery {
  return {
    effectId: row[0] as string,
    receiver: row[1] as string,
    body: JSON.parse(row[2] as string),
    attempts: row[3] as number,
    notBeforeMs: row[4] as number,
    lastFailure: row[5] as string,
  };
}

/** Oldest first, then by id. */
export function readWebhooks(connection: Connection): Webhook[] {
  const rows = connection.all('SELECT body FROM webhooks ORDER BY created_at_ms, id');
  return rows.map(([body]) => JSON.parse(body as string) as Webhook);
}
