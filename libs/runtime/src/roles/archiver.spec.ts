import { ORIGIN, WhereforeError } from '@wherefore/model';
import { MemoryArchive, MemoryEventLog, type ArchiveWriter } from '@wherefore/ports';
import { counted } from '../countingMachine.sim';
import { Archiver, type ArchiverOptions } from './archiver';
import { VirtualTime } from './virtualTime.sim';

const broken = new WhereforeError('log-unavailable', 'the database is away', { retryable: true });

function setUp(options: ArchiverOptions = {}, alter: (archive: MemoryArchive) => ArchiveWriter = (archive) => archive) {
  const time = new VirtualTime();
  const log = new MemoryEventLog(3);
  const archive = new MemoryArchive();
  const archiver = new Archiver({ log, archive, writer: alter(archive), timer: time.timer() }, options);
  const control = new AbortController();
  const archivedIds = async () => (await archive.readRange(ORIGIN, 1e6)).map(({ entry }) => entry.id);
  return { time, log, archive, archiver, control, archivedIds };
}

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `e${from + i}`);

describe('Archiver', () => {
  it('copies the log from where the archive ends, in batches, and goes on with it', async () => {
    const { time, log, archiver, control, archivedIds } = setUp({ batchEntriesMax: 4 });
    await log.append(ids(10).map((id) => counted(id)));
    const running = archiver.run(1, control.signal);
    await time.pass(50);
    expect(await archivedIds()).toEqual(ids(10));
    await log.append(ids(3, 10).map((id) => counted(id)));
    await time.pass(50);
    expect(await archivedIds()).toEqual(ids(13));
    expect(archiver.counts).toMatchObject({ entries: 13, retries: 0, cursor: { epoch: 1, offset: 39, index: 0 } });
    control.abort();
    await time.pass(1);
    await running;
  });

  it('tries again while the database is away, and copies each entry once, whichever answers were lost', async () => {
    let calls = 0;
    const flaky = (archive: MemoryArchive): ArchiveWriter => ({
      append: async (batch) => {
        calls += 1;
        if (calls % 3 === 0) throw broken;
        const result = await archive.append(batch);
        if (calls % 3 === 1) throw broken;
        return result;
      },
      forget: (position, epoch) => archive.forget(position, epoch),
    });
    const warned: string[] = [];
    const { time, log, archiver, control, archivedIds } = setUp(
      { batchEntriesMax: 5, warn: (e) => warned.push(e.code) },
      flaky,
    );
    await log.append(ids(40).map((id) => counted(id)));
    void archiver.run(1, control.signal);
    await time.pass(30_000);
    expect(await archivedIds()).toEqual(ids(40));
    expect(archiver.counts.retries).toBe(warned.length);
    expect(warned.length).toBeGreaterThan(3);
    control.abort();
    await time.pass(1);
  });

  it('is harmless beside another one, of the same epoch or an earlier one', async () => {
    const { time, log, archive, archiver, control, archivedIds } = setUp({ batchEntriesMax: 3 });
    const other = new Archiver({ log, archive, writer: archive, timer: time.timer() }, { batchEntriesMax: 4 });
    await log.append(ids(50).map((id) => counted(id)));
    void archiver.run(2, control.signal);
    void other.run(2, control.signal);
    const old = new Archiver({ log, archive, writer: archive, timer: time.timer() }).run(1, control.signal);
    const ended = old.catch((error: unknown) => error);
    await time.pass(100);
    await log.append(ids(50, 50).map((id) => counted(id)));
    await time.pass(100);
    expect(await archivedIds()).toEqual(ids(100));
    expect(archiver.counts.entries + other.counts.entries).toBe(100);
    expect(await ended).toMatchObject({ code: 'stale-epoch' });
    control.abort();
    await time.pass(1);
  });

  it('reads no further ahead than it may', async () => {
    let isAway = true;
    const { time, log, archiver, control, archivedIds } = setUp(
      { batchEntriesMax: 2, bufferedEntriesMax: 5 },
      (archive) => ({
        append: (batch) => (isAway ? Promise.reject(broken) : archive.append(batch)),
        forget: (position, epoch) => archive.forget(position, epoch),
      }),
    );
    let given = 0;
    const read = log.read.bind(log);
    log.read = async function* (...args) {
      for await (const entry of read(...args)) {
        given += 1;
        yield entry;
      }
    };
    await log.append(ids(100).map((id) => counted(id)));
    void archiver.run(1, control.signal);
    await time.pass(5000);
    expect(given).toBe(5);
    isAway = false;
    await time.pass(10_000);
    expect(await archivedIds()).toEqual(ids(100));
    control.abort();
    await time.pass(1);
  });

  it('copies what only this process still has, when the stream gives nothing any more', async () => {
    const { time, log, archive, control, archivedIds } = setUp();
    const held = [1, 2].map((offset) => ({ position: { epoch: 1, offset, index: 0 }, entry: counted(`e${offset}`) }));
    const epochs = { heldAfter: async () => held.splice(0) };
    const archiver = new Archiver({ log, archive, writer: archive, timer: time.timer(), epochs });
    void archiver.run(1, control.signal);
    await time.pass(1500);
    expect(await archivedIds()).toEqual(['e1', 'e2']);
    control.abort();
    await time.pass(1);
  });

  it('ends with a hole that nobody mends, rather than copy on behind it', async () => {
    const { time, log, archiver, control } = setUp();
    await log.append(ids(5).map((id) => counted(id)));
    log.forget(2);
    const ended = archiver.run(1, control.signal).catch((error: unknown) => error);
    await time.pass(100);
    expect(await ended).toMatchObject({ code: 'log-hole' });
  });
});
