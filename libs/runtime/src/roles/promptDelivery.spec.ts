import { WhereforeError, formatPosition, type Position } from '@wherefore/model';
import {
  MemoryEventLog,
  MemoryOutbox,
  type Delivery,
  type Outbox,
  type Receiver,
  type SendResult,
} from '@wherefore/ports';
import { counted, countingMachine } from '../countingMachine.sim';
import { Follower, type AppliedStep } from '../follower';
import { DeliveryDesk } from './deliveryDesk';
import { Notifier, type NotifierOptions } from './notifier';
import { OpenTerm } from './term';
import { VirtualTime } from './virtualTime.sim';
import { runTogether } from './waiting';

const DELIVERED: SendResult = { kind: 'delivered' };
const FAILED: SendResult = { kind: 'failed', reason: 'no answer' };

/** Who is told of what: the receiver's name is the part of the alarm's name after the last dash. */
const news = ({ entry, effects }: AppliedStep) =>
  effects.map(({ kind, entityId }) => ({
    ...{ effectId: `${formatPosition(entry.position)}/${kind}/${entityId}`, body: entityId },
    receiver: entityId.split('-').at(-1)!,
  }));

interface Alterations {
  readonly answer?: (delivery: Delivery, time: VirtualTime) => SendResult | Promise<SendResult>;
  readonly advance?: (plain: Outbox['advance'], time: VirtualTime) => Outbox['advance'];
  readonly claim?: (plain: Outbox['claim'], time: VirtualTime, outbox: Outbox) => Outbox['claim'];
  readonly isGone?: (receiver: string) => boolean;
  readonly options?: NotifierOptions;
}

/** A leader's notifier and desk over one log and one outbox, after its first advance. */
async function setUp({
  answer = () => DELIVERED,
  advance,
  claim,
  isGone = () => false,
  options = {},
}: Alterations = {}) {
  const time = new VirtualTime();
  const log = new MemoryEventLog();
  const outbox = new MemoryOutbox();
  const sent: string[] = [];
  /** Those of them that had a row when they were sent. */
  const storedFirst: string[] = [];
  /** Whatever was ever stored. */
  const stored: string[] = [];
  const receiver: Receiver = {
    send: async (delivery) => {
      const name = String(delivery.body);
      if (name.startsWith('alarm-warm')) return DELIVERED;
      sent.push(name);
      // Of so many nobody asks.
      if (name.startsWith('alarm-left')) return answer(delivery, time);
      const rows = await outbox.waiting(delivery.receiver, 1e6);
      if (rows.some(({ effectId }) => effectId === delivery.effectId)) storedFirst.push(name);
      return answer(delivery, time);
    },
  };
  const storing = advance?.((each) => outbox.advance(each), time) ?? ((each) => outbox.advance(each));
  const recorded: Outbox['advance'] = (each) => {
    stored.push(...each.deliveries.map(({ body }) => String(body)).filter((name) => !name.startsWith('alarm-warm')));
    return storing(each);
  };
  const altered: { readonly [name: string]: unknown } = {
    advance: recorded,
    ...(claim && { claim: claim((epoch) => outbox.claim(epoch), time, outbox) }),
  };
  const port = new Proxy(outbox, {
    get: (target, name) => {
      const member: unknown = altered[String(name)] ?? Reflect.get(target, name);
      return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
    },
  });
  const book = { find: async (name: string) => (isGone(name) ? undefined : receiver) };
  const lead = async (epoch: number) => {
    const desk = new DeliveryDesk(port, book, time.timer(), { backoff: { random: () => 1 }, windowOf: () => 4 });
    const parts = { outbox: port, log, desk, timer: time.timer(), derive: news };
    const notifier = new Notifier(parts, { steady: time, ...options });
    const follower = new Follower(log, countingMachine, countingMachine.initialState(), {
      workClock: { nowMs: () => 0 },
    });
    notifier.beginAgain(await outbox.watermark());
    follower.subscribe(notifier.accept);
    const control = new AbortController();
    void follower.run(control.signal);
    const term = new OpenTerm('leader', epoch, 0, Infinity, time);
    const ended = runTogether(term.signal, [(stop) => notifier.run(term, stop), (stop) => desk.run(term, stop)])
      .then(() => notifier.settle(term))
      .finally(() => control.abort());
    await time.pass(200);
    return { notifier, desk, term, ended };
  };
  /** The same, with a line for each of the two receivers: what comes first for one is always stored. */
  const leadOn = async (epoch: number) => {
    const leading = await lead(epoch);
    await append(log, 'alarm-warm-r', 'alarm-warm-s');
    await time.pass(300);
    return leading;
  };
  const rows = async () => (await Promise.all(['r', 's'].map((name) => outbox.waiting(name, 1e6)))).flat().length;
  await append(log, 'tick');
  return { time, log, outbox, sent, stored, storedFirst, lead, leadOn, rows };
}

