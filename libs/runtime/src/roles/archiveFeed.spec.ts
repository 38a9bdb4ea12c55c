import { ORIGIN, type LogEntry, type Position } from '@wherefore/model';
import { MemoryArchive } from '@wherefore/ports';
import { counted } from '../countingMachine.sim';
import { ArchiveFeed } from './archiveFeed';
import { VirtualTime } from './virtualTime.sim';

const entryAt = (offset: number): LogEntry => ({
  position: { epoch: 0, offset, index: 0 },
  entry: counted(`entry ${offset}`),
});

/** A feed, and how often it has asked the archive. */
function setUp() {
  const time = new VirtualTime();
  const archive = new MemoryArchive();
  let asked = 0;
  const counting = {
    cursor: () => archive.cursor(),
    horizon: () => archive.horizon(),
    readRange: (after: Position, limit: number) => {
      asked += 1;
      return archive.readRange(after, limit);
    },
  };
  const feed = new ArchiveFeed(counting, time.timer());
  const write = async (...offsets: number[]): Promise<Position> => {
    const expected = await archive.cursor();
    const entries = offsets.map(entryAt);
    await archive.append({ expected, epoch: 1, entries });
    feed.accept(expected, entries);
    return expected;
  };
  const given: number[] = [];
  const control = new AbortController();
  const follow = async (after: Position): Promise<void> => {
    for await (const entries of feed.readTogether(after, { signal: control.signal })) {
      given.push(...entries.map(({ position }) => position.offset));
    }
  };
  return { time, archive, write, given, control, follow, asked: () => asked };
}

describe('ArchiveFeed', () => {
  it('gives what this process writes without asking the archive for it', async () => {
    const { time, write, given, control, follow, asked } = setUp();
    await write(1, 2);
    void follow(ORIGIN);
    await time.pass(10);
    const before = asked();
    for (let offset = 3; offset < 20; offset++) {
      await write(offset);
      await time.pass(50);
    }
    expect(given).toEqual(Array.from({ length: 19 }, (_, at) => at + 1));
    expect(asked() - before).toBe(0);
    control.abort();
    await time.pass(10);
  });

  it('finds within a second what others write', async () => {
    const { time, archive, write, given, control, follow } = setUp();
    await write(1);
    void follow(ORIGIN);
    await time.pass(10);
    await archive.append({ expected: await archive.cursor(), epoch: 2, entries: [entryAt(2), entryAt(3)] });
    await time.pass(1100);
    expect(given).toEqual([1, 2, 3]);
    // And what this process writes after that.
    await write(4);
    await time.pass(1100);
    expect(given).toEqual([1, 2, 3, 4]);
    control.abort();
    await time.pass(10);
  });
});
