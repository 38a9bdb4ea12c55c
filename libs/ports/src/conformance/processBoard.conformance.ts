import { BOARD_KEPT_MS, type ProcessBoard, type ProcessReport } from '../processBoard';

export interface BoardUnderTest {
  readonly board: ProcessBoard;
  /** Moves the clock of the board. */
  advanceMs(ms: number): Promise<void>;
  close(): Promise<void>;
}

export function reportOf(id: string, changes: Partial<ProcessReport> = {}): ProcessReport {
  return {
    id,
    role: 'processor',
    host: 'node-1',
    pid: 4711,
    startedAtMs: 1_764_000_000_000,
    reportedAtMs: 1_764_000_001_000,
    reportEveryMs: 2000,
    version: '0.1.0',
    behaviour: 1,
    healthUrl: '',
    phase: 'ready',
    note: '',
    position: { epoch: 1, offset: 42, index: 3 },
    ordinal: 2573,
    logTimeMs: 1_764_000_000_500,
    leads: [],
    lastSnapshot: null,
    broker: null,
    database: null,
    ...changes,
  };
}

/** What every board must do. */
export function processBoardConformance(name: string, open: () => Promise<BoardUnderTest>): void {
  describe(`ProcessBoard: ${name}`, () => {
    let opened: BoardUnderTest;
    let board: ProcessBoard;
    beforeEach(async () => {
      opened = await open();
      board = opened.board;
    });
    afterEach(() => opened.close());

    const ids = async (): Promise<string[]> => (await board.list()).map(({ report }) => report.id);

    it('lists nobody at first', async () => {
      expect(await board.list()).toEqual([]);
    });

    it('gives a report back as it was made', async () => {
      const full = reportOf('a', {
        note: 'der Übergang “läuft” 🙂',
        leads: [{ lease: 'leader', epoch: 7, sinceMs: 1_764_000_000_100 }],
        lastSnapshot: { position: { epoch: 1, offset: 40, index: 0 }, createdAtMs: 1_764_000_000_000 },
        broker: { isReachable: false, sinceMs: 1_764_000_000_200, trouble: 'no broker answers' },
        database: { isReachable: true, sinceMs: 1_764_000_000_000, trouble: '' },
      });
      await board.report(full);
      expect((await board.list()).map(({ report }) => report)).toEqual([full]);
    });

    it('keeps only the last report of a process', async () => {
      await board.report(reportOf('a', { ordinal: 1 }));
      await board.report(reportOf('b', { ordinal: 2 }));
      await board.report(reportOf('a', { ordinal: 3 }));
      expect((await board.list()).map(({ report }) => [report.id, report.ordinal])).toEqual([
        ['a', 3],
        ['b', 2],
      ]);
    });

    it('lists by role, start and id', async () => {
      await board.report(reportOf('d', { role: 'processor', startedAtMs: 2 }));
      await board.report(reportOf('c', { role: 'processor', startedAtMs: 1 }));
      await board.report(reportOf('b', { role: 'processor', startedAtMs: 1 }));
      await board.report(reportOf('z', { role: 'api', startedAtMs: 9 }));
      expect(await ids()).toEqual(['z', 'b', 'c', 'd']);
    });

    it('tells how long a process has been silent', async () => {
      await board.report(reportOf('a'));
      await opened.advanceMs(5000);
      await board.report(reportOf('b'));
      const [a, b] = await board.list();
      expect(a!.silentMs).toBeGreaterThanOrEqual(5000);
      expect(a!.silentMs).toBeLessThan(65_000);
      expect(b!.silentMs).toBeLessThan(60_000);
    });

    it('forgets who has ended, and whoever it never knew', async () => {
      await board.report(reportOf('a'));
      await board.report(reportOf('b'));
      await board.forget('a');
      await board.forget('nobody');
      expect(await ids()).toEqual(['b']);
    });

    it('no longer lists who was not heard of for an hour', async () => {
      await board.report(reportOf('a'));
      await opened.advanceMs(BOARD_KEPT_MS);
      expect(await ids()).toEqual([]);
      await board.report(reportOf('b'));
      expect(await ids()).toEqual(['b']);
    });

    it('takes reports of many at once', async () => {
      const many = Array.from({ length: 20 }, (_, i) => reportOf(`p${String(i).padStart(2, '0')}`));
      await Promise.all(many.map((report) => board.report(report)));
      expect(await ids()).toEqual(many.map(({ id }) => id));
    });
  });
}
