import { createHash } from 'node:crypto';
import { compareCodeUnits, comparePositions, type Json, type Position } from '@wherefore/model';
import type {
  Advance,
  AdvanceResult,
  DeadLetter,
  Delivery,
  DeliveryKey,
  DeliveryOutcome,
  NewDelivery,
  Outbox,
  Watermark,
  Webhook,
  Webhooks,
} from '@wherefore/ports';
import type { Database, Row, Session } from './database';
import { positionOf, positionText } from './positionColumn';

const READ_WATERMARK = 'SELECT position, lease_epoch FROM outbox_watermark';

const READ_ROWS = 'SELECT effect_id, receiver, body, attempts, not_before_ms, last_failure FROM outbox_rows';
const IS_ROW = 'row_key = ? AND dead_at_ms IS NULL';

/** Watermark, delivery rows and webhooks. */
export class MariadbOutbox implements Outbox, Webhooks {
  constructor(private readonly database: Database) {}

  async watermark(): Promise<Watermark> {
    return toWatermark(await this.database.get(READ_WATERMARK));
  }

  async claim(epoch: number): Promise<AdvanceResult> {
    const result = await this.database.transaction(async (session): Promise<AdvanceResult> => {
      const claimed = await session.run(
        'UPDATE outbox_watermark SET lease_epoch = ? WHERE lease_epoch <= ?',
        epoch,
        epoch,
      );
      const watermark = toWatermark(await session.get(READ_WATERMARK));
      return { kind: claimed === 0 ? 'stale-epoch' : 'advanced', watermark };
    });
    return result!;
  }

  async advance(advance: Advance): Promise<AdvanceResult> {
    // One statement is a transaction of its own, and most of what is told needs no row.
    if (advance.deliveries.length === 0) return move(this.database, advance);
    const result = await this.database.transaction(async (session) => {
      const moved = await move(session, advance);
      // Nothing was written when nothing matched: there is nothing to roll back.
      if (moved.kind === 'advanced') await insertRows(session, advance);
      return moved;
    });
    return result!;
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    const rows = await this.database.all(
      `${READ_ROWS} WHERE not_before_ms <= ? AND dead_at_ms IS NULL ORDER BY id LIMIT ?`,
      nowMs,
      limit,
    );
    return rows.map(toDelivery);
  }

  async settle(delivery: DeliveryKey, outcome: DeliveryOutcome): Promise<void> {
    if (outcome.kind === 'delivered' || outcome.kind === 'abandoned') {
      await this.database.run(`DELETE FROM outbox_rows WHERE ${IS_ROW}`, rowKey(delivery));
      return;
    }
    const column = outcome.kind === 'dead' ? 'dead_at_ms' : 'not_before_ms';
    await this.database.run(
      `UPDATE outbox_rows SET attempts = attempts + 1, last_failure = ?, ${column} = ? WHERE ${IS_ROW}`,
      outcome.reason,
      outcome.kind === 'dead' ? outcome.atMs : outcome.notBeforeMs,
      rowKey(delivery),
    );
  }

  async settleDelivered(deliveries: readonly DeliveryKey[]): Promise<void> {
    if (deliveries.length === 0) return;
    // Written out: with parameters there would be a statement to prepare for every number of rows.
    const keys = deliveries.map((delivery) => `x'${rowKey(delivery).toString('hex')}'`);
    await this.database.run(`DELETE FROM outbox_rows WHERE row_key IN (${keys.join(', ')}) AND dead_at_ms IS NULL`);
  }

  async receivers(): Promise<readonly string[]> {
    const rows = await this.database.all('SELECT DISTINCT receiver FROM outbox_rows WHERE dead_at_ms IS NULL');
    return rows.map(([receiver]) => String(receiver)).sort(compareCodeUnits);
  }

