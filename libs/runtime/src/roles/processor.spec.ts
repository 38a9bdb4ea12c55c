import { BrokenInvariant, ENTRY_VERSION, formatPosition } from '@wherefore/model';
import {
  MemoryEventLog,
  MemoryLeaderLease,
  MemoryOutbox,
  MemoryPresence,
  MemorySnapshotStore,
  type Receiver,
} from '@wherefore/ports';
import { counted, countingMachine, plainSnapshot, type CountingState } from '../countingMachine.sim';
import { Processor, type ProcessorOptions } from './processor';
import { VirtualTime } from './virtualTime.sim';

const STILL = { nowMs: () => 0 };

function setUp() {
  const time = new VirtualTime();
  const log = new MemoryEventLog();
  const leases = new MemoryLeaderLease(time);
  const outbox = new MemoryOutbox();
  const snapshots = new MemorySnapshotStore();
  const presence = new MemoryPresence();
  /** Who took the snapshots, in order. */
  const takers: string[] = [];
  const sent: { by: string; effectId: string; body: unknown; atMs: number }[] = [];
  const processor = (
    holder: string,
    more: Partial<ProcessorOptions<CountingState>> = {},
    isStoodBy?: () => Promise<boolean>,
  ) => {
    const control = new AbortController();
    const receiver: Receiver = {
      send: async ({ effectId, body }) => {
        sent.push({ by: holder, effectId, body, atMs: time.nowMs() });
        return { kind: 'delivered' };
      },
    };
    const made: Processor<CountingState> = new Processor<CountingState>(
      {
        ...{ log, archive: log, snapshots, leases, outbox, machine: countingMachine, workClock: STILL },
        timer: time.timer(() => 0),
        ...(isStoodBy && { isStoodBy }),
        receivers: { find: async () => receiver },
        derive: ({ entry, effects }) =>
          effects.map(({ kind, entityId }) => ({
            effectId: `${formatPosition(entry.position)}/${kind}/${entityId}`,
            ...{ receiver: 'r', body: entityId },
          })),
        takeSnapshot: async (createdAtMs) => {
          takers.push(holder);
          return plainSnapshot(made.follower!.state, createdAtMs);
        },
      },
      { holder, steady: time, presence, ...more },
    );
    return { made, control, start: () => made.run(control.signal) };
  };
  return { time, log, leases, outbox, snapshots, presence, processor, sent, takers };
}

const append = (log: MemoryEventLog, ...names: string[]) => log.append(names.map((name) => counted(name)));
const ticks = async (log: MemoryEventLog) =>
  (await log.readRange({ epoch: 0, offset: 0, index: 0 }, 1e6)).filter(({ entry }) => entry.fence !== undefined);

