import { ORIGIN, WhereforeError, formatPosition, type Position } from '@wherefore/model';
import { MemoryEventLog, MemoryOutbox, type NewDelivery, type Outbox } from '@wherefore/ports';
import { counted, countingMachine } from '../countingMachine.sim';
import { Follower, type AppliedStep } from '../follower';
import { Notifier, type NotifierOptions } from './notifier';
import { OpenTerm } from './term';
import { VirtualTime } from './virtualTime.sim';

const broken = new WhereforeError('log-unavailable', 'the database is away', { retryable: true });
const STILL = { nowMs: () => 0 };

function news({ entry, effects }: AppliedStep): NewDelivery[] {
  return effects.map(({ kind, entityId }) => ({
    ...{ effectId: `${formatPosition(entry.position)}/${kind}/${entityId}`, receiver: 'r' },
    body: entityId,
  }));
}

/** A follower with its notifier; several of them share one log and one outbox. */
function setUp() {
  const time = new VirtualTime();
  const log = new MemoryEventLog();
  const outbox = new MemoryOutbox();
  const process = async (options: NotifierOptions & { outbox?: Outbox; currentEpoch?: () => Promise<never> } = {}) => {
    const handed: string[] = [];
    const desk = {
      offer: () => false,
      mayWait: () => false,
      hasToBeStored: () => true,
      storing: () => undefined,
      accept: (rows: readonly NewDelivery[]) => void handed.push(...rows.map(({ body }) => String(body))),
      forgetOffered: () => undefined,
      readAgain: () => undefined,
    };
    const { outbox: port = outbox, ...more } = options;
    const notifier = new Notifier({ outbox: port, log, desk, timer: time.timer(), derive: news }, more);
    const follower = new Follower(log, countingMachine, countingMachine.initialState(), { workClock: STILL });
    notifier.beginAgain(await outbox.watermark());
    follower.subscribe(notifier.accept);
    const control = new AbortController();
    const following = follower.run(control.signal);
    const lead = (epoch: number) => {
      const term = new OpenTerm('leader', epoch, 0, Infinity, time);
      const running = notifier.run(term).catch((error: unknown) => error);
      return { term, running };
    };
    return { notifier, follower, handed, control, lead, following };
  };
  const stored = async () => (await outbox.waiting('r', 1e6)).map(({ body }) => body);
  return { time, log, outbox, process, stored };
}

const append = (log: MemoryEventLog, ...names: string[]) => log.append(names.map((name) => counted(name)));
const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

describe('Notifier', () => {
  it('tells nothing of what was known before the first start, and everything after', async () => {
    const { time, log, outbox, process, stored } = setUp();
    await append(log, 'alarm-old');
    const { handed, lead, control } = await process();
    lead(1);
    await time.pass(200);
    expect(await outbox.watermark()).toEqual({ position: at(1), epoch: 1 });
    await append(log, 'alarm-a', 'nothing', 'alarm-b');
    await time.pass(10);
    expect(await stored()).toEqual(['alarm-a', 'alarm-b']);
    expect(handed).toEqual(['alarm-a', 'alarm-b']);
    control.abort();
  });

  it('waits for the first entry of an empty log before it says where history ends', async () => {
    const { time, log, outbox, process, stored } = setUp();
    const { lead, control } = await process();
    lead(1);
    await time.pass(1000);
    expect((await outbox.watermark()).position).toEqual(ORIGIN);
    await append(log, 'tick');
    await time.pass(200);
    await append(log, 'alarm-a');
    await time.pass(10);
    expect(await stored()).toEqual(['alarm-a']);
    control.abort();
  });

  it('stores at once what a standby kept, beyond the watermark and nothing else, when its term begins', async () => {
    const { time, log, outbox, process, stored } = setUp();
    await append(log, 'tick');
    const first = await process();
    const { term } = first.lead(1);
    await time.pass(200);
    const second = await process();
    const standing = new AbortController();
    void second.notifier.standBy(standing.signal);
    await append(log, 'alarm-a');
    await time.pass(1500);
    expect(second.notifier.waitingRows).toBe(0);
    term.end('killed');
    first.control.abort();
    await append(log, 'alarm-b', 'alarm-c');
    await time.pass(100);
    expect(second.notifier.waitingRows).toBe(2);
    second.lead(2);
    await time.pass(10);
    expect(await stored()).toEqual(['alarm-a', 'alarm-b', 'alarm-c']);
    expect(second.handed).toEqual(['alarm-b', 'alarm-c']);
    expect((await outbox.watermark()).epoch).toBe(2);
    standing.abort();
    second.control.abort();
    await time.pass(1);
  });

  it('ends its term when a later leader has claimed the watermark, and stores nothing then', async () => {
    const { time, log, outbox, process, stored } = setUp();
    await append(log, 'tick');
    const { lead, control } = await process();
    const { running } = lead(1);
    await time.pass(200);
    await outbox.claim(2);
    await append(log, 'alarm-a');
    await time.pass(10);
    expect(await running).toMatchObject({ code: 'stale-epoch' });
    expect(await stored()).toEqual([]);
    control.abort();
  });

  it('hands rows on once when the answer to storing them was lost', async () => {
    const { time, log, outbox, process, stored } = setUp();
    await append(log, 'tick');
    let calls = 0;
    const advance: Outbox['advance'] = async (batch) => {
      const result = await outbox.advance(batch);
      if (batch.deliveries.length > 0 && calls++ < 2) throw broken;
      return result;
    };
    const flaky = new Proxy(outbox, {
      get: (target, name) => {
        const member: unknown = name === 'advance' ? advance : Reflect.get(target, name);
        return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
      },
    });
    const { handed, lead, control } = await process({ outbox: flaky });
    lead(1);
    await time.pass(200);
    await append(log, 'alarm-a');
    await time.pass(1000);
    await append(log, 'alarm-b');
    await time.pass(1000);
    // Two answers of three are lost, then none.
    expect(calls).toBe(4);
    expect(await stored()).toEqual(['alarm-a', 'alarm-b']);
    expect(handed).toEqual(['alarm-a', 'alarm-b']);
    control.abort();
  });

  it('holds the follower back when too much is kept, and lets it go when the leader has stored it', async () => {
    const { time, log, outbox, process } = setUp();
    await append(log, 'tick');
    await outbox.claim(1);
    await outbox.advance({ expected: ORIGIN, position: at(1), epoch: 1, deliveries: [], notBeforeMs: 0 });
    let held = 0;
    const { notifier, follower, control } = await process({ keptRowsMax: 3, heldBack: () => (held += 1) });
    const standing = new AbortController();
    void notifier.standBy(standing.signal);
    await append(log, ...Array.from({ length: 20 }, (_, i) => `alarm-${i}`));
    await time.pass(5000);
    expect(follower.position).toEqual(at(5));
    expect([notifier.waitingRows, held]).toEqual([4, 1]);
    await outbox.advance({ expected: at(1), position: at(21), epoch: 1, deliveries: [], notBeforeMs: 0 });
    await time.pass(2000);
    expect(follower.position).toEqual(at(21));
    expect(notifier.waitingRows).toBe(0);
    standing.abort();
    control.abort();
    await time.pass(1);
  });

  it('moves the watermark along a log that has no news, now and then', async () => {
    const { time, log, outbox, process } = setUp();
    await append(log, 'tick');
    const { lead, control } = await process();
    lead(1);
    await time.pass(100);
    await append(log, 'nothing', 'nothing else');
    await time.pass(1100);
    expect((await outbox.watermark()).position).toEqual(at(3));
    control.abort();
  });
});