  async waiting(receiver: string, limit: number): Promise<readonly Delivery[]> {
    const rows = await this.database.all(
      `${READ_ROWS} WHERE receiver = ? AND dead_at_ms IS NULL ORDER BY id LIMIT ?`,
      receiver,
      limit,
    );
    return rows.map(toDelivery);
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.database.all(
      `SELECT effect_id, receiver, body, attempts, last_failure, dead_at_ms FROM outbox_rows
       WHERE dead_at_ms IS NOT NULL ORDER BY dead_at_ms DESC, id DESC LIMIT ?`,
      limit,
    );
    return rows.map((row) => ({
      effectId: String(row[0]),
      receiver: String(row[1]),
      body: JSON.parse(String(row[2])) as Json,
      attempts: Number(row[3]),
      reason: String(row[4]),
      atMs: Number(row[5]),
    }));
  }

  async revive(delivery: DeliveryKey): Promise<boolean> {
    const revived = await this.database.run(
      `UPDATE outbox_rows SET attempts = 0, not_before_ms = 0, last_failure = '', dead_at_ms = NULL
       WHERE row_key = ? AND dead_at_ms IS NOT NULL`,
      rowKey(delivery),
    );
    return revived > 0;
  }

  forgetDeadLetters(beforeMs: number): Promise<number> {
    return this.database.run('DELETE FROM outbox_rows WHERE dead_at_ms < ?', beforeMs);
  }

  async put(webhook: Webhook): Promise<void> {
    await this.database.run(
      'REPLACE INTO webhooks (id, created_at_ms, body) VALUES (?, ?, ?)',
      webhook.id,
      webhook.createdAtMs,
      JSON.stringify(webhook),
    );
  }

  async list(): Promise<readonly Webhook[]> {
    const rows = await this.database.all('SELECT body FROM webhooks ORDER BY created_at_ms, id');
    return rows.map(([body]) => JSON.parse(String(body)) as Webhook);
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.database.transaction(async (session) => {
      await session.run('DELETE FROM outbox_rows WHERE receiver = ?', id);
      return { count: await session.run('DELETE FROM webhooks WHERE id = ?', id) };
    });
    return removed!.count > 0;
  }
}

async function move(session: Session, advance: Advance): Promise<AdvanceResult> {
  const { position, expected, epoch } = advance;
  const moved = await session.run(
    'UPDATE outbox_watermark SET position = ? WHERE position = ? AND lease_epoch = ?',
    positionText(position),
    positionText(expected),
    epoch,
  );
  if (moved === 0) return refusal(advance, toWatermark(await session.get(READ_WATERMARK)));
  return { kind: 'advanced', watermark: { position, epoch } };
}

function refusal(advance: Advance, watermark: Watermark): AdvanceResult {
  const isMine = watermark.epoch === advance.epoch;
  const hasMoved = comparePositions(watermark.position, advance.expected) !== 0;
  return { kind: isMine && hasMoved ? 'watermark-moved' : 'stale-epoch', watermark };
}

async function insertRows(session: Session, { deliveries, notBeforeMs }: Advance): Promise<void> {
  // One that exists already stays as it is.
  await session.runMany(
    `INSERT INTO outbox_rows (row_key, effect_id, receiver, body, attempts, not_before_ms, last_failure)
     VALUES (?, ?, ?, ?, 0, ?, '') ON DUPLICATE KEY UPDATE id = id`,
    deliveries.map((delivery) => [
      rowKey(delivery),
      delivery.effectId,
      delivery.receiver,
      JSON.stringify(delivery.body),
      notBeforeMs,
    ]),
  );
}

/** What makes a row unique, of one length. */
function rowKey({ effectId, receiver }: Pick<NewDelivery, 'effectId' | 'receiver'>): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([effectId, receiver]))
    .digest();
}

function toWatermark(row: Row | undefined): Watermark {
  const position: Position = positionOf(row![0]);
  return { position, epoch: Number(row![1]) };
}

function toDelivery(row: Row): Delivery {
  return {
    effectId: String(row[0]),
    receiver: String(row[1]),
    body: JSON.parse(String(row[2])) as Json,
    attempts: Number(row[3]),
    notBeforeMs: Number(row[4]),
    lastFailure: String(row[5]),
  };
}
