import { ORIGIN, WhereforeError, type LogEntry, type Position } from '@wherefore/model';
import { MemoryArchive, MemoryLeaderLease, type LogEpoch, type LogEpochs } from '@wherefore/ports';
import { counted } from '../countingMachine.sim';
import { EpochKeeper } from './epochKeeper';
import { OpenTerm } from './term';
import { VirtualTime } from './virtualTime.sim';

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });
const entryAt = (offset: number): LogEntry => ({ position: at(offset), entry: counted(`e${offset}`) });

async function setUp() {
  const time = new VirtualTime();
  const archive = new MemoryArchive();
  const leases = new MemoryLeaderLease(time);
  const persister = (await leases.acquire('persister', 'p', 4000))!;
  await archive.append({ expected: ORIGIN, epoch: persister.epoch, entries: [entryAt(1)] });
  const stream = { isGone: false, isSilent: false, held: [entryAt(1), entryAt(2), entryAt(3)] };
  const opened: LogEpoch[] = [{ number: 1, streamId: 's1', sealedAt: ORIGIN }];
  const epochs: LogEpochs = {
    lostEpoch: async () => {
      if (stream.isSilent) throw new WhereforeError('log-unavailable', 'the broker is away', { retryable: true });
      return stream.isGone ? opened.at(-1)! : undefined;
    },
    ensureEpoch: async () => opened.at(-1)!,
    openNextEpoch: async (_, sealedAt) => {
      stream.isGone = false;
      opened.push({ number: opened.length + 1, streamId: 's', sealedAt });
      return opened.at(-1)!;
    },
    heldAfter: async (after) => stream.held.filter(({ position }) => position.offset > after.offset),
  };
  const began: number[] = [];
  const keeper = new EpochKeeper(
    { epochs, archive, writer: archive, leases, timer: time.timer() },
    { holder: 'a', epochBegan: async ({ number }) => void began.push(number) },
  );
  const term = new OpenTerm('leader', 1, 0, Infinity, time);
  const running = keeper.run(term);
  const end = async () => {
    term.end('enough');
    await time.pass(1);
    await running;
  };
  return { time, archive, leases, persister, stream, opened, began, end };
}

describe('EpochKeeper', () => {
  it('tells of the epoch at the beginning of a term, once', async () => {
    const { time, opened, began, end } = await setUp();
    await time.pass(10_000);
    expect(began).toEqual([1]);
    expect(opened).toHaveLength(1);
    await end();
  });

  it('opens the next epoch when the stream has been gone for a while, sealed behind what it holds', async () => {
    const { time, archive, stream, opened, began, end } = await setUp();
    stream.isGone = true;
    await time.pass(2900);
    expect(opened).toHaveLength(1);
    await time.pass(3000);
    expect(opened[1]).toMatchObject({ number: 2, sealedAt: at(3) });
    expect(await archive.cursor()).toEqual(at(3));
    expect(began).toEqual([1, 2]);
    await end();
  });

  it('shuts out the persister that was writing, and lets it come back', async () => {
    const { time, archive, leases, persister, stream, end } = await setUp();
    stream.isGone = true;
    await time.pass(6000);
    const late = { expected: at(3), epoch: persister.epoch, entries: [entryAt(9)] };
    expect((await archive.append(late)).kind).toBe('stale-epoch');
    expect(await leases.renew(persister, 4000)).toBeUndefined();
    expect(await leases.acquire('persister', 'p', 4000)).toMatchObject({ epoch: 3 });
    await end();
  });

  it('concludes nothing from a broker that does not answer', async () => {
    const { time, stream, opened, end } = await setUp();
    stream.isSilent = true;
    await time.pass(60_000);
    expect(opened).toHaveLength(1);
    stream.isSilent = false;
    await time.pass(5000);
    expect(opened).toHaveLength(1);
    await end();
  });
});