const append = (log: MemoryEventLog, ...names: string[]) => log.append(names.map((name) => counted(name)));

describe('news of a leader that has just proved that it is one', () => {
  it('is delivered at once, and never stored', async () => {
    const { time, log, outbox, sent, stored, leadOn } = await setUp();
    const { desk, notifier } = await leadOn(1);
    await append(log, 'alarm-a-r', 'alarm-b-s');
    await time.pass(1);
    expect(sent).toEqual(['alarm-a-r', 'alarm-b-s']);
    await time.pass(100);
    expect(stored).toEqual([]);
    expect((await outbox.watermark()).position).toEqual(await log.newest());
    expect([desk.counts.delivered, notifier.waitingRows]).toEqual([4, 0]);
  });

  it('is stored first for a receiver of whom it is not known yet what is stored for it', async () => {
    const { time, log, sent, storedFirst, stored, lead, rows } = await setUp({ options: { idleMs: 60_000 } });
    await lead(1);
    await append(log, 'alarm-first-r');
    await time.pass(5);
    expect([sent, storedFirst]).toEqual([['alarm-first-r'], ['alarm-first-r']]);
    await append(log, 'alarm-prompt-r');
    await time.pass(200);
    expect(sent).toEqual(['alarm-first-r', 'alarm-prompt-r']);
    expect(stored).toEqual(['alarm-first-r']);
    expect(await rows()).toBe(0);
  });

  it('comes after what the leader before it stored while it claimed the watermark', async () => {
    const hung = { wakesUp: async (_outbox: Outbox): Promise<void> => undefined };
    const { time, log, outbox, sent, leadOn, lead } = await setUp({
      claim: (plain, clock, rows) => async (epoch) => {
        // Its lines have read by then what is stored for them.
        await clock.timer().sleep(50);
        await hung.wakesUp(rows);
        return plain(epoch);
      },
    });
    const first = await leadOn(1);
    first.term.end('it hangs');
    await first.ended;
    const storing = async (rows: Outbox, name: string, position: Position) => {
      const { position: expected } = await rows.watermark();
      const deliveries = [{ effectId: name, receiver: 'r', body: name }];
      await rows.advance({ expected, position, epoch: 1, deliveries, notBeforeMs: 0 });
    };
    await append(log, 'alarm-left-r');
    await storing(outbox, 'alarm-left-r', await log.newest());
    await append(log, 'alarm-a-r');
    const position = await log.newest();
    await append(log, 'alarm-b-r');
    hung.wakesUp = (rows) => storing(rows, 'alarm-a-r', position);
    await lead(2);
    await time.pass(2000);
    expect(sent).toEqual(['alarm-left-r', 'alarm-a-r', 'alarm-b-r']);
  });

  it('waits for another proof when the last one is too old, and needs no row then either', async () => {
    let deliversAfterMs = 0;
    const { time, log, sent, stored, leadOn } = await setUp({
      advance: (plain, clock) => async (each) => {
        await clock.timer().sleep(deliversAfterMs);
        return plain(each);
      },
      options: { idleMs: 60_000 },
    });
    await leadOn(1);
    await time.pass(5000);
    deliversAfterMs = 50;
    await append(log, 'alarm-late-r');
    await time.pass(49);
    expect(sent).toEqual([]);
    await time.pass(2);
    expect(sent).toEqual(['alarm-late-r']);
    await time.pass(1000);
    expect(stored).toEqual([]);
  });

  it('is not told when the proof shows that a later leader has begun', async () => {
    const { time, log, outbox, sent, leadOn } = await setUp({ options: { idleMs: 60_000 } });
    const { ended } = await leadOn(1);
    const failure = ended.catch((error: unknown) => error);
    await time.pass(5000);
    await outbox.claim(2);
    await append(log, 'alarm-late-r');
    await time.pass(1000);
    expect(await failure).toMatchObject({ code: 'stale-epoch' });
    expect(sent).toEqual([]);
  });

  it('that came while nothing could be offered is offered as soon as it can, so that it is not stored from then on', async () => {
    let advanceMs = 0;
    const { time, log, sent, stored, leadOn } = await setUp({
      advance: (plain, clock) => async (each) => {
        await clock.timer().sleep(advanceMs);
        return plain(each);
      },
    });
    await leadOn(1);
    // Once the database takes longer than a proof is good for; then as long as news takes to come.
    advanceMs = 600;
    await append(log, 'alarm-0-r');
    await time.pass(150);
    advanceMs = 20;
    for (let i = 1; i < 300; i++) {
      await append(log, `alarm-${i}-r`);
      await time.pass(10);
    }
    await time.pass(1000);
    expect(sent).toEqual(Array.from({ length: 300 }, (_, i) => `alarm-${i}-r`));
    expect(stored).toEqual([]);
  });

  it('waits for a receiver that is slow to take it, is stored if it takes too long, and its row goes once it has', async () => {
    const { time, log, outbox, stored, leadOn, rows } = await setUp({
      answer: async ({ receiver }, clock) => {
        if (receiver === 's') await clock.timer().sleep(3000);
        return DELIVERED;
      },
    });
    await leadOn(1);
    const before = (await outbox.watermark()).position;
    await append(log, 'alarm-a-s', 'alarm-b-r');
    await time.pass(900);
    expect([stored, (await outbox.watermark()).position]).toEqual([[], before]);
    await time.pass(300);
    expect(stored).toEqual(['alarm-a-s']);
    expect((await outbox.watermark()).position).toEqual(await log.newest());
    expect(await rows()).toBe(1);
    await time.pass(2000);
    expect(await rows()).toBe(0);
  });

  it('of a receiver that hung for three seconds is told in order once it answers, and nothing is stored any more', async () => {
    let hangsUntilMs = 0;
    const { time, log, sent, stored, leadOn, rows } = await setUp({
      answer: async ({ receiver }, clock) => {
        const waitMs = receiver === 's' ? hangsUntilMs - clock.nowMs() : 0;
        await clock.timer().sleep(Math.max(waitMs, 5));
        return DELIVERED;
      },
    });
    await leadOn(1);
    hangsUntilMs = time.nowMs() + 3000;
    const names = Array.from({ length: 800 }, (_, i) => `alarm-${i}-${i % 2 === 0 ? 'r' : 's'}`);
    for (const name of names.slice(0, 400)) {
      await append(log, name);
      await time.pass(10);
    }
    await time.pass(2000);
    // The other one was not held up, and what it was told needed no row.
    expect(stored.filter((name) => name.endsWith('r'))).toEqual([]);
    expect(stored.length).toBeGreaterThan(0);
    const storedMeanwhile = stored.length;
    for (const name of names.slice(400)) {
      await append(log, name);
      await time.pass(10);
    }
    await time.pass(2000);
    for (const receiver of ['r', 's']) {
      const isTold = (name: string) => name.endsWith(receiver);
      expect(sent.filter(isTold)).toEqual(names.filter(isTold));
    }
    expect([stored.length, await rows()]).toEqual([storedMeanwhile, 0]);
  });

  it('is delivered before it is stored again, after a new leader has told thousands of rows that were left', async () => {
    const { time, log, outbox, sent, stored, lead, rows } = await setUp({
      answer: async (_, clock) => {
        await clock.timer().sleep(5);
        return DELIVERED;
      },
    });
    const names = Array.from({ length: 12_000 }, (_, i) => `alarm-left${i}-r`);
    const deliveries = names.map((body, i) => ({ effectId: `1.2.${i}/alarm-raised/${body}`, receiver: 'r', body }));
    await outbox.claim(1);
    const { position: expected } = await outbox.watermark();
    await outbox.advance({ expected, position: await log.newest(), epoch: 1, deliveries, notBeforeMs: 0 });
    await lead(2);
    await append(log, 'alarm-new-r');
    await time.pass(60_000);
    expect(sent).toEqual([...names, 'alarm-new-r']);
    expect([stored, await rows()]).toEqual([['alarm-new-r'], 0]);
    await append(log, 'alarm-newer-r');
    await time.pass(1000);
    expect([sent.at(-1), stored]).toEqual(['alarm-newer-r', ['alarm-new-r']]);
  });

  it('leaves no row behind, and is not told again, when it is delivered while it is being stored', async () => {
    const { time, log, sent, stored, leadOn, rows } = await setUp({
      answer: async (_, clock) => {
        await clock.timer().sleep(50);
        return DELIVERED;
      },
      advance: (plain, clock) => async (each) => {
        const result = await plain(each);
        await clock.timer().sleep(100);
        return result;
      },
      options: { trustMs: 5000, gatherMs: 25, holdMs: 0 },
    });
    await leadOn(1);
    await append(log, 'alarm-a-r');
    await time.pass(110);
    expect([sent, stored]).toEqual([['alarm-a-r'], ['alarm-a-r']]);
    await time.pass(2000);
    expect(await rows()).toBe(0);
    expect(sent).toEqual(['alarm-a-r']);
  });

  it('that is not taken is stored, and tried again before what came after it', async () => {
    let isUp = false;
    const { time, log, sent, stored, leadOn, rows } = await setUp({
      answer: ({ receiver }) => (receiver === 'r' && !isUp ? FAILED : DELIVERED),
    });
    await leadOn(1);
    await append(log, 'alarm-a-r', 'alarm-b-s');
    await time.pass(100);
    await append(log, 'alarm-c-r', 'alarm-d-s');
    await time.pass(500);
    expect(stored).toEqual(['alarm-a-r', 'alarm-c-r']);
    expect(sent).toEqual(['alarm-a-r', 'alarm-b-s', 'alarm-d-s']);
    isUp = true;
    await time.pass(3000);
    expect(sent.slice(3)).toEqual(['alarm-a-r', 'alarm-c-r']);
    expect(await rows()).toBe(0);
  });

  it('waits behind what is stored already', async () => {
    const { time, log, sent, lead } = await setUp({ options: { idleMs: 60_000, trustMs: 60_000 } });
    const first = await lead(1);
    await append(log, 'alarm-a-r', 'alarm-b-r');
    first.term.end('killed');
    await first.ended;
    expect(sent).toEqual([]);
    await lead(2);
    await append(log, 'alarm-c-r');
    await time.pass(100);
    expect(sent).toEqual(['alarm-a-r', 'alarm-b-r', 'alarm-c-r']);
  });

  it('is not told twice when the leader resigns right after it', async () => {
    const { time, log, sent, stored, leadOn } = await setUp({ options: { gatherMs: 10_000, trustMs: 60_000 } });
    const first = await leadOn(1);
    await append(log, 'alarm-a-r');
    await time.pass(10);
    expect(sent).toEqual(['alarm-a-r']);
    first.term.end('this process ends');
    await time.pass(10);
    await first.ended;
    await leadOn(2);
    await time.pass(1000);
    expect([sent, stored]).toEqual([['alarm-a-r'], []]);
  });

  it('is told again by the next leader, with the same id, when nobody could record it', async () => {
    const ids: string[] = [];
    let isDown = false;
    const { time, log, leadOn } = await setUp({
      answer: ({ effectId }) => {
        ids.push(effectId);
        return DELIVERED;
      },
      advance: (plain) => async (each) => {
        if (isDown) throw new WhereforeError('log-unavailable', 'the database is away', { retryable: true });
        return plain(each);
      },
    });
    const first = await leadOn(1);
    isDown = true;
    await append(log, 'alarm-a-r');
    await time.pass(100);
    // Nothing that comes later than the proof of the lease is good for is told any more.
    await time.pass(1000);
    await append(log, 'alarm-b-r');
    await time.pass(100);
    expect(ids).toHaveLength(1);
    first.term.end('the lease could not be renewed in time');
    await time.pass(10);
    await first.ended;
    isDown = false;
    await leadOn(2);
    await time.pass(1000);
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[0]);
  });

  it('is forgotten when its follower begins again, for it is derived anew', async () => {
    const { time, log, outbox, sent, leadOn } = await setUp({
      answer: async (_, clock) => {
        await clock.timer().sleep(1000);
        return FAILED;
      },
      options: { gatherMs: 60_000, trustMs: 60_000 },
    });
    const { notifier, desk } = await leadOn(1);
    await append(log, 'alarm-a-r', 'alarm-b-r');
    await time.pass(10);
    expect(sent).toEqual(['alarm-a-r', 'alarm-b-r']);
    notifier.beginAgain(await outbox.watermark());
    await time.pass(5000);
    expect(sent).toHaveLength(2);
    expect(desk.status).toMatchObject([{ receiver: 'r', waiting: 0, failures: 0 }, { receiver: 's' }]);
  });

  it('needs no row when there is nobody any more to take it', async () => {
    let isRemoved = false;
    const { time, log, sent, stored, leadOn } = await setUp({ isGone: (name) => name === 'r' && isRemoved });
    const { desk } = await leadOn(1);
    isRemoved = true;
    await append(log, 'alarm-a-r', 'alarm-b-s');
    await time.pass(100);
    expect([sent, stored]).toEqual([['alarm-b-s'], []]);
    expect(desk.status.map(({ waiting }) => waiting)).toEqual([0, 0]);
  });
});
