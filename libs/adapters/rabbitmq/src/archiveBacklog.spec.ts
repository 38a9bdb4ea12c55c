import type { LogEntry } from '@wherefore/model';
import { MemoryArchive } from '@wherefore/ports';
import { tick } from '../../../ports/src/conformance/eventLog.conformance';
import { ArchiveBacklog } from './archiveBacklog';

const HOUR_MS = 3_600_000;

function setUp(limits: { readonly retentionBytes: number; readonly retentionAge?: string }) {
  const archive = new MemoryArchive();
  let nowMs = 1_764_000_000_000;
  const backlog = new ArchiveBacklog(archive, limits, { nowMs: () => nowMs });
  return {
    backlog,
    pass: (ms: number) => void (nowMs += ms),
    see: (from: number, count: number, bytes: number) => {
      for (let offset = from; offset < from + count; offset++) backlog.saw(1, offset, bytes);
    },
    archiveTo: async (offset: number, ingestedAtMs = nowMs) => {
      const entry = { ...tick(`at ${offset}`), ingestedAtMs };
      const entries: LogEntry[] = [{ position: { epoch: 1, offset, index: 0 }, entry }];
      await archive.append({ expected: await archive.cursor(), epoch: 0, entries });
    },
    look: async () => {
      nowMs += 1000;
      await backlog.lookNowAndThen();
    },
  };
}

describe('what the archive does not have yet', () => {
  it('may be up to half of what the stream keeps, in bytes', async () => {
    const { backlog, see, archiveTo, look } = setUp({ retentionBytes: 100_000 });
    see(1, 49, 900);
    await look();
    expect(backlog.refusal()).toBeUndefined();
    see(50, 2, 900);
    expect(backlog.refusal()).toMatchObject({ code: 'log-unavailable', retryable: true });
    await archiveTo(51);
    await look();
    expect(backlog.refusal()).toBeUndefined();
    expect(backlog.measure().bytes).toBe(0);
  });

  it('may be half as old as the stream keeps anything', async () => {
    const { backlog, see, pass, archiveTo, look } = setUp({ retentionBytes: 1e12, retentionAge: '12h' });
    see(1, 1, 900);
    await look();
    pass(5 * HOUR_MS);
    see(2, 1, 900);
    expect(backlog.refusal()).toBeUndefined();
    pass(HOUR_MS);
    expect(backlog.refusal()?.message).toContain('the archive is 6 h behind a stream that keeps 12h');
    await archiveTo(1);
    await look();
    expect(backlog.refusal()).toBeUndefined();
  });

  it('counts what was published before this process began to read', async () => {
    const { backlog, see, archiveTo, look, pass } = setUp({ retentionBytes: 1_000_000, retentionAge: '7D' });
    await archiveTo(1000);
    await look();
    expect(backlog.refusal()).toBeUndefined();
    see(1601, 1, 900);
    expect(backlog.measure().bytes).toBe(601 * 1000);
    expect(backlog.refusal()?.message).toContain('1 MB behind');
    await archiveTo(1590);
    await look();
    expect(backlog.refusal()).toBeUndefined();
    pass(4 * 24 * HOUR_MS);
    expect(backlog.refusal()?.message).toContain('96 h behind');
  });

  it('counts what was published while this process did not read', async () => {
    const { backlog, see, archiveTo, look, pass } = setUp({ retentionBytes: 1_000_000, retentionAge: '7D' });
    see(1, 1, 900);
    await archiveTo(1);
    await look();
    expect(backlog.measure().bytes).toBe(0);
    pass(4 * 24 * HOUR_MS);
    see(602, 1, 900);
    expect(backlog.measure()).toMatchObject({ bytes: 601 * 1000 });
    expect(backlog.refusal()?.message).toContain('1 MB behind');
    await archiveTo(400);
    await look();
    see(603, 1, 900);
    // How many of them are archived is not known before all of them are: rather too many than too few.
    expect(backlog.measure().bytes).toBe(602 * 1000);
    await archiveTo(601);
    await look();
    expect([backlog.measure().bytes, backlog.refusal()]).toEqual([2000, undefined]);
  });

  it('is nothing in a new epoch', async () => {
    const { backlog, see, look } = setUp({ retentionBytes: 10_000 });
    see(1, 20, 900);
    await look();
    expect(backlog.refusal()).toBeDefined();
    backlog.saw(2, 0, 900);
    expect(backlog.refusal()).toBeUndefined();
  });
});
