import type { PostedReport, ProcessReport } from '@wherefore/ports';
import { describeProcesses } from './processes';

const NOW_MS = Date.parse('2026-11-27T03:12:00Z');

let pid = 100;

function posted(role: string, changes: Partial<ProcessReport> & { readonly silentMs?: number } = {}): PostedReport {
  const { silentMs = 500, ...others } = changes;
  pid += 1;
  const base = {
    id: `${role}-${pid}`,
    role,
    host: 'node-1',
    pid,
    version: '1.0.0',
    behaviour: 1,
    healthUrl: '',
    note: '',
  };
  const report: ProcessReport = {
    ...{
      ...base,
      startedAtMs: NOW_MS - 7_200_000,
      reportedAtMs: NOW_MS - silentMs,
      reportEveryMs: 2000,
      phase: 'ready',
    },
    ...{
      position: null,
      ordinal: null,
      logTimeMs: NOW_MS - 1000,
      leads: [],
      lastSnapshot: null,
      broker: null,
      database: null,
    },
    ...others,
  };
  return { report, silentMs };
}

const leading = (lease: string, epoch: number) => ({ leads: [{ lease, epoch, sinceMs: NOW_MS - 60_000 }] });
const others = () => [posted('processor'), posted('persister', leading('persister', 1)), posted('persister')];
const describeAll = (...all: readonly PostedReport[]) => describeProcesses(all, 'distributed', NOW_MS);

describe('a process that is gone', () => {
  const gone = (changes = {}) => posted('processor', { silentMs: 240_000, ...leading('leader', 7), ...changes });

  it('holds nothing any more, and says what it held and since when it is gone', () => {
    const { processes } = describeAll(...others(), posted('processor', leading('leader', 8)), gone());
    const view = processes.find(({ state }) => state === 'silent');
    expect(view).toMatchObject({
      leads: [],
      lastHeardAt: '2026-11-27T03:08:00.000Z',
      held: [{ lease: 'leader', epoch: 7 }],
    });
  });

  it('is trouble as long as nobody was started in its place, with who leads now', () => {
    const { troubles } = describeAll(...others(), posted('processor', leading('leader', 8)), gone());
    expect(troubles).toEqual([
      expect.stringMatching(
        /^processor \d+ on node-1 has been gone since 2026-11-27T03:08:00Z; it led, and processor \d+ on node-1 leads now$/,
      ),
    ]);
  });

  it('leaves no leader where none took the lease', () => {
    const { troubles } = describeAll(...others(), gone());
    expect(troubles).toEqual([
      expect.stringMatching(/has been gone since .*; it led$/),
      'no processor holds the lease "leader": nobody ticks or notifies',
    ]);
  });

  it('is no trouble once another was started after it: a note tells of it for ten minutes', () => {
    const next = (agoMs: number) => posted('processor', { startedAtMs: NOW_MS - agoMs, ...leading('leader', 8) });
    const soon = describeAll(...others(), next(200_000), gone());
    expect(soon.troubles).toEqual([]);
    expect(soon.processes.map(({ state }) => state)).not.toContain('silent');
    expect(soon.notes).toEqual([
      expect.stringMatching(
        /^processor \d+ on node-1 has been gone since 2026-11-27T03:08:00Z; processor \d+ on node-1 was started in its place$/,
      ),
    ]);
    const later = describeAll(...others(), next(900_000), gone({ silentMs: 1_000_000 }));
    expect([later.troubles, later.notes]).toEqual([[], []]);
  });

  it('is not replaced by one that had been there before', () => {
    const { troubles } = describeAll(...others(), posted('processor', leading('leader', 8)), gone());
    expect(troubles).toHaveLength(1);
  });

  it('is not replaced by the one that took the place of another', () => {
    const next = posted('processor', { startedAtMs: NOW_MS - 200_000, ...leading('leader', 8) });
    const { troubles, notes } = describeAll(...others(), next, gone(), gone({ silentMs: 230_000, host: 'node-2' }));
    expect([troubles.length, notes.length]).toEqual([1, 1]);
  });

  it('is counted where one was started again and again', () => {
    const run = (fromMs: number, silentMs: number) =>
      posted('driver', { startedAtMs: NOW_MS - fromMs, silentMs, phase: 'ending', note: 'no static folder' });
    const now = posted('driver', { startedAtMs: NOW_MS - 5_000 });
    const rows = [run(90_000, 70_000), run(60_000, 40_000), run(30_000, 10_000)];
    const { processes, troubles, notes } = describeAll(
      ...others(),
      posted('processor', leading('leader', 8)),
      now,
      ...rows,
    );
    expect(troubles).toEqual([]);
    expect(processes.filter(({ role }) => role === 'driver')).toHaveLength(1);
    expect(notes).toEqual([
      expect.stringMatching(
        /ended at 2026-11-27T03:11:50Z: no static folder, the last of 3 in ten minutes; driver \d+ on node-1 was started/,
      ),
    ]);
  });
});

describe('a process that ended', () => {
  const led = posted('processor', leading('leader', 8));

  it('is trouble with its reason when it failed', () => {
    const failed = posted('api', { phase: 'ending', note: 'the port is taken', silentMs: 60_000 });
    expect(describeAll(...others(), led, failed).troubles).toEqual([
      expect.stringMatching(/^api \d+ on node-1 ended at 2026-11-27T03:11:00Z: the port is taken$/),
    ]);
  });

  it('is none when it was told to, and is forgotten soon', () => {
    const ending = (silentMs: number) => posted('api', { phase: 'ending', note: 'asked to end', silentMs });
    const isListed = (answer: ReturnType<typeof describeAll>) => answer.processes.some(({ role }) => role === 'api');
    const now = describeAll(...others(), led, ending(1000));
    expect([now.troubles, isListed(now)]).toEqual([[], true]);
    const later = describeAll(...others(), led, ending(60_000));
    expect([later.troubles, isListed(later)]).toEqual([[], false]);
  });
});
