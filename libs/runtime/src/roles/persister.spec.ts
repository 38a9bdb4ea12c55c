import { BrokenInvariant, ORIGIN } from '@wherefore/model';
import {
  MemoryArchive,
  MemoryEventLog,
  MemoryHistory,
  MemoryLeaderLease,
  MemoryOutbox,
  MemorySnapshotStore,
} from '@wherefore/ports';
import { counted, countingMachine, plainSnapshot } from '../countingMachine.sim';
import { Persister, type PersisterOptions } from './persister';
import { VirtualTime } from './virtualTime.sim';

const STILL = { nowMs: () => 0 };

function setUp() {
  const time = new VirtualTime();
  const log = new MemoryEventLog();
  const archive = new MemoryArchive();
  const history = new MemoryHistory();
  const leases = new MemoryLeaderLease(time);
  const snapshots = new MemorySnapshotStore(archive);
  const packing: {
    readonly ordinal: number;
    readonly isUrgent: () => boolean;
    readonly encoded: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const expired: number[] = [];
  const persister = (holder: string, more: Partial<PersisterOptions> = {}) => {
    const control = new AbortController();
    const made = new Persister(
      {
        ...{ log, archive, archiveWriter: archive, history, leases, machine: countingMachine, workClock: STILL },
        snapshots,
        outbox: new MemoryOutbox(),
        timer: time.timer(),
        expire: async (epoch) => void expired.push(epoch),
        pack: async (state, nowMs, { encoded, isUrgent }) => {
          const packed = plainSnapshot(state, nowMs);
          await new Promise<void>((resolve, reject) =>
            packing.push({ ordinal: state.ordinal, isUrgent: isUrgent!, encoded: resolve, fail: reject }),
          );
          encoded!();
          return packed;
        },
      },
      { holder, steady: time, ...more },
    );
    return { made, control, start: () => made.run(control.signal) };
  };
  const archived = async () => (await archive.readRange(ORIGIN, 1e6)).map(({ entry }) => entry.id);
  const alarms = async () => (await history.alarmsBetween(0, 1e15, 1e6)).map(({ name }) => name).reverse();
  return { time, log, archive, history, leases, snapshots, packing, persister, archived, alarms, expired };
}

const append = (log: MemoryEventLog, ...names: string[]) => log.append(names.map((name) => counted(name)));

describe('Persister', () => {
  it('keeps archive and history up with the log', async () => {
    const { time, log, archive, history, persister, archived, alarms } = setUp();
    await append(log, 'a', 'alarm-b');
    const { made, control, start } = persister('p');
    const running = start();
    await time.pass(200);
    await append(log, 'alarm-c');
    await time.pass(200);
    expect(await archived()).toEqual(['a', 'alarm-b', 'alarm-c']);
    expect(await alarms()).toEqual(['alarm-b', 'alarm-c']);
    expect(made.historyCursor).toEqual(await archive.cursor());
    expect((await history.cursor()).epoch).toBe(made.term!.epoch);
    expect(made.archived).toMatchObject({ entries: 3 });
    control.abort();
    await time.pass(100);
    await running;
  });

  it('archives on when the history is stuck on an entry, and says so', async () => {
    const { time, log, persister, archived, alarms } = setUp();
    const stuck: BrokenInvariant[] = [];
    const { control, start } = persister('p', { stuck: (error) => stuck.push(error) });
    void start();
    await append(log, 'alarm-a', 'boom', 'alarm-c');
    await time.pass(1000);
    await append(log, 'alarm-d');
    await time.pass(1000);
    expect(await archived()).toEqual(['alarm-a', 'boom', 'alarm-c', 'alarm-d']);
    expect(await alarms()).toEqual(['alarm-a']);
    expect(stuck).toHaveLength(1);
    expect(stuck[0]).toBeInstanceOf(BrokenInvariant);
    control.abort();
    await time.pass(100);
  });

  it('builds the history again after it was dropped', async () => {
    const { time, log, history, persister, alarms } = setUp();
    const { control, start } = persister('p');
    void start();
    await append(log, 'alarm-a', 'alarm-b');
    await time.pass(500);
    await history.restart(1);
    expect(await alarms()).toEqual([]);
    await append(log, 'alarm-c');
    await time.pass(100);
    // The next step meets what the write of the one before did: there is always a tick.
    await append(log, 'tick');
    await time.pass(5000);
    expect(await alarms()).toEqual(['alarm-a', 'alarm-b', 'alarm-c']);
    control.abort();
    await time.pass(100);
  });

  it('is taken over by another one, which goes on where it was', async () => {
    const { time, log, leases, persister, archived, alarms } = setUp();
    const first = persister('p');
    void first.start();
    await append(log, 'alarm-a');
    await time.pass(500);
    const second = persister('q');
    void second.start();
    await time.pass(500);
    expect(second.made.term).toBeUndefined();
    await leases.takeOver((await leases.current('persister'))!, 'q', 4000);
    await append(log, 'alarm-b', 'alarm-c');
    await time.pass(9000);
    expect(await archived()).toEqual(['alarm-a', 'alarm-b', 'alarm-c']);
    expect(await alarms()).toEqual(['alarm-a', 'alarm-b', 'alarm-c']);
    expect([first.made, second.made].filter(({ term }) => term !== undefined)).toHaveLength(1);
    first.control.abort();
    second.control.abort();
    await time.pass(100);
  });

  it('takes a snapshot of where the history is, which stands still meanwhile, while the archive goes on', async () => {
    const { time, log, archive, history, snapshots, packing, persister, archived, alarms } = setUp();
    const { control, start } = persister('p', { snapshots: { everyEntries: 3, apartMs: 1000 } });
    void start();
    await append(log, 'alarm-a');
    await time.pass(2000);
    await append(log, 'b', 'alarm-c');
    await time.pass(200);
    expect(packing).toEqual([]);
    // It is due; the one after is where it is taken.
    await append(log, 'alarm-d');
    await time.pass(200);
    expect(packing.map(({ ordinal }) => ordinal)).toEqual([4]);
    await append(log, 'alarm-e');
    await time.pass(200);
    expect(await archived()).toHaveLength(5);
    expect(await alarms()).toEqual(['alarm-a', 'alarm-c', 'alarm-d']);
    packing[0]!.encoded();
    await time.pass(200);
    expect(await alarms()).toEqual(['alarm-a', 'alarm-c', 'alarm-d', 'alarm-e']);
    expect(await history.cursor()).toMatchObject({ position: await archive.cursor() });
    expect((await snapshots.list()).map(({ ordinal }) => ordinal)).toEqual([4]);
    control.abort();
    await time.pass(100);
  });

  it.each([
    [
      'many entries wait for it',
      (log: MemoryEventLog) => append(log, ...Array.from({ length: 5001 }, (_, i) => `${i}`)),
    ],
    ['it is to end', (_: MemoryEventLog, control: AbortController) => control.abort()],
  ])('makes a snapshot at leisure, until %s', async (_, hurry) => {
    const { time, log, packing, persister } = setUp();
    const { control, start } = persister('p', { snapshots: { everyEntries: 2, apartMs: 0 } });
    void start();
    await append(log, 'a', 'b');
    await time.pass(500);
    await append(log, 'c', 'd');
    await time.pass(500);
    const [{ isUrgent, encoded }] = packing as [(typeof packing)[number]];
    expect(isUrgent()).toBe(false);
    await hurry(log, control);
    await time.pass(500);
    expect(isUrgent()).toBe(true);
    encoded();
    control.abort();
    await time.pass(100);
  });

  it('goes on from no state that turns out to be broken while it is encoded, and says so', async () => {
    const { time, log, snapshots, packing, persister, archived, alarms } = setUp();
    const stuck: BrokenInvariant[] = [];
    const { control, start } = persister('p', {
      snapshots: { everyEntries: 2, apartMs: 0 },
      stuck: (error) => stuck.push(error),
    });
    void start();
    await append(log, 'a', 'alarm-b');
    await time.pass(500);
    await append(log, 'c', 'alarm-d');
    await time.pass(500);
    packing[0]!.fail(new BrokenInvariant('a state was changed while it was encoded'));
    await time.pass(500);
    expect(stuck.map(({ message }) => message)).toEqual([expect.stringContaining('was changed')]);
    expect(await snapshots.list()).toEqual([]);
    expect(await archived()).toHaveLength(4);
    // A new state is made of the archive, a minute later.
    await time.pass(70_000);
    packing[1]?.encoded();
    await time.pass(500);
    expect(await alarms()).toEqual(['alarm-b', 'alarm-d']);
    control.abort();
    await time.pass(100);
  });

  it('takes no snapshots while it builds the history anew, until it is beyond the newest', async () => {
    const { time, log, history, snapshots, packing, persister, alarms } = setUp();
    const { control, start } = persister('p', { snapshots: { everyEntries: 3, apartMs: 0 } });
    void start();
    await append(log, 'alarm-a', 'b', 'c');
    await time.pass(200);
    await append(log, 'd');
    await time.pass(200);
    packing[0]!.encoded();
    await time.pass(200);
    expect(await snapshots.list()).toHaveLength(1);
    await history.restart(1);
    await append(log, 'e');
    await time.pass(100);
    await append(log, 'f');
    await time.pass(5000);
    expect(await alarms()).toEqual(['alarm-a']);
    expect(packing).toHaveLength(1);
    control.abort();
    await time.pass(100);
  });

  it('lets go of what is too old, now and then, under its epoch', async () => {
    const { time, persister, expired } = setUp();
    const { control, start } = persister('p', { expireEveryMs: 60_000 });
    void start();
    await time.pass(150_000);
    expect(expired).toEqual([1, 1]);
    control.abort();
    await time.pass(100);
  });
});
