import { ORIGIN, type Position } from '@wherefore/model';
import type { Advance, Outbox, Webhook, Webhooks } from '../outbox';

export interface OutboxUnderTest {
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  close(): Promise<void>;
}

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

function delivery(offset: number, receiver: string) {
  return { effectId: `1.${offset}.0/alarm-raised/a`, receiver, body: { offset } };
}

function webhook(id: string, createdAtMs: number): Webhook {
  return {
    id,
    url: 'http://127.0.0.1:9/hook',
    headers: { 'x-token': 't' },
    filter: { name: '.*' },
    projectId: 'p',
    isAdmin: true,
    createdAtMs,
  };
}

/** What every outbox, with its webhooks, must do. */
export function outboxConformance(name: string, open: () => Promise<OutboxUnderTest>): void {
  describe(`Outbox and Webhooks: ${name}`, () => {
    let opened: OutboxUnderTest;
    let outbox: Outbox;
    beforeEach(async () => {
      opened = await open();
      outbox = opened.outbox;
    });
    afterEach(() => opened.close());

    const advance = (expected: Position, offset: number, override: Partial<Advance> = {}) =>
      outbox.advance({ expected, position: at(offset), epoch: 1, deliveries: [], notBeforeMs: 0, ...override });

    it('begins at the origin, unclaimed', async () => {
      expect(await outbox.watermark()).toEqual({ position: ORIGIN, epoch: 0 });
      expect((await advance(ORIGIN, 1)).kind).toBe('stale-epoch');
    });

    it('moves from where it stands, for the one who claimed it', async () => {
      expect(await outbox.claim(1)).toEqual({ kind: 'advanced', watermark: { position: ORIGIN, epoch: 1 } });
      expect((await advance(ORIGIN, 5)).kind).toBe('advanced');
      expect(await advance(ORIGIN, 6)).toEqual({ kind: 'watermark-moved', watermark: { position: at(5), epoch: 1 } });
      expect((await advance(at(5), 6)).kind).toBe('advanced');
    });

    it('refuses the leader before this one, rows and all', async () => {
      await outbox.claim(1);
      await outbox.claim(2);
      expect((await outbox.claim(1)).kind).toBe('stale-epoch');
      expect((await advance(ORIGIN, 5, { deliveries: [delivery(5, 'r')] })).kind).toBe('stale-epoch');
      expect(await outbox.due(1e15, 10)).toEqual([]);
      expect(await outbox.watermark()).toEqual({ position: ORIGIN, epoch: 2 });
    });

    it('keeps rows until they are delivered, oldest first, each once', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 5, { deliveries: [delivery(5, 'r'), delivery(5, 's')] });
      await advance(at(5), 6, { deliveries: [delivery(5, 'r'), delivery(6, 'r')] });
      const due = await outbox.due(0, 10);
      expect(due.map((row) => [row.body, row.receiver])).toEqual([
        [{ offset: 5 }, 'r'],
        [{ offset: 5 }, 's'],
        [{ offset: 6 }, 'r'],
      ]);
      expect(due[0]).toMatchObject({ attempts: 0, lastFailure: '', notBeforeMs: 0 });
      expect(await outbox.due(0, 1)).toHaveLength(1);
      await outbox.settle(due[0]!, { kind: 'delivered' });
      await outbox.settle(due[1]!, { kind: 'abandoned' });
      expect(await outbox.due(0, 10)).toMatchObject([{ body: { offset: 6 } }]);
    });

    it('waits before it tries again, and counts', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 5, { deliveries: [delivery(5, 'r')] });
      await outbox.settle(delivery(5, 'r'), { kind: 'failed', reason: 'refused', notBeforeMs: 1000 });
      expect(await outbox.due(999, 10)).toEqual([]);
      expect(await outbox.due(1000, 10)).toMatchObject([{ attempts: 1, lastFailure: 'refused' }]);
      await outbox.settle(delivery(6, 'r'), { kind: 'delivered' });
    });

    it('gives the line of one receiver, whatever waits for others, and whether its time has come or not', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 5, { deliveries: [delivery(5, 's'), delivery(5, 'r'), delivery(4, 'r')] });
      await advance(at(5), 6, { deliveries: [delivery(6, 'r')], notBeforeMs: 1e15 });
      expect(await outbox.receivers()).toEqual(['r', 's']);
      await outbox.settle(delivery(5, 'r'), { kind: 'failed', reason: 'busy', notBeforeMs: 1e15 });
      const bodies = (await outbox.waiting('r', 10)).map((row) => row.body);
      expect(bodies).toEqual([{ offset: 5 }, { offset: 4 }, { offset: 6 }]);
      expect(await outbox.waiting('r', 1)).toMatchObject([{ attempts: 1, lastFailure: 'busy', notBeforeMs: 1e15 }]);
      expect(await outbox.waiting('t', 10)).toEqual([]);
    });

    it('forgets many delivered rows at once, and knows of no others', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 7, { deliveries: [5, 6, 7].map((offset) => delivery(offset, 'r')) });
      await outbox.settleDelivered([delivery(5, 'r'), delivery(7, 'r'), delivery(7, 's')]);
      await outbox.settleDelivered([]);
      expect(await outbox.waiting('r', 10)).toMatchObject([{ body: { offset: 6 } }]);
    });

    it('keeps what was given up as dead letters, apart from the rows', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 6, { deliveries: [delivery(5, 'r'), delivery(6, 'r')] });
      await outbox.settle(delivery(5, 'r'), { kind: 'failed', reason: 'busy', notBeforeMs: 0 });
      await outbox.settle(delivery(5, 'r'), { kind: 'dead', reason: 'gone', atMs: 50 });
      await outbox.settle(delivery(6, 'r'), { kind: 'dead', reason: 'no', atMs: 60 });
      expect(await outbox.due(1e15, 10)).toEqual([]);
      expect(await outbox.waiting('r', 10)).toEqual([]);
      expect(await outbox.receivers()).toEqual([]);
      expect(await outbox.deadLetters(10)).toEqual([
        { ...delivery(6, 'r'), attempts: 1, reason: 'no', atMs: 60 },
        { ...delivery(5, 'r'), attempts: 2, reason: 'gone', atMs: 50 },
      ]);
      expect(await outbox.deadLetters(1)).toHaveLength(1);
    });

    it('lets nobody deliver, or store again, what is a dead letter', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 5, { deliveries: [delivery(5, 'r')] });
      await outbox.settle(delivery(5, 'r'), { kind: 'dead', reason: 'no', atMs: 50 });
      await outbox.settle(delivery(5, 'r'), { kind: 'delivered' });
      await outbox.settleDelivered([delivery(5, 'r')]);
      await outbox.settle(delivery(5, 'r'), { kind: 'failed', reason: 'late', notBeforeMs: 0 });
      await advance(at(5), 6, { deliveries: [delivery(5, 'r')] });
      expect(await outbox.deadLetters(10)).toMatchObject([{ attempts: 1, reason: 'no' }]);
      expect(await outbox.waiting('r', 10)).toEqual([]);
    });

    it('puts a dead letter back into its line, and forgets old ones', async () => {
      await outbox.claim(1);
      await advance(ORIGIN, 6, { deliveries: [delivery(5, 'r'), delivery(6, 'r')] });
      await outbox.settle(delivery(5, 'r'), { kind: 'dead', reason: 'no', atMs: 50 });
      await outbox.settle(delivery(6, 'r'), { kind: 'dead', reason: 'no', atMs: 60 });
      expect(await outbox.revive(delivery(6, 'r'))).toBe(true);
      expect(await outbox.revive(delivery(6, 'r'))).toBe(false);
      expect(await outbox.due(0, 10)).toMatchObject([{ attempts: 0, lastFailure: '', notBeforeMs: 0 }]);
      expect(await outbox.forgetDeadLetters(50)).toBe(0);
      expect(await outbox.forgetDeadLetters(51)).toBe(1);
      expect(await outbox.deadLetters(10)).toEqual([]);
    });

    it('registers webhooks, and forgets them with their rows', async () => {
      const { webhooks } = opened;
      await webhooks.put(webhook('b', 2));
      await webhooks.put(webhook('a', 1));
      await webhooks.put({ ...webhook('b', 2), isAdmin: false });
      expect(await webhooks.list()).toEqual([webhook('a', 1), { ...webhook('b', 2), isAdmin: false }]);
      await outbox.claim(1);
      await advance(ORIGIN, 5, { deliveries: [delivery(5, 'a'), delivery(5, 'b')] });
      expect(await webhooks.remove('a')).toBe(true);
      expect(await webhooks.remove('a')).toBe(false);
      expect(await outbox.due(0, 10)).toMatchObject([{ receiver: 'b' }]);
    });
  });
}