describe('Processor', () => {
  it('follows, ticks under its fence, and tells what happens', async () => {
    const { time, log, processor, sent } = setUp();
    await append(log, 'alarm-before');
    const { made, control, start } = processor('a');
    const running = start();
    await time.pass(1000);
    expect(made.isReady).toBe(true);
    expect(made.term).toMatchObject({ epoch: 1 });
    const askedAtMs = time.nowMs();
    await append(log, 'alarm-x');
    await time.pass(10_000);
    expect(sent.map(({ body }) => body)).toEqual(['alarm-x']);
    expect(sent[0]!.atMs - askedAtMs).toBeLessThan(15);
    expect((await ticks(log)).map(({ entry }) => [entry.id, entry.fence])).toEqual(
      [1, 2, 3].map((number) => [`tick-1-${number}`, { lease: 'leader', epoch: 1 }]),
    );
    control.abort();
    await time.pass(10);
    await running;
  });

  it('is replaced at once when it is killed, and what happened meanwhile is told', async () => {
    const { time, log, presence, processor, sent } = setUp();
    await append(log, 'tick');
    const first = processor('a');
    void first.start();
    await time.pass(500);
    const second = processor('b');
    void second.start();
    await time.pass(3000);
    expect(second.made.isReady).toBe(true);
    expect(second.made.term).toBeUndefined();
    // Nothing of the first is heard any more: its lease stands, its connection broke.
    first.control.abort = () => undefined;
    presence.die('a');
    await append(log, 'alarm-x');
    const killedMs = time.nowMs();
    await time.until(() => sent.some(({ by }) => by === 'b'), 5000);
    expect(time.nowMs() - killedMs).toBeLessThan(100);
    expect(second.made.term).toMatchObject({ epoch: 2 });
    second.control.abort();
    await time.pass(10);
  });

  it('proposes once in a term what its files ask for, when its state is new enough to know', async () => {
    const { time, log, processor } = setUp();
    await append(log, 'a', 'b');
    const seen: string[][] = [];
    const { control, start } = processor('a', {
      proposals: ({ fence }, { ids }) => {
        seen.push([...ids]);
        return [
          { kind: 'tick', id: 'proposal', version: ENTRY_VERSION, source: 'files', ingestedAtMs: 1, atMs: 1, fence },
        ];
      },
    });
    void start();
    await time.pass(20_000);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.slice(0, 2)).toEqual(['a', 'b']);
    expect((await ticks(log)).filter(({ entry }) => entry.id === 'proposal')).toHaveLength(1);
    control.abort();
    await time.pass(10);
  });

  it('has the standby take the snapshots, and the leader only when nobody does', async () => {
    const { time, log, snapshots, processor } = setUp();
    const options = { snapshots: { everyEntries: 100, everyMs: 60_000, lateMs: 0 }, ticks: { everyMs: 1000 } };
    const first = processor('a', options);
    void first.start();
    const gaps = async () => {
      const ordinals = (await snapshots.list()).map(({ ordinal }) => ordinal);
      return ordinals.slice(1).map((ordinal, i) => ordinal - ordinals[i]!);
    };
    await time.pass(400_000);
    // Alone: twice as far apart as they should be.
    expect(Math.min(...(await gaps()).slice(1))).toBeGreaterThanOrEqual(118);
    const second = processor('b', options);
    void second.start();
    await time.pass(1000);
    const before = (await snapshots.list()).length;
    await time.pass(400_000);
    const after = await snapshots.list();
    const together = after.slice(before + 1).map(({ ordinal }, i) => ordinal - after[before + i]!.ordinal);
    expect(together.length).toBeGreaterThan(3);
    expect(Math.max(...together)).toBeLessThanOrEqual(101);
    first.control.abort();
    second.control.abort();
    await time.pass(10);
    await append(log, 'x');
  });

  it('has a leader of which it is known that nobody stands by take them as often as a standby would', async () => {
    const { time, snapshots, processor } = setUp();
    const options = { snapshots: { everyEntries: 100, everyMs: 60_000, lateMs: 0 }, ticks: { everyMs: 1000 } };
    let isStoodBy = false;
    const { control, start } = processor('a', options, async () => isStoodBy);
    void start();
    const longest = async (from: number) => {
      const ordinals = (await snapshots.list()).slice(from).map(({ ordinal }) => ordinal);
      return Math.max(...ordinals.slice(1).map((ordinal, i) => ordinal - ordinals[i]!));
    };
    await time.pass(400_000);
    expect(await longest(1)).toBeLessThanOrEqual(101);
    isStoodBy = true;
    const before = (await snapshots.list()).length;
    await time.pass(400_000);
    expect(await longest(before)).toBeGreaterThanOrEqual(118);
    control.abort();
    await time.pass(10);
  });

  it('ends with a broken invariant, its lease freed for another', async () => {
    const { time, log, leases, processor } = setUp();
    const { start } = processor('a');
    const ended = start().catch((error: unknown) => error);
    await time.pass(500);
    await append(log, 'boom');
    await time.pass(100);
    expect(await ended).toBeInstanceOf(BrokenInvariant);
    expect(await leases.current('leader')).toBeUndefined();
  });

  it('begins before the watermark, so that it tells what nobody has told', async () => {
    const { time, log, outbox, processor, sent } = setUp();
    await append(log, 'tick', 'alarm-told', 'alarm-untold');
    const mark = { epoch: 1, offset: 2, index: 0 };
    await outbox.claim(1);
    const { position } = await outbox.watermark();
    await outbox.advance({ expected: position, position: mark, epoch: 1, deliveries: [], notBeforeMs: 0 });
    const { control, start } = processor('a');
    void start();
    await time.pass(500);
    expect(sent.map(({ body }) => body)).toEqual(['alarm-untold']);
    control.abort();
    await time.pass(10);
  });

  it('leaves the snapshots to one that stands by, however few entries there are between two of them', async () => {
    const { time, log, processor, takers } = setUp();
    await append(log, 'tick');
    const often = { snapshots: { everyEntries: 3, apartMs: 5000, lateMs: 0 }, ticks: { everyMs: 700 } };
    const pair = ['a', 'b'].map((holder) => processor(holder, often));
    void pair[0]!.start();
    // Out of step with the other, so that the leader is the first to look.
    await time.pass(1300);
    void pair[1]!.start();
    await time.pass(60_000);
    expect(pair.map(({ made }) => made.term !== undefined)).toEqual([true, false]);
    expect(takers.length).toBeGreaterThan(5);
    expect(takers.slice(2)).toEqual(takers.slice(2).map(() => 'b'));
    for (const { control } of pair) control.abort();
    await time.pass(10);
  });
});
